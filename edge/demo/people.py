"""People for the clip: a head cut out of a portrait, changed as a door's camera would, on a coat.

The outlines below belong to the pinned portraits, in their own pixels; other photos do not fit.
"""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from edge.demo.samples import SamplesError
from edge.vision.face import FloatArray, Image

HEAD = 300
"""Pixels of a head, crown to chin and neck, in a sprite; 0.29 m on the street."""

_WIDE, _TALL, _TOP = 900, 2040, 30
_COLLAR = _TOP + HEAD - 34

Points = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Outline:
    """Where the head lies in one portrait, pixels of that portrait.

    Attributes:
        edge: Points around hair, face and neck.
        eyes: Between the eyes.
        mouth: The mouth's middle.
        width: Width of the face.
    """

    edge: Points
    eyes: tuple[int, int]
    mouth: tuple[int, int]
    width: int


LISTED = Outline(
    edge=(
        *((248, 16), (219, 17), (200, 22), (172, 40), (154, 62), (153, 85), (157, 106)),
        *((168, 118), (173, 128), (182, 134), (186, 155), (187, 178), (198, 188), (228, 192)),
        *((248, 188), (256, 165), (266, 138), (275, 135), (290, 118), (299, 95), (300, 70)),
        *((292, 45), (275, 28)),
    ),
    eyes=(224, 101),
    mouth=(223, 143),
    width=90,
)
STRANGER_ONE = Outline(
    edge=(
        *((535, 96), (478, 114), (443, 138), (415, 172), (387, 244), (384, 387), (390, 406)),
        *((412, 414), (419, 430), (417, 524), (432, 568), (475, 606), (530, 624), (580, 622)),
        *((612, 600), (630, 560), (678, 503), (689, 461), (706, 453), (713, 427), (707, 399)),
        *((720, 397), (756, 307), (753, 239), (723, 166), (694, 130), (611, 101)),
    ),
    eyes=(588, 338),
    mouth=(573, 461),
    width=290,
)
STRANGER_TWO = Outline(
    edge=(
        *((495, 32), (450, 38), (410, 60), (388, 95), (378, 140), (366, 190), (339, 199)),
        *((337, 229), (356, 292), (369, 294), (376, 285), (390, 340), (400, 395), (420, 440)),
        *((470, 470), (520, 470), (555, 440), (578, 370), (602, 295), (619, 294), (641, 229)),
        *((637, 195), (622, 195), (617, 140), (602, 95), (575, 58), (540, 38)),
    ),
    eyes=(494, 215),
    mouth=(498, 328),
    width=225,
)


@dataclass(frozen=True, slots=True)
class Look:
    """How somebody comes to the door.

    Attributes:
        coat: Colour of the coat, RGB.
        mirrored: Whether left and right are swapped.
        turn: Degrees that the head is turned away.
        slant: How much the perspective of a camera at the side narrows one side, 0 to 0.3.
        covered: Whether a cap and a scarf hide the face.
        side_light: Brightness gained from left to right, -0.6 to 0.6.
        jpeg: Quality at which the head was compressed once more, 1 to 100.
    """

    coat: tuple[int, int, int]
    mirrored: bool = False
    turn: float = 0.0
    slant: float = 0.0
    covered: bool = False
    side_light: float = 0.0
    jpeg: int = 90


@dataclass(frozen=True, slots=True, eq=False)
class Sprite:
    """One person, ready to be put into frames at any size.

    Attributes:
        layer: float32[H, W, 4], colours times opacity, then opacity; 0 to 255 and 0 to 1.
        face: x0, y0, x1, y1 of the face, pixels of the layer.
    """

    layer: FloatArray
    face: tuple[float, float, float, float]


