"""The target joins what several teachers say into one template."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.vision.face import FloatArray
from edge.vision.models.training.target import both_ways, fit, solve, unit

RNG = np.random.default_rng(4)


def people(count: int, dimension: int, seed: int = 1, common: float = 0.0) -> FloatArray:
    """Give templates; ``common`` makes one direction louder than the others."""
    values = np.random.default_rng(seed).normal(0, 1, (count, dimension))
    values[:, 0] *= 1 + common
    return unit(values.astype(np.float32))


def spread(templates: FloatArray) -> FloatArray:
    """Give the scores of all pairs of different people."""
    one, other = np.triu_indices(len(templates), 1)
    return np.asarray((templates @ templates.T)[one, other], np.float32)


def test_targets_have_unit_length_and_the_wanted_dimension() -> None:
    teachers = [people(60, 12), people(60, 8, 2)]
    made = fit(teachers, [0.5, 0.5], dimension=10).of(teachers)
    assert made.shape == (60, 10)
    assert np.linalg.norm(made, axis=1) == pytest.approx(np.ones(60), abs=1e-5)


def test_what_all_faces_share_does_not_count() -> None:
    apart = people(80, 16)
    alike = unit(apart + np.float32(3))
    far, near = (spread(fit([each], [1.0], dimension=16).of([each])) for each in (apart, alike))
    assert spread(alike).mean() > 0.8
    assert near.mean() == pytest.approx(far.mean(), abs=0.05)


def test_a_loud_direction_is_held_back_by_power() -> None:
    loud = people(400, 16, common=6)
    scores = [spread(fit([loud], [1.0], power=p, dimension=16).of([loud])) for p in (0, 0.25, 0.5)]
    assert scores[0].std() > scores[1].std() > scores[2].std()


def test_without_power_nothing_but_the_centre_changes() -> None:
    given_ = people(50, 12)
    made = fit([given_], [1.0], power=0, dimension=12).of([given_])
    centred = unit(given_ - given_.mean(axis=0))
    centred = unit(centred - centred.mean(axis=0))
    assert made @ made.T == pytest.approx(centred @ centred.T, abs=1e-4)


def test_a_teacher_counts_as_much_as_its_share() -> None:
    one, other = people(70, 10, 1), people(70, 10, 2)
    target = fit([one, other], [0.9, 0.1], power=0, dimension=20)
    made = spread(target.of([one, other]))
    like_one, like_other = (np.corrcoef(made, spread(each))[0, 1] for each in (one, other))
    assert like_one > 0.9 > like_other


def test_the_map_serves_people_it_was_not_fitted_on() -> None:
    many = people(300, 16, common=4)
    target = fit([many[:200]], [1.0], dimension=12)
    assert target.of([many])[:200] == pytest.approx(target.of([many[:200]]), abs=1e-5)


def test_too_few_people_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot give 12 numbers"):
        fit([people(8, 20)], [1.0], dimension=12)


def test_a_face_and_its_mirror_image_get_the_same_target() -> None:
    one, other = people(9, 6, 1), people(9, 6, 2)
    assert both_ways(one, other) == pytest.approx(both_ways(other * 5, one), abs=1e-6)


@given(st.integers(0, 2**32 - 1))
def test_least_squares_find_a_linear_map_again(seed: int) -> None:
    rng = np.random.default_rng(seed)
    given_ = rng.normal(2, 1, (90, 7)).astype(np.float32)
    matrix, bias = rng.normal(0, 1, (7, 4)), rng.normal(0, 1, 4)
    found, shift = solve(given_, (given_ @ matrix + bias).astype(np.float32), 1e-9)
    assert found == pytest.approx(matrix, abs=1e-2)
    assert shift == pytest.approx(bias, abs=5e-2)


def test_pull_keeps_weights_small() -> None:
    given_ = RNG.normal(0, 1, (40, 7)).astype(np.float32)
    wanted = RNG.normal(0, 1, (40, 3)).astype(np.float32)
    free, held = (np.abs(solve(given_, wanted, pull)[0]).sum() for pull in (1e-6, 1.0))
    assert held < free
