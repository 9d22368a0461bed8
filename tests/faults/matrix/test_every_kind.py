"""Whatever befalls a unit from around it: no green later than two seconds on, and back after it.

What goes wrong within it stands in ``test_every_kind_within.py``.
"""

import time

import pytest

from fault_matrix.door import Door
from fault_matrix.kinds import AROUND, KINDS, Kind
from fault_matrix.watching import DARK_S, WATCHED_S, Rows, endure, watch

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]


@pytest.mark.parametrize("kind", AROUND, ids=lambda kind: kind.name)
def test_no_green_is_lit_two_seconds_after(kind: Kind, door: Door, rows: Rows) -> None:
    endure(kind, door, rows)


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