def dress(portrait: Path, outline: Outline, look: Look) -> Sprite:
    """Make a person of a portrait.

    Raises:
        SamplesError: The portrait cannot be read.
    """
    head, matrix = _cut(portrait, outline)
    eyes, mouth = _moved(matrix, outline.eyes), _moved(matrix, outline.mouth)
    half = outline.width * float(matrix[0, 0]) / 2
    if look.covered:
        head = _cover(head, eyes, mouth, half)
    if look.turn:
        head = _turn(head, _relief(eyes, mouth, half), look.turn)
    head = _slant(head, look.slant)
    if look.mirrored:
        head = np.ascontiguousarray(head[:, ::-1])
        eyes = (_WIDE - 1 - eyes[0], eyes[1])
    head[..., :3] = _recompress(_relight(head[..., :3], look.side_light), look.jpeg)
    layer = _over(_body(look.coat), head)
    span = mouth[1] - eyes[1]
    face = (eyes[0] - half, eyes[1] - 0.8 * span, eyes[0] + half, mouth[1] + 0.55 * span)
    return Sprite(layer, face)


def _cut(portrait: Path, outline: Outline) -> tuple[FloatArray, FloatArray]:
    """Cut the head out and scale it into an empty layer; give the layer and the placing."""
    stored = cv2.imread(str(portrait))
    if stored is None:
        raise SamplesError(f"{portrait} cannot be read: delete it, it is fetched again")
    edge = np.array(outline.edge, np.int32)
    low, high = edge.min(axis=0), edge.max(axis=0)
    scale = HEAD / (high[1] - low[1])
    centre = (low[0] + high[0]) / 2
    matrix = _floats([[scale, 0, _WIDE / 2 - scale * centre], [0, scale, _TOP - scale * low[1]]])
    mask = np.zeros(stored.shape[:2], np.uint8)
    cv2.fillPoly(mask, [edge], 255, cv2.LINE_AA)
    layer = np.zeros((_TALL, _WIDE, 4), np.float32)
    colours = cv2.cvtColor(stored, cv2.COLOR_BGR2RGB)
    size = (_WIDE, _TALL)
    layer[..., :3] = cv2.warpAffine(colours, matrix, size, flags=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(cv2.warpAffine(mask, matrix, size, flags=cv2.INTER_AREA), (0, 0), 3.0)
    layer[..., 3] = np.clip((soft / 255.0 - 0.35) / 0.5, 0, 1)
    return layer, np.asarray(matrix)


def _moved(matrix: FloatArray, point: tuple[int, int]) -> tuple[float, float]:
    x, y = matrix @ np.array([*point, 1.0])
    return float(x), float(y)


def _cover(
    head: FloatArray, eyes: tuple[float, float], mouth: tuple[float, float], half: float
) -> FloatArray:
    """Draw a cap down to the eyes and a scarf up to them."""
    span = mouth[1] - eyes[1]
    x, y = eyes
    cap = np.zeros(head.shape[:2], np.float32)
    centre = (int(x), int(y - 0.85 * span))
    cv2.ellipse(cap, centre, (int(half * 1.48), int(span * 1.25)), 0, 180, 360, 1.0, -1)
    brim = (int(half * 1.25), int(span * 0.34))
    cv2.ellipse(cap, centre, brim, 0, 0, 360, 1.0, -1)
    scarf = np.zeros_like(cap)
    cv2.fillPoly(scarf, [_fold(x, y, half, span)], 1.0, cv2.LINE_AA)
    head = _paint(head, scarf, (168, 182, 196))
    return _paint(head, cap, (30, 34, 44))


def _fold(x: float, y: float, half: float, span: float) -> NDArray[np.int32]:
    """Give the outline of a scarf pulled up over nose and chin."""
    side = [(0.0, 0.3), (0.5, 0.42), (1.12, 0.25), (1.1, 0.9), (0.9, 1.5), (0.95, 2.1)]
    right = [(x + dx * half, y + dy * span) for dx, dy in side]
    left = [(x - dx * half, y + dy * span) for dx, dy in reversed(side)]
    return np.array(right + left, np.int32)


def _paint(head: FloatArray, mask: FloatArray, colour: tuple[int, int, int]) -> FloatArray:
    """Lay cloth of one colour over the head, with folds of light."""
    soft = cv2.GaussianBlur(mask, (0, 0), 2.0)[..., None]
    columns = np.linspace(0, 60, head.shape[1], dtype=np.float32)[None, :, None]
    rows = np.linspace(0, 90, head.shape[0], dtype=np.float32)[:, None, None]
    cloth = _floats(colour) * (1 + 0.12 * np.sin(columns + 2 * np.sin(rows)))
    painted = np.empty_like(head)
    painted[..., :3] = head[..., :3] * (1 - soft) + cloth * soft
    painted[..., 3:] = np.maximum(head[..., 3:], soft)
    return painted


def _turn(head: FloatArray, relief: FloatArray, degrees: float) -> FloatArray:
    """Turn the head about its own axis and draw it from far to near.

    Each row lies on an ellipse as wide as the head there and a quarter deeper than wide, with the
    ``relief`` of nose and mouth on it; the half that the portrait does not show is hair.
    """
    ears = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (101, 101))
    shape = cv2.morphologyEx(head[..., 3], cv2.MORPH_OPEN, ears) > 0.5
    rows = np.flatnonzero(shape.any(axis=1))[:, None]
    middle, radius = (each[rows[:, 0]] for each in _row_by_row(shape))
    around = np.linspace(-np.pi, np.pi, 2400, dtype=np.float32)[None, :]
    aside = radius * np.sin(around)
    columns = _pixels(middle + aside)
    depth = radius * 1.25 * np.cos(around) + relief[rows, columns] * (np.cos(around) > 0)
    sine, cosine = np.sin(np.radians(degrees)), np.cos(np.radians(degrees))
    order = np.argsort(depth * cosine - aside * sine, axis=1)
    colours = _haired(head, shape, around, head[rows, columns, :3])
    places = _pixels(middle + aside * cosine + depth * sine)
    turned = np.zeros_like(head)
    nearest = np.take_along_axis(places, order, axis=1)
    turned[rows, nearest, :3] = np.take_along_axis(colours, order[..., None], axis=1)
    turned[rows, nearest, 3] = 1.0
    return np.asarray(cv2.GaussianBlur(turned, (0, 0), 1.2), np.float32)


