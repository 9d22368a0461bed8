"""Small networks in the manner of MobileFaceNet: the source's (two images, PRELU) and ours."""

from typing import Any

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter, OpResolverType

from edge.vision.models.graph import find_code, write_graph

CODES = schema.BuiltinOperator


class Drawing:
    """Draws a network operator by operator.

    Attributes:
        rng: Draws the weights.
        model: The flatbuffer objects.
        last: The tensor that the next operator reads.
    """

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.rng = np.random.default_rng(5)
        self.model = schema.ModelT()
        self.model.version, self.model.operatorCodes = 3, []
        self.model.buffers = [schema.BufferT()]
        graph = schema.SubGraphT()
        graph.tensors, graph.operators = [], []
        self.model.subgraphs = [graph]
        self.last = self.tensor(shape)
        graph.inputs = np.array([self.last], np.int32)

    def tensor(self, shape: tuple[int, ...], values: Any = None) -> int:
        one = schema.TensorT()
        one.name, one.shape = f"t{len(self.graph.tensors)}".encode(), np.array(shape, np.int32)
        one.type, one.buffer = schema.TensorType.FLOAT32, 0
        if values is not None:
            one.type = {"f": one.type, "i": schema.TensorType.INT32}[values.dtype.kind]
            buffer = schema.BufferT()
            buffer.data = np.frombuffer(values.tobytes(), np.uint8)
            self.model.buffers.append(buffer)
            one.buffer = len(self.model.buffers) - 1
        self.graph.tensors.append(one)
        return len(self.graph.tensors) - 1

    def operator(self, name: str, inputs: list[int], shape: tuple[int, ...], **options: Any) -> int:
        one = schema.OperatorT()
        one.opcodeIndex = find_code(self.model, getattr(CODES, name))
        output = self.tensor(shape)
        one.inputs, one.outputs = np.array(inputs, np.int32), np.array([output], np.int32)
        kind = options.pop("kind", None)
        if kind:
            one.builtinOptionsType = getattr(schema.BuiltinOptions, kind)
            one.builtinOptions = getattr(schema, f"{kind}T")()
            for key, value in options.items():
                setattr(one.builtinOptions, key, value)
        self.graph.operators.append(one)
        return output

    def conv(self, out: int, *, size: int = 1, depthwise: bool = False, relu: bool = False) -> None:
        shape = tuple(int(n) for n in self.graph.tensors[self.last].shape)
        kernel = (1, size, size, out) if depthwise else (out, size, size, shape[3])
        loud = 10 ** self.rng.uniform(-1.5, 0.5, out)  # channels as uneven as in the real network
        weights = self.rng.normal(0, 0.5, kernel)
        weights = weights * loud if depthwise else weights * loud[:, None, None, None]
        constants = [self.tensor(kernel, weights.astype(np.float32))]
        constants.append(
            self.tensor((out,), (self.rng.normal(0, 0.1, out) * loud).astype(np.float32))
        )
        extra = {"depthMultiplier": 1} if depthwise else {}
        self.last = self.operator(
            "DEPTHWISE_CONV_2D" if depthwise else "CONV_2D",
            [self.last, *constants], (*shape[:3], out),
            kind="DepthwiseConv2DOptions" if depthwise else "Conv2DOptions",
            padding=0, strideW=1, strideH=1, dilationWFactor=1, dilationHFactor=1, **extra,
        )  # fmt: skip

    def prelu(self) -> None:
        shape = tuple(int(n) for n in self.graph.tensors[self.last].shape)
        x, half = self.last, self.rng.uniform(0, 0.3, shape[3]).astype(np.float32)
        relu = self.operator("RELU", [x], shape)
        absolute = self.operator("ABS", [x], shape)
        low = self.operator("SUB", [x, absolute], shape, kind="SubOptions")
        part = self.operator("MUL", [self.tensor((shape[3],), half), low], shape, kind="MulOptions")
        self.last = self.operator("ADD", [relu, part], shape, kind="AddOptions")

    def slopes(self) -> None:
        shape = tuple(int(n) for n in self.graph.tensors[self.last].shape)
        values = self.rng.uniform(-3, 3, (1, 1, shape[3])).astype(np.float32)
        self.last = self.operator("PRELU", [self.last, self.tensor(values.shape, values)], shape)

    def gather(self) -> None:
        _, height, width, channels = (int(n) for n in self.graph.tensors[self.last].shape)
        weights = self.rng.normal(0, 0.2, (1, height, width, channels)).astype(np.float32)
        bias = self.rng.normal(0, 0.1, channels).astype(np.float32)
        constants = [self.tensor(each.shape, each) for each in (weights, bias)]
        self.last = self.operator(
            "DEPTHWISE_CONV_2D", [self.last, *constants], (1, 1, 1, channels),
            kind="DepthwiseConv2DOptions", padding=1, strideW=1, strideH=1, depthMultiplier=1,
            dilationWFactor=1, dilationHFactor=1,
        )  # fmt: skip

    def finish(self) -> Any:
        shape = self.graph.tensors[self.last].shape
        wanted = np.array([shape[0], np.prod(shape[1:])], np.int32)
        inputs = [self.last, self.tensor((2,), wanted)]
        self.last = self.operator(
            "RESHAPE", inputs, tuple(wanted), kind="ReshapeOptions", newShape=wanted
        )
        self.graph.outputs = np.array([self.last], np.int32)
        return self.model

    @property
    def graph(self) -> Any:
        return self.model.subgraphs[0]


