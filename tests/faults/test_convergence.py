"""Whatever breaks, in whatever order: nothing acknowledged is lost, nothing removed comes back.

Hub, broker and units run in RAM under virtual time (the hub on a real SQLite file); ``tests/
simulator`` breaks them as a seed tells. A failure prints its seed; that one alone is run by
``DOORWATCH_SEED=n pytest tests/faults/test_convergence.py``, and ``DOORWATCH_SEEDS=1000`` makes
the long run of it.
"""

import os
from pathlib import Path

import pytest

from simulator.trouble import ALL, Trouble
from simulator.world import HEALED_MS, World

pytestmark = pytest.mark.usefixtures("loaded_dice")

SEEDS = int(os.environ.get("DOORWATCH_SEEDS", "60"))
ONLY = os.environ.get("DOORWATCH_SEED")
TROUBLE_MS = 60_000


def seeds() -> list[int]:
    return [int(ONLY)] if ONLY else list(range(SEEDS))


@pytest.mark.parametrize("seed", seeds())
def test_all_units_stand_alike_ten_seconds_after_trouble(seed: int, tmp_path: Path) -> None:
    world = World(seed, tmp_path, units=4)
    trouble = Trouble(world, ALL)
    trouble.run(TROUBLE_MS)
    healed_ms = world.heal()
    told = "\n".join(["", f"seed {seed}", *trouble.done])
    assert healed_ms is not None, f"not alike {HEALED_MS} ms after healing{told}"
    assert world.wrongs() == [], told
    print(f"seed {seed}: alike after {healed_ms} ms of virtual time")
