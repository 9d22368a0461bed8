"""Sixty and more kinds of fault, each against a running unit: no green later than two seconds on.

Somebody new walks up every 2.2 seconds and is let in. A fault is injected while the lamp is green,
which is the worst moment; the lamps are watched for long enough that a healthy unit would have
shown green twice more. What is counted is the lamp, not the pin: a pin that stuck high lights it
for another 0.9 seconds (hardware.md).
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from fault_matrix.door import START_S, Door
from fault_matrix.kinds import KINDS, Kind
from fault_matrix.scene import EMPTY_S, PERSON_S
from machines.results import keep

DARK_S = 2.0
"""Seconds after a fault in which green may still be lit."""

WATCHED_S = DARK_S + 2 * (PERSON_S + EMPTY_S)
"""Seconds that the lamps are watched, in which two more people walk up."""

SELF_S = 1.0
"""Seconds in which no part that died can have earned a new green."""

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]

Row = tuple[str, float, float | None]
"""A kind, the seconds until no green was lit, and the seconds until one was again."""


@pytest.fixture(scope="module")
def started(scenery: Path) -> Iterator[Door]:
    """Give a unit that screens."""
    door = Door(scenery / "door")
    door.on_a_small_disk()
    door.places.prepare()
    door.fill()
    door.start()
    yield door
    door.stop()


@pytest.fixture
def door(started: Door) -> Door:
    """Give the unit, letting people in."""
    if started.until_green(time.monotonic(), START_S) is None:
        pytest.fail(f"no green before the fault:\n{started.log()}")
    return started


@pytest.fixture(scope="module")
def rows() -> Iterator[list[Row]]:
    """Collect a row for each kind, and keep the table."""
    found: list[Row] = []
    yield found
    if len(found) == len(KINDS):
        dark, back = [row[1] for row in found], [row[2] for row in found if row[2] is not None]
        keep(
            "faults",
            "matrix",
            kinds=len(found),
            green_after_2_s=0,
            longest_green_s=max(dark),
            longest_recovery_s=max(back),
            seconds_until_dark={name: dark_s for name, dark_s, _ in found},
            seconds_until_green_again={name: s for name, _, s in found if s is not None},
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
    while (now := time.monotonic()) < began + WATCHED_S:
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


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_no_green_is_lit_two_seconds_after(kind: Kind, door: Door, rows: list[Row]) -> None:
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
    rows.append((kind.name, round(watched.lit_s, 2), round(back_s, 2)))


def test_the_table_is_long_enough_and_says_everything_once() -> None:
    names = [kind.name for kind in KINDS]
    assert len(names) == len(set(names)) >= 60


def test_where_nothing_happens_the_lamp_stays_green(door: Door) -> None:
    assert watch(door, Kind("nothing", lambda _: None)).lit_s > DARK_S


def test_an_engine_that_answers_nobody_still_lets_people_in_and_whoever_asks_is_told(
    door: Door,
) -> None:
    door.switches.on("link", "hang")
    began = time.monotonic()
    assert door.state() is None
    assert time.monotonic() - began <= DARK_S
    assert door.until_green(time.monotonic(), WATCHED_S) is not None
    door.switches.clear()
    assert door.until(door.state, WATCHED_S) is not None
