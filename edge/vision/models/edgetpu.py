"""Checks an int8 network against what the Edge TPU's compiler says it maps.

The compiler cannot be installed from a package registry, so this stands in for its verdict.
The list is table 1 of "TensorFlow models on the Edge TPU", with the requirements above it
(https://coral.ai/docs/edgetpu/models-intro). Operators to which the table sets limits that
nobody here had to check (PRELU, pooling, padding, resizing and the like) are left out, so that a
network with them is refused until somebody writes the check.
"""

from typing import Any

from ai_edge_litert import schema_py_generated as schema

from edge.vision.models.graph import operator_name, read_graph

MAPPED = {
    "ADD": 2,
    "CONV_2D": 3,
    "DEPTHWISE_CONV_2D": 3,
    "LOGISTIC": 2,
    "MAXIMUM": 2,
    "MINIMUM": 2,
    "MUL": 2,
    "RELU": 2,
    "RELU6": 2,
    "RESHAPE": 1,
    "SUB": 2,
    "TANH": 2,
}
"""Operators that are mapped, with the version that first took int8: the compiler was last
released in 2021 and does not read newer ones."""

_EIGHT_BITS = (schema.TensorType.INT8, schema.TensorType.UINT8)
_INNER = 3
"""A tensor that is computed may have more dimensions, but only these larger than 1."""


def unmapped(content: bytes) -> list[str]:
    """Say what would keep a network, or a part of it, off the Edge TPU.

    Returns:
        One line for each reason; none if all of the network should be mapped.
    """
    model = read_graph(content)
    if len(model.subgraphs) != 1:
        return [f"{len(model.subgraphs)} subgraphs: only one is compiled"]
    graph = model.subgraphs[0]
    computed = {int(i) for op in graph.operators for i in op.outputs} | {int(graph.inputs[0])}
    reasons = [line for op in graph.operators for line in _operator(model, op, computed)]
    return reasons + [line for i in sorted(computed) for line in _tensor(graph.tensors[i])]


def _operator(model: Any, operator: Any, computed: set[int]) -> list[str]:
    """Check one operator's kind, version and options, and that its parameters are constant."""
    name = operator_name(model, operator)
    if name not in MAPPED:
        return [f"{name} is not on the compiler's list"]
    reasons = []
    version = model.operatorCodes[operator.opcodeIndex].version
    if version > MAPPED[name]:
        reasons.append(f"{name} has version {version}, newer than the compiler")
    if name.endswith("CONV_2D"):
        options = operator.builtinOptions
        if options.dilationHFactor != options.dilationWFactor:
            reasons.append(f"{name} is dilated differently in height and width")
        if any(int(i) in computed for i in operator.inputs[1:]):
            reasons.append(f"{name} has parameters that are computed")
        if _tensor_of(model, operator, 1).type not in _EIGHT_BITS:
            reasons.append(f"{name} has weights of other than 8 bits")
    return reasons


def _tensor(tensor: Any) -> list[str]:
    """Check that a computed tensor has 8 bits, a scale, a fixed size and few dimensions."""
    name = bytes(tensor.name).decode()
    reasons = []
    if tensor.type not in _EIGHT_BITS or tensor.quantization is None:
        reasons.append(f"{name} is not quantised to 8 bits")
    if tensor.shapeSignature is not None and min(tensor.shapeSignature) < 0:
        reasons.append(f"{name} has no fixed size")
    if any(size > 1 for size in tensor.shape[:-_INNER]):
        reasons.append(f"{name} is larger than 1 in more than its {_INNER} innermost dimensions")
    return reasons


def _tensor_of(model: Any, operator: Any, place: int) -> Any:
    """Give one of the tensors that an operator reads."""
    return model.subgraphs[0].tensors[operator.inputs[place]]
