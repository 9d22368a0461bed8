"""A camera that shows what it is told to: people who come and go at a door, or a broken camera."""

import itertools
import time
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.capture.source import Frame
from edge.demo.people import LISTED, STRANGER_ONE, STRANGER_TWO, Outline
from edge.demo.samples import Samples
from edge.errors import SourceError
from fault_matrix.switches import Switches

SIZE = (640, 360)
FPS = 15
PERSON_S, EMPTY_S = 1.0, 1.2
"""Somebody comes every 2.2 s. A person is in view for a second after they were last seen, so each
leaves before the next one comes, and each earns a green."""

NOISES = 6
FACE = 120
"""Pixels that a face is wide."""

Picture = NDArray[np.uint8]


def paint(samples: Samples, path: Path) -> None:
    """Paint the door with each of three people and with nobody, each in a few kinds of noise."""
    people = (
        (samples.listed, LISTED),
        (samples.stranger_one, STRANGER_ONE),
        (samples.stranger_two, STRANGER_TWO),
    )
    doors = [_with(_door(), portrait, outline) for portrait, outline in people]
    rng = np.random.default_rng(5)
    noise = rng.normal(0, 3, (NOISES, SIZE[1], SIZE[0], 3))
    np.save(path, np.stack([_noisy(door, noise) for door in (*doors, _door())]))


def _door() -> NDArray[np.float64]:
    stripes = 110 + 50 * np.sign(np.sin(np.linspace(0, 24 * np.pi, SIZE[0])))
    return np.broadcast_to(stripes[None, :, None], (SIZE[1], SIZE[0], 3)).copy()


def _with(door: NDArray[np.float64], portrait: Path, outline: Outline) -> NDArray[np.float64]:
    """Put the middle of a portrait before the door."""
    found = cv2.imread(str(portrait))
    assert found is not None
    scale = FACE / outline.width
    person = cv2.resize(found, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)[..., ::-1]
    eye_x, eye_y = (round(place * scale) for place in outline.eyes)
    left, top = max(0, eye_x - 130), max(0, eye_y - 120)
    cut = person[top : top + 300, left : left + 260]
    door[40 : 40 + cut.shape[0], 190 : 190 + cut.shape[1]] = cut
    return door


def _noisy(door: NDArray[np.float64], noise: NDArray[np.float64]) -> Picture:
    return np.clip(door[None] + noise, 0, 255).astype(np.uint8)


class Scene:
    """A ``FrameSource`` whose switch ``camera`` says in which way it is broken."""

    def __init__(self, pictures: Path, switches: Switches) -> None:
        """Open the camera. Raises: SourceError."""
        if switches.value("camera") in {"unplugged", "driver"}:
            raise SourceError("the camera /dev/video0 cannot be opened: is it plugged in?")
        self._pictures = np.load(pictures, mmap_mode="r")
        self._switches, self._numbers = switches, itertools.count()
        self._opened_at = self._due = time.monotonic()
        self._last = 0.0
        self._gap_s = 1 / float(switches.value("fps") or FPS)
        self._empty_s = float(switches.value("empty") or EMPTY_S)

    def read(self) -> Frame:
        """Give the next frame, or what a broken camera gives. Raises: SourceError."""
        self._due = max(self._due + self._gap_s, time.monotonic() - 1)
        time.sleep(max(0.0, self._due - time.monotonic()))
        broken = self._switches.value("camera") or ""
        now = time.monotonic()
        self._fail(broken, now - self._opened_at)
        stamps = {"stamps": self._last, "late": now - 5.0}
        self._last = stamps.get(broken, now)
        return Frame(self._picture(broken, now), self._last, next(self._numbers))

    def close(self) -> None:
        """Nothing is held open."""

    def _fail(self, broken: str, open_s: float) -> None:
        if broken == "unplugged" or (broken == "loose" and open_s > 0.8):
            raise SourceError("the camera /dev/video0 gives no more frames: is it plugged in?")
        if broken == "driver":
            raise ZeroDivisionError("in a driver")
        while broken == "hang":
            time.sleep(0.05)
            broken = self._switches.value("camera") or ""
        if broken == "rare":
            time.sleep(1.8)

    def _picture(self, broken: str, now: float) -> Picture:
        live = self._people(now)
        shade = np.linspace(40, 90, SIZE[0])[None, :, None] * np.array([0.5, 0.6, 1.0])
        shown = {
            "frozen": lambda: np.ascontiguousarray(self._pictures[3, 0]),
            "black": lambda: live // 32,
            "flicker": lambda: live if now * 2.5 % 1 < 0.5 else live // 32,
            "hand": lambda: np.clip(shade + live % 8, 0, 255).astype(np.uint8),
            "dazzled": lambda: 247 + live % 8,
            "grey": lambda: live[..., 0],
            "empty": lambda: live[:0],
        }
        return shown.get(broken, lambda: live)()

    def _people(self, now: float) -> Picture:
        """Show one after the other for a moment, and nobody in between."""
        turn, into_s = divmod(now, PERSON_S + self._empty_s)
        who = int(turn) % 3 if into_s < PERSON_S else 3
        noise = round(now * FPS) % NOISES
        return np.ascontiguousarray(self._pictures[who, noise])
