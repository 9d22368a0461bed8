"""Between which values int8 covers a tensor: where the squared error over real faces is smallest.

To cover every value that ever occurs would spend most of int8's 256 steps on a few loud ones; what
lies beyond the limits is cut off. (Choosing them by the mean squared error is common practice; see
Nagel et al., "A White Paper on Neural Network Quantization", 2021, section 3.1.)
"""

from collections import defaultdict
from collections.abc import Iterable

import numpy as np

from edge.vision.face import FloatArray
from edge.vision.models.ranges import watch

Limits = dict[bytes, tuple[float, float]]
"""By tensor name: the lowest and the highest value that int8 can express."""

_VALUES = 1000
"""How many values of a tensor are looked at for each face."""
_SHARES = np.linspace(0.4, 1, 25)
"""Shares of the largest and of the smallest value that are tried."""


def affine(low: float, high: float) -> tuple[float, int]:
    """Choose scale and zero point so that int8 covers ``low`` to ``high`` and zero is exact."""
    low, high = min(low, 0.0), max(high, 0.0)
    scale = max((high - low) / 255, 1e-9)
    return scale, int(np.clip(np.rint(-128 - low / scale), -128, 127))


def measure_limits(content: bytes, batches: Iterable[FloatArray]) -> Limits:
    """Run a float network over faces and find the best limits of each tensor.

    Args:
        content: The network, balanced, as it is about to be quantised.
        batches: Its inputs, one face each.

    Returns:
        The limits of all tensors that are computed, and of the input.
    """
    rng = np.random.default_rng(0)
    seen: dict[bytes, list[FloatArray]] = defaultdict(list)
    for values in watch(content, batches):
        for name, tensor in values.items():
            flat = tensor.reshape(-1)
            seen[name].append(flat[rng.integers(0, len(flat), _VALUES)])
    return {name: best_limits(np.concatenate(parts)) for name, parts in seen.items()}


def best_limits(values: FloatArray) -> tuple[float, float]:
    """Find the limits with which int8 is closest to ``values``, float32[N], the upper one first."""
    lowest, highest = min(float(values.min()), 0.0), max(float(values.max()), 0.0)
    high = min(highest * _SHARES, key=lambda limit: _error(values, lowest, limit))
    low = min(lowest * _SHARES, key=lambda limit: _error(values, limit, high))
    return float(np.float32(low)), float(np.float32(high))


def _error(values: FloatArray, low: float, high: float) -> float:
    """Give the mean squared error that int8 makes of values."""
    scale, zero = affine(low, high)
    stored = np.clip(np.rint(values * np.float32(1 / scale)) + zero, -128, 127)
    return float(np.mean(np.square((stored - zero) * np.float32(scale) - values)))
