"""Prepares a network with PRELU to become one with RELU.

A RELU keeps the positive side of a channel. Where a PRELU's negative side is the louder one the
channel is turned over first, ``prelu(x, a) = -a * prelu(-x, 1/a)``, which changes no answer and
lets RELU keep the side that matters.
"""

from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from edge.vision.face import FloatArray
from edge.vision.models.constants import numbers, store
from edge.vision.models.graph import operator_names

_RELU = schema.ActivationFunctionType.RELU


def turn_over(model: Any) -> int:
    """Turn the channels over whose PRELU has a slope beyond 1 or -1; no answer changes.

    Args:
        model: A folded network. Where anything but convolutions reads behind a PRELU, its
            channels stay as they are.

    Returns:
        How many channels were turned.
    """
    named = list(zip(model.subgraphs[0].operators, operator_names(model), strict=True))
    turned = 0
    for operator, name in named:
        readers = [each for each in named if operator.outputs[0] in each[0].inputs]
        if name == "PRELU" and all(other.endswith("CONV_2D") for _, other in readers):
            maker = next(each for each in named if each[0].outputs[0] == operator.inputs[0])
            turned += _turn(model, maker, operator, readers)
    return turned


def fuse_relu(model: Any) -> int:
    """Put a fused RELU into each convolution that a PRELU follows, and drop the PRELU.

    Returns:
        How many there were.
    """
    graph = model.subgraphs[0]
    makers = {int(operator.outputs[0]): operator for operator in graph.operators}
    named = list(zip(graph.operators, operator_names(model), strict=True))
    for operator, name in named:
        if name == "PRELU":
            maker = makers[int(operator.inputs[0])]
            maker.outputs = operator.outputs
            maker.builtinOptions.fusedActivationFunction = _RELU
    graph.operators = [operator for operator, name in named if name != "PRELU"]
    return len(named) - len(graph.operators)


def _turn(model: Any, maker: tuple[Any, str], prelu: Any, readers: list[tuple[Any, str]]) -> int:
    """Turn the channels of one PRELU over, between the convolutions around it."""
    slopes = numbers(model, prelu.inputs[1])
    flat = slopes.reshape(-1)
    turned = np.abs(flat) > 1
    safe = np.where(turned, flat, 1)
    store(
        model,
        prelu.inputs[1],
        np.where(turned, 1 / safe, flat).astype(np.float32).reshape(slopes.shape),
    )
    _scale_written(model, *maker, np.where(turned, -1, 1).astype(np.float32))
    for reader, _ in readers:
        kernel = numbers(model, reader.inputs[1])  # of both kinds the last axis is what is read
        store(model, reader.inputs[1], kernel * np.where(turned, -safe, 1).astype(np.float32))
    return int(turned.sum())


def _scale_written(model: Any, operator: Any, name: str, factor: FloatArray) -> None:
    """Multiply what a convolution writes, channel by channel."""
    shape = factor if name.startswith("DEPTH") else factor[:, None, None, None]
    store(model, operator.inputs[1], numbers(model, operator.inputs[1]) * shape)
    store(model, operator.inputs[2], numbers(model, operator.inputs[2]) * factor)
