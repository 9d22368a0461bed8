"""Screening recorded faces against a list, with the door's own rules."""

import numpy as np

from edge.decision import Rules, Verdict
from edge.evaluate.acquire import subject
from edge.evaluate.encounters import SPACING_S, Encounter, screened
from edge.gallery.index import Index
from edge.gallery.records import StoredReference
from edge.pipeline import InForce
from edge.vision.face import Face, Flaw, Quality
from sync.entries import Category, Entry, Reason

LISTED, STRANGER = np.eye(2, 16, dtype=np.float32)
ENTRY = Entry("00000000000000aa", Category.BANNED, Reason.THEFT, 0.0, 1.0)


def face(template: np.ndarray, flaws: tuple[Flaw, ...] = (), at: float = 50.0) -> Face:
    box = (at - 40, at - 40, at + 40, at + 40)
    return Face(box, np.zeros((5, 2), np.float32), 0.9, Quality(0.9, flaws), template)


def in_force() -> InForce:
    reference = StoredReference(ENTRY, LISTED[None], "model")
    return InForce(
        Rules(check=0.4, stop=0.5, patience_s=4 * SPACING_S), Index.build([reference], "model")
    )


def test_somebody_on_the_list_is_stopped_and_a_stranger_is_cleared() -> None:
    known = screened(Encounter(((face(LISTED),),) * 5), in_force())
    assert (known.verdict, known.entry_id, known.tracks) == (Verdict.STOP, ENTRY.entry_id, 1)
    strange = screened(Encounter(((face(STRANGER),),) * 5), in_force())
    assert (strange.verdict, strange.entry_id) == (Verdict.CLEAR, None)


def test_a_covered_face_is_not_seen() -> None:
    outcome = screened(Encounter(((face(LISTED, (Flaw.COVERED,)),),) * 5), in_force())
    assert (outcome.verdict, outcome.entry_id, outcome.unseen) == (Verdict.CHECK, None, True)


def test_nobody_found_is_no_verdict() -> None:
    outcome = screened(Encounter(((),) * 5), in_force())
    assert (outcome.verdict, outcome.tracks, outcome.unseen) == (None, 0, True)


def test_one_frame_is_an_encounter_too() -> None:
    assert screened(Encounter(((face(STRANGER),),)), in_force()).verdict is None


def test_the_person_of_a_photo_stands_large_in_its_middle() -> None:
    middle, aside = face(LISTED, at=100.0), face(STRANGER, at=40.0)
    assert subject([aside, middle], 200, 200) is middle
    assert subject([], 200, 200) is None
