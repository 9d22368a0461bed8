"""Door conditions change a face as doors do, and never into something else."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.vision.face import FloatArray, Image
from edge.vision.models.training import conditions
from edge.vision.models.training.conditions import IN_ORDER, Change, worsened

SEEDS = st.integers(0, 2**32 - 1)
CHANGES = [change for change, _ in IN_ORDER]


def face(seed: int = 0, side: int = 112) -> FloatArray:
    """Give something with edges, so that blur and noise can be told."""
    rng = np.random.default_rng(seed)
    blocks = rng.integers(30, 226, (side // 8, side // 8, 3))
    return np.kron(blocks, np.ones((8, 8, 1))).astype(np.float32)


def sharpness(shot: FloatArray) -> float:
    return float(sum((np.diff(shot, axis=axis) ** 2).mean() for axis in (0, 1)))


@pytest.mark.parametrize("change", CHANGES)
@given(seed=SEEDS)
def test_each_change_keeps_size_and_kind(change: Change, seed: int) -> None:
    made = change(face(), np.random.default_rng(seed))
    assert made.shape == face().shape
    assert made.dtype == np.float32
    assert np.isfinite(made).all()


@pytest.mark.parametrize("change", CHANGES)
def test_no_change_writes_into_what_it_is_given(change: Change) -> None:
    shot = face()
    for seed in range(8):
        change(shot, np.random.default_rng(seed))
    assert np.array_equal(shot, face())


@given(SEEDS)
def test_a_worsened_face_is_a_picture_of_the_same_size(seed: int) -> None:
    chip = face().astype(np.uint8)
    made = worsened(chip, np.random.default_rng(seed))
    assert made.shape == chip.shape
    assert made.dtype == np.uint8


@given(SEEDS)
def test_the_same_seed_worsens_alike(seed: int) -> None:
    chip = face().astype(np.uint8)
    one, other = (worsened(chip, np.random.default_rng(seed)) for _ in range(2))
    assert np.array_equal(one, other)


@given(SEEDS)
def test_what_lay_outside_of_the_picture_stays_black(seed: int) -> None:
    chip: Image = face().astype(np.uint8)
    chip[:20] = 0
    assert not worsened(chip, np.random.default_rng(seed), untouched=0)[:20].any()


def test_a_share_of_the_faces_is_left_alone() -> None:
    chip, rng = face().astype(np.uint8), np.random.default_rng(1)
    same = [np.array_equal(worsened(chip, rng, untouched=0.5), chip) for _ in range(300)]
    assert 0.45 < np.mean(same) < 0.65


def test_doors_are_darker_than_photographs() -> None:
    rng = np.random.default_rng(2)
    means = [float(np.clip(conditions.dim(face(), rng), 0, 255).mean()) for _ in range(200)]
    assert np.median(means) < 0.85 * face().mean()


def test_lamps_colour_and_infrared_takes_the_colour_away() -> None:
    rng = np.random.default_rng(3)
    shots = [conditions.tint(face(), rng) for _ in range(100)]
    grey = [bool(np.ptp(shot, axis=2).max() < 1e-3) for shot in shots]
    assert 0.1 < np.mean(grey) < 0.45


@pytest.mark.parametrize("change", [conditions.blur, conditions.shrink])
@given(seed=SEEDS)
def test_bad_focus_and_distance_lose_edges(change: Change, seed: int) -> None:
    assert sharpness(change(face(), np.random.default_rng(seed))) < sharpness(face())


@given(SEEDS)
def test_grain_adds_noise_but_no_light(seed: int) -> None:
    made = conditions.grain(face(), np.random.default_rng(seed))
    assert (made - face()).std() > 0.5
    assert made.mean() == pytest.approx(face().mean(), abs=2)


@given(SEEDS)
def test_a_cover_leaves_most_of_the_face_free(seed: int) -> None:
    made = conditions.cover(face(), np.random.default_rng(seed))
    hidden = (np.abs(made - face()).max(axis=2) > 3).mean()
    assert hidden < 0.3
