"""Splits a network's last depthwise convolution, which gathers a whole picture into one pixel.

Fast int8 kernels take up to 25 weights a channel; 7 by 7 weights fall back to a slow one that took
7 % of the embedder's time. Seen with its rows as channels, the picture needs 7 weights a channel,
and adding up the 7 columns takes 7 more. What is computed stays the same. The sums in between
have to share one scale, so each channel's weights are brought to the same size first, and the
second convolution undoes it.
"""

from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from edge.vision.models.constants import add_tensor, numbers, store
from edge.vision.models.graph import find_code, operator_names

_MOST = 25
"""Weights for each channel that fast kernels take."""
_SMALLEST = 1e-6
"""Weights smaller than this are as good as none, and not brought to size."""


def split_gathering(model: Any) -> int:
    """Split every depthwise convolution that gathers a picture and has too many weights.

    Returns:
        How many were split.
    """
    graph = model.subgraphs[0]
    written: list[Any] = []
    split = 0
    for operator, name in zip(graph.operators, operator_names(model), strict=True):
        if name == "DEPTHWISE_CONV_2D" and _gathers(model, operator):
            written += _in_two(model, operator)
            split += 1
        else:
            written.append(operator)
    graph.operators = written
    return split


def _gathers(model: Any, operator: Any) -> bool:
    """Whether a depthwise convolution has more weights than is fast, and one pixel comes out."""
    tensors = model.subgraphs[0].tensors
    picture, kernel = (tuple(tensors[i].shape[1:3]) for i in operator.inputs[:2])
    return picture == kernel and int(np.prod(kernel)) > _MOST


def _in_two(model: Any, operator: Any) -> list[Any]:
    """Make the four operators that do the work of one."""
    source, weights, bias = (int(i) for i in operator.inputs)
    kernel = numbers(model, weights)
    height, width, channels = kernel.shape[1:]
    name = model.subgraphs[0].tensors[operator.outputs[0]].name
    squares = np.square(kernel).mean(axis=(0, 1, 2), dtype=np.float64)
    size = np.maximum(np.sqrt(squares), _SMALLEST).astype(np.float32)
    store(model, weights, (kernel / size).reshape(1, height, 1, width * channels))
    as_channels = add_tensor(model, name + b"_rows", (1, height, 1, width * channels))
    nothing = add_tensor(model, name + b"_nothing", np.zeros(width * channels, dtype=np.float32))
    columns = add_tensor(model, name + b"_columns", (1, 1, 1, width * channels))
    as_rows = add_tensor(model, name + b"_parts", (1, width, 1, channels))
    sizes = np.broadcast_to(size, (1, width, 1, channels))
    undoing = add_tensor(model, name + b"_sizes", sizes)
    return [
        _reshape(model, source, as_channels),
        _depthwise(model, [as_channels, weights, nothing], columns, operator.builtinOptions),
        _reshape(model, columns, as_rows),
        _depthwise(model, [as_rows, undoing, bias], operator.outputs[0], operator.builtinOptions),
    ]


def _reshape(model: Any, source: int, output: int) -> Any:
    """Make a RESHAPE to the shape that its output has."""
    tensors = model.subgraphs[0].tensors
    shape = np.array(tensors[output].shape, dtype=np.int32)
    made = schema.OperatorT()
    made.opcodeIndex = find_code(model, schema.BuiltinOperator.RESHAPE)
    made.inputs = np.array(
        [source, add_tensor(model, tensors[output].name + b"_shape", shape)], dtype=np.int32
    )
    made.outputs = np.array([output], dtype=np.int32)
    made.builtinOptions = schema.ReshapeOptionsT()
    made.builtinOptions.newShape = shape
    made.builtinOptionsType = schema.BuiltinOptions.ReshapeOptions
    return made


def _depthwise(model: Any, inputs: list[int], output: int, options: Any) -> Any:
    """Make a depthwise convolution with the options of another one."""
    made = schema.OperatorT()
    made.opcodeIndex = find_code(model, schema.BuiltinOperator.DEPTHWISE_CONV_2D)
    made.inputs, made.outputs = np.array(inputs, np.int32), np.array([output], np.int32)
    made.builtinOptions = options
    made.builtinOptionsType = schema.BuiltinOptions.DepthwiseConv2DOptions
    return made
