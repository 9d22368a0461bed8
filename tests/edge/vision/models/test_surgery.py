"""Surgery on networks leaves what they compute as it was."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from edge.vision.face import FloatArray
from edge.vision.models.folding import fold_linear, fold_prelu
from edge.vision.models.graph import (
    drop_unused,
    operator_names,
    read_graph,
    store_as_float16,
    store_as_float32,
    take_one_image,
    write_graph,
)

Run = Callable[[Any, Any], FloatArray]


def close(one: FloatArray, other: FloatArray, within: float) -> bool:
    return float(np.abs(one - other).max()) <= within * float(np.abs(other).max())


@pytest.fixture
def folded(drawn: Any) -> Any:
    """Give the drawn network, folded as the build folds MobileFaceNet."""
    take_one_image(drawn)
    fold_prelu(drawn)
    fold_linear(drawn)
    drop_unused(drawn)
    return drawn


def test_folding_changes_no_answer_by_more_than_rounding(
    drawn: Any, images: FloatArray, run: Run
) -> None:
    pairs = images.reshape(20, 2, 8, 8, 3)
    before = run(drawn, pairs)
    take_one_image(drawn)
    assert fold_prelu(drawn) == 3
    assert fold_linear(drawn) == 1
    drop_unused(drawn)
    assert close(run(drawn, images[:, None]), before, 1e-5)


def test_folding_leaves_nothing_of_what_it_folded(folded: Any) -> None:
    names = operator_names(folded)
    assert names.count("PRELU") == 3
    assert not {"RELU", "ABS", "SUB", "MUL"} & set(names)
    used = {op.opcodeIndex for op in folded.subgraphs[0].operators}
    assert len(folded.operatorCodes) == len(used)


def test_the_same_objects_give_the_same_bytes(folded: Any) -> None:
    once = write_graph(folded)
    assert write_graph(folded) == once
    assert write_graph(read_graph(once)) == once


def test_five_operators_that_are_no_prelu_are_not_folded(drawn: Any) -> None:
    absolute = next(
        operator
        for operator, name in zip(drawn.subgraphs[0].operators, operator_names(drawn), strict=True)
        if name == "ABS"
    )
    absolute.inputs = np.array([drawn.subgraphs[0].inputs[0]], np.int32)
    with pytest.raises(ValueError, match="are no PRELU"):
        fold_prelu(drawn)


def test_float16_weights_come_back_as_float32(folded: Any, images: FloatArray, run: Run) -> None:
    names = operator_names(folded)
    store_as_float16(folded, least=8)
    drop_unused(folded)
    halved = run(folded, images[:, None])
    store_as_float32(folded)
    drop_unused(folded)
    assert operator_names(folded) == names
    kinds = {tensor.type for tensor in folded.subgraphs[0].tensors}
    assert schema.TensorType.FLOAT16 not in kinds
    assert np.array_equal(run(folded, images[:, None]), halved)


def test_float16_weights_halve_the_file_and_hardly_change_the_answer(
    folded: Any, images: FloatArray, run: Run
) -> None:
    before, size = run(folded, images[:, None]), len(write_graph(folded))
    store_as_float16(folded, least=8)
    drop_unused(folded)
    assert len(write_graph(folded)) < size
    assert close(run(folded, images[:, None]), before, 5e-3)
