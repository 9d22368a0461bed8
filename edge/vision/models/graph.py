"""A network file taken apart, changed and put together again."""

from collections.abc import Sequence
from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from numpy.typing import NDArray

_NAMES = {code: name for name, code in vars(schema.BuiltinOperator).items() if name.isupper()}


def read_graph(content: bytes) -> Any:
    """Take a network file apart into flatbuffer objects."""
    return schema.ModelT.InitFromPackedBuf(content, 0)


class _Sharing(flatbuffers.Builder):  # type: ignore[misc]  # flatbuffers has no types
    """Writes vectors of the same numbers once: an int8 network has thousands of zero points."""

    def __init__(self) -> None:
        super().__init__(1 << 20)
        self._written: dict[tuple[str, bytes], int] = {}

    def CreateNumpyVector(self, x: NDArray[Any]) -> int:  # noqa: N802 (flatbuffers' own name)
        """Write a vector, or point at the same one written before."""
        key = (x.dtype.str, x.tobytes())
        if key not in self._written:
            self._written[key] = super().CreateNumpyVector(x)
        return self._written[key]


def write_graph(model: Any, *, shared: bool = False) -> bytes:
    """Put a network file together again; the same objects give the same bytes.

    Args:
        model: The flatbuffer objects.
        shared: Whether vectors of the same numbers are written once, which makes it smaller.
    """
    builder = _Sharing() if shared else flatbuffers.Builder(1 << 20)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def operator_name(model: Any, operator: Any) -> str:
    """Name one operator, as TensorFlow Lite does: "CONV_2D"."""
    code = model.operatorCodes[operator.opcodeIndex]
    return str(_NAMES[max(code.builtinCode, code.deprecatedBuiltinCode)])


def operator_names(model: Any, operators: Sequence[Any] | None = None) -> list[str]:
    """Name some operators, or all of the first subgraph in the order in which they run."""
    chosen = model.subgraphs[0].operators if operators is None else operators
    return [operator_name(model, operator) for operator in chosen]


def find_code(model: Any, builtin: int, version: int = 1) -> int:
    """Find the place of an operator code, adding it where it is new."""
    for place, code in enumerate(model.operatorCodes):
        if max(code.builtinCode, code.deprecatedBuiltinCode) == builtin:
            return place
    code = schema.OperatorCodeT()
    code.builtinCode, code.deprecatedBuiltinCode, code.version = builtin, builtin, version
    model.operatorCodes.append(code)
    return len(model.operatorCodes) - 1


def take_one_image(model: Any) -> None:
    """Rewrite a network that takes a fixed batch into one that takes a single image."""
    for tensor in model.subgraphs[0].tensors:
        if not _has_data(model, tensor):
            tensor.shape = np.array([1, *tensor.shape[1:]], dtype=np.int32)
    for operator in model.subgraphs[0].operators:
        if operator_name(model, operator) == "RESHAPE":
            _reshape_one(model, operator)


def store_as_float16(model: Any, least: int = 1024) -> None:
    """Store large float32 constants as float16, each behind a DEQUANTIZE: half the file.

    Args:
        model: The network.
        least: Constants with fewer numbers than this stay as they are.
    """
    graph = model.subgraphs[0]
    unpacking = []
    for index, tensor in enumerate(list(graph.tensors)):
        data = model.buffers[tensor.buffer].data
        if tensor.type == schema.TensorType.FLOAT32 and data is not None and len(data) >= 4 * least:
            unpacking.append(_dequantize(model, index))
    graph.operators = [*unpacking, *graph.operators]


def store_as_float32(model: Any) -> None:
    """Take back what ``store_as_float16`` did: constants in float32, and no DEQUANTIZE."""
    graph = model.subgraphs[0]
    kept = []
    for operator in graph.operators:
        half, full = (graph.tensors[int(i[0])] for i in (operator.inputs, operator.outputs))
        if operator_name(model, operator) == "DEQUANTIZE" and _has_data(model, half):
            buffer = schema.BufferT()
            values = np.frombuffer(bytes(model.buffers[half.buffer].data), dtype=np.float16)
            buffer.data = np.frombuffer(values.astype(np.float32).tobytes(), dtype=np.uint8)
            model.buffers.append(buffer)
            full.buffer = len(model.buffers) - 1
        else:
            kept.append(operator)
    graph.operators = kept


def drop_unused(model: Any) -> None:
    """Remove tensors, buffers and operator codes that nothing refers to, and all metadata."""
    graph = model.subgraphs[0]
    model.metadata, model.metadataBuffer, model.signatureDefs = None, None, None
    used = sorted({int(i) for op in graph.operators for i in (*op.inputs, *op.outputs) if i >= 0})
    place = {old: new for new, old in enumerate(used)} | {-1: -1}
    graph.tensors = [graph.tensors[old] for old in used]
    for owner in (graph, *graph.operators):
        owner.inputs = np.array([place[int(i)] for i in owner.inputs], dtype=np.int32)
        owner.outputs = np.array([place[int(i)] for i in owner.outputs], dtype=np.int32)
    _drop_buffers(model)
    _drop_codes(model)


def _drop_buffers(model: Any) -> None:
    """Keep an empty buffer at 0, by convention, and one for each tensor that has data."""
    buffers = [schema.BufferT()]
    for tensor in model.subgraphs[0].tensors:
        if _has_data(model, tensor):
            buffers.append(model.buffers[tensor.buffer])
            tensor.buffer = len(buffers) - 1
        else:
            tensor.buffer = 0
    model.buffers = buffers


def _drop_codes(model: Any) -> None:
    """Keep the operator codes that are in use."""
    operators = model.subgraphs[0].operators
    used = sorted({operator.opcodeIndex for operator in operators})
    for operator in operators:
        operator.opcodeIndex = used.index(operator.opcodeIndex)
    model.operatorCodes = [model.operatorCodes[old] for old in used]


def _reshape_one(model: Any, operator: Any) -> None:
    """Let a RESHAPE make one row; the wanted shape stands in its options and in a constant."""
    wanted = np.array([1, *operator.builtinOptions.newShape[1:]], dtype=np.int32)
    operator.builtinOptions.newShape = wanted
    shape = model.subgraphs[0].tensors[operator.inputs[1]]
    model.buffers[shape.buffer].data = np.frombuffer(wanted.tobytes(), dtype=np.uint8)


def _dequantize(model: Any, index: int) -> Any:
    """Move a constant into a new float16 tensor; the old one becomes its unpacked form."""
    graph = model.subgraphs[0]
    full = graph.tensors[index]
    half = schema.TensorT()
    half.name, half.shape, half.type = full.name + b"_half", full.shape, schema.TensorType.FLOAT16
    buffer = schema.BufferT()
    values = np.frombuffer(bytes(model.buffers[full.buffer].data), dtype=np.float32)
    buffer.data = np.frombuffer(values.astype(np.float16).tobytes(), dtype=np.uint8)
    model.buffers.append(buffer)
    half.buffer, full.buffer = len(model.buffers) - 1, 0
    graph.tensors.append(half)
    operator = schema.OperatorT()
    operator.opcodeIndex = find_code(model, schema.BuiltinOperator.DEQUANTIZE, version=3)
    operator.inputs = np.array([len(graph.tensors) - 1], dtype=np.int32)
    operator.outputs = np.array([index], dtype=np.int32)
    return operator


def _has_data(model: Any, tensor: Any) -> bool:
    """Whether a tensor is a constant."""
    data = model.buffers[tensor.buffer].data
    return data is not None and len(data) > 0
