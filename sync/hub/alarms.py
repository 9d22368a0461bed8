"""The hub's alarm guard at work: who rings wrongly tonight, and the caution that says so.

What each door says of tonight lies in one row for each entry that rang, in the alarm table, and is
destroyed when the night is over; a raised alarm stays until somebody clears it, thirty days at the
most, or until its entry goes. The caution names what is held back, and ends with the night.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec
from msgspec import Struct

from edge.night import night_ends_s, night_of
from sync.errors import HubError
from sync.hub import outbox
from sync.hub.desk import Desk
from sync.hub.guarding import Rung, Why, heard, held_back, judge, relies_on
from sync.hub.rows import encode
from sync.liveset import State
from sync.signing import Signed
from sync.statement.caution import MOST_CAUTIONED, Caution
from sync.statement.policy import DAY_MS
from sync.statement.proposal import CONSORTIUM
from sync.statement.report import Report

KEPT_DAYS = 30
"""Days after which an alarm that nobody cleared is forgotten."""


class AlarmRow(Struct, frozen=True, array_like=True):
    """One entry that rang.

    Attributes:
        night: On which night, by the day on which it began: 2031-01-31.
        doors: How, door by door.
        why: For what it was last noticed; "" for nothing.
        raised_ms: When.
        raised_on: In which night.
        alone: The only door whose word stands behind it, "" where there are more.
        cleared_ms: When somebody looked at it and said that it may count again; 0 before.
        cleared_on: In which night: it is not noticed again in that one.
    """

    night: str
    doors: tuple[Rung, ...] = ()
    why: str = ""
    raised_ms: int = 0
    raised_on: str = ""
    alone: str = ""
    cleared_ms: int = 0
    cleared_on: str = ""

    @property
    def stands(self) -> bool:
        """Whether it waits for somebody to look at it."""
        return bool(self.why) and not self.cleared_ms


@dataclass(frozen=True, slots=True)
class Alarm:
    """An entry that was noticed, for whoever looks at it.

    Attributes:
        entry_id: Which.
        why: For what.
        raised_ms: When.
        doors: How it rang in that night, door by door; empty if it rang again in a later one.
        held_back: Whether it is only to be checked now, at all doors.
    """

    entry_id: str
    why: Why
    raised_ms: int
    doors: tuple[Rung, ...]
    held_back: bool


def hear(desk: Desk, report: Report, before_ms: int, now_ms: int) -> None:
    """Take in what a door says of tonight, within a change.

    Args:
        desk: The hub.
        report: The door's newest report, which was believed.
        before_ms: When the door was heard before.
        now_ms: Milliseconds since the epoch.
    """
    changed, venue_id = False, desk.book.units[report.unit_id].registration.venue_id
    for entry_id, alerts, confirmed, not_them in report.rings:
        leaf = desk.book.ledger.live.get(entry_id)
        if leaf is None or leaf.state is State.GONE:
            continue
        if leaf.ring.partition("/")[0] not in {CONSORTIUM, venue_id}:
            continue  # no door has the entries of another venue: this one lies
        now = Rung(report.unit_id, venue_id, alerts, confirmed, not_them, now_ms)
        changed |= _take(desk, entry_id, now, before_ms)
    if changed:
        publish(desk, now_ms)


def clear(desk: Desk, entry_id: str, who: str, now_ms: int) -> None:
    """Let an entry count again: somebody looked at it.

    Raises:
        HubError: There is no such alarm.
    """
    with desk.change():
        row = desk.store.find("alarm", entry_id, AlarmRow)
        if row is None or not row.stands:
            raise HubError(f"no alarm stands about entry {entry_id!r}: somebody cleared it, or "
                           "the entry is gone")  # fmt: skip
        row = msgspec.structs.replace(row, cleared_ms=now_ms, cleared_on=_night(now_ms))
        desk.store.put("alarm", entry_id, encode(row))
        desk.note(now_ms, who, "clear-alarm", entry_id, row.why)
        publish(desk, now_ms)


def standing(desk: Desk, now_ms: int) -> tuple[Alarm, ...]:
    """Give the alarms that nobody cleared, the newest first."""
    caution = caution_in_force(desk, now_ms)
    back = caution.entries if caution else ()
    found = [
        Alarm(
            entry_id,
            Why(row.why),
            row.raised_ms,
            row.doors if row.night == row.raised_on else (),
            entry_id in back,
        )
        for entry_id, row in desk.store.each("alarm", AlarmRow)
        if row.stands
    ]
    return tuple(sorted(found, key=lambda one: (-one.raised_ms, one.entry_id)))


def caution_in_force(desk: Desk, now_ms: int) -> Caution | None:
    """Give the caution that counts now, if one does."""
    body = desk.store.state.caution
    caution = Caution.parse(body) if body else None
    return caution if caution and now_ms < caution.until_ms else None


def signed_caution(desk: Desk, now_ms: int) -> Signed | None:
    """Sign the caution that counts now, by the key in use; the same bytes each time."""
    caution = caution_in_force(desk, now_ms)
    return caution.signed(desk.signer) if caution else None


def publish(desk: Desk, now_ms: int) -> None:
    """Say anew whom to hold back tonight, within a change."""
    state, tonight = desk.store.state, _night(now_ms)
    last_ms = Caution.parse(state.caution).issued_ms if state.caution else 0
    issued_ms = max(now_ms, last_ms + 1)
    rows = sorted(_raised(desk, tonight), key=lambda pair: (pair[1].raised_ms, pair[0]))
    chosen = held_back(((name, row.alone) for name, row in rows), MOST_CAUTIONED)
    until_ms = max(round(night_ends_s(now_ms / 1000) * 1000), issued_ms + 1)
    caution = Caution(desk.store.list_id, tuple(sorted(chosen)), issued_ms, until_ms)
    desk.store.state = msgspec.structs.replace(state, caution=caution.encode())
    outbox.add(desk.store, outbox.CAUTION, str(issued_ms), now_ms)
    desk.note(now_ms, "hub", "caution", detail=f"{len(chosen)} entries until {until_ms}")


def tidy(desk: Desk, now_ms: int) -> None:
    """Destroy what was kept of nights that are over, but alarms that stand; within a change."""
    tonight, oldest_ms = _night(now_ms), now_ms - KEPT_DAYS * DAY_MS
    for entry_id, row in list(desk.store.each("alarm", AlarmRow)):
        kept = row.night == tonight or (row.stands and row.raised_ms > oldest_ms)
        if not kept:
            desk.destroy("alarm", entry_id)


def _take(desk: Desk, entry_id: str, now: Rung, before_ms: int) -> bool:
    """Take in how an entry rings at one door; tell whether the caution is to be said anew."""
    tonight = _night(now.rang_ms)
    row = desk.store.find("alarm", entry_id, AlarmRow) or AlarmRow(tonight)
    if row.night != tonight:
        row = msgspec.structs.replace(row, night=tonight, doors=())
    known = {one.unit_id: one for one in row.doors}
    joined = heard(known.get(now.unit_id), now, known_ms=before_ms)
    if joined == known.get(now.unit_id):
        return False
    before, doors = row, tuple({**known, now.unit_id: joined}.values())
    row = _judged(msgspec.structs.replace(row, doors=doors), now.rang_ms)
    desk.store.put("alarm", entry_id, encode(row))
    if row.why != before.why:
        desk.note(now.rang_ms, "hub", "alarm", entry_id, row.why or "over: staff confirmed it")
    return (row.why, row.raised_on, row.alone) != (before.why, before.raised_on, before.alone)


def _judged(row: AlarmRow, now_ms: int) -> AlarmRow:
    """Raise an alarm, or let one of tonight go that staff have confirmed since."""
    if row.night == row.cleared_on:
        return row
    why, tonight = judge(row.doors), row.raised_on == row.night
    if why is None:
        return msgspec.structs.replace(row, why="", raised_on="", alone="") if tonight else row
    return msgspec.structs.replace(
        row,
        why=why.value,
        raised_ms=row.raised_ms if tonight else now_ms,
        raised_on=row.night,
        alone=relies_on(row.doors, why),
        cleared_ms=0,
        cleared_on="",
    )


def _raised(desk: Desk, tonight: str) -> Iterator[tuple[str, AlarmRow]]:
    """Go through the alarms of tonight that nobody cleared and whose entries are on the list."""
    for entry_id, row in desk.store.each("alarm", AlarmRow):
        if row.stands and row.raised_on == tonight:
            yield entry_id, row


def _night(now_ms: int) -> str:
    return night_of(now_ms / 1000).isoformat()
