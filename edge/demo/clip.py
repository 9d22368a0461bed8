"""The clip: people walk up to a door at night, one after another and two at once.

Drawn frame by frame from the portraits and the empty passage, the same for the same seed, with
what a camera adds: perspective, lamplight, motion blur, sensor noise, compression. Beside the clip
lies the truth: who is where in which frame, and the verdict that is right.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import msgspec
import numpy as np

from edge.demo.doorway import FOCAL, HEIGHT, HORIZON, WIDTH, draw_doorway, light_at
from edge.demo.people import HEAD, LISTED, STRANGER_ONE, STRANGER_TWO, Look, Outline, Sprite, dress
from edge.demo.samples import Samples, SamplesError
from edge.demo.truth import Appearance, Box
from edge.vision.face import FloatArray, Image

FPS = 12
SEED = 20
EDITION = 1
"""Counts up when the drawing changes, so that a kept clip is made anew."""

_NEAR = 1.05
"""Metres from the camera where people stop."""

_SPEED, _LEAVE_S = 1.2, 1.25
_CROWN = 0.16
"""Metres from the camera's height up to the crown of a head."""

_HEAD_M = 0.29
_SHUTTER = 0.5
"""Part of a frame's time for which the shutter is open."""

_LAMP = np.asarray([1.0, 0.93, 0.84], np.float32)
"""Colour of the lamps' light."""

_NOISE = 5.0
"""Standard deviation of the sensor's noise, in steps of 255."""


@dataclass(frozen=True, slots=True)
class Part:
    """One person's part in the clip.

    Attributes:
        who: See :class:`Appearance`.
        manner: How they come, a few words.
        expected: Name of the right verdict.
        starts_s: Seconds into the clip.
        lane: Metres right of the middle.
        leaves: -1 to the left, 1 to the right.
        look: How they are dressed and seen.
        far: Metres from the camera where they come into the light.
        stands_s: Seconds that they stand before the camera.
    """

    who: str
    manner: str
    expected: str
    starts_s: float
    lane: float
    leaves: int
    look: Look
    far: float = 4.4
    stands_s: float = 1.0


@dataclass(frozen=True, slots=True)
class Scene:
    """What a clip shows.

    Attributes:
        name: Name of its files.
        length_s: Seconds.
        parts: Who comes, in the order of their coming.
        fps: Frames a second.
    """

    name: str
    length_s: float
    parts: tuple[Part, ...]
    fps: int = FPS

    @property
    def count(self) -> int:
        """Frames of the clip."""
        return int(self.length_s * self.fps)


EVENING = Scene(
    "doorway",
    32.0,
    (
        Part("stranger one", "alone", "CLEAR", 2.0, -0.05, -1, Look((62, 68, 92), side_light=0.2)),
        Part(
            "listed",
            "mirrored, relit, in perspective",
            "STOP",
            7.8,
            0.08,
            1,
            Look((92, 74, 60), mirrored=True, slant=0.2, side_light=-0.35, jpeg=50),
        ),
        Part(
            "stranger two", "face covered", "CHECK", 13.6, 0.05, 1, Look((84, 62, 62), covered=True)
        ),
        Part(
            "stranger one",
            "looking away",
            "CHECK",
            19.4,
            -0.1,
            -1,
            Look((52, 78, 68), turn=44),
            far=2.0,
            stands_s=2.6,
        ),
        Part("stranger two", "beside somebody", "CLEAR", 25.2, -0.36, -1, Look((60, 60, 74))),
        Part(
            "listed",
            "beside somebody, dimmer",
            "STOP",
            25.7,
            0.34,
            1,
            Look((70, 58, 74), slant=0.12, side_light=0.3, jpeg=40),
        ),
    ),
)
"""Everything that a door sees in an evening."""

WALK = Scene(
    "walk",
    15.0,
    (Part("listed", "again and again", "STOP", 1.0, 0.06, 1, Look((92, 74, 60), mirrored=True)),),
)
"""One person who walks up, and nobody for longer than a door remembers somebody."""

QUIET = Scene("quiet", 5.0, (), fps=3)
"""Nobody, for doors that share one machine."""

