"""A network file as something that torch can train, and back into a file.

What is read is the folded source: convolutions, PRELU, ADD and RESHAPE. What is written has RELU
fused into the convolutions in place of PRELU, which int8 kernels and the Edge TPU run at no cost.
In between, ``leak`` scales the PRELU's slopes: at 1 the network is the source, at 0 the one that
is written.

The channels of a folded network differ a thousandfold in loudness. An optimiser that moves all
numbers by about the same step would wreck the quiet ones and leave the loud ones where they are,
so it is given each channel's weights in units of their own size.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from ai_edge_litert import schema_py_generated as schema
from torch import Tensor
from torch.nn import functional

from edge.errors import ModelError
from edge.vision.face import FloatArray
from edge.vision.models.constants import numbers, store
from edge.vision.models.graph import drop_unused, operator_names, read_graph, write_graph
from edge.vision.models.training.rectify import fuse_relu

_SAME = schema.Padding.SAME


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One operator, with the PRELU that follows it.

    Attributes:
        name: "CONV_2D", "DEPTHWISE_CONV_2D", "ADD" or "RESHAPE".
        inputs: Tensors that it reads, its constants left out.
        output: The tensor that it writes, behind its PRELU.
        place: Which of the network's weights are its own; -1 for none.
        stride: Of a convolution.
        same: Whether a convolution pads as TensorFlow's "SAME".
        slopes: float32[C] of the PRELU, or None where there is none.
    """

    name: str
    inputs: tuple[int, ...]
    output: int
    place: int
    stride: int = 1
    same: bool = False
    slopes: Tensor | None = None


class Network:
    """The network while it is trained.

    Attributes:
        parameters: What an optimiser moves: all kernels, in torch's order, then all biases, each
            channel in units of its own size.
    """

    def __init__(self, content: bytes) -> None:
        """Read a folded network file.

        Raises:
            ModelError: It has an operator that cannot be trained here.
        """
        self._content = content
        model = read_graph(content)
        graph = model.subgraphs[0]
        self._given, self._made = int(graph.inputs[0]), int(graph.outputs[0])
        self._steps, convolutions = _steps(model)
        self._kernels = len(convolutions)
        kernels = [_kernel(model, each, name) for each, name in convolutions]
        biases = [numbers(model, each.inputs[2]) for each, _ in convolutions]
        self._set([torch.tensor(values) for values in kernels + biases])

    def answer(self, pixels: Tensor, leak: float = 0.0) -> Tensor:
        """Run the network.

        Args:
            pixels: float32[N, 3, H, W], normalised as the file wants it.
            leak: Share of the PRELU's slopes that is left, in [0, 1].

        Returns:
            float32[N, D].
        """
        return self._run(pixels, leak)[self._made]

    def features(self, pixels: Tensor, leak: float = 0.0) -> Tensor:
        """Give float32[N, C], what the last convolution reads."""
        last = [step for step in self._steps if step.place >= 0][-1]
        return self._run(pixels, leak)[last.inputs[0]].flatten(1)

    def randomise(self, seed: int) -> None:
        """Forget the source: draw all kernels anew (He et al., 2015) and empty the biases."""
        chance = torch.Generator().manual_seed(seed)
        weights = [torch.zeros_like(each) for each in self.parameters]
        for step in self._steps:
            if step.place >= 0:
                kernel = weights[step.place]
                gain = 1.0 if step.slopes is None else 2.0
                kernel.normal_(0, (gain / kernel[0].numel()) ** 0.5, generator=chance)
        self._set(weights)

    def replace_last(self, matrix: FloatArray, bias: FloatArray) -> None:
        """Set the last convolution to ``features @ matrix + bias``, float32[C, D] and [D]."""
        weights = self._weights()
        weights[self._kernels - 1] = torch.tensor(matrix.T[:, :, None, None])
        weights[-1] = torch.tensor(bias)
        self._set(weights)

    def file(self) -> bytes:
        """Write the network with RELU in place of PRELU."""
        model = read_graph(self._content)
        values = [tensor.numpy() for tensor in self._weights()]
        kernels, biases = values[: self._kernels], values[self._kernels :]
        for (operator, name), kernel, bias in zip(_steps(model)[1], kernels, biases, strict=True):
            order = (1, 2, 3, 0) if name.startswith("DEPTH") else (0, 2, 3, 1)
            store(model, operator.inputs[1], np.ascontiguousarray(kernel.transpose(order)))
            store(model, operator.inputs[2], bias)
        fuse_relu(model)
        drop_unused(model)
        return write_graph(model)

    def _set(self, weights: list[Tensor]) -> None:
        """Take weights, and choose their units."""
        kernels = weights[: self._kernels]
        sizes = [kernel.flatten(1).square().mean(1).sqrt().clamp(1e-4) for kernel in kernels]
        reach = [kernel[0].numel() ** 0.5 for kernel in kernels]
        self._units = [size[:, None, None, None] for size in sizes]
        self._units += [size * each for size, each in zip(sizes, reach, strict=True)]
        self.parameters = [
            (weight / unit).requires_grad_()
            for weight, unit in zip(weights, self._units, strict=True)
        ]

    def _weights(self) -> list[Tensor]:
        """Give kernels and biases in the network's own units."""
        with torch.no_grad():
            return [each * unit for each, unit in zip(self.parameters, self._units, strict=True)]

    def _run(self, pixels: Tensor, leak: float) -> dict[int, Tensor]:
        """Give all tensors that are computed, by their place in the file."""
        values = {self._given: pixels}
        for step in self._steps:
            first = values[step.inputs[0]]
            if step.name == "ADD":
                values[step.output] = first + values[step.inputs[1]]
            elif step.name == "RESHAPE":
                values[step.output] = first.flatten(1)
            else:
                values[step.output] = _active(self._convolved(first, step), step, leak)
        return values

    def _convolved(self, given: Tensor, step: Step) -> Tensor:
        """Convolve as TensorFlow does: what "SAME" lacks at a stride is added below and right."""
        kernel, bias = (
            self.parameters[place] * self._units[place]
            for place in (step.place, self._kernels + step.place)
        )
        padding = 0
        if step.same:
            lacking = _lacking(given.shape[-1], kernel.shape[-1], step.stride)
            padding = lacking // 2
            if lacking % 2:
                given = functional.pad(given, (0, 1, 0, 1))
        groups = kernel.shape[0] if step.name.startswith("DEPTH") else 1
        return functional.conv2d(given, kernel, bias, step.stride, padding, groups=groups)


