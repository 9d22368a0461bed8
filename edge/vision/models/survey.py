"""What int8 has to know of a network's tensors: their means, and the limits that suit them best.

The limits are where the squared error over real faces is smallest. To cover every value that ever
occurs would spend most of int8's 256 steps on a few loud ones; what lies beyond is cut off. (To
choose them by the mean squared error is common practice: Nagel et al., "A White Paper on Neural
Network Quantization", 2021, section 3.1.)
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from edge.vision.face import FloatArray
from edge.vision.models.graph import operator_names, read_graph
from edge.vision.models.ranges import watch


@dataclass(frozen=True, slots=True)
class Survey:
    """What was measured of a network, by tensor name.

    Attributes:
        means: float32[C], each channel's mean.
        limits: The lowest and the highest value that int8 shall express.
    """

    means: dict[bytes, FloatArray]
    limits: dict[bytes, tuple[float, float]]


_VALUES = 1000
"""How many values of a tensor are looked at for each face."""
_SHARES = np.linspace(0.4, 1, 25)
"""Shares of the largest and of the smallest value that are tried."""


def affine(low: float, high: float) -> tuple[float, int]:
    """Choose scale and zero point so that int8 covers ``low`` to ``high`` and zero is exact."""
    low, high = min(low, 0.0), max(high, 0.0)
    scale = max((high - low) / 255, 1e-9)
    return scale, int(np.clip(np.rint(-128 - low / scale), -128, 127))


def survey(content: bytes, batches: Iterable[FloatArray]) -> Survey:
    """Run a float network over faces: means and best limits of the input and all it computes.

    Args:
        content: The network, as it is about to be quantised.
        batches: Its inputs, one face each.
    """
    rng = np.random.default_rng(0)
    together = _together(content)
    means: dict[bytes, list[FloatArray]] = defaultdict(list)
    seen: dict[bytes, list[FloatArray]] = defaultdict(list)
    for values in watch(content, batches):
        for name, tensor in values.items():
            flat = tensor.reshape(-1)
            means[name].append(tensor.reshape(-1, tensor.shape[-1]).mean(axis=0))
            seen[together.get(name, name)].append(flat[rng.integers(0, len(flat), _VALUES)])
    best = {name: best_limits(np.concatenate(parts)) for name, parts in seen.items()}
    limits = best | {name: best[first] for name, first in together.items()}
    return Survey({name: _kept(np.mean(parts, axis=0)) for name, parts in means.items()}, limits)


def _together(content: bytes) -> dict[bytes, bytes]:
    """Name for each tensor at a MAXIMUM the one whose limits all of them share.

    int8 kernels compare integers, so both inputs and the output need one scale.
    """
    model = read_graph(content)
    graph = model.subgraphs[0]
    first: dict[bytes, bytes] = {}
    for operator, name in zip(graph.operators, operator_names(model), strict=True):
        if name == "MAXIMUM":
            names = [graph.tensors[int(i)].name for i in (*operator.inputs, *operator.outputs)]
            first |= dict.fromkeys(names, names[0])
    return first


def best_limits(values: FloatArray) -> tuple[float, float]:
    """Find the limits with which int8 is closest to ``values``, float32[N], the upper one first."""
    lowest, highest = min(float(values.min()), 0.0), max(float(values.max()), 0.0)
    high = min(highest * _SHARES, key=lambda limit: _error(values, lowest, limit))
    low = min(lowest * _SHARES, key=lambda limit: _error(values, limit, high))
    return float(np.float32(low)), float(np.float32(high))


def _kept(means: FloatArray) -> FloatArray:
    """Give means as float16 keeps them, which is fine enough for a bias."""
    return means.astype(np.float16).astype(np.float32)


def _error(values: FloatArray, low: float, high: float) -> float:
    """Give the mean squared error that int8 makes of values."""
    scale, zero = affine(low, high)
    stored = np.clip(np.rint(values * np.float32(1 / scale)) + zero, -128, 127)
    return float(np.mean(np.square((stored - zero) * np.float32(scale) - values)))
