"""A long evening in a loop: nothing grows, nothing goes stale, everybody counts once a round.

A minute by default; ``DOORWATCH_SOAK_MINUTES=60`` makes it the hour that the promise names.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import psutil
import pytest

from edge.door import DoorState

MINUTES = float(os.environ.get("DOORWATCH_SOAK_MINUTES", "1"))
FPS = 12
EMPTY_S = 12
"""Longer than the tracker remembers whom it lost, so that every round is a new encounter."""
SIZE = (960, 540)
STALE_S = 2.0
GROWTH_MIB = 5 + MINUTES / 6
"""Room for the allocator to settle, and the five megabytes that an hour may add to it."""

pytestmark = [pytest.mark.slow, pytest.mark.faces, pytest.mark.timeout(MINUTES * 60 + 240)]


def _round(gif: Path, target: Path) -> int:
    """Write people who walk up, then an empty street; give the number of frames."""
    reader = cv2.VideoCapture(str(gif))
    pictures = []
    while (found := reader.read())[0]:
        pictures.append(cv2.resize(found[1], SIZE))
    street = 90 + 60 * np.sign(np.sin(np.linspace(0, 12 * np.pi, SIZE[0])))[None, :, None]
    noise = np.random.default_rng(1)
    empty = [
        np.clip(street + noise.normal(0, 4, (SIZE[1], SIZE[0], 3)), 0, 255).astype(np.uint8)
        for _ in range(EMPTY_S * FPS)
    ]
    writer = cv2.VideoWriter(str(target), cv2.VideoWriter.fourcc(*"mp4v"), FPS, SIZE)
    for picture in pictures + empty:
        writer.write(picture)
    writer.release()
    return len(pictures) + len(empty)


def test_a_long_evening_neither_grows_nor_goes_stale_nor_counts_twice(
    unit: Callable[..., Any], faces_root: Path, tmp_path: Path
) -> None:
    film = tmp_path / "round.mp4"
    length = _round(faces_root / "clips" / "face-demographics-walking-and-pause.gif", film)
    door = unit(f"video:{film}")
    process = psutil.Process(door.process.pid)

    def street_is_empty(state: DoorState) -> bool:
        return state.frame > length and 0.6 < state.frame % length / length < 0.9

    first = door.until(street_is_empty, 120)
    resident, end = process.memory_info().rss, time.monotonic() + MINUTES * 60
    oldest = 0.0
    while time.monotonic() < end:
        state = door.state()
        assert state is not None, door.log.read_text()
        oldest = max(oldest, time.time() - state.taken_at)
        time.sleep(0.2)
    last = door.until(street_is_empty, 120)
    grown = (process.memory_info().rss - resident) / 2**20
    played = last.frame // length - first.frame // length
    met = last.counts["encounters"] - first.counts["encounters"]
    print(
        f"{MINUTES} min: {played} rounds, {met} encounters, {grown:+.1f} MiB to "
        f"{process.memory_info().rss / 2**20:.0f}, oldest snapshot {oldest:.2f} s, "
        f"{process.num_fds()} descriptors"
    )
    assert oldest < STALE_S
    assert grown < GROWTH_MIB
    assert met == 3 * played
