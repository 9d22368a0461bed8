"""Forecasts are held against strangers who came."""

from pathlib import Path

import numpy as np
import pytest

from edge.vision.crowd import SyntheticCrowd
from edge.vision.models import forecasts
from edge.vision.models.faces import Templates

SIZE = 6


def drawn(count: int = 400) -> tuple[SyntheticCrowd, Templates]:
    """Give a crowd, and people who really come from it."""
    chance = np.random.default_rng(1)
    known = SyntheticCrowd(np.ones(1), np.eye(1, SIZE) * 0.5, np.eye(SIZE) * 0.1)
    values = chance.multivariate_normal(known.centres[0], known.covariance, count)
    files = tuple(Path(f"{number}.jpg") for number in range(count))
    return known, Templates(files, values.astype(np.float32))


def test_a_right_forecast_orders_references_and_counts_their_rings() -> None:
    known, found = drawn()
    told = forecasts.check(known, forecasts.met(found, found, frozenset()), 0.5)
    (order, (low, high)), (worst, _) = told.order, told.worst
    assert 0.9 < low < order < high < 1
    assert worst > 0.95
    assert sum(told.counted) == pytest.approx(sum(told.foretold), rel=0.1)
    assert told.alike == pytest.approx(np.mean(told.foretold), rel=0.01)  # there is but one part
    assert told.comparisons == 400 * 399
    assert "400 references" in told.line()


def test_a_forecast_for_others_than_come_orders_nothing() -> None:
    known, found = drawn()
    made_up = np.random.default_rng(2).normal(0, 0.4, (400, 400)).astype(np.float32)
    told = forecasts.check(known, forecasts.Met(found.values, made_up), 0.5)
    low, high = told.order[1]
    assert low < 0 < high
    assert told.worst[1][0] < 0.5 < told.worst[1][1]


def test_pairs_of_one_person_do_not_count() -> None:
    _, found = drawn(20)
    same = frozenset({frozenset({"0.jpg", "1.jpg"})})
    scores = forecasts.met(found, found, same).scores
    assert int(np.isnan(scores).sum()) == 20 + 2
    assert np.isnan(scores[[0, 1, 7], [1, 0, 7]]).all()


def test_equal_numbers_share_their_rank() -> None:
    assert forecasts.ranks(np.array([3.0, 1.0, 3.0])).tolist() == [2.5, 1.0, 2.5]


def test_nothing_marked_says_nothing() -> None:
    assert np.isnan(forecasts.auc(np.arange(3.0), np.zeros(3, np.bool_)))
    assert forecasts.auc(np.arange(3.0), np.array([False, False, True])) == 1
