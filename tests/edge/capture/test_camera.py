"""A camera at work: what is believed of it, and when it is opened again."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import pytest

from edge.capture import camera
from edge.capture.camera import Camera
from edge.capture.health import Blindness
from edge.capture.source import Frame
from edge.errors import SourceError

STREET = np.random.default_rng(1).integers(0, 255, (48, 64, 3), np.uint8)


class Scripted:
    """Gives pictures one after the other, then one and the same; or is unplugged at the end."""

    def __init__(self, *, moving: int, unplugged: bool = False) -> None:
        self.moving, self.unplugged, self.number = moving, unplugged, -1
        self.turn = threading.Event()

    def read(self) -> Frame:
        self.turn.wait(0.005)
        self.number += 1
        if self.unplugged and self.number > self.moving:
            raise SourceError("the camera was unplugged")
        shift = min(self.number, self.moving)
        return Frame(np.roll(STREET, 5 * shift, 1), time.monotonic(), self.number)

    def close(self) -> None:
        self.turn.set()


@contextmanager
def working(
    opened: list[Scripted], made: Callable[[], Scripted], *, live: bool
) -> Iterator[Camera]:
    def opening() -> Scripted:
        opened.append(made())
        return opened[-1]

    one = Camera(opening, live=live)
    yield one
    one.close()


def judged_until(one: Camera, holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        one.judge(one.take(0.05))
        assert time.monotonic() < deadline


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(camera, "REOPEN_AFTER_S", 0.1)


def test_a_picture_that_stands_still_makes_a_camera_be_opened_again() -> None:
    opened: list[Scripted] = []
    with working(opened, lambda: Scripted(moving=3), live=True) as one:
        judged_until(one, lambda: len(opened) > 1)


def test_a_photo_in_a_folder_may_stand_still() -> None:
    opened: list[Scripted] = []
    with working(opened, lambda: Scripted(moving=3), live=False) as one:
        judged_until(one, lambda: bool(opened) and opened[0].number > 100)
    assert len(opened) == 1


def test_a_camera_that_was_unplugged_says_so_and_flickers_when_that_happens_again() -> None:
    opened: list[Scripted] = []
    with working(opened, lambda: Scripted(moving=2, unplugged=True), live=True) as one:
        assert one.blind(time.monotonic()) == {Blindness.NO_PICTURE}
        judged_until(one, lambda: one.trouble == "the camera was unplugged")
        judged_until(one, lambda: one.blind(time.monotonic()) == {Blindness.FLICKERING})
        assert one.blind(time.monotonic() + 60) == {Blindness.NO_PICTURE}
    assert one.tries > 2
    assert not one.ended
