"""The last minute, in memory only: who is kept, for how long, and of whom what."""

import numpy as np
import pytest

from edge.errors import LinkError
from edge.recall import KEPT_S, MOST, Recall
from edge.vision.face import Face, Flaw, FloatArray, Quality
from edge.vision.track import Track

PIXELS = np.full((200, 200, 3), 120, np.uint8)


def template(*values: float) -> FloatArray:
    row = np.zeros(32, np.float32)
    row[: len(values)] = values
    return row / np.linalg.norm(row)


def face(quality: float, *flaws: Flaw, of: FloatArray | None = None) -> Face:
    marks = np.zeros((5, 2), np.float32)
    return Face((60, 60, 120, 120), marks, 0.9, Quality(quality, flaws), of)


def track(number: int, shown: Face, at: float, usable: int = 2) -> Track:
    return Track(number, at, at, shown, usable, template(1, 1), lost=False)


@pytest.fixture
def recall() -> Recall:
    remembering = Recall(lambda: True)
    remembering.sweep(0.0)
    return remembering


def test_the_best_face_and_the_fused_template_make_the_reference(recall: Recall) -> None:
    good, poor = face(0.9, of=template(1)), face(0.5, of=template(0, 1))
    recall.see(track(1, good, 1.0), PIXELS, None)
    recall.see(track(1, poor, 2.0, usable=3), PIXELS, None)
    found = recall.passer(1)
    assert found.face is good
    assert found.picture.startswith(b"\xff\xd8")
    assert np.array_equal(found.templates(), np.stack([template(1), template(1, 1)]))
    assert [one.faces for one in recall.views(5.0)] == [3]


def test_one_face_alone_is_one_template(recall: Recall) -> None:
    recall.see(track(1, face(0.9, of=template(1)), 1.0, usable=1), PIXELS, None)
    assert recall.passer(1).templates().shape == (1, 32)


def test_a_face_that_cannot_be_compared_is_not_remembered(recall: Recall) -> None:
    recall.see(track(1, face(0.9, Flaw.DARK, of=template(1)), 1.0), PIXELS, None)
    recall.see(track(2, face(0.9), 1.0), PIXELS, None)
    assert recall.views(1.0) == ()


def test_a_minute_after_the_last_sight_nothing_is_left(recall: Recall) -> None:
    recall.see(track(1, face(0.9, of=template(1)), 1.0), PIXELS, None)
    recall.part(1)
    recall.sweep(1.0 + KEPT_S)
    (view,) = recall.views(1.0 + KEPT_S)
    assert (view.in_view, view.ago_s) == (False, KEPT_S)
    recall.sweep(1.1 + KEPT_S)
    assert recall.views(1.1 + KEPT_S) == ()
    with pytest.raises(LinkError, match="only the last minute"):
        recall.passer(1)


def test_of_many_people_the_last_eight_are_kept(recall: Recall) -> None:
    for number in range(1, MOST + 4):
        recall.see(track(number, face(0.9, of=template(1)), float(number)), PIXELS, None)
    numbers = [one.encounter for one in recall.views(20.0)]
    assert numbers == list(range(MOST + 3, 3, -1))


def test_without_a_managers_pin_nobody_is_remembered_and_all_are_forgotten() -> None:
    wanted = [False]
    recall = Recall(lambda: wanted[0])
    recall.see(track(1, face(0.9, of=template(1)), 0.0), PIXELS, None)
    recall.sweep(0.0)
    recall.see(track(1, face(0.9, of=template(1)), 0.1), PIXELS, None)
    assert recall.views(0.1) == ()
    wanted[0] = True
    recall.sweep(2.0)
    recall.see(track(1, face(0.9, of=template(1)), 2.0), PIXELS, None)
    assert len(recall.views(2.0)) == 1
    wanted[0] = False
    recall.sweep(4.0)
    assert recall.views(4.0) == ()


def test_somebody_is_claimed_once_and_says_so(recall: Recall) -> None:
    recall.see(track(1, face(0.9, of=template(1)), 1.0), PIXELS, "e1")
    recall.claim(1)
    assert [(one.claimed, one.entry_id) for one in recall.views(1.0)] == [(True, "e1")]
    with pytest.raises(LinkError, match="a moment ago"):
        recall.claim(1)
    recall.see(track(1, face(0.95, of=template(1)), 2.0), PIXELS, "e1")
    assert recall.passer(1).claimed
    recall.release(1)
    recall.claim(1)


def test_nobody_who_is_gone_is_claimed(recall: Recall) -> None:
    recall.release(7)
    recall.part(7)
    with pytest.raises(LinkError, match="only the last minute"):
        recall.claim(7)
