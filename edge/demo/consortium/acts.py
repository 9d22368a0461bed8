"""What happens in the town, act by act; each says whether it went as it must."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from edge.demo.clip import WALK
from edge.demo.consortium.table import ROOT_DIGITS
from edge.demo.consortium.town import VENUES, Door, Town, slug
from edge.demo.consortium.watch import Sight, Watch
from edge.demo.samples import Samples

FIRST, SECOND, LAST = VENUES[0], VENUES[1], VENUES[-1]
STOLEN = VENUES[-2]
"""The door whose unit is revoked."""

PATIENCE_S = 20.0
"""Seconds until something that takes less than one is given up."""

WALK_S = 2 * WALK.length_s
"""Seconds within which the person in the clip certainly walks up once."""

_TERMS = ("--reason", "self-exclusion", "--declared", "--evidence", "consent form 12")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an act went.

    Attributes:
        act: What had to happen.
        passed: Whether it did.
        words: With which figures.
    """

    act: str
    passed: bool
    words: str


@dataclass(slots=True)
class Play:
    """The acts, in their order.

    Attributes:
        town: Where they are played.
        watch: Who looks on.
        samples: The portraits.
    """

    town: Town
    watch: Watch
    samples: Samples
    _entry: str = ""

    def acts(self) -> tuple[Callable[[], Outcome], ...]:
        """Give the acts."""
        return (
            self.six_doors_hold_the_same_list,
            self.a_stranger_is_let_in,
            self.a_ban_reaches_every_door,
            self.the_same_person_is_stopped,
            self.a_lift_is_acknowledged_by_every_door,
            self.a_door_that_was_cut_off_catches_up,
            self.a_revoked_unit_locks_itself,
        )

    def six_doors_hold_the_same_list(self) -> Outcome:
        """Wait until every unit has signed for the hub's root."""
        passed = self.watch.until(lambda sight: sight.level(*VENUES), 3 * PATIENCE_S)
        roots = {unit.live_root.hex() for unit in self.watch.look().units.values()}
        words = " and ".join(sorted(root[:ROOT_DIGITS] for root in roots))
        same = passed and len(roots) == 1
        return Outcome("six doors join and sign for the same root", same, f"root {words}")

    def a_stranger_is_let_in(self) -> Outcome:
        """Wait for a green at the first door: nobody is on the list."""
        passed = self.watch.until(lambda sight: sight.shows(FIRST, "CLEAR"), WALK_S)
        return Outcome(f"somebody who is on no list walks up to {FIRST}", passed, "green")

    def a_ban_reaches_every_door(self) -> Outcome:
        """Propose at one venue, approve at another, wait for six signed confirmations."""
        self._entry = self._added(str(self.samples.listed))
        self.watch.say(f"$ doorwatch-hub entry approve {self._entry} --key {slug(SECOND)}.key")
        self._approved(self._entry)
        passed = self._confirmed(self._entry, VENUES)
        return Outcome("an entry reaches six doors", passed, self._lags(self._entry))

    def the_same_person_is_stopped(self) -> Outcome:
        """Wait for the red at the first door."""
        began = time.monotonic()
        passed = self.watch.until(lambda sight: sight.shows(FIRST, "STOP"), WALK_S)
        waited = f"red, at their next visit {time.monotonic() - began:.0f} s later"
        return Outcome(f"the same person walks up to {FIRST} again", passed, waited)

    def a_lift_is_acknowledged_by_every_door(self) -> Outcome:
        """Lift by two venues; wait for six signed receipts and for green."""
        self.watch.say(f"$ doorwatch-hub entry lift {self._entry} --key {slug(FIRST)}.key")
        self._run("entry", "lift", self._entry, "--key", self._key(FIRST), "--yes", "--wait", "0")
        self._approved(self._entry)
        passed = self._confirmed(self._entry, VENUES) and self.watch.until(
            lambda _: len(self._receipts()) == len(VENUES), PATIENCE_S
        )
        for unit_id in self._receipts():
            self.watch.say(f"  erasure receipt, signed by unit {unit_id}", "dim")
        let_in = self.watch.until(lambda sight: sight.shows(FIRST, "CLEAR"), WALK_S)
        words = f"{len(self._receipts())} signed receipts, {self._lags(self._entry)}, green again"
        return Outcome("a lift is acknowledged by six receipts", passed and let_in, words)

    def a_door_that_was_cut_off_catches_up(self) -> Outcome:
        """Pull the last door's cable, change the list, plug it in again."""
        cable = self._door(LAST).cable
        self.watch.say(f"{LAST}'s cable is pulled", "yellow")
        cable.pull()
        entry = self._added(str(self.samples.stranger_two))
        self._approved(entry)
        others = tuple(name for name in VENUES if name != LAST)
        missing = self._confirmed(entry, others) and not self._has(entry, LAST)
        self.watch.say(f"{LAST} has not confirmed; its list lapses by itself in the end")
        self.watch.say(f"{LAST}'s cable is plugged in again", "yellow")
        began = time.monotonic()
        cable.plug()
        caught_up = self._confirmed(entry, VENUES)
        words = f"level again {time.monotonic() - began:.1f} s after the cable"
        return Outcome("a door that was cut off catches up", missing and caught_up, words)

    def a_revoked_unit_locks_itself(self) -> Outcome:
        """Revoke one unit; it destroys its key, the others go on in a new epoch."""
        began, unit = time.monotonic(), self._door(STOLEN).unit_id
        self.watch.say(f"$ doorwatch-hub unit revoke {unit}")
        self._run("unit", "revoke", unit, "--yes")
        others = tuple(name for name in VENUES if name != STOLEN)
        locked = self.watch.until(_locked, PATIENCE_S)
        words = f"{time.monotonic() - began:.1f} s from the command to the locked door"
        level = self.watch.until(lambda sight: sight.level(*others), PATIENCE_S)
        return Outcome("a revoked unit destroys its key and locks", locked and level, words)

    def _added(self, photo: str) -> str:
        until = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
        today = datetime.now(UTC).date().isoformat()
        words = (*_TERMS, "--incident", today, "--until", until, "--key", self._key(FIRST))
        self.watch.say(f"$ doorwatch-hub entry add {photo} --key {slug(FIRST)}.key")
        made = self._run("entry", "add", photo, *words, "--wait", "0", "--yes")
        return str(made["entry_id"])

    def _approved(self, entry: str) -> None:
        self._run("entry", "approve", entry, "--key", self._key(SECOND), "--yes", "--wait", "0")

    def _run(self, *words: str) -> Any:
        return self.town.hub(*words)

    def _key(self, venue: str) -> str:
        return str(self.town.key(venue))

    def _door(self, venue: str) -> Door:
        return next(door for door in self.town.doors if door.venue == venue)

    def _has(self, entry: str, venue: str) -> bool:
        reach = self.town.service.reach(entry, time.time_ns() // 1_000_000)
        unit = self._door(venue).unit_id
        return any(one.unit_id == unit and one.confirmed_ms is not None for one in reach)

    def _confirmed(self, entry: str, venues: tuple[str, ...]) -> bool:
        return self.watch.until(
            lambda _: all(self._has(entry, venue) for venue in venues), PATIENCE_S
        )

    def _lags(self, entry: str) -> str:
        reach = self.town.service.reach(entry, time.time_ns() // 1_000_000)
        lags = sorted(one.lag_ms for one in reach if one.lag_ms is not None)
        return f"{lags[0]} to {lags[-1]} ms" if lags else "no confirmation"

    def _receipts(self) -> set[str]:
        return {receipt.unit_id for receipt in self.town.service.receipts(self._entry)}


def _locked(sight: Sight) -> bool:
    return bool(sight.units[STOLEN].destroyed_ms) and sight.shows(STOLEN, "FAULT")