def _haired(
    head: FloatArray, shape: NDArray[np.bool_], around: FloatArray, colours: FloatArray
) -> FloatArray:
    """Cover with hair what lies further round than the portrait shows."""
    crown = slice(_TOP + 8, _TOP + 24)
    hair = np.median(head[crown][shape[crown]], axis=0)[:3] * 0.7
    behind = np.clip((np.abs(around) - 1.15) / 0.25, 0, 1)[..., None]
    return _floats(colours * (1 - behind) + hair * behind)


def _pixels(columns: FloatArray) -> NDArray[np.int64]:
    return np.clip(np.rint(columns), 0, _WIDE - 1).astype(np.int64)


def _relief(eyes: tuple[float, float], mouth: tuple[float, float], half: float) -> FloatArray:
    """Give how far nose and mouth stand out of the face, float32[H, W], pixels."""
    span = mouth[1] - eyes[1]
    rows = np.arange(_TALL, dtype=np.float32)[:, None]
    columns = np.arange(_WIDE, dtype=np.float32)[None, :]
    down = (rows - eyes[1]) / (0.62 * span)
    axis = eyes[0] + (mouth[0] - eyes[0]) * np.clip((rows - eyes[1]) / span, 0, 1)
    ridge = np.clip(np.where(down < 1, down, 1 - (down - 1) / 0.22), 0, 1)
    nose = 0.46 * half * ridge * np.exp(-(((columns - axis) / (0.2 * half)) ** 2))
    lips = np.exp(-(((columns - mouth[0]) / (0.5 * half)) ** 2 + ((rows - mouth[1]) / span) ** 2))
    return _floats(nose + 0.2 * half * lips)


def _row_by_row(inside: NDArray[np.bool_]) -> tuple[FloatArray, FloatArray]:
    """Give the middle and the half width of each row of a shape, float32[H, 1]."""
    first = inside.argmax(axis=1)
    last = _WIDE - 1 - inside[:, ::-1].argmax(axis=1)
    middle = cv2.GaussianBlur((first + last).astype(np.float32)[:, None] / 2, (1, 9), 0)
    radius = np.maximum(1, (last - first).astype(np.float32)[:, None] / 2)
    return np.asarray(middle, np.float32), radius


