from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from edge.alerts import AlertBook
from edge.capture.source import Frame
from edge.decision import Candidate, Fault, Rules, Verdict
from edge.pipeline import ENDED_KEPT, InForce, Screening
from edge.recall import Recall
from edge.vision.face import Face, Flaw, FloatArray, Quality
from edge.vision.track import Track
from sync.entries import Category, Entry, Reason

RULES = Rules(check=0.4, stop=0.5)
PIXELS = np.zeros((100, 200, 3), np.uint8)
ENTRY = Entry("e1", Category.BANNED, Reason.VIOLENCE, 0.0, 1e10)
NO_FAULTS: frozenset[Fault] = frozenset()


class Scores:
    """An index that answers with the scores of a script."""

    def __init__(self, *scores: float | None) -> None:
        self._scores = iter(scores)
        self.searches = 0

    def search(self, probe: FloatArray, *, threshold: float, limit: int) -> tuple[Candidate, ...]:
        self.searches += 1
        score = next(self._scores)
        return (
            () if score is None or score < threshold else (Candidate("e1", Category.BANNED, score),)
        )


class Nobody:
    """Sees no faces; the tracks of the test come from elsewhere."""

    def faces(self, rgb: object, *, embed: bool = True) -> list[Face]:
        return []


class Tracks:
    """A tracker that gives the tracks of a script, frame by frame."""

    def __init__(self, frames: Iterator[tuple[Track, ...]]) -> None:
        self._frames = frames

    def update(self, faces: list[Face], at: float) -> tuple[Track, ...]:
        return next(self._frames)


def a_track(number: int, at: float, usable: int, *, began: float = 0.0) -> Track:
    probe = np.array([1, 0], np.float32) if usable else None
    quality = Quality(0.9) if usable else Quality(0.1, (Flaw.DARK,))
    box = (50.0, 20.0, 90.0, 60.0)
    face = Face(box, np.zeros((5, 2), np.float32), 0.9, quality, probe)
    return Track(
        number=number, first_seen=began, last_seen=at, face=face, usable=usable, fused=probe,
        lost=False,
    )  # fmt: skip


def in_force(index: Scores | None) -> InForce:
    return InForce(RULES, index, {"e1": ENTRY})  # type: ignore[arg-type]  # a stand-in


class Door:
    """A screening of scripted tracks."""

    def __init__(self, *frames: tuple[Track, ...], recall: Recall | None = None) -> None:
        self.alerts = AlertBook(60.0)
        tracker = Tracks(iter(frames))
        self.screening = Screening(Nobody(), tracker, self.alerts, recall)  # type: ignore[arg-type]
        self._number = 0

    def show(self, listed: InForce, faults: frozenset[Fault] = NO_FAULTS) -> list[Verdict | None]:
        at = self._number / 10
        decisions = self.screening.screen(Frame(PIXELS, at, self._number), listed, faults)
        self._number += 1
        return [decision.verdict for decision in decisions]


def steps(count: int, number: int = 1) -> list[tuple[Track, ...]]:
    return [(a_track(number, i / 10, i + 1),) for i in range(count)]


def test_a_stranger_is_clear_after_enough_comparisons_and_not_before() -> None:
    door, listed = Door(*steps(4)), in_force(Scores(None, None, None, None))
    assert [door.show(listed)[0] for _ in range(4)] == [None, None, Verdict.CLEAR, Verdict.CLEAR]
    (view,) = door.screening.views()
    assert (view.verdict, view.usable, view.first_frame, view.last_frame) == ("CLEAR", 4, 0, 3)
    assert view.box == (0.25, 0.2, 0.45, 0.6)


def test_a_listed_person_is_stopped_and_an_alert_waits() -> None:
    door, listed = Door(*steps(2)), in_force(Scores(0.6, 0.6))
    door.show(listed)
    assert door.show(listed) == [Verdict.STOP]
    (alert,) = door.alerts.sweep(0.2)
    assert (alert.verdict, alert.entry_id, alert.category) == ("STOP", "e1", "banned")


def test_a_stop_stays_while_the_person_is_in_view() -> None:
    door, listed = Door(*steps(9)), in_force(Scores(0.6, 0.6, *[None] * 7))
    assert [door.show(listed) for _ in range(9)][-1] == [Verdict.STOP]


def test_a_frame_without_a_new_usable_face_is_not_a_comparison() -> None:
    still = a_track(1, 0.0, 1)
    scores = Scores(None)
    door = Door((still,), (still,), (still,), (still,))
    for _ in range(4):
        assert door.show(in_force(scores)) == [None]
    assert scores.searches == 1


def test_without_a_gallery_nothing_is_compared_and_nobody_is_clear() -> None:
    door = Door(*steps(6))
    for _ in range(6):
        assert Verdict.CLEAR not in door.show(in_force(None))


@pytest.mark.parametrize("fault", list(Fault))
def test_with_a_fault_nobody_is_clear(fault: Fault) -> None:
    door, listed = Door(*steps(6)), in_force(Scores(*[None] * 6))
    for _ in range(6):
        assert Verdict.CLEAR not in door.show(listed, frozenset({fault}))


def test_an_encounter_counts_once_and_leaves_only_numbers() -> None:
    door, listed = Door(*steps(3), (), ()), in_force(Scores(None, None, None))
    for _ in range(5):
        door.show(listed)
    (view,) = door.screening.views()
    assert view.ended
    assert door.screening.counts == {"encounters": 1, "clear": 1}
    assert door.screening._open == {}


