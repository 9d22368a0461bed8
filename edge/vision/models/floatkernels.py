"""Rewrites an int8 network for kernels that compute in float, with the same int8 weights.

tflite-runtime 2.14 has no fast int8 kernels on x86-64: there the int8 network takes seven times
as long as a float one. It does unpack int8 weights once, when it opens a network. So the weights
stay as they are, each behind a DEQUANTIZE, and all else becomes float32. PRELU has a fast float
kernel, so what was spelt out for int8 becomes a PRELU again.
"""

from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from edge.vision.models.constants import store
from edge.vision.models.graph import drop_unused, find_code, operator_names

_PER_CHANNEL = 5
"""The first version of DEQUANTIZE that knows one scale for each channel."""


def compute_in_float(model: Any) -> None:
    """Let an int8 network of ``edge.vision.models.int8`` compute in float, in place."""
    graph = model.subgraphs[0]
    _fold_prelu(model)
    unpacking = []
    for operator, name in zip(list(graph.operators), operator_names(model), strict=True):
        _real(graph.tensors[operator.outputs[0]])
        if name.endswith("CONV_2D"):
            source, weights, bias = (int(i) for i in operator.inputs)
            unpacking.append(_unpacked(model, weights))
            _real_bias(model, bias)
            full = int(unpacking[-1].outputs[0])
            operator.inputs = np.array([source, full, bias], dtype=np.int32)
    _real(graph.tensors[graph.inputs[0]])
    graph.operators = [*unpacking, *graph.operators]
    drop_unused(model)


def _fold_prelu(model: Any) -> None:
    """Fold each product of slopes and the MAXIMUM behind it into the PRELU that they spell out."""
    graph = model.subgraphs[0]
    kept: list[Any] = []
    for operator, name in zip(graph.operators, operator_names(model), strict=True):
        if name == "MAXIMUM":
            product = kept.pop()
            slopes = int(product.inputs[1])
            _real_slopes(model, slopes)
            operator.inputs = np.array([operator.inputs[0], slopes], dtype=np.int32)
            operator.opcodeIndex = find_code(model, schema.BuiltinOperator.PRELU)
            operator.builtinOptions, operator.builtinOptionsType = None, 0
        kept.append(operator)
    graph.operators = kept


def _real_slopes(model: Any, index: int) -> None:
    """Bring slopes into float32, one for each channel."""
    tensor = model.subgraphs[0].tensors[index]
    steps = np.frombuffer(bytes(model.buffers[tensor.buffer].data), dtype=np.int8)
    slopes = (steps * tensor.quantization.scale).astype(np.float32)
    store(model, index, slopes.reshape(1, 1, -1))
    _real(tensor)


def _real(tensor: Any) -> None:
    """Make a tensor float32."""
    tensor.type, tensor.quantization = schema.TensorType.FLOAT32, None


def _real_bias(model: Any, index: int) -> None:
    """Bring a bias from steps into numbers."""
    tensor = model.subgraphs[0].tensors[index]
    steps = np.frombuffer(bytes(model.buffers[tensor.buffer].data), dtype=np.int32)
    store(model, index, (steps * tensor.quantization.scale).astype(np.float32))
    _real(tensor)


def _unpacked(model: Any, index: int) -> Any:
    """Put a DEQUANTIZE behind int8 weights."""
    graph = model.subgraphs[0]
    full = schema.TensorT()
    full.name = graph.tensors[index].name + b"_real"
    full.shape, full.type = graph.tensors[index].shape, schema.TensorType.FLOAT32
    full.buffer = 0
    graph.tensors.append(full)
    operator = schema.OperatorT()
    operator.opcodeIndex = find_code(model, schema.BuiltinOperator.DEQUANTIZE, _PER_CHANNEL)
    operator.inputs = np.array([index], dtype=np.int32)
    operator.outputs = np.array([len(graph.tensors) - 1], dtype=np.int32)
    return operator
