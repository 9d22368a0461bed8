"""Searching an open set."""

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.evaluate.identification import identified, search, split


@given(st.lists(st.integers(0, 9), min_size=1, max_size=60), st.integers(1, 12), st.randoms())
def test_nobody_plays_two_parts(people: list[int], gallery: int, order: Random) -> None:
    person = np.array(people)
    shuffled = list(range(len(people)))
    order.shuffle(shuffled)
    parts = split(person, gallery, shuffled)
    if parts is None:
        assert gallery >= len(set(people))
        return
    every = [*parts.references, *parts.mated, *parts.non_mated]
    assert sorted(every) == sorted(shuffled)
    listed = {people[i] for i in parts.references}
    assert len(listed) == len(parts.references) == gallery
    assert {people[i] for i in parts.mated} <= listed
    assert not listed & {people[i] for i in parts.non_mated}


def test_people_with_one_image_are_strangers_first() -> None:
    parts = split(np.array([0, 1, 1, 2]), 1, [0, 1, 2, 3])
    assert parts is not None
    assert (parts.references, parts.mated, parts.non_mated) == ((1,), (2,), (0, 3))


def test_misses_and_alarms_are_counted_by_hand() -> None:
    # Two people on the list, one probe each; the second looks more like the first. Four strangers.
    templates = np.array(
        [
            *([1, 0, 0], [0, 1, 0], [1, 0, 0], [0.8, 0.6, 0]),
            *([0.6, 0, 0.8], [0, 0.28, 0.96], [0, 0, 1], [0, 0, 1]),
        ],
        np.float32,
    )
    person = np.array([0, 1, 0, 1, 2, 3, 4, 5])
    acquired = np.array([True] * 7 + [False])
    parts = split(person, 2, list(range(8)))
    assert parts is not None
    searches = search(templates, acquired, person, parts)
    assert searches.mated == pytest.approx([1.0, -2.0])
    assert searches.non_mated == pytest.approx([0.6, 0.28, 0.0, -2.0], abs=1e-6)
    assert searches.failures_to_acquire == (0, 1)
    found = identified(searches, 0.25, np.ones((4, 6), np.int64))
    assert found is not None
    assert 0.28 < found.threshold <= 0.6
    assert (found.fpir.events, found.fpir.trials) == (1, 4)
    assert (found.fnir.events, found.fnir.trials, found.gallery) == (1, 2, 2)
    assert found.fnir.interval == (0.5, 0.5)


def test_a_face_that_was_not_found_is_a_miss_and_a_failure_to_enrol_too() -> None:
    templates = np.eye(4, dtype=np.float32)[[0, 0, 1, 1, 2]]
    person = np.array([0, 0, 1, 1, 2])
    parts = split(person, 2, list(range(5)))
    assert parts is not None
    blind = search(templates, np.array([False, True, True, False, True]), person, parts)
    assert (blind.gallery, blind.failures_to_enrol) == (1, 1)
    assert blind.failures_to_acquire == (1, 0)
    assert np.all(blind.mated == -2)
    empty = search(templates, np.zeros(5, bool), person, parts)
    assert (empty.gallery, list(empty.mated)) == (0, [-2, -2])


def test_too_few_strangers_give_no_figure() -> None:
    person = np.array([0, 0, 1])
    parts = split(person, 1, [0, 1, 2])
    assert parts is not None
    searches = search(np.eye(3, dtype=np.float32), np.ones(3, bool), person, parts)
    assert identified(searches, 1e-2, np.ones((2, 2), np.int64)) is None


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1000))
def test_fewer_alarms_cost_more_misses_and_both_lie_in_their_intervals(seed: int) -> None:
    rng = np.random.default_rng(seed)
    own = np.repeat(rng.normal(size=(150, 16)), 2, axis=0) + 0.6 * rng.normal(size=(300, 16))
    templates = (own / np.linalg.norm(own, axis=1, keepdims=True)).astype(np.float32)
    person = np.arange(300) // 2
    parts = split(person, 50, [int(i) for i in rng.permutation(300)])
    assert parts is not None
    searches = search(templates, np.ones(300, bool), person, parts)
    draws = rng.multinomial(150, np.full(150, 1 / 150), 100)
    loose, strict = (identified(searches, fpir, draws) for fpir in (0.1, 0.01))
    assert loose is not None
    assert strict is not None
    assert strict.threshold >= loose.threshold
    assert strict.fnir.value >= loose.fnir.value
    assert strict.fpir.value <= 0.01
    for found in (loose, strict):
        assert found.fnir.interval[0] <= found.fnir.value <= found.fnir.interval[1]
