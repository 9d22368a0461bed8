"""Accuracy at the threshold of other folds."""

import numpy as np
import pytest

from edge.evaluate.folds import by_list, by_people
from edge.vision.face import FloatArray


def templates_of(people: int, images: int, noise: float) -> FloatArray:
    rng = np.random.default_rng(3)
    own = np.repeat(rng.normal(size=(people, 32)), images, axis=0)
    noisy = own + noise * rng.normal(size=own.shape)
    return np.asarray(noisy / np.linalg.norm(noisy, axis=1, keepdims=True), np.float32)


def test_listed_folds_are_judged_at_the_threshold_of_the_others() -> None:
    scores = np.array([0.9, 0.8, 0.2, 0.1] * 5, np.float32)
    same = np.array([True, True, False, False] * 5)
    assert by_list(scores, same, folds=5).value == 1.0
    same[:4] = ~same[:4]
    found = by_list(scores, same, folds=5)
    assert found.value == pytest.approx(0.8)
    assert found.error == pytest.approx(0.2)


def test_people_told_apart_are_all_judged_right() -> None:
    person = np.repeat(np.arange(40), 3)
    assert by_people(templates_of(40, 3, 0.05), person, 1).value == 1.0


def test_noise_costs_accuracy_and_chance_is_a_half() -> None:
    person = np.repeat(np.arange(200), 3)
    values = [by_people(templates_of(200, 3, noise), person, 1) for noise in (0.5, 2.0, 500.0)]
    assert values[0].value > values[1].value > values[2].value
    assert values[2].value == pytest.approx(0.5, abs=0.05)
    assert all(0 <= one.error < 0.03 for one in values)


def test_the_same_seed_makes_the_same_folds() -> None:
    person, templates = np.repeat(np.arange(100), 2), templates_of(100, 2, 1.5)
    assert by_people(templates, person, 1) == by_people(templates, person, 1)
    assert by_people(templates, person, 1) != by_people(templates, person, 2)


def test_too_few_people_give_no_accuracy() -> None:
    assert np.isnan(by_people(templates_of(2, 1, 0.1), np.arange(2), 1).value)
