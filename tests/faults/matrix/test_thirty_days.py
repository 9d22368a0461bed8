"""Thirty days without broker and hub: the door screens on, says how old its list is, catches up.

What a unit's session does in sixty such days, with three changes of keys and 500 changes missed,
stands in ``tests/faults/test_offline.py``; this is the engine's side of the same thing.
"""

import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from edge.budget import ImpostorCurve
from edge.config import Budget, Decision
from edge.decision import Fault
from edge.gallery.shelf import GalleryShelf
from edge.gallery.store import Store
from edge.gallery.template import unpack
from edge.keys.file import KeyFile
from edge.listkeeper import ListKeeper, Measure
from machines.results import keep
from simulator.shelf_samples import (
    DIMENSION,
    MODEL,
    NOW_MS,
    entry_id,
    grown,
    putting,
    template,
    trusted,
)
from sync.clock import Reading
from sync.statement.policy import DAY_MS
from sync.unit.shelf import Step

CURVE = ImpostorCurve((1e-1, 1e-3, 1e-5), (0.3, 0.45, 0.6))
MEASURE = Measure(MODEL, CURVE, Budget(), Decision(), DIMENSION)
LEASE_DAYS = 7
MINUTE_MS = 60_000

pytestmark = pytest.mark.faults


@dataclass
class Clocks:
    """The clocks of a box that runs on for days within a moment."""

    ahead_ms: int = 0
    started: float = field(default_factory=time.monotonic)

    def read(self) -> Reading:
        """Read them."""
        ran_ms = round((time.monotonic() - self.started) * 1000) + self.ahead_ms
        return Reading(NOW_MS + ran_ms, ran_ms, "boot 1", synchronised=False)


def test_thirty_days_alone_change_nothing_but_the_age_of_the_list(tmp_path: Path) -> None:
    clocks, provider, file = Clocks(), KeyFile(tmp_path / "g.key"), tmp_path / "g.db"
    with GalleryShelf.open(file, provider, read=clocks.read) as shelf:
        shelf.join(trusted())
        shelf.commit(putting(shelf.trusted(), [1, 2], days=60))
        shelf.commit(putting(shelf.trusted(), [3], days=10))
        keeper = ListKeeper(lambda: Store.open(file, provider, read=clocks.read), MEASURE)
        ages = []
        for day in range(31):
            clocks.ahead_ms = day * DAY_MS + MINUTE_MS
            keeper.refresh()
            view = keeper.in_force.view
            assert view is not None
            ages.append(view.lease_used(clocks.read().wall_ms / 1000) * LEASE_DAYS)
            found = keeper.in_force.best(unpack(template(1), "probe")[0])
            assert found is not None
            assert found.entry_id == entry_id(1)
            assert (entry_id(3) in keeper.in_force.entries) == (day < 10)
            assert keeper.faults == ({Fault.LIST_EXPIRED} if day >= LEASE_DAYS else set())
        assert ages == pytest.approx(range(31), abs=0.01)

        began, now_ms = time.monotonic(), clocks.read().wall_ms
        news = putting(grown(shelf.trusted(), {}, now_ms=now_ms), [4], now_ms=now_ms)
        shelf.commit(Step(news.trusted, news.leaves, news.put, heard_ms=now_ms))
        keeper.refresh()
        caught_up_s = time.monotonic() - began
        assert entry_id(4) in keeper.in_force.entries
        assert keeper.faults == set()
        keeper.close()
    keep("faults", "thirty days", days=30, wrong=0, caught_up_s=round(caught_up_s, 2))