@pytest.fixture
def drawn() -> Any:
    """Give a network with a residual, depthwise convolutions and two linear ones at its end."""
    drawing = Drawing((2, 8, 8, 3))
    drawing.conv(16, size=3)
    drawing.prelu()
    drawing.conv(8)
    trunk = drawing.last
    drawing.conv(24)
    drawing.prelu()
    drawing.conv(24, size=3, depthwise=True)
    drawing.prelu()
    drawing.conv(8)
    shape = (2, 8, 8, 8)
    drawing.last = drawing.operator("ADD", [trunk, drawing.last], shape, kind="AddOptions")
    drawing.conv(16)
    drawing.conv(4)
    return drawing.finish()


@pytest.fixture
def network() -> Any:
    """Give a network like the folded embedder: PRELUs, a residual, one pixel at the end."""
    drawing = Drawing((1, 7, 7, 3))
    drawing.conv(16, size=3)
    drawing.slopes()
    drawing.conv(16, size=3, depthwise=True)
    drawing.slopes()
    drawing.conv(8)
    trunk = drawing.last
    drawing.conv(24)
    drawing.slopes()
    drawing.conv(24, size=3, depthwise=True)
    drawing.slopes()
    drawing.conv(8)
    shape = (1, 7, 7, 8)
    drawing.last = drawing.operator("ADD", [trunk, drawing.last], shape, kind="AddOptions")
    drawing.conv(32)
    drawing.slopes()
    drawing.gather()
    drawing.conv(16)
    return drawing.finish()


@pytest.fixture
def images() -> Any:
    """Give whole pixel values, float32[40, 8, 8, 3], normalised as MobileFaceNet wants them."""
    pixels = np.random.default_rng(9).integers(0, 256, (40, 8, 8, 3))
    return ((pixels - 127.5) / 128).astype(np.float32)


@pytest.fixture
def faces(images: Any) -> Any:
    """Give the same for the network that training leaves, float32[40, 1, 7, 7, 3]."""
    return images[:, None, :7, :7]


def answers(model: Any, batches: Any) -> Any:
    """Run a network over batches, with the plain kernels that compute what is written."""
    interpreter = Interpreter(
        model_content=model if isinstance(model, bytes) else write_graph(model),
        experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
    )
    interpreter.allocate_tensors()
    given, made = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    found = []
    for batch in batches:
        interpreter.set_tensor(given["index"], batch.astype(given["dtype"]))
        interpreter.invoke()
        found.append(interpreter.get_tensor(made["index"]))
    scale, zero = made["quantization"]
    values = np.concatenate(found).astype(np.float32)
    return (values - zero) * scale if made["dtype"] == np.int8 else values


@pytest.fixture
def run() -> Any:
    """Give the function that runs a network."""
    return answers
