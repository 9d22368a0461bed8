"""Surgery on networks leaves what they compute as it was."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from edge.vision.face import FloatArray
from edge.vision.models.balance import balance
from edge.vision.models.folding import fold_linear, fold_prelu
from edge.vision.models.graph import (
    drop_unused,
    operator_names,
    read_graph,
    store_as_float16,
    take_one_image,
    write_graph,
)
from edge.vision.models.int8 import quantise
from edge.vision.models.ranges import measure_ranges, read_ranges, write_ranges

Run = Callable[[Any, Any], FloatArray]


def close(one: FloatArray, other: FloatArray, within: float) -> bool:
    return float(np.abs(one - other).max()) <= within * float(np.abs(other).max())


def likeness(one: FloatArray, other: FloatArray) -> float:
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    return float(((one * other).sum(axis=1) / lengths).min())


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


def test_float16_weights_halve_the_file_and_hardly_change_the_answer(
    folded: Any, images: FloatArray, run: Run
) -> None:
    before, size = run(folded, images[:, None]), len(write_graph(folded))
    store_as_float16(folded, least=8)
    drop_unused(folded)
    assert len(write_graph(folded)) < size
    assert close(run(folded, images[:, None]), before, 5e-3)


def test_balance_changes_ranges_but_no_answer(folded: Any, images: FloatArray, run: Run) -> None:
    before = run(folded, images[:, None])
    ranges = measure_ranges(write_graph(folded), images[:, None], 1.0)
    promised = balance(folded, ranges)
    assert close(run(folded, images[:, None]), before, 1e-4)
    measured = measure_ranges(write_graph(folded), images[:, None], 1.0)
    for name, span in measured.items():
        assert close(promised[name], span, 1e-3)


def test_balance_brings_int8_close_to_float(drawn: Any, images: FloatArray, run: Run) -> None:
    take_one_image(drawn)
    fold_prelu(drawn)
    drop_unused(drawn)
    content = write_graph(drawn)
    wanted = run(content, images[:, None])
    ranges = measure_ranges(content, images[:, None], 1.0)
    steps = np.rint(images * 128 - 0.5)[:, None]

    plain, balanced = read_graph(content), read_graph(content)
    quantise(plain, ranges)
    quantise(balanced, balance(balanced, ranges))
    near, nearer = (likeness(run(each, steps), wanted) for each in (plain, balanced))
    assert nearer > near
    assert nearer > 0.99


def test_ranges_come_back_as_they_were_kept(folded: Any, images: FloatArray, tmp_path: Any) -> None:
    ranges = measure_ranges(write_graph(folded), images[:, None], 0.99)
    write_ranges(ranges, tmp_path / "ranges.npz")
    kept = read_ranges(tmp_path / "ranges.npz")
    assert kept.keys() == ranges.keys()
    assert all(close(kept[name], ranges[name], 1e-3) for name in ranges)
