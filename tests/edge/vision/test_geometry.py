"""The plane geometry of faces."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.vision.align import REFERENCE, alignment, chip, outside_black
from edge.vision.face import FloatArray
from edge.vision.geometry import inverse, moved, overlaps, similarity, square

_SIDES = st.floats(1, 500)
_BOX = st.tuples(st.floats(-500, 500), st.floats(-500, 500), _SIDES, _SIDES).map(
    lambda box: np.array([box[0], box[1], box[0] + box[2], box[1] + box[3]], np.float32)
)


@given(_BOX, _BOX)
def test_overlap_is_symmetric_and_within_0_and_1(one: FloatArray, other: FloatArray) -> None:
    (there, inside), (back, _) = overlaps(one, other[None]), overlaps(other, one[None])
    assert there[0] == pytest.approx(back[0], abs=1e-5)
    assert 0 <= there[0] <= inside[0] + 1e-5 <= 1.001


@given(_BOX)
def test_a_box_overlaps_itself_fully(box: FloatArray) -> None:
    assert overlaps(box, box[None])[0] == pytest.approx(1, abs=1e-4)


def test_empty_boxes_overlap_nothing() -> None:
    empty = np.zeros(4, np.float32)
    assert [share.tolist() for share in overlaps(empty, empty[None])] == [[0], [0]]


def test_a_box_inside_another_shares_all_of_itself() -> None:
    outer, inner = np.array([[0, 0, 100, 100], [10, 10, 20, 20]], np.float32)
    assert overlaps(outer, inner[None])[1] == pytest.approx(1)


@given(st.floats(-3.1, 3.1), st.floats(0.05, 20), st.floats(-2000, 2000), st.floats(-2000, 2000))
def test_a_similarity_is_found_again_from_its_points(
    angle: float, scale: float, x: float, y: float
) -> None:
    cos, sin = np.cos(angle) * scale, np.sin(angle) * scale
    matrix = np.array([[cos, -sin, x], [sin, cos, y]], np.float32)
    found = similarity(REFERENCE, moved(REFERENCE, matrix))
    assert found is not None
    assert np.allclose(moved(REFERENCE, found), moved(REFERENCE, matrix), atol=0.02 + scale * 0.01)


@pytest.mark.parametrize("value", [0.0, 7.5, np.nan, np.inf])
def test_degenerate_landmarks_have_no_alignment(value: float) -> None:
    assert alignment(np.full((5, 2), value, np.float32)) is None


def test_landmarks_scattered_so_that_no_face_fits_have_no_alignment() -> None:
    for reach in (1e9, 1e30):
        far = np.array([[0, 0], [1, 0], [0, 1], [-1, 0], [0, -1]], np.float32) * np.float32(reach)
        assert alignment(far) is None


def test_landmarks_that_lie_as_in_the_reference_are_left_alone() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (112, 112, 3), dtype=np.uint8)
    matrix = alignment(REFERENCE)
    assert matrix is not None
    assert np.abs(chip(picture, matrix).astype(int) - picture).max() <= 1


def test_a_turned_square_puts_its_centre_in_the_middle() -> None:
    matrix = square(np.array([40, 70], np.float32), 50, 0.7, 192)
    assert np.allclose(moved(np.array([[40, 70]], np.float32), matrix), 96, atol=1e-3)
    back = moved(np.array([[96, 96]], np.float32), inverse(matrix))
    assert np.allclose(back, [[40, 70]], atol=1e-3)


def test_what_of_a_chip_lies_outside_the_picture_is_black_for_the_template() -> None:
    picture = np.full((60, 112, 3), 200, np.uint8)
    matrix = np.array([[1, 0, 0], [0, 1, 30]], np.float32)
    inside = outside_black(chip(picture, matrix), matrix, picture)
    assert (inside[31:89] == 200).all()
    assert (inside[:29] == 0).all()
    assert (inside[92:] == 0).all()


def test_a_chip_within_the_picture_stays_as_it_is() -> None:
    picture = np.full((200, 200, 3), 200, np.uint8)
    matrix = np.array([[1, 0, -20], [0, 1, -20]], np.float32)
    aligned = chip(picture, matrix)
    assert outside_black(aligned, matrix, picture) is aligned


def test_what_lies_outside_the_picture_is_blackened_before_a_template_is_made() -> None:
    picture = np.full((100, 100, 3), 200, np.uint8)
    matrix = np.array([[1, 0, 0], [0, 1, 30]], np.float32)
    inside = outside_black(chip(picture, matrix), matrix, picture)
    assert (inside[:29] == 0).all()
    assert (inside[31:, :99] == 200).all()


def test_a_face_well_inside_the_picture_is_not_touched() -> None:
    picture = np.full((300, 300, 3), 200, np.uint8)
    matrix = np.array([[1, 0, -50], [0, 1, -50]], np.float32)
    aligned = chip(picture, matrix)
    assert outside_black(aligned, matrix, picture) is aligned
