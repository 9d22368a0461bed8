"""Many frames: nothing grows, nothing is left open, nothing is written.

Ten thousand by default; ``DOORWATCH_FRAMES=100000`` makes it the number that is promised, which
takes half an hour.
"""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
import pytest

from fault_matrix.door import START_S, Door
from machines.results import keep

FRAMES = int(os.environ.get("DOORWATCH_FRAMES", "10000"))
SAMPLES = 100
SETTLING = 0.2
"""Part of the frames after which memory that is asked for once has been asked for."""

MIB = 2**20
GROWTH_MIB = 5.0
"""What may come in one run; the slope says what would come in a hundred thousand frames."""

WRITES_A_MINUTE = 60
"""Calls that write: the time the list has seen is noted once a minute, in one transaction."""

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300 + FRAMES * 0.4)]


@dataclass(frozen=True)
class Sample:
    """What the engine holds after so many frames."""

    frame: int
    at: float
    resident: int
    descriptors: int
    threads: int
    writes: int
    written: int


@pytest.fixture
def door(scenery: Path) -> Iterator[Door]:
    """Give a unit whose camera gives frames faster than they are taken, mostly of nobody."""
    door = Door(scenery / "long")
    door.switches.on("fps", "60")
    door.switches.on("empty", "9")
    door.places.prepare()
    door.fill()
    door.start()
    yield door
    door.stop()


def sample(door: Door, engine: psutil.Process, screened: int) -> Sample:
    """Measure the engine."""
    moved = engine.io_counters()
    held = engine.memory_info().rss, engine.num_fds(), engine.num_threads()
    return Sample(screened, time.monotonic(), *held, moved.write_count, moved.write_chars)


def screened(door: Door) -> int:
    """Give how many frames were screened: all that the camera gave but those dropped."""
    state = door.state()
    return 0 if state is None else state.frame - state.dropped


def test_nothing_grows_or_is_written_from_frame_to_frame(door: Door) -> None:
    assert door.until(lambda: screened(door) > FRAMES * SETTLING, START_S + FRAMES), door.log()
    engine, found = door.child("engine"), []
    for number in range(SAMPLES):
        due = FRAMES * (SETTLING + (1 - SETTLING) * number / (SAMPLES - 1))
        assert door.until(lambda due=due: screened(door) >= due, FRAMES) is not None, door.log()  # type: ignore[misc]
        found.append(sample(door, engine, screened(door)))
    first, last = found[0], found[-1]
    frames, minutes = last.frame - first.frame, (last.at - first.at) / 60
    slope = np.polyfit([one.frame for one in found], [one.resident for one in found], 1)[0]
    grown, threads = float(slope) * frames / MIB, {one.threads for one in found}
    descriptors = {one.descriptors for one in found}
    writes = last.writes - first.writes
    print(
        f"{frames} frames in {minutes:.1f} min: {slope:+.1f} bytes a frame, {grown:+.2f} MiB, "
        f"to {last.resident / MIB:.0f} MiB; {descriptors} descriptors, {threads} "
        f"threads; {writes} writes of {(last.written - first.written) / 1024:.0f} KiB"
    )
    keep(
        "faults",
        "many frames",
        frames=last.frame,
        minutes=round(minutes, 1),
        bytes_grown_per_frame=round(float(slope), 1),
        mib_grown=round(grown, 2),
        mib_grown_in_100_000=round(float(slope) * 100_000 / MIB, 2),
        resident_mib=round(last.resident / MIB),
        descriptors=sorted(descriptors),
        threads=sorted(threads),
        calls_that_write_per_minute=round(writes / minutes, 1),
    )
    assert grown <= GROWTH_MIB
    assert max(descriptors) - min(descriptors) <= 2  # somebody asks, somebody is answered
    assert max(threads) - min(threads) <= 2
    assert writes <= WRITES_A_MINUTE * (minutes + 1)
