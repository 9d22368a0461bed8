"""Medians and ratios."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.bench.figures import ratio, timing

SECONDS = st.lists(st.floats(1e-4, 1.0), min_size=1, max_size=40)


def test_a_timing_is_in_milliseconds() -> None:
    found = timing("detect", [0.001, 0.002, 0.009])
    assert (found.what, found.runs) == ("detect", 3)
    assert found.median_ms == pytest.approx(2.0)
    assert found.quickest_ms == pytest.approx(1.0)
    assert found.interval_ms == pytest.approx((1.0, 9.0))


@given(SECONDS)
def test_the_median_lies_within_its_interval(seconds: list[float]) -> None:
    found = timing("all", seconds)
    low, high = found.interval_ms
    assert low <= found.median_ms + 1e-9
    assert found.median_ms <= high + 1e-9
    assert found.p95_ms >= found.median_ms - 1e-9
    assert found.quickest_ms <= low + 1e-9


@given(SECONDS, st.floats(0.1, 100))
def test_what_takes_so_many_times_as_long_in_each_round_has_that_ratio_and_no_spread(
    seconds: list[float], times: float
) -> None:
    found = ratio([each * times for each in seconds], seconds)
    assert found.times == pytest.approx(times)
    assert found.quickest == pytest.approx(times)
    assert found.spread == pytest.approx((times, times))
    assert found.rounds == len(seconds)


@given(st.lists(st.tuples(st.floats(1e-4, 1.0), st.floats(1e-4, 1.0)), min_size=1, max_size=40))
def test_turning_a_ratio_round_gives_its_reciprocal_spread(
    rounds: list[tuple[float, float]],
) -> None:
    one, other = zip(*rounds, strict=True)
    low, high = ratio(one, other).interval
    assert low <= ratio(one, other).times * (1 + 1e-9)
    assert ratio(one, other).times <= high * (1 + 1e-9)
    assert ratio(other, one).quickest == pytest.approx(1 / ratio(one, other).quickest)


def test_a_machine_that_slows_down_half_way_changes_no_ratio() -> None:
    busy = np.repeat([1.0, 5.0], 20)
    noise = np.random.default_rng(1).uniform(0.95, 1.05, (2, 40))
    found = ratio((busy * noise[0] * 2).tolist(), (busy * noise[1]).tolist())
    assert found.times == pytest.approx(2.0, rel=0.05)
    assert found.spread[1] < 2.3


def test_the_interval_of_a_ratio_holds_the_ratio_and_narrows_with_rounds() -> None:
    rng = np.random.default_rng(2)

    def width(rounds: int) -> float:
        found = ratio(rng.uniform(9, 11, rounds).tolist(), rng.uniform(0.9, 1.1, rounds).tolist())
        assert found.interval[0] <= found.times <= found.interval[1]
        return found.interval[1] - found.interval[0]

    assert width(400) < width(10)


def test_rounds_that_do_not_match_are_refused() -> None:
    with pytest.raises(ValueError, match="2 rounds beside 1"):
        ratio([1.0, 2.0], [1.0])
