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
from numpy.typing import NDArray

from edge.vision.face import FloatArray, Image

_CELLS = 14
_CELL_PX = 8
_DIRECTIONS = 6
_PLACES = _DIRECTIONS + 2
"""Directions of a half turn; the last two are the first two again."""
_FEATURES = _CELLS * _CELLS * (_DIRECTIONS + 3)

IndexArray = NDArray[np.intp]


def _first_places() -> IndexArray:
    """Give intp[112 * 112]: where in a list of all cells' directions each pixel's cell begins."""
    cell = np.arange(_CELLS * _CELL_PX) // _CELL_PX
    return ((cell[:, None] * _CELLS + cell) * _PLACES).ravel()


def _mirrored() -> IndexArray:
    """Give intp[F]: which feature takes each one's place when the face is mirrored."""
    count = _CELLS * _CELLS * _DIRECTIONS
    edges = np.arange(count).reshape(_CELLS, _CELLS, _DIRECTIONS)
    colours = np.arange(count, _FEATURES).reshape(_CELLS, _CELLS, 3)
    turned = edges[:, ::-1, -np.arange(_DIRECTIONS) % _DIRECTIONS]
    return np.concatenate([turned.ravel(), colours[:, ::-1].ravel()])


_FIRST_PLACE = _first_places()
_MIRRORED = _mirrored()


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
        seen = features(chip)
        values = np.stack([seen, seen[_MIRRORED]]) @ self.hidden[:-1] + self.hidden[-1]
        logits = np.maximum(values, 0) @ self.output[:-1] + self.output[-1]
        upper, lower = 1 / (1 + np.exp(-np.clip(logits.mean(axis=0), -30, 30)))
        return float(upper), float(lower)


def features_length() -> int:
    """Give the number of features of a chip."""
    return _FEATURES


def features(chip: Image) -> FloatArray:
    """Describe an aligned face coarsely: float32[F], each about within [-1, 1]."""
    smooth = cv2.GaussianBlur(chip, (0, 0), 1.0)
    lab = cv2.cvtColor(smooth.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    parts = [_edges(np.asarray(lab[..., 0], np.float32)), _colours(np.asarray(lab, np.float32))]
    return np.concatenate([part.ravel() for part in parts]).astype(np.float32)


def _edges(light: FloatArray) -> FloatArray:
    """Give float32[14, 14, 6]: how much edge of each direction each cell holds.

    Each pixel's edge is shared between the two directions that its own lies between.
    """
    dx = cv2.Sobel(light, cv2.CV_32F, 1, 0).ravel()
    dy = cv2.Sobel(light, cv2.CV_32F, 0, 1).ravel()
    strength = np.sqrt(dx * dx + dy * dy)
    place = np.arctan2(dy, dx) * np.float32(_DIRECTIONS / np.pi)
    place += np.float32(_DIRECTIONS) * (place < 0)
    lower = place.astype(np.intp)
    upper_share = (place - lower) * strength
    lower += _FIRST_PLACE
    places = _CELLS * _CELLS * _PLACES
    sums = np.bincount(lower, strength - upper_share, places)
    sums += np.bincount(lower + 1, upper_share, places)
    maps = sums.reshape(_CELLS, _CELLS, _PLACES)
    maps[..., : _PLACES - _DIRECTIONS] += maps[..., _DIRECTIONS:]
    cells = maps[..., :_DIRECTIONS] / _CELL_PX**2
    return np.asarray(np.sqrt(cells / (cells.mean() * 4 + 1.0)) - 0.4, np.float32)


def _colours(lab: FloatArray) -> FloatArray:
    """Give float32[14, 14, 3]: each cell's colour less the face's median, by its contrast."""
    cells = cv2.resize(lab, (_CELLS, _CELLS), interpolation=cv2.INTER_AREA)
    inner = cells[2:, 2:-2].reshape(-1, 3)
    middle = len(inner) // 2
    median = np.partition(inner, (middle - 1, middle), axis=0)[middle - 1 : middle + 1].mean(axis=0)
    centred = cells - median
    contrast = np.array([max(float(inner[:, 0].std()), 4.0), 8.0, 8.0], np.float32)
    return np.asarray(np.clip(centred / (3 * contrast), -2, 2), np.float32)