def _slant(head: FloatArray, amount: float) -> FloatArray:
    """See the head from the side by a perspective that narrows its left edge."""
    left, right, top, low = _WIDE / 2 - 200, _WIDE / 2 + 200, 0, HEAD + 2 * _TOP
    give = amount * HEAD / 2
    before = _floats([[left, top], [right, top], [right, low], [left, low]])
    after = _floats(
        [[left + give, top + give / 2], [right, top], [right, low], [left + give, low - give / 2]]
    )
    matrix = cv2.getPerspectiveTransform(before, after)
    return np.asarray(cv2.warpPerspective(head, matrix, (_WIDE, _TALL)), np.float32)


def _relight(colours: FloatArray, side: float) -> FloatArray:
    """Light from one side, and the contrast of a lamp overhead."""
    across = np.linspace(-1.6, 1.6, _WIDE, dtype=np.float32)[None, :, None]
    bright = (colours / 255) ** np.float32(1.15) * 255
    return np.asarray(np.clip(bright * (1 + side * np.clip(across * 2, -1, 1)), 0, 255), np.float32)


def _recompress(colours: FloatArray, quality: int) -> FloatArray:
    """Send the head through JPEG once more; the empty rows below it stay as they are."""
    part: Image = colours[: HEAD + 2 * _TOP].astype(np.uint8)
    _, packed = cv2.imencode(".jpg", part, [cv2.IMWRITE_JPEG_QUALITY, quality])
    unpacked = np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.float32)
    return np.concatenate([unpacked, colours[HEAD + 2 * _TOP :]])


def _body(coat: tuple[int, int, int]) -> FloatArray:
    """Draw a coat with a collar, and legs, soft enough for the dark."""
    layer = np.zeros((_TALL, _WIDE, 4), np.float32)
    x, y = _WIDE // 2, _COLLAR
    shape = np.zeros((_TALL, _WIDE), np.float32)
    half = [
        (52, -16),
        (78, 18),
        (150, 44),
        (206, 78),
        (236, 130),
        (250, 240),
        (252, 640),
        (228, 900),
    ]
    side = [(x + dx, y + dy) for dx, dy in half]
    other = [(x - dx, y + dy) for dx, dy in reversed(half)]
    cv2.fillPoly(shape, [np.array(side + other, np.int32)], 1.0, cv2.LINE_AA)
    for leg in (-1, 1):
        corners = [(20, 860), (190, 860), (150, 1690), (40, 1690)]
        points = [(x + leg * dx, y + dy) for dx, dy in corners]
        cv2.fillPoly(shape, [np.array(points, np.int32)], 0.98, cv2.LINE_AA)
    layer[..., 3] = cv2.GaussianBlur(shape, (0, 0), 3.0)
    across = (np.arange(_WIDE, dtype=np.float32) - x)[None, :] / 300
    down = np.clip((np.arange(_TALL, dtype=np.float32) - y)[:, None] / 1600, 0, 1)
    shade = (1.0 - 0.45 * np.abs(across) ** 1.5) * (1.0 - 0.75 * down)
    folds = 1 + 0.10 * np.sin(across * 9 + 3 * np.sin(down * 14))
    layer[..., :3] = _floats(coat) * (shade * folds)[..., None]
    _lapels(layer, x, y)
    return layer


def _lapels(layer: FloatArray, x: int, y: int) -> None:
    """Draw the opening of the coat, over a dark jumper."""
    opening = np.zeros(layer.shape[:2], np.float32)
    neck = np.array([(x - 78, y + 4), (x + 78, y + 4), (x + 10, y + 330), (x - 10, y + 330)])
    cv2.fillPoly(opening, [neck.astype(np.int32)], 1.0, cv2.LINE_AA)
    soft = _floats(cv2.GaussianBlur(opening, (0, 0), 2.0))[..., None]
    layer[..., :3] = layer[..., :3] * (1 - soft) + _floats([24, 24, 30]) * soft


def _over(below: FloatArray, above: FloatArray) -> FloatArray:
    """Lay one layer over another; the result's colours are multiplied by its opacity."""
    top, bottom = above[..., 3:], below[..., 3:] * (1 - above[..., 3:])
    colours = above[..., :3] * top + below[..., :3] * bottom
    return np.concatenate([colours, top + bottom], axis=2).astype(np.float32)


def _floats(values: ArrayLike) -> FloatArray:
    return np.asarray(values, np.float32)
