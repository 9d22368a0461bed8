"""Boxes, similarity transforms and sampling: the plane geometry of faces."""

import cv2
import numpy as np

from edge.vision.face import FloatArray, Image

_SHRINK_FROM = 2.0
"""Above this many source pixels per target pixel bilinear sampling starts to alias."""


def overlaps(box: FloatArray, boxes: FloatArray) -> FloatArray:
    """Give the intersection over union of one box with many.

    Args:
        box: float32[4], x0, y0, x1, y1.
        boxes: float32[N, 4].

    Returns:
        float32[N] in [0, 1]; 0 where both boxes are empty.
    """
    corner0 = np.maximum(box[:2], boxes[:, :2])
    corner1 = np.minimum(box[2:], boxes[:, 2:])
    common = np.prod(np.clip(corner1 - corner0, 0, None), axis=1)
    union = _areas(box[None]) + _areas(boxes) - common
    return np.where(union > 0, common / np.maximum(union, 1e-9), 0).astype(np.float32)


def shared(box: FloatArray, boxes: FloatArray) -> FloatArray:
    """Give the intersection of one box with many over the smaller of the two areas.

    Args:
        box: float32[4], x0, y0, x1, y1.
        boxes: float32[N, 4].

    Returns:
        float32[N] in [0, 1]: 1 where one box lies inside the other.
    """
    corner0 = np.maximum(box[:2], boxes[:, :2])
    corner1 = np.minimum(box[2:], boxes[:, 2:])
    common = np.prod(np.clip(corner1 - corner0, 0, None), axis=1)
    smaller = np.minimum(_areas(box[None]), _areas(boxes))
    return np.where(smaller > 0, common / np.maximum(smaller, 1e-9), 0).astype(np.float32)


def _areas(boxes: FloatArray) -> FloatArray:
    """Give float32[N] areas of float32[N, 4] boxes, 0 for inverted ones."""
    sides = np.clip(boxes[:, 2:] - boxes[:, :2], 0, None)
    return np.asarray(sides[:, 0] * sides[:, 1], np.float32)


def similarity(source: FloatArray, target: FloatArray) -> FloatArray | None:
    """Fit the similarity transform that brings one set of points onto another.

    Least squares in closed form (Umeyama, 1991), written for the plane with complex numbers,
    where a rotation with scale is one factor. Mirroring is never part of the answer.

    Args:
        source: float32[N, 2] points.
        target: float32[N, 2] points they should land on.

    Returns:
        float32[2, 3] matrix, or None where the points are not finite or nearly coincide.
    """
    if not (np.isfinite(source).all() and np.isfinite(target).all()):
        return None
    z = source.astype(np.float64) @ np.array([1, 1j])
    w = target.astype(np.float64) @ np.array([1, 1j])
    z0, w0 = z.mean(), w.mean()
    spread = float(np.sum(np.abs(z - z0) ** 2))
    factor = np.sum((w - w0) * np.conj(z - z0)) / spread if spread > 1e-6 else 0j
    if abs(factor) < 1e-4:
        return None
    shift = w0 - factor * z0
    rows = [[factor.real, -factor.imag, shift.real], [factor.imag, factor.real, shift.imag]]
    return np.array(rows, np.float32)


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
    """Sample a square out of an image without aliasing.

    What lies outside the image repeats the nearest edge pixel, so that a face at the rim gets
    no artificial black bar.

    Args:
        rgb: uint8[H, W, 3].
        matrix: float32[2, 3], from image to cut-out.
        size: Side of the cut-out in pixels.

    Returns:
        uint8[size, size, 3].
    """
    step = 1 / max(float(np.hypot(matrix[0, 0], matrix[1, 0])), 1e-6)
    if step > _SHRINK_FROM:
        rgb, matrix = _shrunk(rgb, matrix, size, step)
    flags = cv2.INTER_LINEAR
    cut = cv2.warpAffine(rgb, matrix, (size, size), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(cut, np.uint8)


def _shrunk(rgb: Image, matrix: FloatArray, size: int, step: float) -> tuple[Image, FloatArray]:
    """Shrink the part of the image that ``matrix`` samples to about the cut-out's scale."""
    corners = np.array([[0, 0], [size, 0], [0, size], [size, size]], np.float32)
    region = moved(corners, inverse(matrix))
    height, width = rgb.shape[:2]
    low = np.clip(np.floor(region.min(axis=0)), 0, [width - 1, height - 1]).astype(int)
    high = np.clip(np.ceil(region.max(axis=0)), low + 1, [width, height]).astype(int)
    part = rgb[low[1] : high[1], low[0] : high[0]]
    target = np.maximum(1, np.round((high - low) / step)).astype(int)
    small = cv2.resize(part, (int(target[0]), int(target[1])), interpolation=cv2.INTER_AREA)
    scale = target / (high - low)
    # Pixel centres, not corners, are what both samplings agree on.
    back = np.array(
        [
            [1 / scale[0], 0, low[0] + 0.5 / scale[0] - 0.5],
            [0, 1 / scale[1], low[1] + 0.5 / scale[1] - 0.5],
            [0, 0, 1],
        ]
    )
    return np.asarray(small, np.uint8), np.asarray(matrix @ back, np.float32)
