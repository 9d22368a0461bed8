"""What happened at each door in each night: numbers from the doors' reports, never a person.

A door counts from its start on, so each night takes what was added since the report before. A door
that was started anew counts from nothing, which it says by ``since``. What a door that was out of
reach has to tell goes to the night in which it is heard again. Nights are kept for thirteen months,
so that the same night of last year can be looked at, and no longer.
"""

from collections import OrderedDict
from datetime import date, timedelta
from typing import TypeAlias

from msgspec import Struct

from edge.night import night_of
from sync.hub.desk import Desk
from sync.hub.rows import encode
from sync.statement.report import Report

KEPT_DAYS = 396
"""Thirteen months."""

COUNTED = (
    "encounters", "clear", "check", "stop", "fault", "undecided", "alerts", "reds",
    "refused", "let-in", "not-them", "red-refused", "red-let-in", "red-not-them", "hand-held",
)  # fmt: skip
"""What is added up; every other word of a report says how something is, or is not known here."""

ACCEPTED = ("red-budget", "check-budget", "entrants")
"""What the operator of a door accepts a night: the newest word counts."""

SINCE = "since"

MOST_READ = 16_384
"""Nights that are kept opened in RAM: those of 40 doors in 13 months."""

Counts: TypeAlias = dict[str, int]


class NightRow(Struct, frozen=True, array_like=True):
    """One door in one night.

    Attributes:
        totals: What was counted in it.
        seen: The counters of the door as it last told them, so that the next report adds to them.
        accepted: What its operator accepts.
    """

    totals: Counts
    seen: Counts
    accepted: Counts


class Night(Struct, frozen=True):
    """One door in one night, as it is shown.

    Attributes:
        unit_id: Which door.
        begins_on: The day on which the night began.
        totals: What was counted in it.
        accepted: What its operator accepts; empty where it did not say.
    """

    unit_id: str
    begins_on: date
    totals: Counts
    accepted: Counts


def hear(desk: Desk, report: Report, now_ms: int) -> None:
    """Add what a report says to the night in which it is heard, within a change."""
    told = dict(report.counts)
    if "encounters" not in told:
        return  # its engine does not answer
    unit_id, begins_on = report.unit_id, night_of(now_ms / 1000).isoformat()
    newest = _newest(desk, unit_id)
    begun, row = newest or ("", NightRow({}, {}, {}))
    added = _added(row.seen, told) if newest or _began_tonight(told, now_ms) else {}
    accepted = {word: told[word] for word in ACCEPTED if word in told}
    same_night = begun >= begins_on  # a clock that went back opens no night that is over
    totals = _joined(row.totals, added) if same_night else _joined({}, added)
    after = NightRow(totals, {w: n for w, n in told.items() if w in {*COUNTED, SINCE}}, accepted)
    if same_night and after == row:
        return
    begins_on = max(begun, begins_on)
    key = f"{begins_on}.{unit_id}"
    desk.store.put("night", key, encode(after), unit_id=unit_id, begins_on=begins_on)


def tidy(desk: Desk, now_ms: int) -> None:
    """Destroy the nights that were kept for long enough, within a change."""
    first = night_of(now_ms / 1000) - timedelta(days=KEPT_DAYS)
    query = "SELECT night_id FROM night WHERE begins_on < ?"
    for (night_id,) in desk.store.rows(query, (first.isoformat(),)):
        desk.destroy("night", night_id)


class NightBook:
    """Reads the nights of one open hub; those that are over are opened but once."""

    def __init__(self, desk: Desk) -> None:
        """Read from ``desk``, for the thread that owns it."""
        self._desk = desk
        self._over: OrderedDict[str, Night] = OrderedDict()

    def nights(self, first: date, now_ms: int) -> tuple[Night, ...]:
        """Give all nights from ``first`` on, the oldest first, door by door."""
        query = "SELECT night_id FROM night WHERE begins_on >= ? ORDER BY begins_on, unit_id"
        known = self._desk.store.rows(query, (first.isoformat(),))
        # The night before may still be written, by a hub whose clock went back.
        open_from = night_of(now_ms / 1000) - timedelta(days=1)
        return tuple(self._night(night_id, open_from) for (night_id,) in known)

    def _night(self, night_id: str, open_from: date) -> Night:
        found = self._over.get(night_id)
        if found is not None:
            return found
        row = self._desk.store.find("night", night_id, NightRow) or NightRow({}, {}, {})
        begins_on, _, unit_id = night_id.partition(".")
        night = Night(unit_id, date.fromisoformat(begins_on), row.totals, row.accepted)
        if night.begins_on < open_from:
            self._over[night_id] = night
            while len(self._over) > MOST_READ:
                self._over.popitem(last=False)
        return night


def tonight(now_ms: int) -> date:
    """Name the night that it is."""
    return night_of(now_ms / 1000)


def _newest(desk: Desk, unit_id: str) -> tuple[str, NightRow] | None:
    query = "SELECT begins_on FROM night WHERE unit_id = ? ORDER BY begins_on DESC LIMIT 1"
    found = desk.store.rows(query, (unit_id,))
    row = desk.store.find("night", f"{found[0][0]}.{unit_id}", NightRow) if found else None
    return (found[0][0], row) if row else None


def _added(seen: Counts, told: Counts) -> Counts:
    """Give what was added to a door's counters since they were seen.

    A person who comes back takes a verdict back with them, so what is added may be below nothing.
    """
    anew = seen.get(SINCE) != told.get(SINCE) or told["encounters"] < seen.get("encounters", 0)
    before = {} if anew else seen
    return {word: told[word] - before.get(word, 0) for word in COUNTED if word in told}


def _began_tonight(told: Counts, now_ms: int) -> bool:
    """Tell whether a door that is new here counts from tonight on, or only what follows does."""
    return night_of(told.get(SINCE, 0)) == night_of(now_ms / 1000)


def _joined(totals: Counts, added: Counts) -> Counts:
    words = totals.keys() | added.keys()
    return {word: max(0, totals.get(word, 0) + added.get(word, 0)) for word in sorted(words)}
