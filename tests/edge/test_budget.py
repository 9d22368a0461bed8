"""Thresholds from a budget of false alerts."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from edge.budget import (
    LOOKS,
    ImpostorCurve,
    MatedCurve,
    Thresholds,
    expected_fnir,
    thresholds,
)

CURVE = ImpostorCurve(rates=(0.1, 0.01, 1e-3, 1e-4, 1e-5), scores=(0.3, 0.4, 0.5, 0.58, 0.65))
MATED = MatedCurve(scores=(0.2, 0.5, 0.8, 0.9), misses=(0.0, 0.02, 0.4, 0.99))


def expected_fpir(threshold: float, gallery_size: int) -> float:
    """Bound the chance that one encounter with somebody not on the list passes ``threshold``."""
    return CURVE.rate_at(threshold) * max(1, gallery_size) * LOOKS


sizes = st.integers(0, 30_000)
crowds = st.integers(0, 5_000)
alerts = st.floats(1e-3, 100)


def found(size: int, crowd: int, stops: float, checks: float) -> Thresholds:
    return thresholds(
        CURVE, gallery_size=size, entrants=crowd, stops_per_night=stops, checks_per_night=checks
    )


@given(st.floats(0.05, 0.95))
def test_a_score_belongs_to_the_rate_that_belongs_to_it(score: float) -> None:
    assume(CURVE.scores[0] <= score)
    assert CURVE.score_at(CURVE.rate_at(score)) == pytest.approx(score)


def test_a_curve_goes_through_its_points() -> None:
    for rate, score in zip(CURVE.rates, CURVE.scores, strict=True):
        assert CURVE.score_at(rate) == pytest.approx(score)
        assert CURVE.rate_at(score) == pytest.approx(rate)


def test_a_curve_goes_on_falling_as_between_its_last_two_points() -> None:
    assert CURVE.score_at(1e-6) == pytest.approx(0.72)
    assert CURVE.rate_at(0.72) == pytest.approx(1e-6)


def test_a_curve_promises_nothing_before_its_first_point() -> None:
    assert CURVE.score_at(1.0) == CURVE.scores[0]
    assert CURVE.rate_at(0.29) == 1.0


@given(sizes, sizes, crowds, alerts, alerts)
def test_a_larger_gallery_never_lowers_a_threshold(
    one: int, other: int, crowd: int, stops: float, checks: float
) -> None:
    small, large = sorted((one, other))
    before, after = found(small, crowd, stops, checks), found(large, crowd, stops, checks)
    assert before.stop <= after.stop
    assert before.check <= after.check


@given(sizes, crowds, crowds, alerts, alerts)
def test_more_people_never_lower_a_threshold(
    size: int, one: int, other: int, stops: float, checks: float
) -> None:
    few, many = sorted((one, other))
    before, after = found(size, few, stops, checks), found(size, many, stops, checks)
    assert before.stop <= after.stop
    assert before.check <= after.check


@given(sizes, crowds, alerts, alerts, st.floats(1, 100))
def test_a_larger_budget_never_raises_a_threshold(
    size: int, crowd: int, stops: float, checks: float, factor: float
) -> None:
    strict = found(size, crowd, stops, checks)
    assert found(size, crowd, stops * factor, checks).stop <= strict.stop
    assert found(size, crowd, stops, checks * factor).check <= strict.check


@given(sizes, crowds, alerts, alerts)
def test_check_never_lies_above_stop(size: int, crowd: int, stops: float, checks: float) -> None:
    both = found(size, crowd, stops, checks)
    assert both.check <= both.stop


@given(st.integers(1, 30_000), st.integers(1, 5_000), st.floats(1e-2, 10))
def test_the_budget_is_kept_by_the_thresholds_made_of_it(
    size: int, crowd: int, stops: float
) -> None:
    assume(stops / (crowd * size * LOOKS) <= CURVE.rates[0])
    stop = found(size, crowd, stops, stops).stop
    assert expected_fpir(stop, size) * crowd <= stops * (1 + 1e-9)


def test_an_empty_gallery_and_an_empty_night_still_have_thresholds() -> None:
    assert found(0, 0, 1, 1) == found(1, 1, 1, 1)


@pytest.mark.parametrize("budget", [0.0, -1.0, math.nan])
def test_a_budget_that_cannot_be_kept_is_refused(budget: float) -> None:
    with pytest.raises(ValueError, match="cannot be kept"):
        found(10, 100, budget, 1.0)


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_higher_threshold_never_misses_fewer(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert expected_fnir(MATED, low) <= expected_fnir(MATED, high)


def test_misses_are_read_off_the_curve_and_certain_beyond_it() -> None:
    assert expected_fnir(MATED, 0.65) == pytest.approx(0.21)
    assert expected_fnir(MATED, 0.95) == 1.0


@pytest.mark.parametrize(
    ("rates", "scores"),
    [
        ((0.1,), (0.3,)),
        ((0.1, 0.01), (0.3,)),
        ((0.1, 0.01), (0.4, 0.3)),
        ((0.01, 0.1), (0.3, 0.4)),
        ((0.1, 0.0), (0.3, 0.4)),
        ((1.5, 0.1), (0.3, 0.4)),
        ((0.1, 0.1), (0.3, 0.4)),
        ((0.1, math.nan), (0.3, 0.4)),
    ],
)
def test_points_that_are_no_impostor_curve_are_refused(
    rates: tuple[float, ...], scores: tuple[float, ...]
) -> None:
    with pytest.raises(ValueError, match=r"curve|rates"):
        ImpostorCurve(rates, scores)


def test_points_that_are_no_mated_curve_are_refused() -> None:
    with pytest.raises(ValueError, match="one way"):
        MatedCurve(scores=(0.1, 0.2), misses=(0.5, 0.4))
