"""What the page says, and that it never says an old green."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.decision import Fault, Verdict
from edge.door import CandidateView
from edge.machine.view import MachineView, Note
from edge.staff.view import (
    CARE,
    CLEAR,
    View,
    amber_line,
    candidate_view,
    counts_line,
    face_of,
    machine_line,
    night_line,
    outcomes_line,
    page_view,
)
from edge.staff.words import CATEGORY_WORDS, REASON_WORDS, expiry, plural, span
from sync.entries import Category, Reason

VERDICTS = [None, *(verdict.name for verdict in Verdict)]


def shown(scene: Any, state: Any, later: float = 0.0) -> View:
    return page_view(state, (), {}, datetime.fromtimestamp(scene.now + later, UTC))


def test_every_category_and_reason_has_plain_words() -> None:
    assert set(CATEGORY_WORDS) == set(Category)
    assert set(REASON_WORDS) == set(Reason)


def test_no_snapshot_is_a_fault_and_no_green(scene: Any) -> None:
    view = shown(scene, None)
    assert (view["tone"], view["word"], view["answering"]) == ("fault", "FAULT", False)
    assert "not answering" in view["faults"][0]
    assert "alerts" not in view


@pytest.mark.parametrize("later", [2.5, 3600, -2.5])
def test_a_snapshot_of_another_moment_is_a_fault_and_no_green(scene: Any, later: float) -> None:
    view = shown(scene, scene.state(verdict="CLEAR"), later)
    assert view["tone"] == "fault"


@given(
    verdict=st.sampled_from(VERDICTS),
    category=st.sampled_from([None, *Category]),
    faults=st.sets(st.sampled_from(Fault)),
    later=st.floats(0, 10),
)
def test_green_stands_for_a_fresh_clear_and_nothing_else(
    scene: Any, verdict: Any, category: str | None, faults: Any, later: float
) -> None:
    state = scene.state(verdict=verdict, category=category, faults=tuple(faults))
    view = shown(scene, state, later)
    assert (view["tone"] == "clear") == (verdict == "CLEAR" and later <= 2.0)


def test_a_verdict_that_nobody_knows_looks_like_a_fault() -> None:
    assert face_of("MAYBE", None).tone == "fault"


@pytest.mark.parametrize(
    ("verdict", "category", "tone", "instruction"),
    [
        ("CLEAR", None, "clear", "Let in."),
        ("CHECK", None, "check", "Ask them to look up."),
        ("CHECK", "banned", "check", "Look again: compare the photos."),
        ("CHECK", "welfare", "check", "Look again: compare the photos."),
        ("STOP", "banned", "stop", "Compare the photos. Call your supervisor."),
        ("STOP", "self-excluded", "stop", "Take them aside quietly. Compare the photos."),
        ("STOP", "welfare", "care", "Stay with them. Call the duty manager."),
        ("FAULT", None, "fault", "Not screening. Check by hand."),
    ],
)
def test_each_verdict_says_what_to_do(
    verdict: Any, category: str | None, tone: str, instruction: str
) -> None:
    face = face_of(verdict, category)
    assert (face.tone, face.instruction) == (tone, instruction)


def test_words_alone_tell_the_situations_apart() -> None:
    faces = [face_of(verdict, None) for verdict in VERDICTS] + [CARE, CLEAR]
    assert len({face.word for face in faces}) == len(set(faces))


def test_idle_looking_and_a_finished_clip_are_told_apart(scene: Any) -> None:
    inside = (scene.encounter(verdict=None, why="Still looking."),)
    assert shown(scene, scene.state())["word"] == "READY"
    assert shown(scene, scene.state(encounters=inside))["word"] == "LOOKING"
    assert shown(scene, scene.state(finished=True), later=60)["word"] == "FINISHED"


def test_a_fault_without_verdict_is_a_fault(scene: Any) -> None:
    assert shown(scene, scene.state(faults=("The camera gives no picture.",)))["tone"] == "fault"


def test_a_stop_during_a_fault_shows_both(scene: Any) -> None:
    state = scene.state(verdict="STOP", category="banned", faults=(Fault.LIST_EXPIRED.value,))
    view = shown(scene, state)
    assert view["tone"] == "stop"
    assert view["faults"] == (Fault.LIST_EXPIRED.value,)


def test_an_alert_says_category_reason_end_and_likeness(scene: Any) -> None:
    (card,) = shown(scene, scene.state(alerts=(scene.alert(),)))["alerts"]
    assert card["category"] == "Banned"
    assert card["reason"] == "Violence"
    assert card["expiry"] == "until 24 February 2027 (40 days left)"
    assert card["likeness"] == "strong likeness"
    assert card["ago"] == "4 seconds ago"
    assert card["note"] == ""


@pytest.mark.parametrize(
    ("said", "tonight", "note"),
    [
        ({"held_back": True}, (), "rang wrongly tonight"),
        ({}, ("00ff00ff00ff00ff",), "has yet to complete it"),
    ],
)
def test_what_is_special_about_an_entry_stands_on_the_card(
    scene: Any, said: dict[str, Any], tonight: tuple[str, ...], note: str
) -> None:
    plain = scene.state()
    gallery = msgspec.structs.replace(plain.gallery, tonight=tonight)
    (card,) = shown(scene, scene.state(alerts=(scene.alert(**said),), gallery=gallery))["alerts"]
    assert note in card["note"]


def test_alerts_stack_with_the_longest_waiting_first_and_answered_ones_gone(scene: Any) -> None:
    newest_first = tuple(
        scene.alert(name, answer=answer)
        for name, answer in [("c", None), ("b", "refused"), ("a", None)]
    )
    view = shown(scene, scene.state(alerts=newest_first))
    assert [card["id"] for card in view["alerts"]] == ["a", "c"]


def test_only_people_in_view_are_listed_and_a_crowd_is_counted(scene: Any) -> None:
    crowd = (*(scene.encounter(n) for n in range(10)), scene.encounter(99, ended=True))
    view = shown(scene, scene.state(encounters=crowd))
    assert len(view["people"]) == 8
    assert view["more"] == 2
    assert 99 not in [one["number"] for one in view["people"]]


def test_the_lists_age_is_said_in_words(scene: Any) -> None:
    view = shown(scene, scene.state())
    assert view["list"] == {
        "fresh": True,
        "short": "List: 83 people, 2 hours old",
        "line": "83 people on the list, confirmed 2 hours ago, good for 6 days.",
    }


def test_a_list_too_old_or_unreadable_says_so(scene: Any) -> None:
    old = scene.state(taken_at=scene.now + 8 * 86_400)
    view = shown(scene, old, later=8 * 86_400)
    assert view["list"]["fresh"] is False
    assert "too old since 2 days" in view["list"]["line"]
    assert shown(scene, scene.state(gallery=None))["list"]["line"] == "The list cannot be read."


def test_a_candidate_shows_neither_score_nor_token(scene: Any) -> None:
    found = CandidateView("00ff", "banned", "theft", scene.now + 86_400, 0.66, "some likeness", "t")
    view = candidate_view(found, datetime.fromtimestamp(scene.now, UTC))
    assert view["reason"] == "Theft"
    assert not {"score", "token", "entry_id"} & set(view)


@pytest.mark.parametrize(
    ("answers", "line"),
    [
        ([], "No red has been answered yet."),
        (["refused"], "The last red was right."),
        (["not them"], "The last red was not right."),
        (["refused", "not them"], "1 of the last 2 reds was right."),
        (["not them"] * 9 + ["refused"] * 3, "3 of the last 10 reds were right."),
    ],
)
def test_outcomes_are_a_plain_frequency(answers: list[str], line: str) -> None:
    assert outcomes_line(answers) == line


def test_the_night_is_one_line(scene: Any) -> None:
    ambers = (
        scene.encounter(4, verdict="CHECK", category="banned"),
        scene.encounter(6, verdict="CHECK", flaws=("turned away", "dark"), ended=True),
        scene.encounter(7),
    )
    line = night_line(
        scene.state(encounters=ambers), ["refused"], datetime.fromtimestamp(scene.now, UTC)
    )
    assert line == (
        "The last red was right. List 2 hours old. Last amber: face turned away and too dark."
    )


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ({"category": "banned"}, "Last amber: looked a little like somebody on the list."),
        ({"why": "Face not seen: ask them to look up."}, "Last amber: Face not seen"),
    ],
)
def test_the_last_amber_says_what_was_wrong(scene: Any, said: dict[str, Any], line: str) -> None:
    assert amber_line([]) == ""
    assert amber_line([scene.encounter(verdict="CHECK", **said)]).startswith(line)


def test_counts_are_one_line() -> None:
    assert counts_line({}) == "Nobody screened yet since the unit started."
    line = counts_line({"encounters": 1, "stop": 1})
    assert line == "Since the unit started: 1 person, 1 stopped, 0 to look at again."


def test_times_are_said_in_their_largest_unit(scene: Any) -> None:
    said = [span(s) for s in (5, 61, 7_300, 86_400)]
    assert said == ["less than a minute", "1 minute", "2 hours", "1 day"]
    assert plural(1_234, "face") == "1,234 faces"
    assert expiry(scene.now - 1, datetime.fromtimestamp(scene.now, UTC)) == "has ended: let in"


def test_the_page_says_what_should_be_seen_to_or_how_warm_it_is() -> None:
    assert machine_line(MachineView()) == ""
    assert machine_line(MachineView(temperature=61.4)) == "The unit is at 61 °C."
    both = MachineView(temperature=75.0, notes=(Note.WARM, Note.WORN))
    assert machine_line(both) == f"{Note.WARM} {Note.WORN}"
