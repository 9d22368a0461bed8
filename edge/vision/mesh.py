"""Refine a detection into five landmarks with the face mesh, and doubt what is no face."""

from dataclasses import dataclass

import numpy as np

from edge.vision.detect import Run
from edge.vision.face import FloatArray, Image
from edge.vision.geometry import inverse, moved, square, warp

_SIDE = 192
_MARGIN = 1.5
"""The network was made for a square half as large again as the detector's box."""

_EYES = ((33, 133, 159, 145), (263, 362, 386, 374))
_NOSE, _MOUTH = 1, (61, 291)
_LEFT, _RIGHT = (234, 93, 132, 33, 58), (454, 323, 361, 263, 288)
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
        eyes = [self.points[list(eye), :2].mean(axis=0) for eye in _EYES]
        return np.stack([*eyes, *self.points[[_NOSE, *_MOUTH], :2]]).astype(np.float32)

    @property
    def pose(self) -> tuple[float, float]:
        """Yaw and pitch in degrees, 0 for a frontal face; chin up is a negative pitch."""
        across = self.points[list(_RIGHT)].mean(axis=0) - self.points[list(_LEFT)].mean(axis=0)
        down = self.points[_CHIN] - self.points[_FOREHEAD]
        yaw = np.arctan2(across[2], np.hypot(across[0], across[1]))
        pitch = np.arctan2(down[2], np.hypot(down[0], down[1]))
        return float(np.degrees(yaw)), float(np.degrees(pitch))


def mesh(run: Run, rgb: Image, box: FloatArray, points: FloatArray) -> Mesh:
    """Lay the face mesh over one detected face.

    Args:
        run: The network; takes pixels scaled to [0, 1].
        rgb: uint8[H, W, 3].
        box: float32[4], the detector's box.
        points: float32[N, 2], the detector's points, eyes first.

    Returns:
        The mesh in pixels of the image.
    """
    eyes = points[1] - points[0]
    angle = float(np.arctan2(eyes[1], eyes[0]))
    side = max(float((box[2:] - box[:2]).max()) * _MARGIN, 1.0)
    matrix = square((box[:2] + box[2:]) * np.float32(0.5), side, angle, _SIDE)
    batch = warp(rgb, matrix, _SIDE)[None].astype(np.float32) / np.float32(255)
    values, logit = run(batch)
    raw = values.reshape(468, 3)
    flat = moved(raw[:, :2], inverse(matrix))
    depth = raw[:, 2:] * np.float32(side / _SIDE)
    presence = 1 / (1 + float(np.exp(-np.clip(logit.reshape(-1)[0], -80, 80))))
    return Mesh(np.concatenate([flat, depth], axis=1), presence)


def rough_landmarks(points: FloatArray) -> FloatArray:
    """Make five landmarks of the detector's six points.

    It sees the mouth's centre only: the corners are put where a frontal face has them, 0.42 of
    the eye distance to either side.
    """
    half = (points[1] - points[0]) * np.float32(0.42)
    return np.stack([*points[:3], points[3] - half, points[3] + half]).astype(np.float32)
