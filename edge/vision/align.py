"""Bring a face into the pose that the template network was trained on."""

import numpy as np

from edge.vision.face import FloatArray, Image
from edge.vision.geometry import similarity, warp

CHIP = 112
"""Side of an aligned face in pixels."""

REFERENCE: FloatArray = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655],
     [70.7299, 92.2041]], np.float32,
)  # fmt: skip
"""float32[5, 2]: where ArcFace's training set has eyes, nose tip and mouth corners."""


def alignment(landmarks: FloatArray) -> FloatArray | None:
    """Give the float32[2, 3] transform from image to chip, or None for degenerate landmarks."""
    return similarity(landmarks, REFERENCE)


def chip(rgb: Image, matrix: FloatArray) -> Image:
    """Cut out the aligned face: uint8[112, 112, 3]."""
    return warp(rgb, matrix, CHIP)
