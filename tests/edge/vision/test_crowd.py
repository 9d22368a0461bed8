"""How often strangers pass follows from the statistics alone, as if they had been drawn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.vision.crowd import SyntheticCrowd
from edge.vision.face import FloatArray

SIZE = 12


def crowd(seed: int = 1) -> SyntheticCrowd:
    chance = np.random.default_rng(seed)
    root = chance.normal(0, 0.1, (SIZE, SIZE))
    return SyntheticCrowd(
        np.array([0.75, 0.25]), chance.normal(0, 0.1, (2, SIZE)), root @ root.T / SIZE
    )


def templates(count: int, seed: int = 2) -> FloatArray:
    values = np.random.default_rng(seed).normal(size=(count, SIZE))
    return (values / np.linalg.norm(values, axis=1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize("count", [1, 2])
def test_the_rates_are_those_of_people_who_are_drawn(count: int) -> None:
    known, reference = crowd(), templates(count)
    chance, people = np.random.default_rng(3), 40_000
    for centre, rate in zip(known.centres, known.rates(reference, 0.22), strict=True):
        drawn = chance.multivariate_normal(centre, known.covariance, people)
        came = np.mean((drawn @ reference.T).max(axis=1) > 0.22)
        assert 0.001 < came < 0.25
        assert rate == pytest.approx(came, rel=0.1, abs=0.001)


@given(st.floats(-1, 1), st.floats(0, 1), st.integers(1, 5))
def test_a_higher_threshold_lets_fewer_pass(low: float, more: float, count: int) -> None:
    known, reference = crowd(), templates(count)
    before, after = known.rates(reference, low), known.rates(reference, low + more)
    assert (after >= 0).all()
    assert (after <= before).all()
    assert (before <= 1).all()


def test_another_photo_lets_no_fewer_pass() -> None:
    known, both = crowd(), templates(2)
    assert (known.rates(both, 0.3) >= known.rates(both[:1], 0.3)).all()


def test_who_looks_like_a_part_of_the_crowd_rings_there() -> None:
    known = crowd()
    middle = known.centres[1] / np.linalg.norm(known.centres[1])
    rates = known.rates(middle.astype(np.float32)[None], 0.3)
    assert rates[1] > 2 * rates[0]
