"""Constants of a network as numpy arrays, and which tensor plays which part in an operator."""

from typing import Any

import numpy as np
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


def per_output(weights: FloatArray, *, depthwise: bool) -> FloatArray:
    """View a convolution's weights as [output channel, all that is summed up for it]."""
    if depthwise:
        return weights.reshape(-1, weights.shape[-1]).T
    return weights.reshape(weights.shape[0], -1)
