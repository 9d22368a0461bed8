"""The engine killed a hundred times: it screens again within seconds, and the list is whole.

Two units take their turns at the same time: most of a turn is waiting until the supervisor takes
the next death for a first one. ``DOORWATCH_KILLS=10`` makes it a quick one.
"""

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

import numpy as np
import pytest

from edge.supervisor import SETTLED_S
from fault_matrix.door import LISTED, START_S, Door
from machines.results import keep

UNITS = 2
KILLS = int(os.environ.get("DOORWATCH_KILLS", "100")) // UNITS
"""Of each unit."""

BACK_S = 5.0

pytestmark = [pytest.mark.faults, pytest.mark.timeout(60 + KILLS * 20)]


@pytest.fixture
def doors(scenery: Path) -> Iterator[list[Door]]:
    """Give units with people on their lists."""
    doors = [Door(scenery / f"killed-{number}") for number in range(UNITS)]
    for door in doors:
        door.places.prepare()
        door.fill()
        door.start()
    yield doors
    for door in doors:
        door.stop()


def screens(door: Door) -> bool:
    """Tell whether frames are compared with all of the list."""
    state = door.state()
    if state is None or state.gallery is None:
        return False
    return state.frame > 0 and not state.faults and state.gallery.entries == LISTED


def killed(door: Door, seed: int) -> list[float]:
    """Kill a unit's engine over and over; gives the seconds until it screened again."""
    assert door.until(lambda: screens(door), START_S) is not None, door.log()
    moments, took = np.random.default_rng(seed), []
    for _ in range(KILLS):
        engine = door.child("engine")
        due = engine.create_time() + SETTLED_S + float(moments.uniform(0.2, 0.7))
        time.sleep(max(0.0, due - time.time()))
        engine.send_signal(signal.SIGKILL)
        engine.wait(5)
        back_s = door.until(lambda: screens(door), 20)
        assert back_s is not None, door.log()
        took.append(back_s)
    with door.store() as store:
        assert store.damaged() == []
        assert len(store.references()) == LISTED
    return took


def test_a_killed_engine_screens_again_within_five_seconds_with_its_list_intact(
    doors: list[Door],
) -> None:
    with ThreadPoolExecutor(UNITS) as both:
        took = [seconds for one in both.map(killed, doors, range(UNITS)) for seconds in one]
    print(f"{len(took)} kills, back after {median(took):.1f} s, at most {max(took):.1f} s")
    keep(
        "faults",
        "kills",
        kills=len(took),
        units=UNITS,
        back_after_s_median=round(median(took), 2),
        back_after_s_most=round(max(took), 2),
        later_than_5_s=sum(one > BACK_S for one in took),
        list_intact=True,
    )
    assert max(took) <= BACK_S
