"""Ten thousand entries arrive while people walk up: no frame waits longer than one frame time."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from edge.capture.source import Frame
from edge.config import Config
from edge.daemon import DoorEngine
from edge.gallery.shelf import GalleryShelf
from edge.keys.file import KeyFile
from edge.link import Link
from edge.places import Places
from simulator.shelf_samples import trusted

COUNT = int(os.environ.get("DOORWATCH_ENTRIES", "10000"))
FRAME_MS = 1000 / 30
CLIP = "head-pose-face-detection-female-and-male.gif"

pytestmark = [pytest.mark.slow, pytest.mark.faces]


@dataclass(frozen=True)
class Screened:
    """One frame's way through the engine, all times in milliseconds but ``at`` in seconds."""

    at: float
    wall: float
    worked: float
    queued: float

    @property
    def waited(self) -> float:
        """For the interpreter or a lock: neither at work nor behind other processes."""
        return self.wall - self.worked - self.queued


def scheduled() -> tuple[float, float]:
    """Milliseconds this thread has run, and was ready to run but had no processor."""
    told = Path(f"/proc/self/task/{threading.get_native_id()}/schedstat").read_text()
    ran, queued, _ = (int(word) for word in told.split())
    return ran / 1e6, queued / 1e6


@pytest.fixture
def frames(monkeypatch: pytest.MonkeyPatch) -> list[Screened]:
    """Every frame that the engine screens from now on."""
    seen: list[Screened] = []
    step = DoorEngine._step

    def timed(engine: DoorEngine, frame: Frame | None) -> None:
        began, (ran, queued) = time.monotonic(), scheduled()
        step(engine, frame)
        if frame is not None:
            after = scheduled()
            wall = 1000 * (time.monotonic() - began)
            seen.append(Screened(began, wall, after[0] - ran, after[1] - queued))

    monkeypatch.setattr(DoorEngine, "_step", timed)
    return seen


@pytest.fixture
def places(tmp_path: Path, faces_root: Path, frames: list[Screened]) -> Iterator[Places]:
    """A member's unit that screens a clip over and over."""
    source = f"video:{faces_root / 'clips' / CLIP}"
    text = f"[camera]\nsource = '{source}'\nloop = true\n[vision]\nthreads = 1\n"
    config = Config.parse(text + f"[paths]\nstate = '{tmp_path / 'state'}'\n", Path("door.toml"))
    found = config.places({})
    found.prepare()
    with GalleryShelf.open(found.gallery, KeyFile(found.key_file)) as shelf:
        shelf.join(replace(trusted(), floor_ms=time.time_ns() // 1_000_000))
    stopping, door = threading.Event(), DoorEngine(config, found)
    thread = threading.Thread(target=door.run, args=(stopping,))
    thread.start()
    yield found
    stopping.set()
    thread.join(10)


def arrive(state: Path, model_id: str) -> dict[str, float]:
    """Let the entries arrive from another process; when each part of it was done."""
    tests = str(Path(__file__).parents[1])
    environ = {**os.environ, "PYTHONPATH": f"{tests}:{Path(tests).parent}", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "simulator.bulk_adoption", str(state), model_id, "192"]
    done = subprocess.run(
        [*command, str(COUNT)], env=environ, capture_output=True, text=True, check=True
    )
    return {what: float(at) for what, at in map(str.split, done.stdout.splitlines())}


def told(name: str, part: list[Screened]) -> str:
    wall, waited = [one.wall for one in part], max(one.waited for one in part)
    queued = max(one.queued for one in part)
    return (
        f"{name}: {len(part)} frames, {np.median(wall):.1f} ms each, at most {max(wall):.1f}; "
        f"waited {waited:.1f} ms at most for the interpreter, {queued:.1f} ms for a processor"
    )


def test_no_frame_waits_longer_than_one_frame_time_while_ten_thousand_entries_arrive(
    places: Places, frames: list[Screened]
) -> None:
    link = Link(places.engine_socket)
    deadline = time.monotonic() + 120
    while link.state().gallery is None or len(frames) < 30:
        time.sleep(0.05)
        assert time.monotonic() < deadline
    gallery, began = link.state().gallery, time.monotonic()
    assert gallery is not None
    parts = arrive(places.state, gallery.model_id)
    while (gallery := link.state().gallery) is None or gallery.entries < COUNT:
        time.sleep(0.02)
        assert time.monotonic() < deadline, link.state().faults
    in_force = time.monotonic()
    quiet = [one for one in frames if one.at < began]
    during = [one for one in frames if parts["begun"] < one.at < in_force]
    print(told("before", quiet[5:]))
    print(told("while they arrive", during))
    print(f"in force {in_force - parts['adopted']:.2f} s after they were adopted")
    assert len(during) > 10
    waited = sorted(one.waited for one in during)
    # One frame may be hit by other tests on the same processors; a stall of ours hits several.
    assert waited[-2] <= FRAME_MS
    assert waited[-1] <= 2 * FRAME_MS
