"""Refine a detection into five landmarks with the face mesh, and doubt what is no face."""

import math
from dataclasses import dataclass

import numpy as np

from edge.vision.detect import Run
from edge.vision.face import FloatArray
from edge.vision.geometry import inverse, moved, square
from edge.vision.pyramid import Pyramid

_SIDE = 192
_MARGIN = 1.5
"""The network was made for a square half as large again as the detector's box."""

_EYES = np.array([[33, 133, 159, 145], [263, 362, 386, 374]])
_NOSE_AND_MOUTH = np.array([1, 61, 291])
_SIDES = np.array([[234, 93, 132, 33, 58], [454, 323, 361, 263, 288]])
_FOREHEAD, _CHIN = 10, 152


@dataclass(frozen=True, slots=True, eq=False)
class Mesh:
    """A face mesh in the image.

    Attributes:
        points: float32[468, 3], pixels of the image; depth in the same unit, smaller is nearer.
        presence: The network's score in [0, 1] that this is a face at all.
    """

    points: FloatArray
    presence: float

    @property
    def landmarks(self) -> FloatArray:
        """float32[5, 2]: both eye centres, nose tip, both mouth corners."""
        flat = self.points[:, :2]
        return np.concatenate([flat[_EYES].mean(axis=1), flat[_NOSE_AND_MOUTH]])

    @property
    def pose(self) -> tuple[float, float]:
        """Yaw and pitch in degrees, 0 for a frontal face; chin up is a negative pitch."""
        left, right = self.points[_SIDES].mean(axis=1).tolist()
        top, bottom = self.points[[_FOREHEAD, _CHIN]].tolist()
        return _rise(left, right), _rise(top, bottom)


def _rise(start: list[float], end: list[float]) -> float:
    """Give by how many degrees the way between two points leads away from the camera."""
    x, y, z = (there - here for here, there in zip(start, end, strict=True))
    return math.degrees(math.atan2(z, math.hypot(x, y)))


def mesh(run: Run, picture: Pyramid, box: FloatArray, points: FloatArray) -> Mesh:
    """Lay the face mesh over one detected face.

    Args:
        run: The network; takes pixels scaled to [0, 1].
        picture: The image.
        box: float32[4], the detector's box.
        points: float32[N, 2], the detector's points, eyes first.

    Returns:
        The mesh in pixels of the image.
    """
    eyes = points[1] - points[0]
    angle = math.atan2(eyes[1], eyes[0])
    side = max(float((box[2:] - box[:2]).max()) * _MARGIN, 1.0)
    matrix = square((box[:2] + box[2:]) * np.float32(0.5), side, angle, _SIDE)
    cut = picture.cut(matrix, _SIDE)
    batch = np.multiply(cut[None], np.float32(1 / 255), dtype=np.float32)
    values, logit = run(batch)
    raw = values.reshape(468, 3)
    flat = moved(raw[:, :2], inverse(matrix))
    depth = raw[:, 2:] * np.float32(side / _SIDE)
    presence = 1 / (1 + math.exp(-min(max(float(logit.reshape(-1)[0]), -80.0), 80.0)))
    return Mesh(np.concatenate([flat, depth], axis=1), presence)


def rough_landmarks(points: FloatArray) -> FloatArray:
    """Make five landmarks of the detector's six points.

    It sees the mouth's centre only: the corners are put where a frontal face has them, 0.42 of
    the eye distance to either side.
    """
    half = (points[1] - points[0]) * np.float32(0.42)
    return np.stack([*points[:3], points[3] - half, points[3] + half]).astype(np.float32)
