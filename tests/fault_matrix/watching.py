"""What the lamps of a unit do when a fault befalls it, and after it is over.

Somebody new walks up every 2.2 seconds and is let in. A fault is injected while the lamp is green,
which is the worst moment; the lamps are watched for long enough that a healthy unit would have
shown green twice more. What is counted is the lamp, not the pin: a pin that stuck high lights it
for another 0.9 seconds (hardware.md).
"""

import json
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from fault_matrix.door import Door
from fault_matrix.kinds import KINDS, Kind
from fault_matrix.scene import EMPTY_S, PERSON_S
from machines.results import keep

DARK_S = 2.0
"""Seconds after a fault in which green may still be lit."""

WATCHED_S = DARK_S + 2 * (PERSON_S + EMPTY_S)
"""Seconds that the lamps are watched, in which two more people walk up."""

SAID_S = 40.0
"""Seconds for which the lamps are watched on where what is wrong was not said yet: nobody promises
when, and an engine that has to start first takes its time on a busy machine."""

SELF_S = 1.0
"""Seconds in which no part that died can have earned a new green."""


class Rows:
    """A row for each kind of fault, in a file that those who test the other half write as well."""

    def __init__(self, file: Path) -> None:
        self._file = file
        file.touch()

    def add(self, kind: Kind, dark_s: float, back_s: float) -> None:
        """Note the seconds until no green was lit any more, and those until one was again."""
        with self._file.open("a") as file:
            file.write(json.dumps([kind.name, round(dark_s, 2), round(back_s, 2)]) + "\n")

    def keep(self) -> None:
        """Keep the table, if it is whole."""
        rows = [json.loads(line) for line in self._file.read_text().splitlines()]
        if len(rows) < len(KINDS):
            return
        keep(
            "faults",
            "matrix",
            kinds=len(rows),
            green_after_2_s=0,
            longest_green_s=max(dark_s for _, dark_s, _ in rows),
            longest_recovery_s=max(back_s for _, _, back_s in rows),
            seconds_until_dark={name: dark_s for name, dark_s, _ in rows},
            seconds_until_green_again={name: back_s for name, _, back_s in rows},
        )


@dataclass
class Watched:
    """What the lamps did after a fault.

    Attributes:
        lit_s: Seconds until green was last lit while the fault lasted.
        over: The moment at which it was over.
        said: Whether the engine said what was wrong.
    """

    lit_s: float
    over: float
    said: bool


def watch(door: Door, kind: Kind) -> Watched:
    """Inject a fault into a unit that is green, and watch it for as long as it lasts.

    A process that died is another one when it is back: what that lights has been earned anew.
    """
    before, began = parts(door), time.monotonic()
    kind.inject(door)
    said, lost = kind.says is None, False
    while (now := time.monotonic()) < began + (WATCHED_S if said else SAID_S):
        said = said or (kind.says is not None and door.says(kind.says.value))
        there = parts(door)
        lost = lost or there != before
        back = kind.mend is None and lost and len(there) == len(before)
        if back and now > began + SELF_S:
            break
        time.sleep(0.02)
    lit_s = max(0.0, door.lamps.green_until(now) - began)
    return Watched(lit_s, now, said)


def parts(door: Door) -> frozenset[int]:
    """Name what a unit consists of: its processes, and the file that the lamps are fed by."""
    try:
        socket = door.places.lamp_socket.stat().st_ino
    except FileNotFoundError:
        return door.pids()
    return door.pids() | {-socket}


def endure(kind: Kind, door: Door, rows: Rows) -> None:
    """See that a fault ends every green within two seconds, is told, and is got over."""
    if kind.own_disk and not door.small_disk:
        pytest.skip("a disk of the unit's own has to be mounted, which needs root")
    watched = watch(door, kind)
    if kind.mend is not None:
        kind.mend(door)
    back_s = door.until_green(watched.over, kind.back_s)
    print(f"{kind.name}: dark after {watched.lit_s:.2f} s, green again after {back_s} s")
    assert watched.lit_s <= DARK_S, door.log()
    assert watched.said, f"never said {kind.says!r}: {door.state()}\n{door.log()}"
    assert back_s is not None, f"not back: {door.state()}\n{door.log()}"
    rows.add(kind, watched.lit_s, back_s)
