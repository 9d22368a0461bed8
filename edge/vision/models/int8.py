"""Makes a full int8 network of a float one: int8 in, int8 weights and activations, int8 out.

Written for convolutions, MAXIMUM, ADD and RESHAPE, which is all that the embedder has, because
the public converters need TensorFlow or cannot be told which ranges to take. Weights have one
scale for each output channel, activations one scale and zero point for each tensor.
"""

from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from numpy.typing import NDArray

from edge.vision.face import FloatArray
from edge.vision.models.constants import numbers, parameters, per_output, store
from edge.vision.models.graph import operator_names
from edge.vision.models.survey import Survey, affine

_VERSIONS = {
    "CONV_2D": 3,
    "DEPTHWISE_CONV_2D": 3,
    "MAXIMUM": 2,
    "ADD": 2,
    "RESHAPE": 1,
}
_PIXEL_STEP = 1 / 128


def quantise(model: Any, survey: Survey) -> None:
    """Rewrite a float network as an int8 one, in place.

    Args:
        model: A float network of the operators above, with constant weights in float32.
        survey: What its tensors take, as measured on it.
    """
    graph = model.subgraphs[0]
    _shift_pixels(model)
    _activation(graph.tensors[graph.inputs[0]], _PIXEL_STEP, 0)
    for operator, name in zip(graph.operators, operator_names(model), strict=True):
        output = graph.tensors[operator.outputs[0]]
        if name == "RESHAPE":
            source = graph.tensors[operator.inputs[0]].quantization
            _activation(output, source.scale[0], source.zeroPoint[0])
        else:
            _activation(output, *affine(*survey.limits[output.name]))
        if name.endswith("CONV_2D"):
            _convolution(model, operator, survey, depthwise=name.startswith("DEPTH"))
        code = model.operatorCodes[operator.opcodeIndex]
        code.version = max(code.version, _VERSIONS[name])


def _shift_pixels(model: Any) -> None:
    """Let the first convolution take ``(pixel - 128) / 128``, one step for each pixel value.

    The float network wants ``(pixel - 127.5) / 128``, which lies between int8's steps; the
    half is put into the bias.
    """
    first = model.subgraphs[0].operators[0]
    weights = per_output(numbers(model, first.inputs[1]), depthwise=False)
    bias = numbers(model, first.inputs[2])
    store(
        model,
        first.inputs[2],
        (bias + weights.sum(axis=1, dtype=np.float64) * 0.5 / 128).astype(np.float32),
    )


def _activation(tensor: Any, scale: float, zero: int) -> None:
    """Make a computed tensor int8."""
    tensor.type = schema.TensorType.INT8
    tensor.quantization = parameters([scale], [zero])


def _convolution(model: Any, operator: Any, survey: Survey, *, depthwise: bool) -> None:
    """Quantise weights per output channel, and the bias in steps of their product.

    The slopes of a PRELU, a single weight for each channel, share one scale: a scale for each
    would be larger than they are.
    """
    graph = model.subgraphs[0]
    source, weight_index, bias_index = operator.inputs
    weights = numbers(model, weight_index)
    rows = per_output(weights, depthwise=depthwise)
    single = depthwise and rows.shape[1] == 1
    largest = np.abs(rows).max(axis=None if single else 1, keepdims=single).reshape(-1)
    scales = np.maximum(largest / 127, 1e-12)
    shape = scales if depthwise else scales[:, None, None, None]
    stored = np.clip(np.rint(weights / shape), -127, 127).astype(np.int8)
    mean = survey.means[graph.tensors[source].name]
    drift = per_output((stored * shape - weights) * mean, depthwise=depthwise).sum(
        axis=1, dtype=np.float64
    )
    bias = numbers(model, bias_index) - drift
    steps = scales * graph.tensors[source].quantization.scale[0]
    axis = 3 if depthwise else 0
    _constant(model, weight_index, stored, scales, axis)
    _constant(model, bias_index, np.rint(bias / steps).astype(np.int32), steps, 0)


def _constant(model: Any, index: int, values: NDArray[Any], scales: FloatArray, axis: int) -> None:
    """Store a constant that has one scale for each channel."""
    store(model, index, values)
    tensor = model.subgraphs[0].tensors[index]
    int8 = values.dtype == np.int8
    tensor.type = schema.TensorType.INT8 if int8 else schema.TensorType.INT32
    tensor.quantization = parameters(scales, np.zeros(len(scales)), axis)
