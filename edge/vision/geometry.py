"""Boxes, similarity transforms and sampling: the plane geometry of faces."""

import math

import cv2
import numpy as np

from edge.vision.face import FloatArray, Image
from edge.vision.pyramid import Pyramid

_NO_AREA = np.float32(1e-9)
"""Stands in for the area of an empty box, of which nothing is common."""


def overlaps(box: FloatArray, boxes: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Give how much of one box and many others is common to both.

    Args:
        box: float32[4], x0, y0, x1, y1.
        boxes: float32[N, 4].

    Returns:
        Two float32[N] in [0, 1]: the intersection over the union; and over the smaller of the
        two areas, which is 1 where one box lies inside the other. 0 where both are empty.
    """
    sides = np.minimum(box[2:], boxes[:, 2:]) - np.maximum(box[:2], boxes[:, :2])
    common = _areas(sides)
    area, areas = _areas(box[None, 2:] - box[None, :2]), _areas(boxes[:, 2:] - boxes[:, :2])
    union, smaller = area + areas - common, np.minimum(area, areas)
    over_union, over_smaller = common / np.maximum((union, smaller), _NO_AREA)
    return over_union, over_smaller


def _areas(sides: FloatArray) -> FloatArray:
    """Give float32[N] areas of float32[N, 2] sides, 0 for inverted ones."""
    clipped = np.maximum(sides, 0)
    return np.asarray(clipped[:, 0] * clipped[:, 1], np.float32)


def similarity(source: FloatArray, target: FloatArray) -> FloatArray | None:
    """Fit the similarity transform that brings one set of points onto another.

    Least squares in closed form (Umeyama, 1991), written for the plane, where a rotation with
    scale is one complex factor. Mirroring is never part of the answer.

    Args:
        source: float32[N, 2] points.
        target: float32[N, 2] points they should land on.

    Returns:
        float32[2, 3] matrix, or None where the points are not finite or nearly coincide.
    """
    if not (np.isfinite(source).all() and np.isfinite(target).all()):
        return None
    z, w = (points.astype(np.float64) for points in (source, target))
    z0, w0 = z.mean(axis=0), w.mean(axis=0)
    z, w = z - z0, w - w0
    spread = float(np.vdot(z, z))
    if spread <= 1e-6:
        return None
    real = float(np.vdot(z, w)) / spread
    imaginary = float(z[:, 0] @ w[:, 1] - z[:, 1] @ w[:, 0]) / spread
    if math.hypot(real, imaginary) < 1e-4:
        return None
    factor = np.array([[real, -imaginary], [imaginary, real]])
    return np.column_stack([factor, w0 - factor @ z0]).astype(np.float32)


def square(centre: FloatArray, side: float, angle: float, size: int) -> FloatArray:
    """Give the transform that cuts a turned square out of an image.

    Args:
        centre: float32[2], the square's middle in the image.
        side: Its side in pixels of the image.
        angle: Its turn in radians, clockwise on the screen.
        size: Its side in pixels of the cut-out.

    Returns:
        float32[2, 3], from image to cut-out.
    """
    scale = size / side
    cos, sin = float(np.cos(angle)) * scale, float(np.sin(angle)) * scale
    turn = np.array([[cos, sin], [-sin, cos]], np.float32)
    shift = np.float32(size / 2) - turn @ centre
    return np.concatenate([turn, shift[:, None]], axis=1).astype(np.float32)


def moved(points: FloatArray, matrix: FloatArray) -> FloatArray:
    """Apply a float32[2, 3] transform to float32[N, 2] points."""
    return np.asarray(points @ matrix[:, :2].T + matrix[:, 2], np.float32)


def inverse(matrix: FloatArray) -> FloatArray:
    """Give the float32[2, 3] transform that undoes ``matrix``."""
    return np.asarray(cv2.invertAffineTransform(matrix), np.float32)


def warp(rgb: Image, matrix: FloatArray, size: int) -> Image:
    """Sample one square out of an image without aliasing; see :class:`Pyramid` for several.

    Args:
        rgb: uint8[H, W, 3].
        matrix: float32[2, 3], from image to cut-out.
        size: Side of the cut-out in pixels.

    Returns:
        uint8[size, size, 3].
    """
    return Pyramid(rgb).cut(matrix, size)
