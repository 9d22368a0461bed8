"""When an entry rings wrongly: the rules of the alarm guard over all doors of one night. Pure.

A wrong demotion shows amber where it should be red, so each rule asks for more than chance or one
door's word can bring about, and what staff confirmed weighs against all but the first:

1. *not them*: staff marked the entry so twice tonight, at whatever doors.
2. *doors*: it rang within five minutes at three doors or more, of two venues or more, where nobody
   can be at once; and nobody has confirmed it tonight.
3. *often*: it rang six times tonight, and nobody has confirmed it.

What rests on the word of a single door holds an entry back elsewhere for at most three entries a
night: beyond that, the door is what is wrong, or its unit lies. The alarm is shown all the same.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

NOT_THEM = 2
"""*Not them* so often in one night."""

DOORS, VENUES = 3, 2
"""Doors, and venues that they belong to, at which an entry rings at once."""

AT_ONCE_MS = 300_000
"""Nobody is turned away at one venue and at a third door of another within five minutes."""

OFTEN = 6
"""Unconfirmed alerts in one night."""

MOST_OF_ONE_DOOR = 3
"""Entries a night that the word of one door alone holds back at the others."""


class Why(StrEnum):
    """What an entry was noticed for, the strongest first."""

    NOT_THEM = "not-them"
    DOORS = "doors"
    OFTEN = "often"


@dataclass(frozen=True, slots=True)
class Rung:
    """How an entry rang at one door tonight.

    Attributes:
        unit_id: Which door.
        venue_id: Whose.
        alerts: How often.
        confirmed: Of these, staff said *refused* or *let in*.
        not_them: Of these, staff said *not them*.
        rang_ms: When it was last heard to ring; 0 where that is not known within minutes.
    """

    unit_id: str
    venue_id: str
    alerts: int
    confirmed: int
    not_them: int
    rang_ms: int


def judge(doors: Sequence[Rung]) -> Why | None:
    """Say for what an entry is to be noticed tonight, if for anything."""
    if sum(one.not_them for one in doors) >= NOT_THEM:
        return Why.NOT_THEM
    if any(one.confirmed for one in doors):
        return None
    if _at_once(doors):
        return Why.DOORS
    return Why.OFTEN if sum(one.alerts for one in doors) >= OFTEN else None


def relies_on(doors: Sequence[Rung], why: Why) -> str:
    """Give the only door whose word stands behind a judgement; "" where there are more."""
    told = [one.unit_id for one in doors if (one.not_them if why is Why.NOT_THEM else one.alerts)]
    return told[0] if len(told) == 1 else ""


def held_back(alarms: Iterable[tuple[str, str]], most: int) -> Collection[str]:
    """Choose whom to hold back at all doors.

    Args:
        alarms: Entry and, where one door's word stands alone behind it, that door; the oldest
            first.
        most: How many entries a caution takes.
    """
    chosen, alone = list[str](), dict[str, int]()
    for entry_id, door in alarms:
        alone[door] = alone.get(door, 0) + 1
        if not door or alone[door] <= MOST_OF_ONE_DOOR:
            chosen.append(entry_id)
    return chosen[:most]


def heard(before: Rung | None, now: Rung, *, known_ms: int) -> Rung:
    """Join what a door said before tonight and what it says now.

    A door that was started anew counts from nothing; then the larger numbers stay, which is never
    more than there was.

    Args:
        before: What it said before.
        now: What it says; ``rang_ms`` is the time at which it says so.
        known_ms: When it was heard before this; an alert that is told late is put at no moment.
    """
    rang = now.alerts > (before.alerts if before else 0)
    timely = now.rang_ms - known_ms <= AT_ONCE_MS
    last_ms = before.rang_ms if before else 0
    if before is None:
        before = now
    return Rung(
        now.unit_id,
        now.venue_id,
        max(before.alerts, now.alerts),
        max(before.confirmed, now.confirmed),
        max(before.not_them, now.not_them),
        (now.rang_ms if timely else 0) if rang else last_ms,
    )


def _at_once(doors: Sequence[Rung]) -> bool:
    """Tell whether it rang at too many doors within minutes."""
    timed: Mapping[str, Rung] = {one.unit_id: one for one in doors if one.rang_ms}
    for last in timed.values():
        near = [one for one in timed.values() if 0 <= last.rang_ms - one.rang_ms <= AT_ONCE_MS]
        if len(near) >= DOORS and len({one.venue_id for one in near}) >= VENUES:
            return True
    return False
