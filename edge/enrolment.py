"""Enrolment: photos of one person become a reference, or a refusal that says what to do.

Every photo must show that one person and be fit to be compared. A reference that is no good
would cost a queue of strangers their evening, so there is no way to insist.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import PIL.Image

from edge.decision import Candidate
from edge.errors import EnrolmentError
from edge.gallery.index import Index
from edge.gallery.template import MOST_TEMPLATES
from edge.vision.face import Face, Flaw, FloatArray, Image, Quality

SAME_PERSON = 0.42
"""Photos of one entry that score below this show different people. Of the mated pairs of lfw-dev
0.7 % score lower; of pairs of two people 3 to 7 in 1,000 higher: it is there for mix-ups, and
does not prove that two photos show one person."""

DUPLICATE = 0.57
"""An entry that scores at least this is likely to be the same person: a warning, for a person to
judge. Of the same pairs 4.5 % score lower; of pairs of two people about 1 in 10,000 higher, and
many times as many in some groups, so a warning alone says little."""

BYSTANDER = 1 / 3
"""A face narrower than this part of the largest is somebody in the background."""

PHOTO_SIDE = 320
"""Pixels of the longer side of the reference photo that is kept."""

ADVICE: dict[Flaw, str] = {
    Flaw.TOO_SMALL: "take one from nearer, or of more pixels",
    Flaw.BLURRED: "take a sharper one",
    Flaw.DARK: "take one with more light on the face",
    Flaw.TURNED_AWAY: "take one that looks into the camera",
    Flaw.COVERED: "take one without mask, sunglasses or hand before the face",
}
"""What to do about each flaw."""

_AROUND = 0.45
_JPEG_QUALITY = 88


class Finding(Protocol):
    """What finds and encodes faces: ``edge.vision.Engine``."""

    model_id: str

    def faces(self, rgb: Image, *, embed: bool = True) -> list[Face]:
        """Find the faces of an image, largest first."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Portrait:
    """One face of one photo, chosen and fit to be compared.

    Attributes:
        template: float32[D], unit length.
        quality: Of the face.
        photo_jpeg: The face and its surroundings, without metadata.
    """

    template: FloatArray
    quality: Quality
    photo_jpeg: bytes


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """What enrolment makes of photos.

    Attributes:
        templates: float32[n, D], one for each photo, unit length.
        model_id: What made them.
        photo_jpeg: The best photo, cut to the face and its surroundings, without metadata.
        qualities: Of each photo's face.
    """

    templates: FloatArray
    model_id: str
    photo_jpeg: bytes
    qualities: tuple[Quality, ...]


def enrol(photos: Sequence[Image], engine: Finding, names: Sequence[str] = ()) -> Reference:
    """Make a reference of photos of one person.

    Args:
        photos: uint8[H, W, 3] each.
        engine: Finds and encodes the faces.
        names: What to call the photos in a refusal; numbered by default.

    Returns:
        The reference.

    Raises:
        EnrolmentError: A photo shows no face, several, or one that cannot be compared, or the
            photos show different people; every photo that is no good is named.
    """
    if not 1 <= len(photos) <= MOST_TEMPLATES:
        raise EnrolmentError(f"a person is enrolled from 1 to {MOST_TEMPLATES} photos")
    called = names or ["the photo"] if len(photos) == 1 else names or _numbered(len(photos))
    portraits, refusals = [], []
    for photo, name in zip(photos, called, strict=True):
        try:
            portraits.append(portrait(photo, _only_face(engine.faces(photo), name), name))
        except EnrolmentError as refusal:
            refusals.append(str(refusal))
    if refusals:
        raise EnrolmentError("; ".join(refusals))
    return joined(portraits, engine.model_id, called)


def persons(faces: Sequence[Face]) -> list[Face]:
    """Give the faces of a photo that are not those of somebody in the background.

    Args:
        faces: All faces of the photo, largest first.
    """
    return [face for face in faces if face.width >= BYSTANDER * faces[0].width]


