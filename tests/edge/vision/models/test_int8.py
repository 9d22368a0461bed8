"""An int8 network answers as the float one did, and an Edge TPU would run all of it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from hypothesis import given
from hypothesis import strategies as st

from edge.vision.face import FloatArray
from edge.vision.models.balance import balance
from edge.vision.models.build import float_kernels, full_int8, prepared
from edge.vision.models.calibration import (
    Calibration,
    calibrated,
    made_ready,
    read_calibration,
    write_calibration,
)
from edge.vision.models.delta import rebuilt
from edge.vision.models.edgetpu import unmapped
from edge.vision.models.gathering import split_gathering
from edge.vision.models.graph import (
    drop_unused,
    operator_names,
    read_graph,
    store_as_float16,
    write_graph,
)
from edge.vision.models.int8 import quantise
from edge.vision.models.prelu import flatten_slopes, spell_out
from edge.vision.models.ranges import measure_ranges
from edge.vision.models.survey import affine, best_limits, survey

Run = Callable[[Any, Any], FloatArray]


def close(one: FloatArray, other: FloatArray, within: float) -> bool:
    return float(np.abs(one - other).max()) <= within * float(np.abs(other).max())


def likeness(one: FloatArray, other: FloatArray) -> float:
    """Give the cosine of the angle between two sets of answers, each as one long vector."""
    return float((one * other).sum() / np.linalg.norm(one) / np.linalg.norm(other))


def spread(span: FloatArray) -> float:
    """Say how much louder a tensor's loudest channel is than its others, on the whole."""
    peaks = np.abs(span).max(axis=0)
    return float(peaks.max() / np.median(peaks))


def steps(faces: FloatArray) -> FloatArray:
    """Give the faces as int8 takes them: one step for each pixel value."""
    return np.asarray(np.rint(faces * 128 - 0.5), dtype=np.float32)


@pytest.fixture
def calibration(network: Any, faces: FloatArray) -> Calibration:
    return calibrated(prepared(write_graph(network)), list(faces), 1.0)


@pytest.fixture
def int8(network: Any, calibration: Calibration) -> bytes:
    return full_int8(write_graph(network), calibration)


def test_balance_and_splitting_change_no_answer(
    network: Any, calibration: Calibration, faces: FloatArray, run: Run
) -> None:
    before = run(network, faces)
    ready = made_ready(prepared(write_graph(network)), calibration.ranges)
    assert close(run(ready, faces), before, 1e-4)


def test_balance_brings_the_channels_of_a_tensor_closer(network: Any, faces: FloatArray) -> None:
    uneven = measure_ranges(write_graph(network), faces, 1.0)
    balance(network, uneven)
    even = measure_ranges(write_graph(network), faces, 1.0)
    assert np.mean([spread(even[name]) for name in even]) < np.mean(
        [spread(uneven[name]) for name in even]
    )


def test_balance_brings_int8_close_to_float(
    network: Any, calibration: Calibration, faces: FloatArray, run: Run
) -> None:
    content = prepared(write_graph(network))
    wanted = run(network, faces)
    plain, balanced = read_graph(content), made_ready(content, calibration.ranges)
    quantise(plain, survey(content, faces))
    quantise(balanced, calibration.survey)
    near, nearer = (likeness(run(each, steps(faces)), wanted) for each in (plain, balanced))
    assert nearer > near
    assert nearer > 0.95


def test_a_few_loud_values_do_not_take_the_steps_of_all_others() -> None:
    values = np.random.default_rng(2).laplace(0, 1, 50_000).astype(np.float32)
    low, high = best_limits(values)
    assert values.min() < low < -5
    assert 5 < high < values.max()


@given(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3))
def test_zero_is_exact_whatever_int8_has_to_cover(one: float, other: float) -> None:
    scale, zero = affine(min(one, other), max(one, other))
    assert scale > 0
    assert -128 <= zero <= 127


def test_slopes_are_flat_before_they_are_spelt_out(
    network: Any, faces: FloatArray, run: Run
) -> None:
    before = run(network, faces)
    assert flatten_slopes(network) > 0
    assert close(run(network, faces), before, 1e-4)
    assert flatten_slopes(network) == 0
    spell_out(network)
    drop_unused(network)
    assert "PRELU" not in operator_names(network)
    assert close(run(network, faces), before, 1e-4)


def test_a_steep_prelu_between_other_operators_is_refused(network: Any) -> None:
    operators = network.subgraphs[0].operators
    last = len(operators) - 1 - operator_names(network)[::-1].index("PRELU")
    operators[last].inputs = np.array([operators[last - 2].outputs[0], operators[last].inputs[1]])
    with pytest.raises(ValueError, match="between other than convolutions"):
        flatten_slopes(network)


def test_only_the_convolution_that_gathers_too_much_is_split(
    network: Any, faces: FloatArray, run: Run
) -> None:
    before = run(network, faces)
    assert split_gathering(network) == 1
    drop_unused(network)
    assert close(run(network, faces), before, 1e-4)
    assert split_gathering(network) == 0


def test_the_same_network_and_calibration_give_the_same_bytes(
    network: Any, calibration: Calibration, int8: bytes
) -> None:
    assert full_int8(write_graph(network), calibration) == int8


def test_float16_weights_are_unpacked_before_they_become_int8(
    network: Any, calibration: Calibration, faces: FloatArray, run: Run
) -> None:
    wanted = run(network, faces)
    store_as_float16(network, least=8)
    made = full_int8(write_graph(network), calibration)
    assert "DEQUANTIZE" not in operator_names(read_graph(made))
    assert likeness(run(made, steps(faces)), wanted) > 0.99


def test_a_calibration_comes_back_as_it_was_kept(calibration: Calibration, tmp_path: Path) -> None:
    write_calibration(calibration, tmp_path / "calibration.npz")
    kept = read_calibration(tmp_path / "calibration.npz")
    assert kept.survey.limits == calibration.survey.limits
    for found, wanted in (
        (kept.ranges, calibration.ranges),
        (kept.survey.means, calibration.survey.means),
    ):
        assert found.keys() == wanted.keys()
        assert all(np.array_equal(found[name], wanted[name]) for name in wanted)


def test_float_kernels_compute_what_int8_kernels_do(
    int8: bytes, faces: FloatArray, run: Run
) -> None:
    made = rebuilt(int8, float_kernels(int8))
    halfway = (faces * 128 - 0.5) / 128
    assert likeness(run(made, halfway), run(int8, steps(faces))) > 0.99
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


def test_a_float_network_is_not_for_the_edge_tpu(network: Any) -> None:
    reasons = unmapped(write_graph(network))
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
        (lambda m: _shape(m, [2, 7, 7, 3]), "larger than 1"),
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
