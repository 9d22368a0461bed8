"""Comparing every pair."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from edge.evaluate import verification
from edge.evaluate.verification import (
    BINS,
    all_pairs,
    at_threshold,
    drawn_anew,
    listed_pairs,
    operating,
    rates,
)
from edge.vision.face import FloatArray


def templates_of(people: int, images: int, noise: float, seed: int = 0) -> FloatArray:
    rng = np.random.default_rng(seed)
    own = np.repeat(rng.normal(size=(people, 32)), images, axis=0)
    noisy = own + noise * rng.normal(size=own.shape)
    return (noisy / np.linalg.norm(noisy, axis=1, keepdims=True)).astype(np.float32)


def draws(people: int, replicates: int = 50) -> NDArray[np.int64]:
    rng = np.random.default_rng(7)
    return rng.multinomial(people, np.full(people, 1 / people), replicates)


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 12), st.integers(1, 4), st.integers(0, 99))
def test_every_pair_is_compared_once(people: int, images: int, seed: int) -> None:
    person = np.repeat(np.arange(people), images)
    scores = all_pairs(templates_of(people, images, 0.5, seed), person)
    n = people * images
    assert len(scores.mated) == people * images * (images - 1) // 2
    assert scores.non_mated + len(scores.mated) == n * (n - 1) // 2


def test_blocks_do_not_change_the_outcome(monkeypatch: pytest.MonkeyPatch) -> None:
    person = np.repeat(np.arange(30), 3)
    templates = templates_of(30, 3, 0.8)
    whole = all_pairs(templates, person)
    monkeypatch.setattr(verification, "_BLOCK", 7)
    pieces = all_pairs(templates, person)
    assert np.allclose(np.sort(whole.mated), np.sort(pieces.mated), atol=1e-6)
    assert np.allclose(whole.tail[:50], pieces.tail[:50], atol=1e-6)


def test_progress_runs_from_nothing_to_nearly_all() -> None:
    told: list[float] = []
    all_pairs(templates_of(200, 3, 0.5), np.repeat(np.arange(200), 3), told.append)
    assert told == sorted(told)
    assert told[0] == 0
    assert 0.5 < told[-1] <= 1


def test_the_threshold_is_the_lowest_that_keeps_the_rate() -> None:
    person = np.repeat(np.arange(60), 3)
    templates = templates_of(60, 3, 0.9)
    scores = all_pairs(templates, person)
    found = operating(scores, 1e-3, draws(60))
    assert found is not None
    every = templates @ templates.T
    strangers = every[np.triu(person[:, None] != person[None], 1)]
    friends = every[np.triu(person[:, None] == person[None], 1)]
    assert (
        np.mean(strangers >= found.threshold) <= 1e-3 < np.mean(strangers >= found.threshold - 0.01)
    )
    assert found.tmr == pytest.approx(np.mean(friends >= found.threshold))
    assert found.interval[0] <= found.tmr <= found.interval[1]


def test_drawing_each_person_once_is_the_sample_itself() -> None:
    scores = all_pairs(templates_of(60, 3, 0.9), np.repeat(np.arange(60), 3))
    found = operating(scores, 1e-2, np.ones((3, 60), np.int64))
    assert found is not None
    assert found.interval == pytest.approx((found.tmr, found.tmr))


def test_people_told_apart_perfectly_always_match() -> None:
    scores = all_pairs(np.repeat(np.eye(8, dtype=np.float32), 2, axis=0), np.repeat(range(8), 2))
    found = operating(scores, 1e-2, draws(8))
    assert found is not None
    assert found.tmr == 1.0


def test_too_few_comparisons_give_no_figure() -> None:
    scores = all_pairs(templates_of(4, 2, 0.1), np.repeat(np.arange(4), 2))
    assert operating(scores, 1e-3, draws(4)) is None
    strangers = all_pairs(templates_of(40, 1, 0.1), np.arange(40))
    assert operating(strangers, 1e-2, draws(40)) is None


def test_no_images_are_no_error() -> None:
    scores = all_pairs(np.zeros((0, 4), np.float32), np.zeros(0, np.int64))
    assert scores.non_mated == 0


def test_the_curve_falls_on_one_side_and_rises_on_the_other() -> None:
    false_match, false_non_match = rates(all_pairs(templates_of(40, 3, 0.9), np.arange(120) // 3))
    assert len(false_match) == len(false_non_match) == BINS
    assert (false_match[0], false_non_match[0]) == (1.0, 0.0)
    assert np.all(np.diff(false_match) <= 0)
    assert np.all(np.diff(false_non_match) >= 0)


def test_a_list_of_pairs_gives_the_same_as_all_pairs() -> None:
    person = np.repeat(np.arange(30), 3)
    templates = templates_of(30, 3, 0.9)
    first, second = np.triu_indices(90, 1)
    listed = listed_pairs(
        (templates @ templates.T)[first, second],
        person[first] == person[second],
        np.stack([person[first], person[second]], axis=1),
    )
    weights = draws(30)
    from_all = operating(all_pairs(templates, person), 1e-2, weights)
    from_list = operating(listed, 1e-2, weights)
    assert from_all is not None
    assert from_list is not None
    assert from_list.tmr == from_all.tmr
    assert from_list.interval == pytest.approx(from_all.interval)


def test_a_threshold_from_elsewhere_is_judged_over_people() -> None:
    scores = all_pairs(templates_of(60, 3, 0.9), np.repeat(np.arange(60), 3))
    found = at_threshold(scores, 0.6, draws(60))
    assert found.value == pytest.approx(np.mean(scores.mated >= 0.6))
    assert found.trials == 180
    assert found.interval[0] < found.value < found.interval[1]


def test_a_network_is_never_ahead_of_itself_in_any_resample() -> None:
    scores = all_pairs(templates_of(60, 3, 0.9), np.repeat(np.arange(60), 3))
    again = drawn_anew(scores, 1e-2, draws(60))
    assert len(again) == 50
    assert not np.any(again - drawn_anew(scores, 1e-2, draws(60)))