def portrait(photo: Image, face: Face, name: str = "the photo") -> Portrait:
    """Take one face out of a photo, by choice where there are several.

    Args:
        photo: uint8[H, W, 3].
        face: One of its faces.
        name: What to call the photo in a refusal.

    Raises:
        EnrolmentError: The face cannot be compared; says why and what to do.
    """
    if not face.quality.usable:
        flaws = ", ".join(face.quality.reasons)
        advice = "; ".join(ADVICE[flaw] for flaw in face.quality.reasons)
        raise EnrolmentError(f"the face in {name} is {flaws}: {advice}")
    if face.template is None:
        raise EnrolmentError(f"the face in {name} cannot be encoded: take another photo")
    return Portrait(face.template, face.quality, reference_photo(photo, face))


def joined(portraits: Sequence[Portrait], model_id: str, names: Sequence[str] = ()) -> Reference:
    """Make a reference of several portraits of one person.

    Args:
        portraits: At least one; the best gives the picture that is kept.
        model_id: What made their templates.
        names: What to call the photos in a refusal; numbered by default.

    Raises:
        EnrolmentError: They show different people.
    """
    templates = np.stack([one.template for one in portraits]).astype(np.float32)
    _refuse_different_people(templates, names or _numbered(len(portraits)))
    return Reference(
        templates=templates,
        model_id=model_id,
        photo_jpeg=max(portraits, key=lambda one: one.quality).photo_jpeg,
        qualities=tuple(one.quality for one in portraits),
    )


def likely_duplicates(
    reference: Reference, index: Index, now: float, threshold: float = DUPLICATE
) -> tuple[Candidate, ...]:
    """Find the entries that may be of the same person as a new reference.

    Args:
        reference: The new one.
        index: The list.
        now: Seconds since the epoch; entries that are over do not count.
        threshold: Lowest score that is worth a warning.

    Returns:
        The candidates, best first, each by its best score.
    """
    best: dict[str, Candidate] = {}
    for template in reference.templates:
        for candidate in index.search(template, now, threshold=threshold):
            known = best.get(candidate.entry_id)
            if known is None or candidate.score > known.score:
                best[candidate.entry_id] = candidate
    return tuple(sorted(best.values(), key=lambda one: (-one.score, one.entry_id)))


def reference_photo(photo: Image, face: Face) -> bytes:
    """Cut a face and its surroundings out of a photo (uint8[H, W, 3]), as a small JPEG."""
    x0, y0, x1, y1 = face.box
    reach = _AROUND * max(x1 - x0, y1 - y0)
    height, width = photo.shape[:2]
    left, right = max(0, round(x0 - reach)), min(width, round(x1 + reach))
    top, bottom = max(0, round(y0 - reach)), min(height, round(y1 + reach))
    picture = PIL.Image.fromarray(np.ascontiguousarray(photo[top:bottom, left:right]))
    picture.thumbnail((PHOTO_SIDE, PHOTO_SIDE))
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=_JPEG_QUALITY)
    return buffer.getvalue()


def _numbered(count: int) -> list[str]:
    return [f"photo {number}" for number in range(1, count + 1)]


def _only_face(faces: Sequence[Face], name: str) -> Face:
    """Give the one face of a photo.

    Raises:
        EnrolmentError: There is none, or there are several.
    """
    if not faces:
        raise EnrolmentError(
            f"{name} shows no face: take one from the front, with the whole face in the picture"
        )
    if (count := len(persons(faces))) > 1:
        raise EnrolmentError(
            f"{name} shows {count} faces: crop it so that only the one to enrol is left"
        )
    return faces[0]


def _refuse_different_people(templates: FloatArray, names: Sequence[str]) -> None:
    """Refuse photos of which one is not like the others."""
    if len(templates) < 2:
        return
    scores = templates @ templates.T
    np.fill_diagonal(scores, np.nan)
    if (likeness := float(np.nanmin(scores))) >= SAME_PERSON:
        return
    odd = int(np.argmin(np.nanmean(scores, axis=1)))
    which = " and ".join(names) if len(names) == 2 else f"{names[odd]} and the others"
    raise EnrolmentError(
        f"{which} do not seem to show the same person (score {likeness:.2f}): "
        "enrol each person by themselves"
    )
