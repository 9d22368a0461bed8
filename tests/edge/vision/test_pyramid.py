"""Cutting what a network sees out of a picture, whatever the scale."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.vision.face import Image
from edge.vision.geometry import moved, square, warp
from edge.vision.pyramid import Pyramid


def _dot(side: int, x: int, y: int, radius: int) -> Image:
    picture = np.zeros((side, side, 3), np.uint8)
    cv2.circle(picture, (x, y), radius, (255, 255, 255), -1)
    return picture


def _middle(cut: Image) -> list[float]:
    """Give x and y of the middle of what is bright."""
    y, x = np.nonzero(cut[..., 0] > 127)
    return [float(x.mean()), float(y.mean())]


def test_shrinking_a_fine_pattern_gives_grey_not_stripes() -> None:
    stripes = np.zeros((800, 800, 3), np.uint8)
    stripes[:, ::2] = 255
    small = warp(stripes, square(np.array([400, 400], np.float32), 700, 0.0, 100), 100)
    assert np.abs(small[5:-5, 5:-5].astype(int) - 127).max() < 12
    window = Pyramid(stripes).window(0, 0, 8, (100, 100))
    assert np.abs(window.astype(int) - 127).max() < 12


@pytest.mark.parametrize("side", [150.0, 330.0, 600.0, 850.0])
def test_a_turned_cut_keeps_places_at_every_scale(side: float) -> None:
    matrix = square(np.array([450, 450], np.float32), side, 0.3, 112)
    cut = Pyramid(_dot(901, 470, 430, 30)).cut(matrix, 112)
    assert _middle(cut) == pytest.approx(
        moved(np.array([[470, 430]], np.float32), matrix)[0].tolist(), abs=0.5
    )


@pytest.mark.parametrize("left", [0.0, 64.0, 63.0, 63.3, -20.0])
@pytest.mark.parametrize("step", [0.8, 1.5, 3.75, 4.0, 7.9])
def test_a_window_keeps_places_whether_or_not_it_begins_at_a_whole_pixel(
    left: float, step: float
) -> None:
    x, y = round(left + 40 * step), round(50 * step)
    cut = Pyramid(_dot(901, x, y, max(3, round(12 * step)))).window(left, 0, step, (96, 96))
    expected = [(x + 0.5 - left) / step - 0.5, (y + 0.5) / step - 0.5]
    assert _middle(cut) == pytest.approx(expected, abs=0.5)


def test_what_a_window_shows_beyond_the_picture_is_black() -> None:
    cut = Pyramid(np.full((100, 300, 3), 255, np.uint8)).window(0, -100, 3, (100, 100))
    assert (cut[:33] == 0).all()
    assert (cut[34:66] == 255).all()
    assert (cut[67:] == 0).all()


def test_a_cut_far_outside_the_picture_repeats_its_edge() -> None:
    picture = np.full((50, 60, 3), 9, np.uint8)
    for side in (20.0, 900.0):
        matrix = square(np.array([5000, -4000], np.float32), side, 0.1, 112)
        assert (Pyramid(picture).cut(matrix, 112) == 9).all()


@given(
    st.integers(1, 60),
    st.integers(1, 60),
    st.floats(-100, 100),
    st.floats(-100, 100),
    st.floats(0.05, 40),
)
@settings(max_examples=60)
def test_every_window_on_every_picture_has_its_size_and_invents_no_light(
    width: int, height: int, left: float, top: float, step: float
) -> None:
    picture = Pyramid(np.full((height, width, 3), 200, np.uint8))
    cut = picture.window(left, top, step, (32, 16))
    assert cut.shape == (16, 32, 3)
    assert cut.max() <= 200


def test_a_picture_is_halved_once_for_all_cuts() -> None:
    picture = np.full((64, 64, 3), 10, np.uint8)
    pyramid = Pyramid(picture)
    pyramid.window(0, 0, 2, (32, 32))
    picture[:] = 99
    assert (pyramid.window(0, 0, 2, (32, 32)) == 10).all()
