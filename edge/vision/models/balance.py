"""Balances a network's channels before it is quantised; what it computes stays the same.

One scale has to serve all channels of an int8 tensor. Convolution, maximum and addition let a
channel be multiplied on its way in and divided on its way out, so quiet channels can be turned
up where it costs nothing (before a depthwise convolution, whose weights have one scale per
channel) and halfway where weights and activations have to share the cost.
"""

from collections import defaultdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.vision.face import FloatArray
from edge.vision.models.constants import numbers, store
from edge.vision.models.graph import operator_names
from edge.vision.models.ranges import Ranges

CONVOLUTIONS = ("CONV_2D", "DEPTHWISE_CONV_2D")
_PASSING = ("MAXIMUM", "ADD")
"""Operators that hand a channel on as loud as they got it."""
_QUIETEST = 1e-3

DoubleArray = NDArray[np.float64]


def balance(model: Any, ranges: Ranges) -> None:
    """Balance every group of tensors that share their channels, in place."""
    for group in _groups(model):
        makers, takers = _ends(model, group)
        if not makers or not takers or any(_tensor(model, i).name not in ranges for i in group):
            continue
        _apply(model, makers, takers, _gain(model, group, takers, ranges))


def _groups(model: Any) -> list[set[int]]:
    """Group the tensors whose channels must be scaled alike: all ends of these."""
    member: dict[int, set[int]] = {}
    named = zip(model.subgraphs[0].operators, operator_names(model), strict=True)
    for operator, name in named:
        parts = [int(operator.outputs[0])]
        if name in _PASSING:
            parts += [int(i) for i in operator.inputs]
        merged = set(parts).union(*(member.get(i, set()) for i in parts))
        member.update(dict.fromkeys(merged, merged))
    return list({id(group): group for group in member.values()}.values())


def _ends(model: Any, group: set[int]) -> tuple[list[Any], list[Any]]:
    """Give the convolutions that write a group and those that read it.

    None of both where something else touches the group, so that it is left alone.
    """
    makers, takers = [], []
    named = list(zip(model.subgraphs[0].operators, operator_names(model), strict=True))
    for operator, name in named:
        if name in _PASSING:
            continue
        writes, reads = operator.outputs[0] in group, operator.inputs[0] in group
        if (writes or reads) and name not in CONVOLUTIONS:
            return [], []
        makers += [(operator, name)] * bool(writes)
        takers += [(operator, name)] * bool(reads)
    return makers, takers


def _gain(model: Any, group: set[int], takers: list[Any], ranges: Ranges) -> FloatArray:
    """Work out by how much each channel is turned up."""
    spans = [ranges[_tensor(model, i).name].astype(np.float64) for i in group]
    loud = np.max([_loudness(span) for span in spans], axis=0)
    shares = defaultdict(list)
    for operator, name in takers:
        shares[name].append(np.abs(numbers(model, operator.inputs[1])))
    gain = 1 / loud
    if shares["CONV_2D"]:
        heard = np.max([_heard(weights) for weights in shares["CONV_2D"]], axis=0)
        gain = np.sqrt(heard / loud)
    # In float64, so that another machine's exp and log give the same bytes in the end.
    return np.asarray(gain / np.exp(np.mean(np.log(gain))), dtype=np.float32)


def _loudness(span: DoubleArray) -> DoubleArray:
    """Give each channel's largest value, against the tensor's own largest."""
    peak = np.max(np.abs(span), axis=0)
    relative = peak / max(float(np.max(peak)), 1e-9)
    return np.asarray(np.maximum(relative, _QUIETEST), dtype=np.float64)


def _heard(weights: FloatArray) -> DoubleArray:
    """Give each input channel's largest weight, against the largest of its output channel."""
    relative = weights.astype(np.float64) / np.maximum(
        weights.max(axis=(1, 2, 3), keepdims=True), 1e-9
    )
    return np.asarray(np.maximum(relative.max(axis=(0, 1, 2)), _QUIETEST), dtype=np.float64)


def _apply(model: Any, makers: list[Any], takers: list[Any], gain: FloatArray) -> None:
    """Turn the channels up in the convolutions that write them, down in those that read them."""
    for operator, name in makers:
        weights = numbers(model, operator.inputs[1])
        factor = gain if name == "DEPTHWISE_CONV_2D" else gain[:, None, None, None]
        store(model, operator.inputs[1], (weights * factor).astype(np.float32))
        bias = numbers(model, operator.inputs[2])
        store(model, operator.inputs[2], (bias * gain).astype(np.float32))
    for operator, _ in takers:
        weights = numbers(model, operator.inputs[1])
        store(model, operator.inputs[1], (weights / gain).astype(np.float32))


def _tensor(model: Any, index: int) -> Any:
    return model.subgraphs[0].tensors[index]
