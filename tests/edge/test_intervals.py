"""How sure a rate is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.intervals import at_most, exact, resampled, spread


@pytest.mark.parametrize(
    ("events", "trials", "upper"),
    [(0, 299, 1e-2), (3, 773, 1e-2), (0, 2_995, 1e-3), (10, 16_959, 1e-3)],
)
def test_one_sided_tails_agree_with_published_sample_sizes(
    events: int, trials: int, upper: float
) -> None:
    assert at_most(events, trials, upper) == pytest.approx(0.05, abs=0.0005)


@pytest.mark.parametrize(
    ("events", "trials", "low", "high"),
    [
        (0, 10, 0.0, 0.30850),
        (1, 10, 0.00253, 0.44502),
        (5, 10, 0.18709, 0.81291),
        (10, 10, 0.69150, 1.0),
        (20, 1000, 0.01226, 0.03071),
    ],
)
def test_the_exact_interval_is_that_of_the_tables(
    events: int, trials: int, low: float, high: float
) -> None:
    assert exact(events, trials).interval == pytest.approx((low, high), abs=2e-5)


def test_no_trials_say_nothing() -> None:
    assert exact(0, 0).interval == (0.0, 1.0)
    assert exact(0, 0).value == 0.0


@pytest.mark.parametrize(("events", "trials"), [(-1, 3), (4, 3)])
def test_impossible_counts_are_refused(events: int, trials: int) -> None:
    with pytest.raises(ValueError, match="cannot be"):
        exact(events, trials)


@given(st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_observed_rate_lies_within_its_interval(counts: tuple[int, int]) -> None:
    rate = exact(*counts)
    assert 0 <= rate.interval[0] <= rate.value <= rate.interval[1] <= 1


@given(st.integers(1, 100).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_of_what_did_not_happen_is_the_mirror_image(counts: tuple[int, int]) -> None:
    events, trials = counts
    low, high = exact(events, trials).interval
    assert exact(trials - events, trials).interval == pytest.approx((1 - high, 1 - low), abs=1e-9)


@given(st.integers(1, 400), st.floats(0, 1))
def test_a_chance_is_a_chance(trials: int, rate: float) -> None:
    chances = [at_most(k, trials, rate) for k in (0, trials // 2, trials)]
    assert chances == sorted(chances)
    assert chances[0] >= 0
    assert chances[-1] == 1


def test_people_are_drawn_and_not_their_trials() -> None:
    draws = np.random.default_rng(1).multinomial(20, np.full(20, 1 / 20), 400)
    events = np.array([50] + [0] * 19)
    clustered = resampled(events, np.full(20, 50), draws)
    scattered = resampled(np.array([3] * 10 + [2] * 10), np.full(20, 50), draws)
    assert clustered.value == scattered.value == 0.05
    assert clustered.interval[1] > 2 * scattered.interval[1]


@pytest.mark.parametrize("each", [0, 7])
def test_where_resampling_is_blind_as_many_trials_as_people_count(each: int) -> None:
    trials = np.array([7, 7, 0, 7])
    draws = np.ones((10, 4), np.int64)
    found = resampled(trials // 7 * each, trials, draws)
    assert found.interval == exact(3 if each else 0, 3).interval


def test_replicates_that_say_nothing_are_left_out() -> None:
    assert spread(np.array([np.nan, 0.5, 0.5])) == (0.5, 0.5)
    assert spread(np.array([np.nan])) == (0.0, 1.0)
