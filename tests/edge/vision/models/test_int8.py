"""An int8 network answers as the float one did, and an Edge TPU would run all of it."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from edge.vision.face import FloatArray
from edge.vision.models.balance import balance
from edge.vision.models.build import float_kernels, full_int8
from edge.vision.models.delta import rebuilt
from edge.vision.models.edgetpu import unmapped
from edge.vision.models.graph import operator_names, read_graph, store_as_float16, write_graph
from edge.vision.models.int8 import quantise
from edge.vision.models.ranges import Ranges, measure_ranges, read_ranges, write_ranges

Run = Callable[[Any, Any], FloatArray]


def close(one: FloatArray, other: FloatArray, within: float) -> bool:
    return float(np.abs(one - other).max()) <= within * float(np.abs(other).max())


def likeness(one: FloatArray, other: FloatArray) -> float:
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    return float(((one * other).sum(axis=1) / lengths).min())


def steps(images: FloatArray) -> FloatArray:
    """Give the images as int8 takes them: one step for each pixel value."""
    return np.asarray(np.rint(images * 128 - 0.5)[:, None], dtype=np.float32)


@pytest.fixture
def ranges(trained: Any, images: FloatArray) -> Ranges:
    return measure_ranges(write_graph(trained), images[:, None], 1.0)


@pytest.fixture
def int8(trained: Any, ranges: Ranges) -> bytes:
    return full_int8(write_graph(trained), ranges)


def test_balance_changes_ranges_but_no_answer(
    trained: Any, ranges: Ranges, images: FloatArray, run: Run
) -> None:
    before = run(trained, images[:, None])
    promised = balance(trained, ranges)
    assert close(run(trained, images[:, None]), before, 1e-4)
    measured = measure_ranges(write_graph(trained), images[:, None], 1.0)
    for name, span in measured.items():
        assert close(promised[name], span, 1e-3)


def test_balance_brings_int8_close_to_float(
    trained: Any, ranges: Ranges, images: FloatArray, run: Run
) -> None:
    content = write_graph(trained)
    wanted = run(content, images[:, None])
    plain, balanced = read_graph(content), read_graph(content)
    quantise(plain, ranges)
    quantise(balanced, balance(balanced, ranges))
    near, nearer = (likeness(run(each, steps(images)), wanted) for each in (plain, balanced))
    assert nearer > near
    assert nearer > 0.99


def test_the_same_network_and_ranges_give_the_same_bytes(
    trained: Any, ranges: Ranges, int8: bytes
) -> None:
    assert full_int8(write_graph(trained), ranges) == int8


def test_float16_weights_are_unpacked_before_they_become_int8(
    trained: Any, ranges: Ranges, images: FloatArray, run: Run
) -> None:
    wanted = run(trained, images[:, None])
    store_as_float16(trained, least=8)
    made = full_int8(write_graph(trained), ranges)
    assert "DEQUANTIZE" not in operator_names(read_graph(made))
    assert likeness(run(made, steps(images)), wanted) > 0.99


def test_ranges_come_back_as_they_were_kept(ranges: Ranges, tmp_path: Any) -> None:
    write_ranges(ranges, tmp_path / "ranges.npz")
    kept = read_ranges(tmp_path / "ranges.npz")
    assert kept.keys() == ranges.keys()
    assert all(close(kept[name], ranges[name], 1e-3) for name in ranges)


def test_float_kernels_compute_what_int8_kernels_do(
    int8: bytes, images: FloatArray, run: Run
) -> None:
    made = rebuilt(int8, float_kernels(int8))
    halfway = (images * 128 - 0.5)[:, None] / 128
    assert likeness(run(made, halfway), run(int8, steps(images))) > 0.99
    kinds = {tensor.type for tensor in read_graph(made).subgraphs[0].tensors}
    assert kinds >= {schema.TensorType.FLOAT32, schema.TensorType.INT8}


def test_the_difference_is_much_smaller_than_the_file(int8: bytes) -> None:
    delta = float_kernels(int8)
    made = rebuilt(int8, delta)
    weights = [bytes(b.data) for b in read_graph(int8).buffers if b.data is not None]
    kept = sum(len(each) for each in weights if len(each) >= 64 and each in made)
    assert kept > 800
    assert len(delta) < len(made) - kept


def test_the_edge_tpu_would_run_all_of_an_int8_network(int8: bytes) -> None:
    assert unmapped(int8) == []


def test_a_float_network_is_not_for_the_edge_tpu(trained: Any) -> None:
    reasons = unmapped(write_graph(trained))
    assert any("not quantised to 8 bits" in line for line in reasons)
    assert any("weights of other than 8 bits" in line for line in reasons)


def test_an_operator_that_is_not_on_the_list_is_named(drawn: Any) -> None:
    assert "ABS is not on the compiler's list" in unmapped(write_graph(drawn))


def _first(model: Any, **options: int) -> None:
    for key, value in options.items():
        setattr(model.subgraphs[0].operators[0].builtinOptions, key, value)


def _shape(model: Any, shape: list[int]) -> None:
    graph = model.subgraphs[0]
    graph.tensors[graph.inputs[0]].shape = np.array(shape, np.int32)


def _signature(model: Any, shape: list[int]) -> None:
    graph = model.subgraphs[0]
    graph.tensors[graph.inputs[0]].shapeSignature = np.array(shape, np.int32)


def _computed_bias(model: Any) -> None:
    operators = model.subgraphs[0].operators
    inputs = [*operators[1].inputs[:2], operators[0].outputs[0]]
    operators[1].inputs = np.array(inputs, np.int32)


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda m: m.subgraphs.append(m.subgraphs[0]), "2 subgraphs"),
        (lambda m: setattr(m.operatorCodes[0], "version", 9), "newer than the compiler"),
        (lambda m: _first(m, dilationHFactor=2), "dilated differently"),
        (lambda m: _shape(m, [2, 8, 8, 3]), "larger than 1"),
        (lambda m: _signature(m, [1, -1, -1, 3]), "no fixed size"),
        (_computed_bias, "parameters that are computed"),
    ],
)
def test_what_the_compiler_would_leave_on_the_processor_is_named(
    int8: bytes, spoil: Callable[[Any], None], reason: str
) -> None:
    model = read_graph(int8)
    spoil(model)
    assert any(reason in line for line in unmapped(write_graph(model)))
