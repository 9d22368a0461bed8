"""What the page of a draft shows of its photos: faces drawn, verdicts in words, numbers to read."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from edge.preflight import Forecast, Strength
from sync.hub.drafts import Draft, Shot
from sync.hub.examining import FoundFace
from sync.hub.web.seeing import embedded
from sync.hub.web.texts import t

Tone: TypeAlias = Literal["good", "soon", "bad"]

_FINE = 0.6
"""Quality from which a photo is called good: the face is near, sharp and looks into the camera."""

_RAREST = 1_000_000
"""One in more strangers than that is no figure: 3.3 million comparisons were ever measured."""


@dataclass(frozen=True, slots=True)
class FaceView:
    """One face of a photo.

    Attributes:
        index: Its place among the faces.
        x: Left edge of its box, in pixels of the preview.
        y: Upper edge.
        width: Of the box.
        height: Of the box.
        picture: The face, as a ``data:`` address.
        chosen: Whether it is the person.
        tone: How fit it is.
    """

    index: int
    x: int
    y: int
    width: int
    height: int
    picture: str
    chosen: bool
    tone: Tone


@dataclass(frozen=True, slots=True)
class ShotView:
    """One photo.

    Attributes:
        number: Names it within the draft.
        place: Its place on the page, from 1 on.
        width: Of the preview, in pixels.
        height: Of the preview, in pixels.
        faces: Those found.
        tone: What colour the verdict has.
        verdict: What it comes to, one line.
        advice: What to do about it.
        quality: Of the chosen face, in hundredths; None without one that can be compared.
        several: Whether somebody has to choose, or may choose again.
    """

    number: int
    place: int
    width: int
    height: int
    faces: tuple[FaceView, ...]
    tone: Tone
    verdict: str
    advice: tuple[str, ...]
    quality: int | None
    several: bool


def shots(draft: Draft) -> list[ShotView]:
    """Give the photos of a draft as the page shows them."""
    return [_shot(shot, place) for place, shot in enumerate(draft.shots, 1)]


def _shot(shot: Shot, place: int) -> ShotView:
    told = shot.examined
    tone, verdict = _verdict(shot)
    several = len(told.faces) > 1
    return ShotView(
        number=shot.number,
        place=place,
        width=told.width,
        height=told.height,
        faces=tuple(
            _face(face, index, index == shot.choice, pictured=several)
            for index, face in enumerate(told.faces)
        ),
        tone=tone,
        verdict=verdict,
        advice=tuple(_advice(shot)),
        quality=round(100 * shot.face.quality) if shot.face and shot.usable else None,
        several=several,
    )


def _face(face: FoundFace, index: int, chosen: bool, *, pictured: bool) -> FaceView:  # noqa: FBT001 - a value, passed by place
    x0, y0, x1, y1 = (round(edge) for edge in face.box)
    return FaceView(
        index=index,
        x=x0,
        y=y0,
        width=x1 - x0,
        height=y1 - y0,
        picture=embedded(face.photo_jpeg) if pictured else "",
        chosen=chosen,
        tone="good" if face.usable else "bad",
    )


def _verdict(shot: Shot) -> tuple[Tone, str]:
    if not shot.examined.faces:
        return "bad", t("add.verdict.nobody")
    face = shot.face
    if face is None:
        return "soon", t("add.verdict.several", count=len(shot.examined.faces))
    if not face.template and not face.flaws:
        return "bad", t("add.verdict.unencoded")
    if not face.usable:
        flaws = [t(f"add.flaw.{flaw.name.lower()}") for flaw in face.flaws]
        return "bad", t("add.verdict.unusable", flaws=listed(flaws))
    if face.quality >= _FINE:
        return "good", t("add.verdict.good")
    return "soon", t("add.verdict.fair")


def _advice(shot: Shot) -> Iterator[str]:
    if not shot.examined.faces:
        yield t("add.advice.nobody")
    elif shot.face is not None:
        yield from (t(f"add.advice.{flaw.name.lower()}") for flaw in shot.face.flaws)
        if shot.usable and shot.face.quality < _FINE:
            yield t("add.advice.fair")


def listed(words: list[str]) -> str:
    """Join words as a sentence names them."""
    if len(words) < 2:
        return "".join(words)
    return t("add.and", most=", ".join(words[:-1]), last=words[-1])


def rings(found: Forecast) -> str:
    """Say how often strangers would ring, and what to make of it."""
    said = t(f"add.rings.{found.grade}", share=share(found.one_in))
    return said[:1].upper() + said[1:]


def rings_alike(found: Forecast) -> str:
    """Say the same of the people who look most like the reference."""
    return t("add.rings.alike", share=share(found.one_in_alike))


def share(one_in: float) -> str:
    """Say one in so many, no rarer than anybody has measured."""
    if one_in >= _RAREST:
        return t("add.share.fewer")
    return t("add.share.about", number=rounded(one_in))


def recognises(found: Strength) -> str:
    """Say how sure the reference recognises its person, and what another photo would bring."""
    known = t("add.strength.known", times=_in_hundred(found.missed))
    if found.missed_with_one_more is None:
        return known
    more = t("add.strength.more", times=_in_hundred(found.missed_with_one_more))
    return f"{known} {more}"


def rounded(number: float) -> str:
    """Write a number with two digits that count: 9,000."""
    if number < 10:
        return f"{max(1, round(number))}"
    return f"{round(number, 2 - len(str(int(number)))):,.0f}"


def _in_hundred(missed: float) -> int:
    return round(100 * (1 - missed))
