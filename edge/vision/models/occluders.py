"""Draws masks, scarves, hands, sunglasses and caps over faces, to train what notices them.

Shapes are given in the frame of the aligned face (112 by 112; eyes at about y 52, mouth at 92)
and laid into the photo from there, so that they turn and scale with the head.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from edge.vision.align import alignment
from edge.vision.face import FloatArray, Image
from edge.vision.geometry import inverse, moved

_FINE = 4
"""Polygons are filled this many times finer than pixels, then averaged."""


@dataclass(frozen=True, slots=True, eq=False)
class Canvas:
    """A photo with one face, and chance.

    Attributes:
        rgb: uint8[H, W, 3].
        landmarks: float32[5, 2] of the face.
        rng: Source of chance, seeded.
        cloth: uint8[H, W, 3], another photo: texture for patterned things.
    """

    rgb: Image
    landmarks: FloatArray
    rng: np.random.Generator
    cloth: Image

    def drawn(self, shape: FloatArray, texture: FloatArray, opacity: float = 1.0) -> Image:
        """Fill a polygon, float32[N, 2] in the aligned face's frame, with a texture."""
        matrix = alignment(self.landmarks)
        if matrix is None:
            return self.rgb
        height, width = self.rgb.shape[:2]
        points = moved(shape, inverse(matrix)) * _FINE
        mask = np.zeros((height * _FINE, width * _FINE), np.uint8)
        cv2.fillPoly(mask, [np.round(points).astype(np.int32)], 255)
        soft = cv2.resize(mask, (width, height), interpolation=cv2.INTER_AREA)
        edge = float(self.rng.uniform(0.3, 1.2))
        share = cv2.GaussianBlur(soft, (0, 0), edge).astype(np.float32)[..., None] / 255 * opacity
        mixed = self.rgb * (1 - share) + texture * share
        return np.clip(mixed, 0, 255).astype(np.uint8)

    def colour(self, *, dark: bool = False) -> FloatArray:
        """Give a colour that cloth may have: float32[3]."""
        brightness = self.rng.uniform(5, 60) if dark else self.rng.choice([25.0, 90, 170, 225])
        tint = self.rng.normal(0, 1, 3) * self.rng.choice([3.0, 40.0])
        return np.asarray(np.clip(brightness + tint, 0, 255), np.float32)

    def skin(self) -> FloatArray:
        """Give about the colour of the face: float32[3], the median round the nose."""
        x, y = np.clip(self.landmarks[2], 4, np.array(self.rgb.shape[1::-1]) - 5).astype(int)
        near = self.rgb[y - 4 : y + 5, x - 4 : x + 5].reshape(-1, 3)
        return np.asarray(np.median(near, axis=0) * self.rng.uniform(0.75, 1.2), np.float32)

    def plain(self, colour: FloatArray) -> FloatArray:
        """Give a texture of one colour with shade, folds and grain."""
        height, width = self.rgb.shape[:2]
        y, x = np.mgrid[:height, :width].astype(np.float32)
        angle, wave = self.rng.uniform(0, np.pi), self.rng.uniform(6, 40)
        along = x * np.cos(angle) + y * np.sin(angle)
        folds = 1 + max(0.0, self.rng.uniform(-0.1, 0.15)) * np.sin(along / wave * 2 * np.pi)
        start, end = self.rng.uniform(0.7, 1.2, 2)
        shade = np.linspace(start, end, width)[None, :]
        grain = self.rng.normal(0, self.rng.uniform(1, 6), (height, width, 1))
        return np.asarray(colour * (folds * shade)[..., None] + grain, np.float32)

    def _print(self) -> FloatArray:
        """Give a texture cut from another photo, upside down and enlarged: no face in place."""
        height, width = self.rgb.shape[:2]
        side = min(self.cloth.shape[:2]) // 3
        x, y = self.rng.integers(0, np.array(self.cloth.shape[1::-1]) - side)
        part = self.cloth[y : y + side, x : x + side][::-1]
        return cv2.resize(part, (width, height)).astype(np.float32)

    def pattern(self) -> FloatArray:
        """Give a texture: plain, striped, or cut from another photo."""
        kind = self.rng.integers(4)
        base = self.plain(self.colour())
        if kind == 0:
            return self._print()
        if kind == 1:
            rows = (np.arange(base.shape[0]) // self.rng.integers(3, 12)) % 2
            return np.where(rows[:, None, None], base, self.plain(self.colour()))
        return base


def _shape(canvas: Canvas, points: Sequence[tuple[float, float]], jitter: float = 3) -> FloatArray:
    """Make a polygon of points in the aligned face's frame, each a little off."""
    wobble = canvas.rng.normal(0, jitter, (len(points), 2))
    return (np.array(points) + wobble).astype(np.float32)


def _ellipse(x: float, y: float, a: float, b: float, power: float = 2) -> FloatArray:
    """Make an ellipse, or with a higher power something nearer a rectangle."""
    turn = np.linspace(0, 2 * np.pi, 40)
    cos, sin = np.cos(turn), np.sin(turn)
    wide = np.sign(cos) * np.abs(cos) ** (2 / power) * a
    high = np.sign(sin) * np.abs(sin) ** (2 / power) * b
    return np.stack([x + wide, y + high], axis=1).astype(np.float32)


def mask(canvas: Canvas) -> Image:
    """Put on a surgical or cloth mask."""
    top = float(canvas.rng.uniform(58, 74))
    outline = [(12, 68), (34, top + 4), (56, top), (78, top + 4), (100, 68)]
    outline += [(96, 98), (80, 117), (56, 124), (32, 117), (16, 98)]
    blue = np.array([150, 190, 215], np.float32) * np.float32(canvas.rng.uniform(0.5, 1.2))
    texture = canvas.plain(blue) if canvas.rng.random() < 0.4 else canvas.pattern()
    return canvas.drawn(_shape(canvas, outline), texture)


def scarf(canvas: Canvas) -> Image:
    """Pull a scarf or collar over mouth and chin, perhaps the nose."""
    top = float(canvas.rng.uniform(62, 82))
    outline = [(-20, top + 6), (15, top), (56, top + 3), (97, top), (132, top + 6)]
    return canvas.drawn(_shape(canvas, [*outline, (135, 170), (-25, 170)], 4), canvas.pattern())


def hand(canvas: Canvas) -> Image:
    """Lay a hand across the mouth, from either side or below."""
    rgb, skin, side = canvas.rgb, canvas.skin(), canvas.rng.choice([-1, 1])
    tilt, reach = canvas.rng.uniform(-0.5, 0.5), canvas.rng.uniform(26, 44)
    for finger in range(4):
        y = 76 + finger * 12 + canvas.rng.normal(0, 1.5)
        tip = 56 - side * (reach - abs(finger - 1.5) * 5)
        root = 56 + side * 75
        low, high = y - 6.3, y + 6.3
        points = [
            (tip, low + 1),
            (root, low + tilt * 75),
            (root, high + tilt * 75),
            (tip, high - 1),
        ]
        shade = np.float32(canvas.rng.uniform(0.85, 1.1))
        over = Canvas(rgb, canvas.landmarks, canvas.rng, canvas.cloth)
        rgb = over.drawn(
            _shape(canvas, [*points, (tip - side * 4, y)], 0.8), over.plain(skin * shade)
        )
    return rgb


def sunglasses(canvas: Canvas) -> Image:
    """Put on dark or mirrored glasses."""
    texture = canvas.plain(canvas.colour(dark=canvas.rng.random() < 0.85))
    a, b = canvas.rng.uniform(13.5, 19), canvas.rng.uniform(9.5, 16)
    y, power = canvas.rng.uniform(51, 57), canvas.rng.uniform(2, 5)
    solid = float(canvas.rng.uniform(0.82, 1))
    rgb = canvas.drawn(_ellipse(37, y, a, b, power), texture, solid)
    rgb = Canvas(rgb, canvas.landmarks, canvas.rng, canvas.cloth).drawn(
        _ellipse(75, y, a, b, power), texture, solid
    )
    bridge = np.array([[48, y - 5], [64, y - 5], [64, y - 2], [48, y - 2]], np.float32)
    return Canvas(rgb, canvas.landmarks, canvas.rng, canvas.cloth).drawn(bridge, texture)


def cap(canvas: Canvas) -> Image:
    """Pull a cap's peak, a hood or a hat over the eyes."""
    low = float(canvas.rng.uniform(55, 66))
    arch = float(canvas.rng.uniform(-6, 6))
    outline = [(-8, low - 6), (20, low), (56, low + arch), (92, low), (120, low - 6)]
    return canvas.drawn(_shape(canvas, [*outline, (125, -60), (-13, -60)]), canvas.pattern())


def _slab(canvas: Canvas, y: float) -> Image:
    """Hold something with straight edges before the face."""
    a, b, turn = canvas.rng.uniform(24, 45), canvas.rng.uniform(15, 24), canvas.rng.uniform(0, 0.5)
    corners = np.array([[-a, -b], [a, -b], [a, b], [-a, b]])
    cos, sin = np.cos(turn), np.sin(turn)
    shape = corners @ np.array([[cos, sin], [-sin, cos]]) + [56 + canvas.rng.normal(0, 4), y]
    return canvas.drawn(shape.astype(np.float32), canvas.pattern())


def thing_below(canvas: Canvas) -> Image:
    """Hold a cup or a telephone before nose and mouth."""
    return _slab(canvas, float(canvas.rng.uniform(84, 96)))


def thing_above(canvas: Canvas) -> Image:
    """Hold something before the eyes."""
    return _slab(canvas, float(canvas.rng.uniform(42, 54)))


def glasses(canvas: Canvas) -> Image:
    """Put on ordinary glasses: a thin frame, nothing hidden."""
    texture = canvas.plain(canvas.colour(dark=canvas.rng.random() < 0.7))
    y, a, b = canvas.rng.uniform(51, 56), canvas.rng.uniform(13, 17), canvas.rng.uniform(8, 13)
    thick, power, rgb = canvas.rng.uniform(1, 3), canvas.rng.uniform(2, 4), canvas.rgb
    for x in (37, 75):
        outer, inner = _ellipse(x, y, a, b, power), _ellipse(x, y, a - thick, b - thick, power)
        over = Canvas(rgb, canvas.landmarks, canvas.rng, canvas.cloth)
        rgb = over.drawn(np.concatenate([outer, inner[::-1]]), texture)
    return rgb


def high_hat(canvas: Canvas) -> Image:
    """Put on a hat that leaves the eyes free."""
    low = float(canvas.rng.uniform(8, 30))
    outline = [(-8, low - 4), (56, low), (120, low - 4), (125, -60), (-13, -60)]
    return canvas.drawn(_shape(canvas, outline), canvas.pattern())


def low_scarf(canvas: Canvas) -> Image:
    """Wind a scarf round the neck that leaves the chin free."""
    top = float(canvas.rng.uniform(112, 124))
    outline = [(-20, top), (56, top + 3), (132, top), (135, 190), (-25, 190)]
    return canvas.drawn(_shape(canvas, outline, 2), canvas.pattern())


Draw = Callable[[Canvas], Image]

COVERS: tuple[tuple[Draw, tuple[int, int]], ...] = (
    (mask, (0, 1)),
    (scarf, (0, 1)),
    (hand, (0, 1)),
    (thing_below, (0, 1)),
    (sunglasses, (1, 0)),
    (cap, (1, 0)),
    (thing_above, (1, 0)),
)
"""What covers a face, with (upper half covered, lower half covered)."""

HARMLESS: tuple[Draw, ...] = (glasses, high_hat, low_scarf)
"""What people wear that hides nothing needed."""
