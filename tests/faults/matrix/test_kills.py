"""The engine killed a hundred times: it screens again within seconds, and the list is whole.

``DOORWATCH_KILLS=10`` makes it a quick one.
"""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import numpy as np
import pytest

from edge.supervisor import SETTLED_S
from fault_matrix.door import LISTED, START_S, Door
from machines.results import keep

KILLS = int(os.environ.get("DOORWATCH_KILLS", "100"))
BACK_S = 5.0

pytestmark = [pytest.mark.faults, pytest.mark.timeout(60 + KILLS * 20)]


@pytest.fixture
def door(scenery: Path) -> Iterator[Door]:
    """Give a unit with people on its list."""
    door = Door(scenery / "killed")
    door.places.prepare()
    door.fill()
    door.start()
    yield door
    door.stop()


def screens(door: Door) -> bool:
    """Tell whether frames are compared with all of the list."""
    state = door.state()
    if state is None or state.gallery is None:
        return False
    return state.frame > 0 and not state.faults and state.gallery.entries == LISTED


def test_a_killed_engine_screens_again_within_five_seconds_with_its_list_intact(
    door: Door,
) -> None:
    assert door.until(lambda: screens(door), START_S) is not None, door.log()
    moments, took = np.random.default_rng(9), []
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
    print(f"{KILLS} kills, back after {median(took):.1f} s, at most {max(took):.1f} s")
    keep(
        "faults",
        "kills",
        kills=KILLS,
        back_after_s_median=round(median(took), 2),
        back_after_s_most=round(max(took), 2),
        later_than_5_s=sum(one > BACK_S for one in took),
        list_intact=True,
    )
    assert max(took) <= BACK_S
