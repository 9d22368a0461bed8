"""The door's snapshot turned into what the page shows. Pure: time and light are passed in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from edge.door import AlertView, CandidateView, DoorState, EncounterView, ListView
from edge.staff.words import (
    CATEGORY_WORDS,
    NOT_ADVANCING,
    NOT_ANSWERING,
    REASON_WORDS,
    expiry,
    plural,
    span,
)
from sync.entries import Category

OLDEST_S = 2.0
"""Seconds after which a snapshot is no longer the present."""

MOST_PEOPLE = 8
"""People listed at once; further ones are counted."""

RECENT_REDS = 10
"""Answered reds that the line of outcomes looks back on."""

View = dict[str, Any]
"""One message to the browser, ready for JSON."""


@dataclass(frozen=True, slots=True)
class Face:
    """What one situation looks like.

    Attributes:
        tone: Name of the colours: ``idle``, ``clear``, ``check``, ``stop``, ``care``, ``fault``.
        word: One word, very large.
        instruction: What to do, one short sentence.
    """

    tone: str
    word: str
    instruction: str


IDLE = Face("idle", "READY", "Nobody in view.")
LOOKING = Face("idle", "LOOKING", "One moment.")
OVER = Face("idle", "FINISHED", "The clip is over.")
CLEAR = Face("clear", "CLEAR", "Let in.")
LOOK_UP = Face("check", "CHECK", "Ask them to look up.")
COMPARE = Face("check", "CHECK", "Look again: compare the photos.")
STOP = Face("stop", "STOP", "Compare the photos. Call your supervisor.")
ASIDE = Face("stop", "STOP", "Take them aside quietly. Compare the photos.")
CARE = Face("care", "CARE", "Stay with them. Call the duty manager.")
FAULT = Face("fault", "FAULT", "Not screening. Check by hand.")

_STOPS = {Category.SELF_EXCLUDED: ASIDE, Category.WELFARE: CARE}


def face_of(verdict: str | None, category: str | None) -> Face:
    """Choose what a verdict looks like; whatever is not known looks like a fault.

    Args:
        verdict: Name of the verdict, or None.
        category: Category of the candidate's entry, or None where there is no candidate.
    """
    if verdict is None:
        return LOOKING
    if verdict == "CLEAR":
        return CLEAR
    if verdict == "CHECK":
        return LOOK_UP if category is None else COMPARE
    if verdict == "STOP":
        return next((face for key, face in _STOPS.items() if key == category), STOP)
    return FAULT


def own_faults(state: DoorState | None, now: datetime) -> tuple[str, ...]:
    """Tell what keeps the page from trusting a snapshot; empty if nothing does."""
    if state is None:
        return (NOT_ANSWERING,)
    if abs(now.timestamp() - state.taken_at) > OLDEST_S and not state.finished:
        return (NOT_ADVANCING,)
    return ()


def page_view(
    state: DoorState | None, outcomes: Sequence[str], light: Mapping[str, Any], now: datetime
) -> View:
    """Put everything the page shows into one message.

    Args:
        state: The newest snapshot, or None while the engine does not answer.
        outcomes: What staff answered to the latest reds, oldest first.
        light: The rhythm of the lamps for the next moments.
        now: The present moment, in the door's time zone.
    """
    faults = own_faults(state, now)
    if state is None or faults:
        return _shown(FAULT) | {"faults": faults, "light": light, "answering": False}
    inside = [one for one in state.encounters if not one.ended]
    return _shown(_face_of_door(state, bool(inside))) | {
        "answering": True,
        "faults": state.faults,
        "light": light,
        "people": [_person(one) for one in inside[:MOST_PEOPLE]],
        "more": max(0, len(inside) - MOST_PEOPLE),
        "alerts": [_alert(one, now) for one in reversed(state.alerts) if one.answer is None],
        "list": _list(state.gallery, now),
        "counts": counts_line(state.counts),
        "outcomes": outcomes_line(outcomes),
    }


def candidate_view(candidate: CandidateView, now: datetime) -> View:
    """Put the candidate of a hand-held check into words; without its token and its score."""
    return _entry(candidate, now) | _shown(face_of("STOP", candidate.category))


def counts_line(counts: Mapping[str, int]) -> str:
    """Say the totals since the unit started in one line."""
    if not counts.get("encounters"):
        return "Nobody screened yet since the unit started."
    people = plural(counts["encounters"], "person", "people")
    stopped, looked = counts.get("stop", 0), counts.get("check", 0)
    return f"Since the unit started: {people}, {stopped} stopped, {looked} to look at again."


def outcomes_line(outcomes: Sequence[str]) -> str:
    """Say how many of the latest reds were right, as a plain frequency."""
    latest = outcomes[-RECENT_REDS:]
    if not latest:
        return "No red has been answered yet."
    right = sum(one == "refused" for one in latest)
    if len(latest) == 1:
        return f"The last red was {'' if right else 'not '}right."
    return f"{right} of the last {len(latest)} reds {'was' if right == 1 else 'were'} right."


def _shown(face: Face) -> View:
    return {"tone": face.tone, "word": face.word, "instruction": face.instruction}


def _face_of_door(state: DoorState, anybody: bool) -> Face:  # noqa: FBT001 - a fact, not a mode
    if state.verdict is not None:
        return face_of(state.verdict, state.category)
    if state.faults:
        return FAULT
    if state.finished:
        return OVER
    return LOOKING if anybody else IDLE


def _person(one: EncounterView) -> View:
    face = face_of(one.verdict, one.category)
    return {"number": one.number, "tone": face.tone, "word": face.word, "why": one.why}


def _entry(one: AlertView | CandidateView, now: datetime) -> View:
    return {
        "category": CATEGORY_WORDS.get(one.category, one.category),
        "reason": REASON_WORDS.get(one.reason, one.reason),
        "expiry": expiry(one.valid_until, now),
        "likeness": one.score_words,
    }


def _alert(one: AlertView, now: datetime) -> View:
    since_s = max(0.0, now.timestamp() - one.opened_at)
    ago = f"{plural(int(since_s), 'second')} ago" if since_s < 60 else f"{span(since_s)} ago"
    return (
        {"id": one.alert_id, "person": one.encounter, "ago": ago, "version": f"{one.score:.2f}"}
        | {"loud": one.category == Category.BANNED}
        | _entry(one, now)
        | _shown(face_of(one.verdict, one.category))
    )


def _list(gallery: ListView | None, now: datetime) -> View:
    if gallery is None:
        line = "The list cannot be read."
        return {"fresh": False, "short": line, "line": line}
    people = plural(gallery.entries, "person", "people") + " on the list"
    age = span(now.timestamp() - gallery.issued_at)
    left_s = gallery.expires_at - now.timestamp()
    rest = f"good for {span(left_s)}" if left_s > 0 else f"too old since {span(-left_s)}"
    return {
        "fresh": left_s > 0,
        "short": f"List: {plural(gallery.entries, 'person', 'people')}, {age} old",
        "line": f"{people}, confirmed {age} ago, {rest}.",
    }
