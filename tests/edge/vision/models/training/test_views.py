"""Views of a face show that face, a little moved, straight or mirrored."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.vision.align import CHIP, REFERENCE, alignment, chip
from edge.vision.face import FloatArray, Image
from edge.vision.geometry import moved
from edge.vision.models.training import views

SEEDS = st.integers(0, 2**32 - 1)


def picture(seed: int, height: int = 240, width: int = 200) -> Image:
    """Give smooth colours, which stay nearly the same however they are sampled."""
    coarse = np.random.default_rng(seed).integers(60, 250, (6, 5, 3)).astype(np.uint8)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


LANDMARKS: FloatArray = (REFERENCE * 1.2 + np.float32([40, 50])).astype(np.float32)


def apart(one: Image, other: Image) -> float:
    return float(np.abs(one.astype(np.float32) - other).mean())


@pytest.fixture
def canvases() -> Image:
    found = [views.canvas(picture(seed), LANDMARKS) for seed in (1, 2)]
    assert all(each is not None for each in found)
    return np.stack([each for each in found if each is not None])


def test_a_plain_view_is_the_chip_that_the_unit_cuts(canvases: Image) -> None:
    matrix = alignment(LANDMARKS)
    assert matrix is not None
    seen = views.rendered(canvases, views.plain(0))
    assert seen.shape == (CHIP, CHIP, 3)
    assert apart(seen, chip(picture(1), matrix)) < 1


def test_a_canvas_is_black_outside_of_the_picture() -> None:
    square = views.canvas(picture(1), LANDMARKS - np.float32([60, 0]))
    assert square is not None
    assert square.shape == (views.CANVAS, views.CANVAS, 3)
    assert not square[:, 0].any()
    assert square[:, -60].any()


def test_landmarks_in_one_place_make_no_canvas() -> None:
    assert views.canvas(picture(1), np.full((5, 2), 50, np.float32)) is None


def test_the_mirror_frame_shows_the_view_mirrored(canvases: Image) -> None:
    straight = views.rendered(canvases, views.plain(0))
    mirrored = views.rendered(canvases, views.plain(0), views.mirror())
    assert apart(mirrored, straight[:, ::-1]) < 0.5


def test_a_mixed_view_lies_between_its_two_faces(canvases: Image) -> None:
    one, other = (views.rendered(canvases, views.plain(i)) for i in (0, 1))
    mixed = views.rendered(canvases, views.View(0, 1, 0.25, views.AS_CHIP))
    assert apart(mixed, np.asarray(0.75 * one + 0.25 * other, np.uint8)) < 1


@given(SEEDS)
def test_a_small_move_keeps_the_landmarks_near_or_mirrors_them(seed: int) -> None:
    pose = views.moved_a_little(np.random.default_rng(seed))
    straight = np.abs(moved(REFERENCE, pose) - REFERENCE).max()
    mirrored = np.abs(moved(moved(REFERENCE, pose), views.mirror()) - REFERENCE).max()
    assert min(straight, mirrored) < 24
    assert (straight < mirrored) == (np.linalg.det(pose[:, :2]) > 0)


def test_views_are_mirrored_half_of_the_time_and_mixed_as_often_as_asked() -> None:
    rng = np.random.default_rng(3)
    many = [views.drawn(50, rng, mixed=0.3) for _ in range(1000)]
    assert np.mean([np.linalg.det(one.pose[:, :2]) < 0 for one in many]) == pytest.approx(
        0.5, abs=0.06
    )
    assert np.mean([one.share > 0 for one in many]) == pytest.approx(0.3, abs=0.05)
    assert {one.face for one in many} == set(range(50))


@given(SEEDS)
def test_the_same_seed_draws_the_same_view(seed: int) -> None:
    one, other = (views.drawn(9, np.random.default_rng(seed)) for _ in range(2))
    assert (one.face, one.other, one.share) == (other.face, other.other, other.share)
    assert np.array_equal(one.pose, other.pose)


@given(SEEDS, SEEDS)
def test_chained_moves_move_one_after_the_other(first: int, second: int) -> None:
    one, other = (views.moved_a_little(np.random.default_rng(seed)) for seed in (first, second))
    chained = moved(REFERENCE, views.then(one, other))
    assert chained == pytest.approx(moved(moved(REFERENCE, one), other), abs=1e-3)