Progress = Callable[[float], None]
"""Told how much is done, from 0 to 1."""


@dataclass(frozen=True, slots=True)
class Clip:
    """A clip on disk and what it shows.

    Attributes:
        path: The video file.
        appearances: The truth, in order of time.
    """

    path: Path
    appearances: tuple[Appearance, ...]


def make_clip(scene: Scene, samples: Samples, folder: Path, progress: Progress) -> Clip:
    """Draw the clip of a scene, or give the one that was drawn before.

    Args:
        scene: What it shows.
        samples: The portraits.
        folder: Where the clip and its truth are kept.
        progress: Told how much is done.

    Raises:
        SamplesError: A portrait cannot be read, or the clip cannot be written.
    """
    clip = folder / f"{scene.name}-{EDITION}.mp4"
    truth = clip.with_suffix(".json")
    if not (clip.is_file() and truth.is_file()):
        cast = [Walker.of(part, samples) for part in scene.parts]
        fresh = clip.with_suffix(".part.mp4")
        _write(fresh, frames(cast, scene, progress), scene.fps)
        appearances = [walker.appearance(scene) for walker in cast]
        truth.write_bytes(msgspec.json.format(msgspec.json.encode(appearances)))
        fresh.replace(clip)
    return Clip(clip, msgspec.json.decode(truth.read_bytes(), type=tuple[Appearance, ...]))


@dataclass(frozen=True, slots=True, eq=False)
class Walker:
    """A dressed person who knows where to be when."""

    part: Part
    sprite: Sprite

    @classmethod
    def of(cls, part: Part, samples: Samples) -> "Walker":
        """Dress the person of ``part``. Raises: SamplesError."""
        portraits: dict[str, tuple[Path, Outline]] = {
            "listed": (samples.listed, LISTED),
            "stranger one": (samples.stranger_one, STRANGER_ONE),
            "stranger two": (samples.stranger_two, STRANGER_TWO),
        }
        return cls(part, dress(*portraits[part.who], part.look))

    def place(self, time_s: float) -> tuple[float, float, float] | None:
        """Give metres right, up and away at a time of the clip, or None while out of sight."""
        walked = time_s - self.part.starts_s
        walking = (self.part.far - _NEAR) / _SPEED
        leaving = max(0.0, walked - walking - self.part.stands_s)
        if walked < 0 or leaving > _LEAVE_S:
            return None
        away = max(_NEAR, self.part.far - _SPEED * walked) - 0.25 * leaving
        step = math.sin(walked * 11.0) * (1.0 if walked < walking else 0.15)
        right = (
            self.part.lane
            + 0.012 * math.sin(walked * 5.5)
            + self.part.leaves * leaving**2 / (leaving + 0.3)
        )
        return right, _CROWN + 0.012 * step, away

    def placing(self, time_s: float) -> tuple[float, float, float] | None:
        """Give the scale of the sprite and the column and row of its corner, or None."""
        place = self.place(time_s)
        if place is None:
            return None
        right, up, away = place
        scale = FOCAL * _HEAD_M / away / HEAD
        column = WIDTH / 2 + FOCAL * right / away - scale * self.sprite.layer.shape[1] / 2
        return scale, column, HORIZON - FOCAL * up / away

    def box(self, time_s: float) -> Box | None:
        """Give the face at a time of the clip, or None while most of it is out of the picture."""
        placing = self.placing(time_s)
        if placing is None:
            return None
        scale, column, row = placing
        x0, y0, x1, y1 = (scale * side for side in self.sprite.face)
        if not 0 <= column + (x0 + x1) / 2 < WIDTH:
            return None
        return (
            (column + x0) / WIDTH,
            (row + y0) / HEIGHT,
            (column + x1) / WIDTH,
            (row + y1) / HEIGHT,
        )

    def appearance(self, scene: Scene) -> Appearance:
        """Give the truth about this part of a scene."""
        boxes = {number: self.box(number / scene.fps) for number in range(scene.count)}
        seen = {number: box for number, box in boxes.items() if box is not None}
        part = self.part
        return Appearance(part.who, part.manner, part.expected, min(seen), tuple(seen.values()))


