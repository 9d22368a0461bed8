"""Bring a face into the pose that the template network was trained on."""

import cv2
import numpy as np

from edge.vision.face import FloatArray, Image
from edge.vision.geometry import moved, similarity, warp

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


def outside_black(aligned: Image, matrix: FloatArray, rgb: Image) -> Image:
    """Blacken what of an aligned face lies outside the picture it was cut from.

    The repeated edge pixels there look alike on everybody: on photographs cut at the brow they
    made 2.3 % of strangers score 0.45 and more, black 0.1 %, as the uncut photographs do.

    Args:
        aligned: uint8[112, 112, 3], as :func:`chip` gives it.
        matrix: float32[2, 3], from image to chip.
        rgb: uint8[H, W, 3], the image.

    Returns:
        uint8[112, 112, 3]; ``aligned`` itself where all of it lies in the picture.
    """
    height, width = rgb.shape[:2]
    rim = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32) - 0.5
    mask = np.zeros(aligned.shape[:2], np.uint8)
    cv2.fillConvexPoly(mask, np.round(moved(rim, matrix)).astype(np.int32), 1)
    return aligned if mask.all() else aligned * mask[..., None]
