"""Medians and ratios."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.bench.figures import compared, timing

SECONDS = st.lists(st.floats(1e-4, 1.0), min_size=1, max_size=40)


def test_a_timing_is_in_milliseconds() -> None:
    found = timing("detect", [0.001, 0.002, 0.009])
    assert (found.what, found.runs) == ("detect", 3)
    assert found.median_ms == pytest.approx(2.0)
    assert found.interval_ms == pytest.approx((1.0, 9.0))


@given(SECONDS)
def test_the_median_lies_within_its_interval(seconds: list[float]) -> None:
    found = timing("all", seconds)
    low, high = found.interval_ms
    assert low <= found.median_ms + 1e-9
    assert found.median_ms <= high + 1e-9
    assert found.p95_ms >= found.median_ms - 1e-9


@given(SECONDS, st.floats(0.1, 100))
def test_a_peer_that_takes_times_as_long_is_so_many_times_slower(
    seconds: list[float], times: float
) -> None:
    found = compared("peer", 1, [each * times for each in seconds], seconds)
    assert found.times == pytest.approx(times)


def test_the_interval_of_a_ratio_holds_the_ratio_and_narrows_with_runs() -> None:
    rng = np.random.default_rng(2)

    def width(runs: int) -> float:
        found = compared("peer", 1, rng.uniform(9, 11, runs).tolist(), rng.uniform(0.9, 1.1, runs))
        assert found.interval[0] <= found.times <= found.interval[1]
        return found.interval[1] - found.interval[0]

    assert width(400) < width(10)