def _steps(model: Any) -> tuple[list[Step], list[tuple[Any, str]]]:
    """Give the steps of a folded file, and its convolutions with their names."""
    graph = model.subgraphs[0]
    named = list(zip(graph.operators, operator_names(model), strict=True))
    rectified = {int(each.inputs[0]): each for each, name in named if name == "PRELU"}
    steps: list[Step] = []
    convolutions: list[tuple[Any, str]] = []
    for operator, name in named:
        if name in {"CONV_2D", "DEPTHWISE_CONV_2D"}:
            steps.append(_convolution(model, operator, name, len(convolutions), rectified))
            convolutions.append((operator, name))
        elif name in {"ADD", "RESHAPE"}:
            read = operator.inputs if name == "ADD" else operator.inputs[:1]
            steps.append(Step(name, tuple(map(int, read)), int(operator.outputs[0]), -1))
        elif name != "PRELU":
            raise ModelError(f"the operator {name} cannot be trained; fold the network first")
    return steps, convolutions


def _convolution(model: Any, operator: Any, name: str, place: int, rectified: Any) -> Step:
    """Read one convolution and the PRELU behind it."""
    options, output = operator.builtinOptions, int(operator.outputs[0])
    same, slopes = options.padding == _SAME, None
    if output in rectified:
        prelu = rectified[output]
        slopes = torch.tensor(numbers(model, prelu.inputs[1]).reshape(-1))
        output = int(prelu.outputs[0])
    return Step(name, (int(operator.inputs[0]),), output, place, options.strideW, same, slopes)


def _kernel(model: Any, operator: Any, name: str) -> FloatArray:
    """Read a kernel in torch's order: [output, input, height, width]."""
    weights = numbers(model, operator.inputs[1])
    order = (3, 0, 1, 2) if name.startswith("DEPTH") else (0, 3, 1, 2)
    return np.ascontiguousarray(weights.transpose(order))


def _lacking(size: int, reach: int, stride: int) -> int:
    """Give how many pixels "SAME" adds to a side of ``size`` for a kernel of ``reach``."""
    return int(max((-(-size // stride) - 1) * stride + reach - size, 0))


def _active(given: Tensor, step: Step, leak: float) -> Tensor:
    """Apply what is left of the PRELU; without any, in place, which is much faster."""
    if step.slopes is None:
        return given
    if leak > 0:
        return functional.prelu(given, step.slopes * leak)
    return functional.relu_(given)
