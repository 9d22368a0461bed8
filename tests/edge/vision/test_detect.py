"""Decoding and merging what the detectors answer."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.vision.detect import Detections, Run, decoded, full_range, merged, short_range, together
from edge.vision.face import FloatArray
from edge.vision.pyramid import Pyramid


def _detections(boxes: Sequence[Sequence[float]], scores: Sequence[float]) -> Detections:
    corners = np.array(boxes, np.float32).reshape(-1, 4)
    points = np.repeat(((corners[:, :2] + corners[:, 2:]) / 2)[:, None], 6, axis=1)
    return Detections(corners, points.astype(np.float32), np.array(scores, np.float32))


def _answering(
    anchors: int, shape: tuple[int, int], index: int, box: tuple[float, ...] = (0, 0, 48, 48)
) -> tuple[Run, list[FloatArray]]:
    """Make a network that sees one face at one anchor, and remembers what it was shown."""
    shown: list[FloatArray] = []

    def run(batch: FloatArray) -> tuple[FloatArray, ...]:
        shown.append(batch)
        values = np.zeros((1, anchors, 16), np.float32)
        values[0, index, :4] = box
        logits = np.full((1, anchors, 1), -1000, np.float32)
        logits[0, index] = 5
        assert batch.shape == (1, *shape, 3)
        return values, logits

    return run, shown


def _silent(_: FloatArray) -> tuple[FloatArray, ...]:
    return ()


def test_the_anchors_are_those_the_networks_were_trained_with() -> None:
    far, near = full_range(_silent), short_range(_silent)
    assert far.anchors.shape == (2304, 2)
    assert near.anchors.shape == (896, 2)
    assert np.allclose(far.anchors[1], [6, 2])
    assert np.allclose(near.anchors[:2], 4)
    assert np.allclose(near.anchors[512:518], 8)


def test_a_lower_input_has_the_upper_rows_of_the_anchors() -> None:
    whole, low = short_range(_silent), short_range(_silent, 80)
    assert low.anchors.shape == (560, 2)
    assert np.array_equal(low.anchors[:320], whole.anchors[:320])
    assert np.array_equal(low.anchors[320:], whole.anchors[512:752])


def test_a_wide_image_fits_a_lower_input() -> None:
    run, shown = _answering(560, (80, 128), 0)
    short_range(run, 80).find(Pyramid(np.full((720, 1280, 3), 255, np.uint8)), (0, 0, 1280, 720))
    rows = np.flatnonzero(shown[0][0, :, 64, 0] > 0)
    assert (rows[0], rows[-1]) == (4, 75)


def test_a_face_in_a_wide_image_comes_out_in_its_pixels() -> None:
    run, shown = _answering(2304, (192, 192), 24 * 48 + 24)
    found = full_range(run).find(Pyramid(np.full((720, 1280, 3), 255, np.uint8)), (0, 0, 1280, 720))
    scale = 1280 / 192
    centre = (24.5 / 48 * 192) * scale
    assert found.boxes[0] == pytest.approx(
        [
            centre - 24 * scale,
            centre - 280 - 24 * scale,
            centre + 24 * scale,
            centre - 280 + 24 * scale,
        ],
        abs=0.1,
    )
    rows = np.flatnonzero(shown[0][0, :, 96, 0] > 0)
    assert (rows[0], rows[-1]) == (42, 149)


def test_what_a_region_shows_beyond_the_image_is_black() -> None:
    run, shown = _answering(896, (128, 128), 0)
    short_range(run).find(Pyramid(np.full((100, 100, 3), 255, np.uint8)), (-50, -50, 150, 150))
    lit = np.argwhere(shown[0][0, ..., 0] > 0)
    assert (lit.min(), lit.max()) == (32, 95)


def test_the_same_face_lies_in_the_same_place_whichever_region_showed_it() -> None:
    places = []
    for region in ((0, 0, 200, 200), (-50, -50, 250, 250), (100, 50, 200, 200)):
        side = max(region[2] - region[0], region[3] - region[1])
        x, y = (region[0] + region[2] - side) / 2, (region[1] + region[3] - side) / 2
        anchor = (0.5 / 16) * 128
        offset = (150 - x) / side * 128 - anchor, (120 - y) / side * 128 - anchor
        run, _ = _answering(896, (128, 128), 0, box=(*offset, 10, 10))
        found = short_range(run).find(Pyramid(np.zeros((200, 200, 3), np.uint8)), region)
        places.append((found.boxes[0][:2] + found.boxes[0][2:]) / 2)
    assert np.allclose(places, [150, 120], atol=0.01)


def test_extreme_logits_neither_overflow_nor_hide() -> None:
    anchors = np.zeros((2, 2), np.float32)
    values = np.ones((2, 16), np.float32)
    found = decoded(values, np.array([1e30, -1e30], np.float32), anchors, 0.4)
    assert found.scores.tolist() == [1.0]


def test_nothing_found_is_an_empty_answer() -> None:
    nothing = merged(_detections([], []))
    assert len(nothing) == 0
    assert len(together([nothing, nothing])) == 0


def test_detections_of_one_face_melt_weighted_by_score() -> None:
    found = merged(_detections([[0, 0, 10, 10], [2, 0, 12, 10]], [0.9, 0.3]))
    assert found.boxes.tolist() == [pytest.approx([0.5, 0, 10.5, 10])]
    assert found.scores[0] == pytest.approx(0.9)


def test_a_face_cut_by_a_tile_is_not_counted_beside_the_whole_one() -> None:
    found = together(
        [_detections([[0, 0, 100, 100]], [0.9]), _detections([[60, 0, 100, 60]], [0.8])]
    )
    assert found.boxes.tolist() == [[0, 0, 100, 100]]


def test_faces_side_by_side_stay_two() -> None:
    assert len(merged(_detections([[0, 0, 50, 60], [45, 0, 95, 60]], [0.9, 0.8]))) == 2


@given(
    st.lists(
        st.tuples(st.floats(0, 900), st.floats(0, 900), st.floats(10, 300), st.floats(0.4, 1)),
        max_size=12,
    )
)
def test_merging_invents_nothing_and_is_settled_by_score(
    faces: list[tuple[float, float, float, float]],
) -> None:
    faces.sort(key=lambda face: -face[3])
    found = _detections([[x, y, x + w, y + w] for x, y, w, _ in faces], [f[3] for f in faces])
    once = merged(found)
    assert len(once) <= len(found)
    assert bool(len(once)) == bool(len(found))
    assert (np.diff(once.scores) <= 1e-6).all()
    if len(found):
        assert once.boxes.min() >= found.boxes.min() - 1e-2
        assert once.boxes.max() <= found.boxes.max() + 1e-2
