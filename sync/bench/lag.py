"""From a ban that the hub accepted to the index of real units: how long, again and again."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from sync.bench.figures import Times, times
from sync.bench.rig import Door, Rig
from sync.errors import HubError

LISTED = 100
"""Entries on the list before the first change that is timed."""

PAUSE_S = 0.25
"""Seconds between two changes at the most; drawn, so that no rhythm of ours is met."""

_PATIENCE_S = 60.0

Say = Callable[[str], None]
"""Told what is done next."""


@dataclass(frozen=True, slots=True)
class Lag:
    """How long a change takes.

    Attributes:
        units: Real units, each with a sync process and an index of its own.
        entries: Entries on the list at the beginning.
        last: From the entry being accepted at the hub until the last unit compares with it.
        each: The same for every single unit.
    """

    units: int
    entries: int
    last: Times
    each: Times


def lag(units: int, changes: int, photo_bytes: int, say: Say) -> Lag:
    """Time ``changes`` bans on their way to ``units`` units.

    Raises:
        HubError: A unit does not get one within a minute.
    """
    chance = random.Random(1)  # noqa: S311 - no secret
    with TemporaryDirectory(prefix="doorwatch-") as folder, Rig(Path(folder)) as rig:
        say(f"{LISTED} entries, {units} units")
        rig.fill(LISTED, photo_bytes)
        rig.start()
        doors = [rig.door(f"door {number}") for number in range(units)]
        for door in doors:
            door.start()
        for door in doors:
            _required(door.await_count(LISTED, _PATIENCE_S))
        rig.settle()
        last, each = [], []
        for number in range(changes):
            if not number % 20:
                say(f"change {number + 1} of {changes}")
            took = _change(rig, doors, photo_bytes)
            last.append(max(took))
            each += took
            time.sleep(chance.uniform(0.0, PAUSE_S))
    return Lag(units, LISTED, times(last), times(each))


def _change(rig: Rig, doors: list[Door], photo_bytes: int) -> list[float]:
    """Ban somebody; gives the seconds until each door compares with the entry."""
    accepted = rig.ban(photo_bytes)
    return [
        _required(door.await_entry(accepted.entry_id, _PATIENCE_S)) - accepted.at for door in doors
    ]


def _required(at: float | None) -> float:
    if at is None:
        raise HubError("a unit did not get a change within a minute: is the machine busy?")
    return at