def frames(cast: list[Walker], scene: Scene, progress: Progress) -> Iterator[Image]:
    """Draw every frame of a scene: uint8[720, 1280, 3], RGB."""
    empty = draw_doorway(SEED).astype(np.float32)
    generator = np.random.default_rng(SEED)
    noise = generator.normal(0, _NOISE, (HEIGHT + 64, WIDTH + 64, 3)).astype(np.float32)
    for number in range(scene.count):
        picture, time_s = empty.copy(), number / scene.fps
        present = [walker for walker in cast if walker.place(time_s)]
        for walker in sorted(present, key=lambda one: _away(one, time_s), reverse=True):
            _draw(picture, walker, time_s)
        row, column = generator.integers(0, 64, 2)
        picture += noise[row : row + HEIGHT, column : column + WIDTH]
        yield np.clip(picture, 0, 255).astype(np.uint8)
        progress((number + 1) / scene.count)


def _away(walker: Walker, time_s: float) -> float:
    place = walker.place(time_s)
    return place[2] if place else 0.0


def _draw(picture: FloatArray, walker: Walker, time_s: float) -> None:
    """Put one person into the picture, lit and blurred as they move."""
    placing = walker.placing(time_s)
    if placing is None:
        return
    scale, column, row = placing
    matrix = np.asarray([[scale, 0, column], [0, scale, row]], np.float32)
    reduced, matrix = _reduced(walker.sprite.layer, matrix)
    layer = cv2.warpAffine(reduced, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR)
    left, right = max(0, int(column)), min(WIDTH, int(column + 900 * scale) + 2)
    if left >= right:
        return
    light = light_at(_away(walker, time_s))
    part = _moving(np.asarray(layer[:, left:right], np.float32), _motion(walker, time_s))
    out_of_dark = min(1.0, (time_s - walker.part.starts_s) / 0.6)
    solid = min(1.0, (time_s - walker.part.starts_s) / 0.12)
    picture[:, left:right] *= 1 - part[..., 3:] * solid
    picture[:, left:right] += part[..., :3] * (solid * out_of_dark * light) * _LAMP


def _reduced(layer: FloatArray, matrix: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Halve the sprite while it stays larger than it is shown, so that it does not flicker."""
    while matrix[0, 0] < 0.5:
        layer = np.asarray(cv2.pyrDown(layer), np.float32)
        matrix = matrix * np.asarray([[2, 2, 1], [2, 2, 1]], np.float32)
    return layer, matrix


def _motion(walker: Walker, time_s: float) -> tuple[float, float]:
    """Give the pixels, right and down, that the face moves while the shutter is open."""
    before, after = walker.box(time_s), walker.box(time_s + _SHUTTER / FPS)
    if before is None or after is None:
        return 0.0, 0.0
    right = (after[0] + after[2] - before[0] - before[2]) / 2 * WIDTH
    down = (after[1] + after[3] - before[1] - before[3]) / 2 * HEIGHT
    return right, down


def _moving(layer: FloatArray, motion: tuple[float, float]) -> FloatArray:
    """Smear a layer along a motion, in pixels."""
    reach = min(60, math.ceil(math.hypot(*motion)))
    if reach < 2:
        return layer
    kernel = np.zeros((reach, reach), np.float32)
    middle = (reach - 1) / 2
    unit = (motion[0] / math.hypot(*motion), motion[1] / math.hypot(*motion))
    start = (round(middle - unit[0] * middle), round(middle - unit[1] * middle))
    end = (round(middle + unit[0] * middle), round(middle + unit[1] * middle))
    cv2.line(kernel, start, end, 1.0)
    return np.asarray(cv2.filter2D(layer, -1, kernel / kernel.sum()), np.float32)


def _write(path: Path, pictures: Iterator[Image], fps: int) -> None:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), fps, (WIDTH, HEIGHT))
    if not writer.isOpened():
        raise SamplesError(f"the clip cannot be written to {path}: is the disk full or read-only?")
    for picture in pictures:
        writer.write(cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    writer.release()
