"""Notice a covered face: a small network over edges and colours of the aligned face.

The face detector and the mesh see a face in a scarf and sunglasses as readily as in daylight,
so what is missing has to be looked for. The features are a coarse map of edge directions and of
colour relative to the whole face; two outputs tell the upper half (sunglasses, a cap's peak) and
the lower (mask, scarf, hand) apart.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np

from edge.vision.face import FloatArray, Image

_CELLS = 14
_DIRECTIONS = 6


@dataclass(frozen=True, slots=True, eq=False)
class Cover:
    """The network: one hidden layer, two outputs.

    Attributes:
        hidden: float32[F + 1, H], weights with the bias in the last row.
        output: float32[H + 1, 2], likewise.
    """

    hidden: FloatArray
    output: FloatArray

    @classmethod
    def of(cls, arrays: Mapping[str, FloatArray]) -> "Cover":
        """Take the weights from arrays by name, stored in any float type."""
        hidden, output = (np.asarray(arrays[name], np.float32) for name in ("hidden", "output"))
        if len(hidden) != features_length() + 1 or output.shape != (hidden.shape[1] + 1, 2):
            raise ValueError("these weights are for other features")
        return cls(hidden, output)

    def scores(self, chip: Image) -> tuple[float, float]:
        """Score how surely the upper and the lower half of a face are covered.

        The face and its mirror image are both looked at, which steadies the answer.

        Args:
            chip: uint8[112, 112, 3], aligned.

        Returns:
            Two numbers in [0, 1].
        """
        mirrored = np.ascontiguousarray(chip[:, ::-1])
        both = np.stack([features(chip), features(mirrored)])
        values = both @ self.hidden[:-1] + self.hidden[-1]
        logits = np.maximum(values, 0) @ self.output[:-1] + self.output[-1]
        upper, lower = 1 / (1 + np.exp(-np.clip(logits.mean(axis=0), -30, 30)))
        return float(upper), float(lower)


def features_length() -> int:
    """Give the number of features of a chip."""
    return _CELLS * _CELLS * (_DIRECTIONS + 3)


def features(chip: Image) -> FloatArray:
    """Describe an aligned face coarsely: float32[F], each about within [-1, 1]."""
    smooth = cv2.GaussianBlur(chip, (0, 0), 1.0)
    lab = cv2.cvtColor(smooth.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    parts = [_edges(np.asarray(lab[..., 0], np.float32)), _colours(np.asarray(lab, np.float32))]
    return np.concatenate([part.ravel() for part in parts]).astype(np.float32)


def _edges(light: FloatArray) -> FloatArray:
    """Give float32[14, 14, 6]: how much edge of each direction each cell holds."""
    dx = cv2.Sobel(light, cv2.CV_32F, 1, 0)
    dy = cv2.Sobel(light, cv2.CV_32F, 0, 1)
    strength = np.hypot(dx, dy)
    place = np.mod(np.arctan2(dy, dx), np.pi) * (_DIRECTIONS / np.pi)
    maps = []
    for direction in range(_DIRECTIONS):
        away = np.abs(place - direction)
        share = np.clip(1 - np.minimum(away, _DIRECTIONS - away), 0, 1) * strength
        maps.append(cv2.resize(share, (_CELLS, _CELLS), interpolation=cv2.INTER_AREA))
    cells = np.stack(maps, axis=2)
    return np.asarray(np.sqrt(cells / (cells.mean() * 4 + 1.0)) - 0.4, np.float32)


def _colours(lab: FloatArray) -> FloatArray:
    """Give float32[14, 14, 3]: each cell's colour less the face's median, by its contrast."""
    cells = cv2.resize(lab, (_CELLS, _CELLS), interpolation=cv2.INTER_AREA)
    inner = cells[2:, 2:-2].reshape(-1, 3)
    centred = cells - np.median(inner, axis=0)
    contrast = np.array([max(float(inner[:, 0].std()), 4.0), 8.0, 8.0], np.float32)
    return np.asarray(np.clip(centred / (3 * contrast), -2, 2), np.float32)
