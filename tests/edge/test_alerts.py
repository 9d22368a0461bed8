from dataclasses import replace

import cv2
import numpy as np
import pytest

from edge.alerts import ANSWERED_S, KEPT_S, MOST_ALERTS, AlertBook, Cause, crop, score_words
from edge.decision import Candidate, Verdict
from edge.errors import LinkError
from edge.vision.face import Face, Quality
from sync.entries import Category, Entry, Reason

PIXELS = np.zeros((100, 200, 3), np.uint8)


def a_face(x: float = 50.0, width: float = 40.0) -> Face:
    points = np.zeros((5, 2), np.float32)
    return Face((x, 30.0, x + width, 30.0 + width), points, 0.9, Quality(0.9), None)


def a_cause(
    encounter: int = 1, entry_id: str = "e1", verdict: Verdict = Verdict.STOP, width: float = 40.0
) -> Cause:
    entry = Entry(entry_id, Category.BANNED, Reason.VIOLENCE, 0.0, 1000.0)
    candidate = Candidate(entry_id, Category.BANNED, 0.6)
    face = a_face(width=width)
    return Cause(encounter, verdict, candidate, entry, "strong likeness", face, PIXELS)


@pytest.fixture
def book() -> AlertBook:
    return AlertBook(cool_down_s=60.0, clock=lambda: 5000.0)


def test_a_candidate_opens_one_alert_with_a_crop(book: AlertBook) -> None:
    assert book.consider(a_cause(), at=0.0)
    assert not book.consider(a_cause(), at=0.1)
    (view,) = book.sweep(0.2)
    assert (view.verdict, view.entry_id, view.opened_at, view.answer) == (
        "STOP",
        "e1",
        5000.0,
        None,
    )
    assert book.crop(view.alert_id).startswith(b"\xff\xd8")
    assert book.entry_of(view.alert_id) == "e1"


def test_an_answer_closes_the_alert_and_the_crop_is_gone(book: AlertBook) -> None:
    book.consider(a_cause(), at=0.0)
    (view,) = book.sweep(0.0)
    assert book.answer(view.alert_id, "not them", at=1.0).answer == "not them"
    assert book.answered(1)
    with pytest.raises(LinkError, match="not open any more"):
        book.crop(view.alert_id)
    with pytest.raises(LinkError, match="not open any more"):
        book.answer(view.alert_id, "refused", at=2.0)
    assert not book.consider(a_cause(), at=2.0)
    assert book.sweep(1.0 + ANSWERED_S)[0].answer == "not them"
    assert book.sweep(1.1 + ANSWERED_S) == ()


def test_an_unanswered_alert_is_over_a_minute_after_the_person_left(book: AlertBook) -> None:
    book.consider(a_cause(), at=0.0)
    book.end(1, at=10.0)
    (view,) = book.sweep(10.0 + KEPT_S)
    assert book.sweep(10.1 + KEPT_S) == ()
    with pytest.raises(LinkError):
        book.crop(view.alert_id)


def test_the_same_entry_rings_once_within_the_cool_down(book: AlertBook) -> None:
    book.consider(a_cause(encounter=1), at=0.0)
    book.end(1, at=1.0)
    assert not book.consider(a_cause(encounter=2), at=50.0)
    assert not book.consider(a_cause(encounter=3), at=100.0)
    assert book.cooled(3)
    assert not book.cooled(1)
    assert book.consider(a_cause(encounter=4), at=161.0)
    assert book.consider(a_cause(encounter=5, entry_id="e2"), at=161.0)


def test_a_check_that_becomes_a_stop_is_the_same_alert(book: AlertBook) -> None:
    book.consider(a_cause(verdict=Verdict.CHECK), at=0.0)
    book.consider(a_cause(verdict=Verdict.STOP), at=0.1)
    (view,) = book.sweep(0.1)
    assert view.verdict == "STOP"


