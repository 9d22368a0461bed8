"""Power cuts of an emulated machine: nothing acknowledged is lost, and nobody has to help.

After each cut a part of what the disk had only in its cache is taken from it as well; then the
image is looked at here, and the machine goes on with it.
"""

import json
import os
import random
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from machines.debian_arm64 import cannot, cannot_make
from machines.power import TOOLS, Machine
from machines.results import keep
from simulator.whole_shelf import whole

pytestmark = [pytest.mark.cuts, pytest.mark.timeout(7200)]

CUTS = int(os.environ.get("DOORWATCH_CUTS", "60")) // 2
"""Of each kind; 2,000 in a long run."""

SEED = int(os.environ.get("DOORWATCH_SEED", "5"))
LONGEST_S = 6.0
"""A switch and its proof take about as long here."""

ACKNOWLEDGED = "@acknowledged "


@pytest.fixture
def machine() -> Iterator[Machine]:
    """A machine with an empty disk."""
    reason = cannot_make() or cannot(TOOLS)
    if reason:
        pytest.skip(reason)
    with tempfile.TemporaryDirectory(prefix="cuts-") as folder:
        yield Machine(Path(folder))


@contextmanager
def looked_at(disk: Path) -> Iterator[Path]:
    """Mount a copy of a disk here, as any machine would; then check its file system."""
    with tempfile.TemporaryDirectory(prefix="look-", dir=disk.parent) as folder:
        image, point = Path(folder) / "image", Path(folder) / "point"
        shutil.copyfile(disk, image)
        point.mkdir()
        subprocess.run(["mount", "-o", "loop", str(image), str(point)], check=True)
        try:
            yield point
        finally:
            subprocess.run(["umount", str(point)], check=True)
        checked = subprocess.run(["e2fsck", "-fn", str(image)], capture_output=True, check=False)
        assert checked.returncode == 0, checked.stdout


def told(lines: list[str], start: str) -> list[str]:
    return [line.removeprefix(start) for line in lines if line.startswith(start)]


def cut_once(machine: Machine, kind: str, seed: int) -> tuple[list[str], int]:
    """Let the machine work for a moment that the seed draws, and cut its power.

    Returns:
        What it said, and how many writes were lost with the disk's cache.
    """
    with machine.woken() as guest:
        guest.say(json.dumps([kind, seed]))
        guest.wait_for(ACKNOWLEDGED, 300)
        time.sleep(random.Random(seed).uniform(0.0, LONGEST_S))
        guest.cut()
        said = list(guest.lines)
    return said, machine.lose_cache(seed)[1]


@pytest.mark.parametrize("kind", ["sync", "upgrade"])
def test_what_was_acknowledged_outlives_every_power_cut(machine: Machine, kind: str) -> None:
    print(f"seed {SEED}, {CUTS} cuts")
    acknowledged = lost = switched = 0
    for turn in range(CUTS):
        said, gone = cut_once(machine, kind, 1000 * SEED + turn)
        steps = told(said, ACKNOWLEDGED)
        acknowledged, lost = acknowledged + len(steps), lost + gone
        switched += len(told(said, "@switched "))
        with looked_at(machine.disk) as disk:
            whole(disk / "doorwatch", steps[-1])
            if switched:
                in_force = (disk / "opt/current").readlink().name
                assert (disk / "opt/versions" / in_force / "complete").exists()
    assert kind == "sync" or switched or CUTS < 10, "no cut came near a switch"
    keep(
        "cuts",
        kind,
        cuts=CUTS,
        acknowledged_changes=acknowledged,
        acknowledged_lost=0,
        corrupt=0,
        manual_steps=0,
        switches=switched,
        unflushed_writes_lost=lost,
        seed=SEED,
    )
