"""Folds operators of a network that spell out one operator into that one."""

from itertools import pairwise
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from edge.vision.models.constants import numbers, store
from edge.vision.models.graph import find_code, operator_name, operator_names

_PRELU_GROUP = ["RELU", "ABS", "SUB", "MUL", "ADD"]


def fold_prelu(model: Any) -> int:
    """Fold each group of relu, abs, sub, mul and add into the PRELU that it spells out.

    ``relu(x) + m·(x - |x|)`` is a PRELU with the slope ``2m``; doubling a float is exact.

    Returns:
        How many groups were folded.

    Raises:
        ValueError: Five such operators in a row are wired in another way.
    """
    graph = model.subgraphs[0]
    waiting = list(graph.operators)
    kept: list[Any] = []
    while waiting:
        if [operator_name(model, each) for each in waiting[:5]] == _PRELU_GROUP:
            kept.append(_prelu(model, waiting[:5]))
            del waiting[:5]
        else:
            kept.append(waiting.pop(0))
    folded = (len(graph.operators) - len(kept)) // 4
    graph.operators = kept
    return folded


def fold_linear(model: Any) -> int:
    """Fold two convolutions of one pixel each into one, where nothing stands between them.

    Only where that makes the network smaller.

    Returns:
        How many pairs were folded.
    """
    graph = model.subgraphs[0]
    dropped = []
    for first, second in pairwise(list(graph.operators)):
        if _is_pair(model, first, second):
            _merge(model, first, second)
            dropped.append(first)
    graph.operators = [each for each in graph.operators if all(each is not d for d in dropped)]
    return len(dropped)


def _is_pair(model: Any, first: Any, second: Any) -> bool:
    """Whether two operators are linear, of one pixel, and smaller as one."""
    if operator_names(model, (first, second)) != ["CONV_2D", "CONV_2D"]:
        return False
    readers = [op for op in model.subgraphs[0].operators if first.outputs[0] in op.inputs]
    if len(readers) != 1 or first.builtinOptions.fusedActivationFunction != 0:
        return False
    one, two = (numbers(model, each.inputs[1]).shape for each in (first, second))
    strides = {each.builtinOptions.strideW for each in (first, second)}
    plain = one[1:3] == two[1:3] == (1, 1) and strides == {1}
    return plain and one[3] * two[0] < one[3] * one[0] + two[3] * two[0]


def _merge(model: Any, first: Any, second: Any) -> None:
    """Let the second convolution do the work of both."""
    one, two = (
        numbers(model, each.inputs[1])[:, 0, 0].astype(np.float64) for each in (first, second)
    )
    bias_one, bias_two = (
        numbers(model, each.inputs[2]).astype(np.float64) for each in (first, second)
    )
    store(model, second.inputs[1], (two @ one)[:, None, None].astype(np.float32))
    store(model, second.inputs[2], (two @ bias_one + bias_two).astype(np.float32))
    second.inputs = np.array([first.inputs[0], *second.inputs[1:]], dtype=np.int32)


def _prelu(model: Any, group: list[Any]) -> Any:
    """Make the PRELU of one group, checking that the group is wired as one."""
    relu, absolute, sub, mul, add = group
    x = relu.inputs[0]
    factors = [i for i in mul.inputs if i != sub.outputs[0]]
    wired = (
        absolute.inputs[0] == x
        and list(sub.inputs) == [x, absolute.outputs[0]]
        and len(factors) == 1
        and set(add.inputs) == {relu.outputs[0], mul.outputs[0]}
    )
    if not wired:
        name = model.subgraphs[0].tensors[add.outputs[0]].name
        raise ValueError(f"the operators that end in {name} are no PRELU")
    slopes = numbers(model, factors[0]).reshape(1, 1, -1) * np.float32(2)
    store(model, factors[0], slopes)
    prelu = schema.OperatorT()
    prelu.opcodeIndex = find_code(model, schema.BuiltinOperator.PRELU)
    prelu.inputs = np.array([x, factors[0]], dtype=np.int32)
    prelu.outputs = np.array(add.outputs, dtype=np.int32)
    return prelu