def test_a_worse_candidate_takes_the_place_of_a_better_one(book: AlertBook) -> None:
    book.consider(a_cause(verdict=Verdict.CHECK), at=0.0)
    book.consider(a_cause(entry_id="e2", verdict=Verdict.CHECK), at=0.1)
    assert [view.entry_id for view in book.sweep(0.1)] == ["e1"]
    book.consider(a_cause(entry_id="e3", verdict=Verdict.STOP), at=0.2)
    assert [view.entry_id for view in book.sweep(0.2)] == ["e3"]


def test_the_crop_follows_a_face_that_comes_clearly_closer(book: AlertBook) -> None:
    book.consider(a_cause(width=30.0), at=0.0)
    (view,) = book.sweep(0.0)
    first = book.crop(view.alert_id)
    book.consider(a_cause(width=32.0), at=0.1)
    assert book.crop(view.alert_id) == first
    book.consider(a_cause(width=60.0), at=0.2)
    assert book.crop(view.alert_id) != first


def test_no_more_alerts_are_kept_than_a_person_can_look_at(book: AlertBook) -> None:
    for number in range(MOST_ALERTS + 5):
        book.consider(a_cause(encounter=number, entry_id=f"e{number}"), at=0.0)
    views = book.sweep(0.0)
    assert len(views) == MOST_ALERTS
    assert views[0].encounter == MOST_ALERTS + 4


@pytest.mark.parametrize("x", [-60.0, 0.0, 150.0, 195.0, 900.0])
def test_a_crop_stays_inside_the_frame(x: float) -> None:
    jpeg = crop(PIXELS, a_face(x))
    assert bool(jpeg) == (x < 300.0)  # far beside the frame there is nothing to show
    if jpeg:
        picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
        assert picture is not None
        assert max(picture.shape) <= 320


def test_a_large_crop_is_reduced() -> None:
    frame = np.zeros((720, 1280, 3), np.uint8)
    face = replace(a_face(), box=(200.0, 100.0, 700.0, 600.0))
    picture = cv2.imdecode(np.frombuffer(crop(frame, face), np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    assert max(picture.shape) == 320


def test_scores_are_said_in_words() -> None:
    words = [score_words(score, check=0.4, stop=0.5) for score in (0.3, 0.45, 0.55, 0.61)]
    assert words == ["no likeness", "some likeness", "strong likeness", "very strong likeness"]


def test_the_guard_counts_what_is_opened_and_answered_and_a_check_that_turned_red() -> None:
    book = AlertBook(cool_down_s=0.0, clock=lambda: 5000.0)
    book.consider(a_cause(encounter=1, verdict=Verdict.CHECK), at=0.0)
    book.consider(a_cause(encounter=1, verdict=Verdict.STOP), at=0.1)
    book.consider(a_cause(encounter=1, verdict=Verdict.STOP), at=0.2)
    book.answer(book.sweep(0.2)[0].alert_id, "not them", at=0.3)
    assert book.outcomes() == {
        "since": 5000, "alerts": 1, "reds": 1, "not-them": 1, "red-not-them": 1,
    }  # fmt: skip
    assert [(one.entry_id, one.alerts, one.not_them) for one in book.rings()] == [("e1", 1, 1)]
    assert book.held_back() == frozenset()
    book.consider(a_cause(encounter=2), at=1.0)
    book.answer(book.sweep(1.0)[0].alert_id, "not them", at=1.0)
    assert book.held_back() == {"e1"}
    book.hand_held()
    assert book.outcomes()["hand-held"] == 1


def test_an_alert_says_that_its_entry_is_held_back() -> None:
    book = AlertBook(cool_down_s=0.0, clock=lambda: 5000.0)
    cause = a_cause(verdict=Verdict.CHECK)
    book.consider(replace(cause, candidate=replace(cause.candidate, held_back=True)), at=0.0)
    assert [view.held_back for view in book.sweep(0.0)] == [True]
