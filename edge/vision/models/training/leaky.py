"""Gives layers of a network one slope, LEAKY_RELU, in place of a slope for each channel.

Int8 kernels for PRELU are slow or missing, those for LEAKY_RELU are neither, and to spell a PRELU
out costs most where pictures are still large. A channel can be
turned over, ``prelu(x, a) = -a * prelu(-x, 1/a)``, which changes no answer; so it may come either
way up, whichever is nearer to what its layer does. What is lost then is made up for by training.
"""

from collections.abc import Collection
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from numpy.typing import NDArray

from edge.vision.face import FloatArray
from edge.vision.models.constants import numbers, store
from edge.vision.models.graph import find_code, operator_names

_TRIED = np.linspace(-0.9, 0.9, 37)
_FLAT = 1e-3
"""A channel of a smaller slope cannot be turned over: the factor would be lost in rounding."""


def one_slope_each(model: Any, layers: Collection[int]) -> list[float]:
    """Replace PRELUs by LEAKY_RELUs, in place.

    Args:
        model: A folded network.
        layers: Which of its PRELUs, counted from 0 in the order in which they run.

    Returns:
        The slope of each layer that was changed.

    Raises:
        ValueError: Something other than a convolution reads behind one of them.
    """
    named = list(zip(model.subgraphs[0].operators, operator_names(model), strict=True))
    prelus = [operator for operator, name in named if name == "PRELU"]
    slopes = []
    for operator in (each for place, each in enumerate(prelus) if place in layers):
        before = numbers(model, operator.inputs[1]).reshape(-1)
        slope, turned = nearest(before)
        _turn(model, named, operator, np.where(turned, before, 0))
        _make_leaky(model, operator, slope)
        slopes.append(slope)
    return slopes


def nearest(slopes: FloatArray) -> tuple[float, NDArray[np.bool_]]:
    """Choose the one slope that comes nearest to those of all channels.

    A slope is seen as the direction of the pair (gain of positive values, gain of negative ones),
    because the next layer makes up for a channel's loudness. The error is the squared sine of the
    angle between two directions.

    Args:
        slopes: float32[C].

    Returns:
        The slope, and bool[C]: which channels are to be turned over.
    """
    pairs = np.stack([np.ones_like(slopes), slopes], axis=1).astype(np.float64)
    pairs /= np.linalg.norm(pairs, axis=1, keepdims=True)
    length = np.hypot(1, _TRIED)
    upright = np.abs(pairs @ np.stack([1 / length, _TRIED / length]))
    turned = np.abs(pairs @ np.stack([_TRIED / length, 1 / length]))
    turned[np.abs(slopes) < _FLAT] = 0
    best = int(np.argmin((1 - np.maximum(upright, turned) ** 2).mean(axis=0)))
    return float(_TRIED[best]), turned[:, best] > upright[:, best]


def _turn(model: Any, named: list[tuple[Any, str]], prelu: Any, turned: FloatArray) -> None:
    """Turn the channels over whose entry in ``turned``, their slope, is not zero."""
    readers = [(each, name) for each, name in named if prelu.outputs[0] in each.inputs]
    maker, kind = next((each, name) for each, name in named if each.outputs[0] == prelu.inputs[0])
    if not all(name.endswith("CONV_2D") for _, name in readers):
        raise ValueError("something other than a convolution reads behind a PRELU")
    sign = np.where(turned != 0, -1, 1).astype(np.float32)
    shape = sign if kind.startswith("DEPTH") else sign[:, None, None, None]
    store(model, maker.inputs[1], numbers(model, maker.inputs[1]) * shape)
    store(model, maker.inputs[2], numbers(model, maker.inputs[2]) * sign)
    factor = np.where(turned != 0, -turned, 1).astype(np.float32)
    for reader, _ in readers:  # the last axis of both kinds of kernels is what is read
        store(model, reader.inputs[1], numbers(model, reader.inputs[1]) * factor)


def _make_leaky(model: Any, operator: Any, slope: float) -> None:
    """Make a LEAKY_RELU of a PRELU."""
    operator.opcodeIndex = find_code(model, schema.BuiltinOperator.LEAKY_RELU)
    operator.inputs = np.array(operator.inputs[:1], np.int32)
    operator.builtinOptionsType = schema.BuiltinOptions.LeakyReluOptions
    operator.builtinOptions = schema.LeakyReluOptionsT()
    operator.builtinOptions.alpha = slope
