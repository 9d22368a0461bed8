"""Which rows of a gallery may reach a score: a product of int8 numbers, and how wrong it is. Pure.

Reading the templates takes the time of a search, so a quarter of their bytes is read instead. A
row x = s v + d and a probe q = t w + e, with int8 v and w, have the score

    x.q = s t (v.w) + x.e + t d.w,    where |x.e + t d.w| <= |x| |e| + |d| (|q| + |e|)

by Cauchy and Schwarz. The product of v and w is exact in int32 and the lengths of d and e are
known, so a row whose score could pass is never left out; those that are kept are compared.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numkong
import numpy as np
from numpy.typing import NDArray

from edge.gallery.template import NORM_SLACK
from edge.vision.face import FloatArray

Rows = NDArray[np.int64]
Levels = NDArray[np.int8]

_LEVELS = 127
_SLICE = 256
"""Rows quantised at once: a long list is not copied as floats, and the slice stays in cache."""

_LONGEST = 1 + NORM_SLACK
_ROUNDING = 1e-4
"""Far more than what float32 may lose on the way, and far less than the errors of int8."""

_LANES = 512
"""Maxima that a floor is read from: few to look through, many against the rows wanted."""

_KNOWN = 64
"""Rows whose product is counted a second time, by other means."""


@dataclass(frozen=True, slots=True, eq=False)
class Sieve:
    """The rows of one gallery in int8.

    Attributes:
        values: int8[N, D], each row in whole steps.
        steps: float32[N], what one step of each row stands for.
        errors: float32[N], how far each row is from what stands for it.
        packed: The values, as the library lays them out.
        error: The largest of the errors; infinite where the library does not count well.
    """

    values: Levels
    steps: FloatArray
    errors: FloatArray
    packed: numkong.PackedMatrix
    error: float

    @classmethod
    def build(cls, templates: FloatArray) -> Self:
        """Quantise the templates, float32[N, D], rows of unit length, at least one."""
        values = np.empty(templates.shape, np.int8)
        steps, errors = np.empty((2, len(templates)), np.float32)
        for start in range(0, len(templates), _SLICE):
            part = slice(start, start + _SLICE)
            levels, steps[part] = _levels(templates[part])
            values[part] = levels
            errors[part] = _errors(templates[part], levels, steps[part])
        return cls._of(values, steps, errors)

    @classmethod
    def joined(cls, pieces: Sequence[tuple[Self, slice]]) -> Self:
        """Put rows of sieves together, at least one, without quantising them again."""
        return cls._of(
            np.concatenate([sieve.values[rows] for sieve, rows in pieces]),
            np.concatenate([sieve.steps[rows] for sieve, rows in pieces]),
            np.concatenate([sieve.errors[rows] for sieve, rows in pieces]),
        )

    @classmethod
    def _of(cls, values: Levels, steps: FloatArray, errors: FloatArray) -> Self:
        packed = numkong.dots_pack(values, "int8")
        error = float(errors.max()) if _counts_well(packed, values) else math.inf
        return cls(values, steps, errors, packed, error)

    def rows(self, probe: FloatArray, lowest: float, enough: int) -> Rows:
        """Name rows, in order: none that reaches ``lowest`` and is among the best is left out.

        Args:
            probe: float32[D], unit length.
            lowest: A score; what is lower is of no interest.
            enough: How many of the best rows are wanted; equal ones all count.
        """
        step = float(np.abs(probe).max()) / _LEVELS
        levels = np.rint(probe / step)
        apart = probe - levels * step
        wide = self._margin(math.sqrt(apart.dot(apart)))
        near = np.asarray(numkong.dots_packed(levels.astype(np.int8)[None], self.packed))[0]
        scores = near.astype(np.float32)
        scores *= self.steps
        # Here a score is counted in steps of the probe, which saves a pass through all rows.
        least = (lowest - wide) / step
        if scores.max() < least:  # most people are not on the list
            return np.empty(0, np.int64)
        least = max(least, floor(scores, enough) - 2 * wide / step)
        kept: Rows = (scores >= least).nonzero()[0]
        return kept

    def _margin(self, off: float) -> float:
        """Bound how far a score is from the exact one, for a probe that is ``off`` by so much."""
        return _LONGEST * off + self.error * (_LONGEST + off) + _ROUNDING


def floor(scores: FloatArray, count: int) -> float:
    """Find a score that at least ``count`` rows reach, and not many more.

    The maxima of disjoint lanes belong to different rows, so the ``count`` highest of them are
    reached by that many rows.

    Args:
        scores: float32[N].
        count: How many rows.

    Returns:
        The score; minus infinity where there are too few lanes to tell.
    """
    depth = max(1, len(scores) // _LANES)
    lanes = len(scores) // depth
    if not 0 < count < lanes:
        return -math.inf
    maxima = scores[: depth * lanes].reshape(depth, lanes).max(axis=0)
    maxima.partition(lanes - count)
    return float(maxima[lanes - count])


def _levels(rows: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Give each row in whole steps, as floats from -127 to 127, and the size of its step."""
    steps = np.abs(rows).max(axis=1) / np.float32(_LEVELS)
    levels = np.divide(rows, steps[:, None])
    return np.rint(levels, out=levels), steps


def _errors(rows: FloatArray, levels: FloatArray, steps: FloatArray) -> FloatArray:
    """Measure how far each row is from its levels."""
    apart = levels * steps[:, None]
    apart -= rows
    squares: FloatArray = np.einsum("ij,ij->i", apart, apart)
    return np.sqrt(squares)


def _counts_well(packed: numkong.PackedMatrix, values: Levels) -> bool:
    """Tell whether the library's product is right on this processor.

    Its kernels differ from one processor to the next, and not all of them can be tried before a
    release; a wrong one would be a silent "not on the list".
    """
    places = np.linspace(0, len(values) - 1, min(len(values), _KNOWN)).astype(np.int64)
    probes, rows = values[places[[0, -1]]], values[places].astype(np.int32)
    found = np.asarray(numkong.dots_packed(probes, packed))[:, places]
    return bool((found == probes.astype(np.int32) @ rows.T).all())
