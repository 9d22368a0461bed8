"""Curves beyond what a group can tell: right where it is known, bounded where it is not."""

from pathlib import Path

import numpy as np
import pytest

from edge.errors import ModelError
from edge.vision.face import FloatArray
from edge.vision.models import tail
from edge.vision.models.faces import Templates
from edge.vision.models.strangers import Crowd, LookedAt, crowd_of

RNG = np.random.default_rng(11)
NAMES = ("North Female", "North Male", "South Female", "South Male")
COMMON = dict(zip(NAMES, (0.3, 0.5, 0.7, 0.9), strict=True))
KNOWN = [rate for rate in tail.RATES if rate >= 1e-4]


def people(count: int, alike: float, dimension: int = 32) -> FloatArray:
    """Draw templates of people who have a share of their looks in common."""
    values = RNG.normal(0, 1, (count, dimension)) + alike * np.ones(dimension)
    return np.asarray(values / np.linalg.norm(values, axis=1, keepdims=True), np.float32)


def crowd(count: int, copies: int = 0) -> Crowd:
    """Compare so many people of each group, some of them photographed twice."""
    drawn = [people(count, alike) for alike in COMMON.values()]
    for values in drawn:
        values[:copies] = values[copies : 2 * copies]
    member = {f"{number}.jpg": NAMES[number // count] for number in range(4 * count)}
    files = tuple(Path(name) for name in member)
    return crowd_of(Templates(files, np.concatenate(drawn)), member, LookedAt())


@pytest.fixture(scope="module")
def found() -> tail.Curves:
    return tail.curves(crowd(260))


@pytest.fixture(scope="module")
def truth() -> np.ndarray:
    """Give the scores at the rates down to 1e-4, as many people know them."""
    groups = crowd(600).groups
    return np.array([[groups[name].score_at(rate) for rate in KNOWN] for name in NAMES])


def test_a_curve_is_right_where_many_people_know_the_truth(
    found: tail.Curves, truth: np.ndarray
) -> None:
    assert np.abs(found.likely[:, : len(KNOWN)] - truth).max() < 0.05


def test_a_bound_lies_above_the_truth_and_not_far(found: tail.Curves, truth: np.ndarray) -> None:
    above = found.bounds[:, : len(KNOWN)] - truth
    assert above.min() > -0.005
    assert above.max() < 0.12


def test_curves_rise_and_their_bounds_lie_above_them(found: tail.Curves) -> None:
    assert np.all(np.diff(found.likely, axis=1) > 0)
    assert np.all(np.diff(found.bounds, axis=1) > 0)
    assert np.all(found.bounds > found.likely)


def test_photographs_of_one_person_hardly_move_a_curve(found: tail.Curves) -> None:
    doubled = crowd(260, copies=20)
    assert doubled.groups["North Male"].score_at(1e-4) > 0.99
    moved = tail.curves(doubled).likely - found.likely
    assert np.abs(moved[:, : len(KNOWN)]).max() < 0.06


def test_the_worst_group_is_the_one_whose_score_is_highest(found: tail.Curves) -> None:
    group, score = found.worst(1e-4, bound=False)
    assert group == "South Male"
    assert score == found.likely[:, tail.RATES.index(1e-4)].max()
    assert found.worst(1e-4, bound=True)[1] > score


def test_the_rate_at_a_score_is_that_of_the_curve(found: tail.Curves) -> None:
    likely, drawn = found.rates_at(float(found.likely[0, tail.RATES.index(1e-3)]))
    assert likely[0] == pytest.approx(1e-3)
    assert likely[0] < likely[1] < likely[2] < likely[3]
    assert drawn.shape == (len(found.drawn), 4)
    assert np.quantile(drawn[:, 0], 0.05) < 1e-3 < np.quantile(drawn[:, 0], 0.95)


def test_the_same_people_give_the_same_curves() -> None:
    some = crowd(60)
    assert np.array_equal(tail.curves(some).drawn, tail.curves(some).drawn)


def test_a_handful_of_people_says_nothing_about_rare_matches() -> None:
    few = crowd(29)
    assert not tail.enough(few)
    with pytest.raises(ModelError, match="comparisons of women and men"):
        tail.curves(few)


def test_a_few_dozen_people_of_each_group_are_just_enough() -> None:
    found = tail.curves(crowd(36))
    assert np.all(np.isfinite(found.drawn))
    assert np.all(np.diff(found.bounds, axis=1) > 0)
