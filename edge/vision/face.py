"""What the unit knows of one face in one image."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]
"""Any float32 array; the shape is given where it is used."""

Image = NDArray[np.uint8]
"""RGB pixels, uint8[H, W, 3]."""


class Flaw(StrEnum):
    """Why a face is not fit to be compared."""

    TOO_SMALL = "too small"
    BLURRED = "blurred"
    DARK = "dark"
    TURNED_AWAY = "turned away"
    COVERED = "covered"


class Quality(float):
    """How fit a face is to be compared: a number in [0, 1] that carries its reasons.

    Attributes:
        reasons: The flaws that make the face unusable; empty for a usable one.
    """

    reasons: tuple[Flaw, ...]

    def __new__(cls, score: float, reasons: tuple[Flaw, ...] = ()) -> Self:
        """Make a quality of ``score``, clipped to [0, 1], with its ``reasons``."""
        quality = super().__new__(cls, min(1.0, max(0.0, score)))
        quality.reasons = reasons
        return quality

    @property
    def usable(self) -> bool:
        """Whether a comparison of this face means anything."""
        return not self.reasons


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """One face found in one image.

    Attributes:
        box: x0, y0, x1, y1 in pixels of the image; may reach past its edges.
        landmarks: float32[5, 2], pixels: the eye on the image's left, the other eye, nose tip,
            the mouth corner on the image's left, the other corner.
        detection: The detector's score in [0, 1].
        quality: Fitness to be compared, with reasons.
        template: float32[D], unit length, or None where none was asked for.
    """

    box: tuple[float, float, float, float]
    landmarks: FloatArray
    detection: float
    quality: Quality
    template: FloatArray | None

    @property
    def width(self) -> float:
        """Width of the box in pixels."""
        return self.box[2] - self.box[0]

    @property
    def centre(self) -> tuple[float, float]:
        """Centre of the box in pixels, x and y."""
        return (self.box[0] + self.box[2]) / 2, (self.box[1] + self.box[3]) / 2