def test_a_person_who_comes_back_goes_on_with_the_same_encounter() -> None:
    gone = replace(a_track(1, 0.2, 3), lost=True)
    door = Door(*steps(3), (gone,), (a_track(1, 0.4, 4),), ())
    listed = in_force(Scores(None, None, None, None))
    for _ in range(6):
        door.show(listed)
    assert +door.screening.counts == {"encounters": 1, "clear": 1}
    (view,) = door.screening.views()
    assert (view.usable, view.ended) == (4, True)


def test_what_ended_keeps_no_template() -> None:
    door = Door(*steps(2), ())
    for _ in range(3):
        door.show(in_force(Scores(None, None)))
    (gone,) = door.screening._left.values()
    assert gone.track.fused is None
    assert gone.track.face.template is None


def test_only_the_last_ended_encounters_are_shown_newest_first() -> None:
    door = Door(*[(a_track(n, n / 10, 0, began=n / 10),) for n in range(1, 30)], ())
    for _ in range(30):
        door.show(in_force(Scores()))
    views = door.screening.views()
    assert [view.number for view in views] == list(range(29, 29 - ENDED_KEPT, -1))


def test_what_staff_have_answered_lights_no_lamp_any_more() -> None:
    door, listed = Door(*steps(3)), in_force(Scores(0.6, 0.6, 0.6))
    door.show(listed)
    door.show(listed)
    (alert,) = door.alerts.sweep(0.2)
    door.alerts.answer(alert.alert_id, "not them", 0.2)
    assert door.show(listed) == []


def test_latency_is_noted_at_the_first_verdict_only() -> None:
    door, listed = Door(*steps(5)), in_force(Scores(*[None] * 5))
    for _ in range(2):
        door.show(listed)
        door.screening.settle(50.0)
    assert door.screening.views()[0].latency_ms == 0
    door.show(listed)
    door.screening.settle(0.25)
    door.show(listed)
    door.screening.settle(90.0)
    assert door.screening.views()[0].latency_ms == pytest.approx(50)


def test_the_end_of_a_clip_ends_everybody() -> None:
    door = Door(*steps(1))
    door.show(in_force(Scores(None)))
    door.screening.finish(1.0)
    assert [view.ended for view in door.screening.views()] == [True]


class Two:
    """An index in which one entry always scores above another."""

    def __init__(self, first: float, second: float) -> None:
        self._found = (
            Candidate("e1", Category.BANNED, first), Candidate("e2", Category.BANNED, second),
        )  # fmt: skip

    def search(self, probe: FloatArray, *, threshold: float, limit: int) -> tuple[Candidate, ...]:
        return tuple(one for one in self._found if one.score >= threshold)[:limit]


def listed(index: object, *cautioned: str) -> InForce:
    entries = {"e1": ENTRY, "e2": replace(ENTRY, entry_id="e2")}
    return InForce(RULES, index, entries, cautioned=frozenset(cautioned))  # type: ignore[arg-type]


def last_of(door: Door, in_force: InForce, frames: int) -> list[Verdict | None]:
    return [door.show(in_force) for _ in range(frames)][-1]


def test_an_entry_that_the_hub_holds_back_is_a_check_and_its_alert_says_so() -> None:
    door = Door(*steps(5))
    assert last_of(door, listed(Two(0.6, 0.0), "e1"), 5) == [Verdict.CHECK]
    (alert,) = door.alerts.sweep(0.5)
    assert (alert.verdict, alert.held_back) == ("CHECK", True)


def test_an_entry_that_is_held_back_hides_nobody_who_is_to_be_stopped() -> None:
    door = Door(*steps(3))
    assert last_of(door, listed(Two(0.8, 0.6), "e1"), 3) == [Verdict.STOP]
    (alert,) = door.alerts.sweep(0.3)
    assert (alert.entry_id, alert.held_back) == ("e2", False)


def test_an_entry_that_is_held_back_stays_the_best_guess_where_nobody_is_to_be_stopped() -> None:
    door = Door(*steps(3))
    assert last_of(door, listed(Two(0.8, 0.45), "e1"), 3) == [Verdict.CHECK]
    (alert,) = door.alerts.sweep(0.3)
    assert alert.entry_id == "e1"


def test_where_all_are_held_back_the_best_is_checked() -> None:
    door = Door(*steps(3))
    assert last_of(door, listed(Two(0.8, 0.6), "e1", "e2"), 3) == [Verdict.CHECK]


def test_after_two_not_them_in_a_night_the_next_one_is_a_check_at_this_door() -> None:
    people = [(a_track(1 + i // 4, i / 10, 1 + i % 4),) for i in range(12)]
    door, force = Door(*people), listed(Two(0.6, 0.0))
    door.alerts._cool_down_s = 0.0
    for expected in (Verdict.STOP, Verdict.STOP, Verdict.CHECK):
        shown = last_of(door, force, 4)
        assert shown == [expected]
        (alert, *_) = door.alerts.sweep(0.0)
        door.alerts.answer(alert.alert_id, "not them", 0.0)


def test_for_a_manager_the_last_minute_is_remembered_with_who_it_may_be() -> None:
    recall = Recall(lambda: True)
    recall.sweep(0.0)
    door, listed = Door(*steps(2), (), recall=recall), in_force(Scores(0.6, 0.6))
    for _ in range(3):
        door.show(listed)
    (view,) = recall.views(0.3)
    assert (view.encounter, view.faces, view.in_view, view.entry_id) == (1, 2, False, "e1")


def test_what_kept_a_face_from_being_compared_is_told_most_frequent_first() -> None:
    frames = [(a_track(1, i / 10, 0),) for i in range(3)]
    door = Door(*frames)
    for _ in frames:
        door.show(in_force(Scores()))
    (view,) = door.screening.views()
    assert view.flaws == ("dark",)
