"""Spells a PRELU out in operators that have fast int8 kernels, exactly.

No int8 kernel for PRELU is fast: it took 16 of 17 ms. With slopes of at most 1 it is
``max(x, slope * x)``. A channel with a steeper slope is turned round first:
``prelu_s(x) = -s * prelu_1/s(-x)``, where the convolutions before and after take the two factors.
The product is made by a depthwise convolution of one pixel, which is faster than MUL. All of it
is on the Edge TPU's list.
"""

from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from edge.vision.face import FloatArray
from edge.vision.models.constants import add_tensor, numbers, store
from edge.vision.models.graph import find_code, operator_names

_OPTIONS = schema.BuiltinOptions


def flatten_slopes(model: Any) -> int:
    """Turn channels round until no PRELU has a slope steeper than 1; no answer changes.

    Returns:
        How many channels were turned.

    Raises:
        ValueError: Something other than convolutions is wired to such a PRELU.
    """
    turned = 0
    for operator, name in _named(model):
        if name == "PRELU":
            slopes = numbers(model, operator.inputs[1])
            steep = np.abs(slopes).reshape(-1) > 1
            if steep.any():
                _turn(model, operator, slopes.reshape(-1), steep)
                turned += int(steep.sum())
    return turned


def spell_out(model: Any) -> None:
    """Write every PRELU as a depthwise convolution and MAXIMUM; their slopes must be flat."""
    graph = model.subgraphs[0]
    written = []
    for operator, name in _named(model):
        written += _spelt(model, operator) if name == "PRELU" else [operator]
    graph.operators = written


def _named(model: Any) -> list[tuple[Any, str]]:
    """Give each operator with its name."""
    return list(zip(model.subgraphs[0].operators, operator_names(model), strict=True))


def _turn(model: Any, prelu: Any, slopes: FloatArray, steep: Any) -> None:
    """Turn the steep channels of one PRELU round."""
    x, y = prelu.inputs[0], prelu.outputs[0]
    makers = [(op, name) for op, name in _named(model) if op.outputs[0] == x]
    takers = [(op, name) for op, name in _named(model) if y in op.inputs]
    if not all(name.endswith("CONV_2D") for _, name in makers + takers):
        raise ValueError("a PRELU with steep slopes stands between other than convolutions")
    sign = np.where(steep, -1, 1).astype(np.float32)
    for operator, name in makers:
        rows = sign if name == "DEPTHWISE_CONV_2D" else sign[:, None, None, None]
        store(model, operator.inputs[1], numbers(model, operator.inputs[1]) * rows)
        store(model, operator.inputs[2], numbers(model, operator.inputs[2]) * sign)
    factor = np.where(steep, -slopes, 1).astype(np.float32)
    for operator, _ in takers:
        store(model, operator.inputs[1], numbers(model, operator.inputs[1]) * factor)
    flat = np.where(steep, 1 / np.where(steep, slopes, 1), slopes).astype(np.float32)
    store(model, prelu.inputs[1], flat.reshape(1, 1, -1))


def _spelt(model: Any, prelu: Any) -> list[Any]:
    """Make ``max(x, slope * x)`` of one PRELU."""
    graph = model.subgraphs[0]
    x, slopes, y = int(prelu.inputs[0]), int(prelu.inputs[1]), int(prelu.outputs[0])
    name, shape = graph.tensors[y].name, graph.tensors[y].shape
    store(model, slopes, numbers(model, slopes).reshape(1, 1, 1, -1))
    nothing = add_tensor(model, name + b"_nothing", np.zeros(shape[-1], dtype=np.float32))
    product = add_tensor(model, name + b"_product", tuple(int(size) for size in shape))
    times = _operator(model, "DEPTHWISE_CONV_2D", [x, slopes, nothing], product)
    times.builtinOptions = options = schema.DepthwiseConv2DOptionsT()
    times.builtinOptionsType = _OPTIONS.DepthwiseConv2DOptions
    options.padding, options.depthMultiplier = schema.Padding.VALID, 1
    options.strideW = options.strideH = options.dilationWFactor = options.dilationHFactor = 1
    larger = _operator(model, "MAXIMUM", [x, product], y)
    larger.builtinOptions = schema.MaximumMinimumOptionsT()
    larger.builtinOptionsType = _OPTIONS.MaximumMinimumOptions
    return [times, larger]


def _operator(model: Any, name: str, inputs: list[int], output: int) -> Any:
    """Make an operator without options."""
    made = schema.OperatorT()
    made.opcodeIndex = find_code(model, getattr(schema.BuiltinOperator, name))
    made.inputs, made.outputs = np.array(inputs, np.int32), np.array([output], np.int32)
    return made
