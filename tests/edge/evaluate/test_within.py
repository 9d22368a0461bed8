"""Strangers within their groups, and what the worst group costs."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from edge.errors import ModelError
from edge.evaluate.acquire import Acquisition
from edge.evaluate.recognition import draws
from edge.evaluate.rows import cost_rows, group_rows, present_rows
from edge.evaluate.verification import Scores, all_pairs, operating
from edge.evaluate.within import Strangers, Within, within
from edge.vision.face import FloatArray
from edge.vision.models.strangers import LookedAt

RNG = np.random.default_rng(6)
GROUPS = ("North Female", "North Male")
EACH = 90


def unit(values: np.ndarray) -> FloatArray:
    return np.asarray(values / np.linalg.norm(values, axis=1, keepdims=True), np.float32)


def strangers(each: int) -> Strangers:
    photos = tuple(Path(f"{number}.jpg") for number in range(2 * each))
    pair = frozenset({frozenset({"0.jpg", "2.jpg"})})
    other = frozenset({frozenset({"4.jpg", "6.jpg"})})
    return Strangers(photos, GROUPS * each, LookedAt(pair, other))


def acquisition(count: int) -> Acquisition:
    """Find a face of everybody but one, and one that is not usable."""
    templates = unit(RNG.normal(size=(count, 32)) + 0.5)
    acquired, usable = np.ones(count, np.bool_), np.ones(count, np.bool_)
    acquired[1] = usable[1] = usable[3] = False
    return Acquisition(templates, acquired, usable, Counter(), 1, 0)


@pytest.fixture(scope="module")
def scores() -> Scores:
    own = np.repeat(RNG.normal(size=(60, 32)), 3, axis=0)
    return all_pairs(unit(own + 0.6 * RNG.normal(size=own.shape)), np.repeat(np.arange(60), 3))


@pytest.fixture(scope="module")
def found(scores: Scores) -> Within:
    drawn = draws(scores.people, 1)
    at = operating(scores, 1e-3, drawn)
    assert at is not None
    return within(strangers(EACH), acquisition(2 * EACH), scores, [at], drawn)


def test_everybody_is_accounted_for(found: Within) -> None:
    assert [(one.group, one.photographs, one.acquired, one.usable) for one in found.present] == [
        ("North Female", EACH, EACH, EACH),
        ("North Male", EACH, EACH - 1, EACH - 2),
    ]
    assert (found.left_out, found.undecided) == (1, 1)
    compared = {one.group: one.rate.trials for one in found.at[0].found.groups}
    assert compared == {
        "North Female": EACH * (EACH - 1) // 2 - 1,
        "North Male": (EACH - 2) * (EACH - 3) // 2,
    }


def test_groups_are_judged_where_others_and_where_they_themselves_set_the_threshold(
    found: Within,
) -> None:
    assert [one.where for one in found.at] == [
        "FMR 1e-03 on the other photographs",
        "FMR 1e-03 in the mean",
        "FMR 1e-04 in the mean",
    ]
    assert found.at[2].found.curves.mean == pytest.approx(1e-4, rel=1e-2)


def test_the_bound_of_the_worst_group_costs_most(found: Within) -> None:
    likely, bound = (one for one in found.cost if one.fmr == 1e-4)
    assert (likely.bound, bound.bound) == (False, True)
    assert likely.threshold < bound.threshold
    assert likely.tmr.value > bound.tmr.value
    assert bound.tmr.trials == 180


def test_the_rows_have_the_width_of_their_heads(found: Within) -> None:
    assert {len(row) for row in group_rows(found.at[0].found)} == {7}
    assert {len(row) for row in cost_rows(found.cost)} == {5}
    assert present_rows(found.present)[1] == ("North Male", "90", "1", "97.8 %")


def test_a_few_strangers_are_refused_with_a_reason(scores: Scores) -> None:
    with pytest.raises(ModelError, match="too few people"):
        within(strangers(5), acquisition(10), scores, [], draws(scores.people, 1))
