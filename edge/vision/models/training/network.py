"""A network file as something that torch can train, and back into a file.

The channels of a folded network differ a thousandfold in loudness. An optimiser that moves all
numbers by about the same step would wreck the quiet ones and leave the loud ones where they are,
so it is given each channel's weights in units of their own size.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
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

_SAME = schema.Padding.SAME
_CONVOLUTIONS = ("CONV_2D", "DEPTHWISE_CONV_2D")
_SLOPES = {"PRELU", "LEAKY_RELU"}


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One operator.

    Attributes:
        name: "CONV_2D", "DEPTHWISE_CONV_2D", "PRELU", "LEAKY_RELU", "ADD" or "RESHAPE".
        inputs: Tensors that it reads, constants left out.
        output: The tensor that it writes.
        place: Which of the network's kernels is its own; -1 for none.
        stride: Of a convolution.
        same: Whether a convolution pads as TensorFlow's "SAME".
        slope: Of a LEAKY_RELU one for all channels, of a PRELU float32[C, 1, 1].
    """

    name: str
    inputs: tuple[int, ...]
    output: int
    place: int = -1
    stride: int = 1
    same: bool = False
    slope: Any = None


class Network:
    """The network while it is trained.

    Attributes:
        steps: Its operators, in the order in which they run.
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
        self._convolutions = _convolutions(model)
        self.steps = _steps(model)
        kernels = [_kernel(model, each, name) for each, name in self._convolutions]
        biases = [numbers(model, each.inputs[2]) for each, _ in self._convolutions]
        self._set([torch.tensor(values) for values in kernels + biases])

    def run(self, given: Tensor, steps: Sequence[Step] | None = None) -> Tensor:
        """Run the network, or some of its steps in a row.

        Args:
            given: float32[N, 3, H, W], normalised as the file wants it; or what ``steps`` read.
            steps: Which; None for all.

        Returns:
            What the last of them writes: of the whole network float32[N, D].
        """
        chosen = self.steps if steps is None else steps
        values = {chosen[0].inputs[0]: given}
        for step in chosen:
            values[step.output] = self._ran(step, [values[i] for i in step.inputs])
        return values[chosen[-1].output]

    def stages(self) -> list[list[Step]]:
        """Cut the network where a single tensor, the plain sum of a stage, leads on.

        The last stage is everything behind the last such place.
        """
        readers: dict[int, list[int]] = defaultdict(list)
        for place, step in enumerate(self.steps):
            for tensor in step.inputs:
                readers[tensor].append(place)
        cuts, furthest = [0], 0
        for place, step in enumerate(self.steps[:-1]):
            furthest = max([furthest, *readers[step.inputs[0]]])  # still read behind this step
            names = {self.steps[i].name for i in readers[step.output]}
            if furthest <= place and step.name in {"ADD", "CONV_2D"} and not names & _SLOPES:
                cuts.append(place + 1)
        return [self.steps[a:b] for a, b in pairwise([*cuts, len(self.steps)])]

    def parameters_of(self, steps: Sequence[Step]) -> list[Tensor]:
        """Give the parameters of some steps."""
        places = [step.place for step in steps if step.place >= 0]
        return [self.parameters[i] for place in places for i in (place, place + self._half)]

    def file(self) -> bytes:
        """Write the network with the weights as they are now."""
        model = read_graph(self._content)
        values = [tensor.numpy() for tensor in self._weights()]
        for (operator, name), kernel, bias in zip(
            _convolutions(model), values[: self._half], values[self._half :], strict=True
        ):
            order = (1, 2, 3, 0) if name.startswith("DEPTH") else (0, 2, 3, 1)
            store(model, operator.inputs[1], np.ascontiguousarray(kernel.transpose(order)))
            store(model, operator.inputs[2], bias)
        drop_unused(model)
        return write_graph(model)

    @property
    def _half(self) -> int:
        """How many kernels there are, and as many biases behind them."""
        return len(self._convolutions)

    def _set(self, weights: list[Tensor]) -> None:
        """Take weights, and choose their units."""
        kernels = weights[: self._half]
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

    def _ran(self, step: Step, given: list[Tensor]) -> Tensor:
        """Run one step."""
        if step.name == "ADD":
            return given[0] + given[1]
        if step.name == "RESHAPE":
            return given[0].flatten(1)
        if step.name == "LEAKY_RELU":
            # In place it is faster, but torch cannot go back through a negative slope then.
            return functional.leaky_relu(given[0], step.slope, inplace=step.slope >= 0)
        if step.name == "PRELU":
            return torch.where(given[0] > 0, given[0], given[0] * step.slope)
        return self._convolved(step, given[0])

    def _convolved(self, step: Step, given: Tensor) -> Tensor:
        """Convolve as TensorFlow does: what "SAME" lacks at a stride is added below and right."""
        kernel, bias = (
            self.parameters[i] * self._units[i] for i in (step.place, self._half + step.place)
        )
        padding = 0
        if step.same:
            lacking = _lacking(given.shape[-1], kernel.shape[-1], step.stride)
            padding = lacking // 2
            if lacking % 2:
                given = functional.pad(given, (0, 1, 0, 1))
        groups = kernel.shape[0] if step.name.startswith("DEPTH") else 1
        return functional.conv2d(given, kernel, bias, step.stride, padding, groups=groups)


def _convolutions(model: Any) -> list[tuple[Any, str]]:
    """Give the convolutions of a file with their names."""
    named = zip(model.subgraphs[0].operators, operator_names(model), strict=True)
    return [(operator, name) for operator, name in named if name in _CONVOLUTIONS]


def _steps(model: Any) -> list[Step]:
    """Give the steps of a folded file."""
    steps, place = [], 0
    for operator, name in zip(model.subgraphs[0].operators, operator_names(model), strict=True):
        inputs, output = tuple(map(int, operator.inputs)), int(operator.outputs[0])
        options = operator.builtinOptions
        if name in _CONVOLUTIONS:
            same = options.padding == _SAME
            steps.append(Step(name, inputs[:1], output, place, options.strideW, same))
            place += 1
        elif name == "PRELU":
            slope = torch.tensor(numbers(model, inputs[1]).reshape(-1, 1, 1))
            steps.append(Step(name, inputs[:1], output, slope=slope))
        elif name == "LEAKY_RELU":
            steps.append(Step(name, inputs, output, slope=float(options.alpha)))
        elif name in {"ADD", "RESHAPE"}:
            steps.append(Step(name, inputs if name == "ADD" else inputs[:1], output))
        else:
            raise ModelError(f"the operator {name} cannot be trained; fold the network first")
    return steps


def _kernel(model: Any, operator: Any, name: str) -> FloatArray:
    """Read a kernel in torch's order: [output, input, height, width]."""
    weights = numbers(model, operator.inputs[1])
    order = (3, 0, 1, 2) if name.startswith("DEPTH") else (0, 3, 1, 2)
    return np.ascontiguousarray(weights.transpose(order))


def _lacking(size: int, reach: int, stride: int) -> int:
    """Give how many pixels "SAME" adds to a side of ``size`` for a kernel of ``reach``."""
    return int(max((-(-size // stride) - 1) * stride + reach - size, 0))
