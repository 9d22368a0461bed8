"""Turning channels over changes no answer; one slope for a layer changes as little as it can."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from edge.vision.face import FloatArray
from edge.vision.models.constants import numbers, store
from edge.vision.models.graph import operator_names, read_graph, write_graph
from edge.vision.models.training import leaky

Run = Callable[[Any, Any], FloatArray]


def prelus(model: Any) -> list[Any]:
    named = zip(model.subgraphs[0].operators, operator_names(model), strict=True)
    return [operator for operator, name in named if name == "PRELU"]


def error(slopes: FloatArray, slope: float, turned: Any) -> float:
    """Give the mean squared sine between each channel's two gains and its layer's."""
    own = np.stack([np.ones_like(slopes), slopes], axis=1)
    layer = np.where(turned[:, None], [slope, 1.0], [1.0, slope])
    length = np.linalg.norm(own, axis=1) * np.linalg.norm(layer, axis=1)
    return float((1 - ((own * layer).sum(axis=1) / length) ** 2).mean())


def test_channels_turned_over_answer_as_before(
    wild: Any, images: FloatArray, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = run(wild, images[:, None])
    turned = []

    def keep(model: Any, operator: Any, _: float) -> None:
        slopes = numbers(model, operator.inputs[1])
        over = leaky.nearest(slopes.reshape(-1))[1].reshape(slopes.shape)
        turned.append(int(over.sum()))
        store(model, operator.inputs[1], np.where(over, 1 / slopes, slopes).astype(np.float32))

    monkeypatch.setattr(leaky, "_make_leaky", keep)
    leaky.one_slope_each(wild, range(3))
    assert sum(turned) > 0
    assert np.abs(run(wild, images[:, None]) - before).max() < 1e-4 * np.abs(before).max()


def test_every_prelu_becomes_a_leaky_relu(wild: Any) -> None:
    layers = len(prelus(wild))
    slopes = leaky.one_slope_each(wild, range(3))
    assert len(slopes) == layers == operator_names(wild).count("LEAKY_RELU")
    assert not prelus(wild)


def test_other_layers_stay_as_they_are(wild: Any) -> None:
    before = [numbers(wild, operator.inputs[1]).tobytes() for operator in prelus(wild)]
    assert len(leaky.one_slope_each(wild, {1})) == 1
    assert [numbers(wild, operator.inputs[1]).tobytes() for operator in prelus(wild)] == [
        before[0],
        before[2],
    ]


def test_a_layer_that_has_one_slope_already_answers_as_before(
    wild: Any, images: FloatArray, run: Run
) -> None:
    for operator in prelus(wild):
        shape = numbers(wild, operator.inputs[1]).shape
        store(wild, operator.inputs[1], np.full(shape, 0.25, np.float32))
    before = run(wild, images[:, None])
    assert leaky.one_slope_each(wild, range(3)) == pytest.approx([0.25] * 3)
    changed = run(read_graph(write_graph(wild)), images[:, None])
    assert np.abs(changed - before).max() < 1e-4 * np.abs(before).max()


def test_a_residual_behind_a_prelu_is_refused(wild: Any) -> None:
    graph = wild.subgraphs[0]
    add = next(
        operator
        for operator, name in zip(graph.operators, operator_names(wild), strict=True)
        if name == "ADD"
    )
    add.inputs = np.array([prelus(wild)[0].outputs[0], add.inputs[1]], np.int32)
    with pytest.raises(ValueError, match="other than a convolution"):
        leaky.one_slope_each(wild, range(3))


SLOPES = arrays.arrays(
    np.float32, st.integers(1, 12), elements=st.floats(-9, 9, width=32, allow_subnormal=False)
)


@given(SLOPES, st.floats(-0.9, 0.9))
def test_no_other_slope_comes_nearer(slopes: FloatArray, other: float) -> None:
    slope, turned = leaky.nearest(slopes)
    step = 0.05  # slopes are tried in such steps
    best = min(
        error(slopes, other, np.array(over))
        for over in (np.zeros(len(slopes), bool), np.abs(slopes) > 1)
    )
    assert error(slopes, slope, turned) <= best + step


@given(SLOPES)
def test_a_slope_stays_below_one_and_flat_channels_upright(slopes: FloatArray) -> None:
    slope, turned = leaky.nearest(slopes)
    assert abs(slope) < 1
    assert not turned[np.abs(slopes) < 1e-3].any()
