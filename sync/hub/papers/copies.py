"""Saved copies of the assessment, and what changed since: the paper lives as long as the list.

A copy keeps the figures and answers that somebody signed under, not the words around them; the
whole paper as a file is downloaded and filed where the consortium keeps its papers.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import Struct

from sync.errors import HubError
from sync.hub.desk import Desk
from sync.hub.papers.figures import Counts, Settings
from sync.hub.papers.particulars import Particulars
from sync.hub.rows import encode

_PREFIX = "assessment/"

REVIEW_DAYS = 365
"""An assessment is looked at anew after so long, even if nothing changed."""


class Assessment(Struct, frozen=True, kw_only=True):
    """What an assessment states.

    Attributes:
        settings: What people chose.
        particulars: What people said.
        counts: What it came to.
    """

    settings: Settings
    particulars: Particulars
    counts: Counts


class Copy(Struct, frozen=True, kw_only=True):
    """A copy that somebody signed under.

    Attributes:
        saved_ms: When.
        who: Whose account.
        signed: Name and office of the person who decides.
        decision: What they decided, in their words.
        assessment: What they had before them.
    """

    saved_ms: int
    who: str
    signed: str
    decision: str
    assessment: Assessment


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs.

    Attributes:
        part: settings, particulars or counts.
        name: Of the field.
        detail: Which of several, a reason or a venue; "" for a single one.
        before: What the copy says; None where it was not there.
        after: What holds now; None where it is gone.
    """

    part: str
    name: str
    detail: str
    before: Any
    after: Any


def save(desk: Desk, copy: Copy) -> int:
    """Keep a copy. Gives its number.

    Raises:
        HubError: Nobody signs it, or nothing is decided.
    """
    if not copy.signed or not copy.decision:
        raise HubError("say who decides, and what they decided: a copy is signed by somebody")
    with desk.change():
        number = (newest(desk) or (0,))[0] + 1
        desk.store.put("paper", f"{_PREFIX}{number:06}", encode(copy))
        desk.note(copy.saved_ms, copy.who, "assess", f"assessment {number}")
    return number


def each(desk: Desk) -> Iterator[tuple[int, Copy]]:
    """Give the copies with their numbers, oldest first."""
    for name, copy in desk.store.each("paper", Copy, "name LIKE ?", (f"{_PREFIX}%",)):
        yield int(name.removeprefix(_PREFIX)), copy


def newest(desk: Desk) -> tuple[int, Copy] | None:
    """Give the newest copy with its number; None before the first."""
    query = "SELECT MAX(name) FROM paper WHERE name LIKE ?"
    ((name,),) = desk.store.rows(query, (f"{_PREFIX}%",))
    copy = desk.store.find("paper", name, Copy) if name else None
    return (int(name.removeprefix(_PREFIX)), copy) if copy else None


def changes(before: Assessment, after: Assessment) -> tuple[Change, ...]:
    """Tell what differs between two assessments, field by field."""
    old, new = msgspec.to_builtins(before), msgspec.to_builtins(after)
    return tuple(
        change
        for part in ("settings", "particulars", "counts")
        for name in new[part]
        for change in _differences(part, name, old[part].get(name), new[part][name])
    )


def weighty(found: tuple[Change, ...]) -> tuple[Change, ...]:
    """Leave what asks for a new look: anything that people chose or said."""
    return tuple(one for one in found if one.part != "counts")


def _differences(part: str, name: str, before: Any, after: Any) -> Iterator[Change]:
    if isinstance(before, dict) and isinstance(after, dict):
        for detail in sorted({*before, *after}):
            if before.get(detail) != after.get(detail):
                yield Change(part, name, detail, before.get(detail), after.get(detail))
    elif before != after:
        yield Change(part, name, "", before, after)
