"""Many views of few faces: turned, moved, mirrored, and two faces mixed into a new one.

A view is a recipe, not a picture. It is rendered in one go from the face's canvas, straight or
mirrored.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from edge.vision.align import CHIP, alignment, outside_black
from edge.vision.face import FloatArray, Image
from edge.vision.geometry import warp

MARGIN = 22
"""What a canvas shows beyond each side of the chip, in pixels of the chip."""
FINENESS = 4 / 3
"""Pixels of a canvas for each pixel of the chip, so that sampling twice costs little sharpness."""
CANVAS = round((CHIP + 2 * MARGIN) * FINENESS)
"""Side of a canvas in pixels."""
AS_CHIP: FloatArray = np.eye(2, 3, dtype=np.float32)
"""The chip's own frame."""

_TURN = 0.05
_SCALE = 0.03
_SHIFT = 1.2
_MIXED = 0.4
_SHARES = (0.3, 0.7)


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """How one or two faces are looked at.

    Attributes:
        face: Which canvas.
        other: The canvas that is mixed in; the same one for a face alone.
        share: How much of ``other`` there is, in [0, 1].
        pose: float32[2, 3], from the chip's frame to itself: where the face is moved to.
    """

    face: int
    other: int
    share: float
    pose: FloatArray


def canvas(rgb: Image, landmarks: FloatArray) -> Image | None:
    """Cut an aligned face with all that its views may show.

    Args:
        rgb: uint8[H, W, 3].
        landmarks: float32[5, 2] in it.

    Returns:
        uint8[CANVAS, CANVAS, 3], black outside of the picture; None for degenerate landmarks.
    """
    matrix = alignment(landmarks)
    if matrix is None:
        return None
    finer = then(matrix, _to_canvas())
    return outside_black(warp(rgb, finer, CANVAS), finer, rgb)


def drawn(faces: int, rng: np.random.Generator, mixed: float = _MIXED) -> View:
    """Draw a view by chance.

    Args:
        faces: How many canvases there are.
        rng: Source of chance.
        mixed: How often a view mixes two faces.
    """
    face = int(rng.integers(faces))
    if rng.random() >= mixed:
        return View(face, face, 0.0, moved_a_little(rng))
    return View(face, int(rng.integers(faces)), float(rng.uniform(*_SHARES)), moved_a_little(rng))


def plain(face: int) -> View:
    """Look at one face as it is."""
    return View(face, face, 0.0, AS_CHIP)


def moved_a_little(rng: np.random.Generator) -> FloatArray:
    """Give a small move as imperfect landmarks make it, mirrored half of the time."""
    angle, scale = rng.normal(0, _TURN), np.exp(rng.normal(0, _SCALE))
    cos, sin = np.cos(angle) * scale, np.sin(angle) * scale
    turn = np.array([[cos, -sin], [sin, cos]])
    middle = np.full(2, (CHIP - 1) / 2)
    shift = middle - turn @ middle + rng.normal(0, _SHIFT, 2)
    pose = np.concatenate([turn, shift[:, None]], axis=1).astype(np.float32)
    return then(pose, mirror()) if rng.random() < 0.5 else pose


def mirror() -> FloatArray:
    """Give the float32[2, 3] that swaps left and right."""
    return np.array([[-1, 0, CHIP - 1], [0, 1, 0]], np.float32)


def rendered(canvases: Image, view: View, frame: FloatArray = AS_CHIP) -> Image:
    """Render a view.

    Args:
        canvases: uint8[N, CANVAS, CANVAS, 3].
        view: What to look at.
        frame: float32[2, 3], from the chip's frame to another one: ``mirror()``, say.

    Returns:
        uint8[112, 112, 3].
    """
    matrix = then(then(_from_canvas(), view.pose), frame)
    alone = cv2.warpAffine(canvases[view.face], matrix, (CHIP, CHIP))
    if view.other == view.face:
        return np.asarray(alone, np.uint8)
    other = cv2.warpAffine(canvases[view.other], matrix, (CHIP, CHIP))
    return np.asarray(cv2.addWeighted(alone, 1 - view.share, other, view.share, 0), np.uint8)


def then(first: FloatArray, second: FloatArray) -> FloatArray:
    """Chain two float32[2, 3] transforms."""
    turn = second[:, :2] @ first[:, :2]
    shift = second[:, :2] @ first[:, 2:] + second[:, 2:]
    return np.asarray(np.concatenate([turn, shift], axis=1), np.float32)


def _to_canvas() -> FloatArray:
    """Give the transform from chip to canvas; both count from the middle of a pixel."""
    shift = (MARGIN + 0.5) * FINENESS - 0.5
    return np.array([[FINENESS, 0, shift], [0, FINENESS, shift]], np.float32)


def _from_canvas() -> FloatArray:
    return np.asarray(cv2.invertAffineTransform(_to_canvas()), np.float32)
