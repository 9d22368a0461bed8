from collections.abc import Callable
from typing import Any

from edge.demo.notebook import Notebook
from edge.door import DoorState, EncounterView

Change = Callable[..., Any]


def test_a_new_verdict_is_told_once(state: DoorState, view: EncounterView, change: Change) -> None:
    book = Notebook()
    book.note(state)
    stopped = change(view, verdict="STOP", seen_s=0.8, last_frame=20, score=0.9)
    assert book.note(change(state, encounters=(stopped,))) == [stopped]
    assert book.note(change(state, encounters=(stopped,))) == []
    (sighting,) = book.sightings()
    assert (sighting.shown, sighting.waited_s, sighting.score) == (("STOP",), 0.8, 0.9)
    assert set(sighting.boxes) == {12, 20}


def test_every_verdict_is_kept_when_it_changed_its_mind(
    state: DoorState, view: EncounterView, change: Change
) -> None:
    book = Notebook()
    for verdict, seen in (("CHECK", 2.5), ("CLEAR", 3.1)):
        book.note(change(state, encounters=(change(view, verdict=verdict, seen_s=seen),)))
    assert [(one.shown, one.waited_s) for one in book.sightings()] == [(("CHECK", "CLEAR"), 3.1)]


def test_people_of_a_later_round_are_left_out(
    state: DoorState, view: EncounterView, change: Change
) -> None:
    book = Notebook(frames=100)
    book.note(change(state, encounters=(view, change(view, number=2, first_frame=112))))
    assert [one.number for one in book.sightings()] == [1]


def test_somebody_who_left_keeps_the_last_place(
    state: DoorState, view: EncounterView, change: Change
) -> None:
    book = Notebook()
    book.note(change(state, encounters=(change(view, ended=True, last_frame=40),)))
    assert book.sightings()[0].boxes == {}
