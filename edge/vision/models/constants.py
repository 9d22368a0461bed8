"""Constants of a network as numpy arrays, and which tensor plays which part in an operator."""

from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from numpy.typing import NDArray

from edge.vision.face import FloatArray


def numbers(model: Any, index: int) -> FloatArray:
    """Read a float32 constant in its own shape."""
    tensor = model.subgraphs[0].tensors[index]
    data = bytes(model.buffers[tensor.buffer].data)
    return np.frombuffer(data, dtype=np.float32).reshape(tensor.shape)


def store(model: Any, index: int, values: NDArray[Any]) -> None:
    """Write a constant, in place of what its buffer held."""
    tensor = model.subgraphs[0].tensors[index]
    model.buffers[tensor.buffer].data = np.frombuffer(values.tobytes(), dtype=np.uint8)
    tensor.shape = np.array(values.shape, dtype=np.int32)


def add_tensor(model: Any, name: bytes, values: NDArray[Any] | tuple[int, ...]) -> int:
    """Add a tensor: a constant with these values, or a float32 one of this shape.

    Returns:
        Its place.
    """
    made = schema.TensorT()
    made.name, made.buffer = name, len(model.buffers)
    model.buffers.append(schema.BufferT())
    model.subgraphs[0].tensors.append(made)
    place = len(model.subgraphs[0].tensors) - 1
    if isinstance(values, tuple):
        made.shape, made.type = np.array(values, np.int32), schema.TensorType.FLOAT32
    else:
        kinds = {np.float32: schema.TensorType.FLOAT32, np.int32: schema.TensorType.INT32}
        made.type = kinds[values.dtype.type]
        store(model, place, values)
    return place


def per_output(weights: FloatArray, *, depthwise: bool) -> FloatArray:
    """View a convolution's weights as [output channel, all that is summed up for it]."""
    if depthwise:
        return weights.reshape(-1, weights.shape[-1]).T
    return weights.reshape(weights.shape[0], -1)


def parameters(scales: Any, zeros: Any, axis: int = 0) -> Any:
    """Say how the integers of a tensor become numbers.

    Args:
        scales: One step's size, for the whole tensor or for each channel.
        zeros: The integer that means zero, likewise.
        axis: Which dimension the channels are.
    """
    made = schema.QuantizationParametersT()
    made.scale = np.array(scales, dtype=np.float32)
    made.zeroPoint = np.array(zeros, dtype=np.int64)
    made.quantizedDimension = axis
    return made
