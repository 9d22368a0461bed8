import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import repeat
from pathlib import Path

import cv2
import numpy as np
import psutil
import pytest

from edge.config import Config
from edge.door import DoorState
from edge.errors import LinkError
from edge.link import Link
from ports import free_port
from simulator.dice import loaded


@pytest.fixture(scope="module")
def loaded_dice() -> Iterator[None]:
    """Let all that is drawn at random follow from the seed of each simulated world."""
    with loaded():
        yield


FPS = 10
SIZE = (640, 360)
_NOISE = [
    np.random.default_rng(seed).normal(0, 1, (SIZE[1], SIZE[0], 3)).astype(np.float32)
    for seed in range(6)
]
"""A sensor's noise, frame by frame, over and over."""


def _noisy(picture: np.ndarray, sigma: float, count: int) -> Iterator[np.ndarray]:
    frames = [np.clip(picture + sigma * noise, 0, 255).astype(np.uint8) for noise in _NOISE]
    return (frames[index % len(frames)] for index in range(count))


def _live(count: int) -> Iterator[np.ndarray]:
    stripes = 90 + 60 * np.sign(np.sin(np.linspace(0, 12 * np.pi, SIZE[0], dtype=np.float32)))
    return _noisy(stripes[None, :, None], 6, count)


def _frozen(count: int) -> Iterator[np.ndarray]:
    return repeat(next(_live(1)), count)


def _dark(count: int) -> Iterator[np.ndarray]:
    return _noisy(np.full((1, 1, 3), 2, np.float32), 3, count)


def _hand(count: int) -> Iterator[np.ndarray]:
    shade = np.linspace(40, 90, SIZE[0], dtype=np.float32)[None, :, None]
    return _noisy(shade * np.array([0.5, 0.6, 1.0], np.float32), 4, count)


SCENES = {"live": _live, "frozen": _frozen, "black": _dark, "covered": _hand}


@pytest.fixture
def clip(tmp_path: Path) -> Callable[..., Path]:
    """Write a clip of scenes, each with its seconds; identical frames stay identical."""

    def written(*scenes: tuple[str, float]) -> Path:
        path = tmp_path / "clip.avi"
        writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), FPS, SIZE)
        for name, seconds in scenes:
            for frame in SCENES[name](round(seconds * FPS)):
                writer.write(frame)
        writer.release()
        return path

    return written


class Unit:
    """A unit in processes of its own, with a state folder that nobody else uses."""

    def __init__(
        self, folder: Path, source: str, command: str, state: Path | None, port: int
    ) -> None:
        self.folder, self.kept = folder, state or folder / "state"
        self.config = folder / "door.toml"
        self.config.write_text(
            f"[camera]\nsource = '{source}'\nloop = true\n"
            f"[paths]\nstate = '{self.kept}'\nrun = '{folder / 'run'}'\n"
            f"[indicator]\npins = 'mock'\n[page]\nport = {port}\n[vision]\nthreads = 1\n"
        )
        self.link = Link(Config.load(self.config).places({}).engine_socket, timeout_s=2.0)
        self.log = folder / "log"
        environ = {**os.environ, "HOME": str(folder), "TMPDIR": str(folder)}
        with self.log.open("w") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "edge.cli", command, "--config", str(self.config)],
                stdout=out,
                stderr=subprocess.STDOUT,
                env=environ,
                cwd=Path(__file__).parents[2],
            )

    def state(self) -> DoorState | None:
        """The newest snapshot, or None while the engine does not answer."""
        try:
            return self.link.state()
        except LinkError:
            return None

    def until(self, holds: Callable[[DoorState], bool], seconds: float) -> DoorState:
        """Wait for a snapshot that is as asked."""
        deadline = time.monotonic() + seconds
        state = None
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.log.read_text()
            state = self.state()
            if state is not None and holds(state):
                return state
            time.sleep(0.03)
        pytest.fail(f"not within {seconds} s: {state}\n{self.log.read_text()}")

    def child(self, name: str) -> psutil.Process:
        """One of the processes that ``doorwatch run`` started."""
        children = psutil.Process(self.process.pid).children()
        return next(child for child in children if name in child.cmdline())

    def stop(self) -> int:
        """Ask for an orderly end and give the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)


@pytest.fixture
def unit(tmp_path: Path) -> Iterator[Callable[..., Unit]]:
    """Start units; whatever is still up at the end is stopped."""
    started: list[Unit] = []

    def start(
        source: str, command: str = "engine", state: Path | None = None, port: int | None = None
    ) -> Unit:
        folder = tmp_path / f"u{len(started)}"
        folder.mkdir()
        started.append(Unit(folder, source, command, state, port or free_port()))
        return started[-1]

    yield start
    for each in started:
        each.stop()
