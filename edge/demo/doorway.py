"""A drawn passage at night: brick walls, a wet floor, lamps overhead, the street at its end.

Every pixel is a ray from the camera that meets a wall, the floor, the ceiling or the street; what
it meets is drawn by arithmetic alone, so the picture needs no file and is the same everywhere.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.vision.face import Image

WIDTH, HEIGHT = 1280, 720
FOCAL = 1000.0
"""Focal length in pixels: a face 0.15 m wide is 150 pixels at one metre."""

HORIZON = 330.0
"""Row of the camera's own height."""

_SIDE, _FLOOR, _CEILING, _END = 1.7, 1.75, 1.15, 9.0
"""Metres from the camera to the walls, the floor, the ceiling, and the street."""

_DOOR = 0.85
"""Half the width of the door to the street, metres."""

_LAMPS = (1.6, 4.2, 7.0)
"""Metres from the camera to the lamps under the ceiling."""

_WARM = np.array([1.0, 0.82, 0.6])
_BRICK = np.array([0.50, 0.27, 0.20])
_STREET = np.array([0.10, 0.16, 0.30])

Numbers = NDArray[np.float64]
"""Any float64 array; colours are linear light."""


def light_at(distance: float) -> float:
    """Tell how bright the lamps make a person ``distance`` metres away, 1 is well lit."""
    return 0.22 + sum(0.52 / (1 + 1.3 * (distance - lamp) ** 2) for lamp in _LAMPS[:2])


def draw_doorway(seed: int) -> Image:
    """Draw the empty passage: uint8[720, 1280, 3], RGB; the same for the same ``seed``."""
    noise = np.random.default_rng(seed)
    columns, rows = np.meshgrid(np.arange(WIDTH), np.arange(HEIGHT))
    x = (columns - WIDTH / 2) / FOCAL
    y = (rows - HORIZON) / FOCAL
    with np.errstate(divide="ignore"):
        to_wall = _SIDE / np.abs(x)
        to_level = np.where(y > 0, _FLOOR / np.abs(y), _CEILING / np.abs(y))
    depth = np.minimum(np.minimum(to_wall, to_level), _END)
    colours = _STREET * np.ones((HEIGHT, WIDTH, 1))
    wall = (depth == to_wall) & (depth < _END)
    colours[wall] = _bricks(depth[wall], (y * depth)[wall], noise)
    end = depth >= _END
    colours[end] = _bricks((x * depth)[end], (y * depth)[end], noise)
    level = (depth == to_level) & ~end
    colours[level] = _slabs(depth[level], (x * depth)[level], lit=(y > 0)[level])
    colours *= _lamplight(x * depth, y * depth, depth)[..., None] * _WARM
    _street(colours, end & (np.abs(x * depth) < _DOOR) & (y * depth > -0.55), noise)
    _lamps(colours)
    return np.clip(255 * colours ** (1 / 2.2), 0, 255).astype(np.uint8)


def _bricks(along: Numbers, up: Numbers, noise: np.random.Generator) -> Numbers:
    """Colour points of a wall by metres along and up it."""
    row = np.floor(up / 0.09).astype(int)
    column = np.floor(along / 0.26 + 0.5 * (row % 2)).astype(int)
    tone = noise.uniform(0.55, 1.15, 4096)[(row * 131 + column * 17) % 4096]
    joint = ((up / 0.09) % 1 < 0.13) | ((along / 0.26 + 0.5 * (row % 2)) % 1 < 0.05)
    colours: Numbers = np.where(joint, 0.35, tone)[:, None] * _BRICK
    return colours


def _slabs(along: Numbers, across: Numbers, *, lit: NDArray[np.bool_]) -> Numbers:
    """Colour points of the wet floor (lit) and the ceiling by metres along and across."""
    joint = ((along % 0.8) < 0.025) | (((across + 0.4) % 0.8) < 0.02)
    wet = 0.20 + 0.16 * np.exp(-((across / 0.5) ** 2)) * (0.6 + 0.4 * np.cos(along * 2.4))
    colours: Numbers = np.where(lit, np.where(joint, 0.08, wet), 0.05)[:, None] * np.ones(3)
    return colours


def _lamplight(x: Numbers, y: Numbers, depth: Numbers) -> Numbers:
    """Give the light that reaches points of the passage, metres from the camera."""
    light = np.full(depth.shape, 0.03)
    for lamp in _LAMPS:
        light += 0.34 / (0.6 + x**2 + (y + _CEILING) ** 2 + 1.2 * (depth - lamp) ** 2)
    return np.asarray(np.minimum(light, 1.2))


def _street(colours: Numbers, where: NDArray[np.bool_], noise: np.random.Generator) -> None:
    """Light the far end with windows and lamps out of focus."""
    spots = np.zeros_like(colours)
    left, right = np.flatnonzero(where.any(axis=0))[[0, -1]]
    top, bottom = np.flatnonzero(where.any(axis=1))[[0, -1]]
    for _ in range(20):
        centre = (int(noise.integers(left, right)), int(noise.integers(top, bottom)))
        hue = noise.choice([[1.0, 0.7, 0.35], [0.4, 0.6, 1.0], [1.0, 0.35, 0.45], [0.9, 0.9, 0.8]])
        glow = tuple(float(part) for part in np.asarray(hue) * noise.uniform(0.05, 0.4))
        cv2.circle(spots, centre, int(noise.integers(2, 8)), glow, -1, cv2.LINE_AA)
    sky = np.linspace(0.5, 0.06, colours.shape[0])[:, None, None] * _STREET
    colours[where] = (sky + _blurred(spots, 1.6))[where]


def _lamps(colours: Numbers) -> None:
    """Hang the lamps under the ceiling, with their glow."""
    glow = np.zeros_like(colours)
    for lamp in _LAMPS:
        row = int(HORIZON - FOCAL * (_CEILING - 0.08) / lamp)
        half = int(FOCAL * 0.35 / lamp)
        corners = (WIDTH // 2 - half, row - half // 12 - 1), (WIDTH // 2 + half, row + half // 12)
        cv2.rectangle(glow, *corners, (1.6, 1.4, 1.0), -1)
    colours += _blurred(glow, 2) + 0.35 * _blurred(glow, 28)


def _blurred(colours: Numbers, sigma: float) -> Numbers:
    return np.asarray(cv2.GaussianBlur(colours, (0, 0), sigma), np.float64)
