"""The door's snapshot turned into what the page shows. Pure: time and light are passed in."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from edge.door import AlertView, CandidateView, DoorState, EncounterView, ListView
from edge.machine.view import MachineView
from edge.staff.bell import Bell, Duty
from edge.staff.words import (
    CATEGORY_WORDS,
    FLAW_WORDS,
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
        "alerts": [
            _alert(one, _tonight(state), now) for one in reversed(state.alerts) if not one.answer
        ],
        "list": _list(state.gallery, now),
        "counts": counts_line(state.counts),
        "night": night_line(state, outcomes, now),
        "machine": machine_line(state.machine),
        "soon": bool(state.machine.notes),
    }


def candidate_view(candidate: CandidateView, now: datetime) -> View:
    """Put the candidate of a hand-held check into words; without its token and its score."""
    return _entry(candidate, now) | _shown(face_of("STOP", candidate.category))


def bell_view(bell: Bell, key: str, now: float) -> View:
    """Say how one phone rings now, and who else would; ``now`` in seconds, monotonic."""
    duty = bell.duty(key)
    first, second = (bell.awake(one, now) for one in (Duty.FIRST, Duty.SECOND))
    return {
        "duty": duty,
        "ring": bell.ring(key, now),
        "late": bell.escalated(now),
        "away": bell.expected(now),
        "crew": _crew_line(duty, first, second),
    }


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


def _crew_line(duty: Duty | None, first: int, second: int) -> str:
    if duty is Duty.SECOND and not first:
        return "No first phone is awake: this one rings at once."
    if not first and not second:
        return "No phone rings."
    there = [f"{plural(first, 'first phone')}"] if first else []
    there += [f"{plural(second, 'second phone')}"] if second else []
    return f"On duty: {' and '.join(there)}."


def night_line(state: DoorState, outcomes: Sequence[str], now: datetime) -> str:
    """Say the night in one line: what the reds were worth, how old the list is, the last amber."""
    gallery = state.gallery
    age = f"List {span(now.timestamp() - gallery.issued_at)} old." if gallery else ""
    parts = (outcomes_line(outcomes), age, amber_line(state.encounters))
    return " ".join(part for part in parts if part)


def machine_line(machine: MachineView) -> str:
    """Say what somebody should see to about the unit itself, or how warm it is."""
    if machine.notes:
        return " ".join(machine.notes)
    return "" if machine.temperature is None else f"The unit is at {machine.temperature:.0f} °C."


def amber_line(encounters: Iterable[EncounterView]) -> str:
    """Say what was wrong with the last person to look at again; nothing if there was none."""
    ambers = [one for one in encounters if one.verdict == "CHECK"]
    last = max(ambers, key=lambda one: one.number, default=None)
    if last is None:
        return ""
    if last.category is not None:
        return "Last amber: looked a little like somebody on the list."
    flaws = [FLAW_WORDS.get(flaw, flaw) for flaw in last.flaws]
    return f"Last amber: face {' and '.join(flaws)}." if flaws else f"Last amber: {last.why}"


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


def _alert(one: AlertView, tonight: Collection[str], now: datetime) -> View:
    since_s = max(0.0, now.timestamp() - one.opened_at)
    ago = f"{plural(int(since_s), 'second')} ago" if since_s < 60 else f"{span(since_s)} ago"
    return (
        {"id": one.alert_id, "person": one.encounter, "ago": ago, "version": f"{one.score:.2f}"}
        | {"note": _note(one, tonight)}
        | _entry(one, now)
        | _shown(face_of(one.verdict, one.category))
    )


def _note(one: AlertView, tonight: Collection[str]) -> str:
    if one.held_back:
        return "This entry rang wrongly tonight. Look closely before you decide."
    if one.entry_id in tonight:
        return "Put on the list at this door tonight. The manager has yet to complete it."
    return ""


def _tonight(state: DoorState) -> Collection[str]:
    return state.gallery.tonight if state.gallery else ()


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
