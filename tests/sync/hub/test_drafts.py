"""Entries in the making are one person's, in memory, and forgotten when nobody wants them."""

import msgspec
import numpy as np
import pytest

from edge.errors import EnrolmentError
from edge.vision.face import Flaw
from sync.errors import HubError
from sync.hub.drafts import IDLE_S, MOST_DRAFTS, MOST_OF_ONE, MOST_PHOTOS, Draft, Drafts
from sync.hub.examining import Examined, FoundFace


def face(who: int, *flaws: Flaw, background: bool = False, quality: float = 0.9) -> FoundFace:
    template = np.eye(32, dtype=np.float32)[who].tobytes()
    return FoundFace((0, 0, 9, 9), quality, flaws, background, template, b"jpeg%d" % who)


def photo(*faces: FoundFace) -> Examined:
    return Examined(20, 10, b"preview", "net-1", faces)


def fresh() -> Draft:
    return Drafts().begin("ana", 0)


def test_one_person_in_front_is_meant_without_asking() -> None:
    shot = fresh().add(photo(face(1), face(2, background=True)))
    assert shot.face == face(1)
    assert not shot.open_question


def test_of_several_people_somebody_has_to_choose() -> None:
    draft = fresh()
    shot = draft.add(photo(face(1), face(2)))
    assert draft.undecided
    assert draft.reference() is None
    draft.choose(shot.number, 1)
    assert not draft.undecided
    reference = draft.reference()
    assert reference is not None
    assert reference.photo_jpeg == b"jpeg2"


def test_somebody_in_the_background_can_be_chosen_too() -> None:
    draft = fresh()
    shot = draft.add(photo(face(1), face(2, background=True)))
    draft.choose(shot.number, 1)
    assert shot.face == face(2, background=True)


def test_a_photo_that_cannot_be_compared_adds_nothing() -> None:
    draft = fresh()
    draft.add(photo(face(1, Flaw.DARK)))
    draft.add(photo())
    assert draft.reference() is None
    assert not draft.undecided
    draft.add(photo(face(1)))
    reference = draft.reference()
    assert reference is not None
    assert len(reference.templates) == 1


def test_photos_of_different_people_make_no_reference() -> None:
    draft = fresh()
    draft.add(photo(face(1)))
    second = draft.add(photo(face(2)))
    with pytest.raises(EnrolmentError, match="the same person"):
        draft.reference()
    draft.drop(second.number)
    draft.drop(77)
    assert draft.reference() is not None


def test_the_best_photo_gives_the_picture() -> None:
    draft = fresh()
    draft.add(photo(face(1, quality=0.4)))
    draft.add(photo(msgspec.structs.replace(face(1, quality=0.8), photo_jpeg=b"better")))
    reference = draft.reference()
    assert reference is not None
    assert reference.photo_jpeg == b"better"


def test_photos_and_faces_that_are_not_there_are_refused() -> None:
    draft = fresh()
    shot = draft.add(photo(face(1)))
    for number, chosen in ((99, 0), (shot.number, 1), (shot.number, -1)):
        with pytest.raises(HubError):
            draft.choose(number, chosen)
    for _ in range(MOST_PHOTOS - 1):
        draft.add(photo(face(1)))
    with pytest.raises(HubError, match="at most 5 photos"):
        draft.add(photo(face(1)))


def test_the_number_of_a_dropped_photo_is_not_given_again() -> None:
    draft = fresh()
    first = draft.add(photo(face(1)))
    draft.drop(first.number)
    assert draft.add(photo(face(1))).number != first.number


def test_a_draft_is_its_owners_alone() -> None:
    drafts = Drafts()
    draft = drafts.begin("ana", 0)
    assert drafts.of(draft.draft_id, "ana", 1) is draft
    assert drafts.of(draft.draft_id, "ben", 1) is None
    assert drafts.of("nothing", "ana", 1) is None


def test_a_draft_that_nobody_touches_is_forgotten() -> None:
    drafts = Drafts()
    draft = drafts.begin("ana", 0)
    assert drafts.of(draft.draft_id, "ana", IDLE_S - 1) is draft
    assert drafts.of(draft.draft_id, "ana", 2 * IDLE_S - 2) is draft
    assert drafts.of(draft.draft_id, "ana", 3 * IDLE_S) is None
    assert len(drafts) == 0


def test_the_oldest_makes_room() -> None:
    drafts = Drafts()
    first = drafts.begin("ana", 0)
    for second in range(1, MOST_OF_ONE + 1):
        drafts.begin("ana", second)
    assert drafts.of(first.draft_id, "ana", 9) is None
    assert len(drafts) == MOST_OF_ONE
    for number in range(MOST_DRAFTS + 5):
        drafts.begin(f"somebody {number}", 10)
    assert len(drafts) == MOST_DRAFTS


def test_with_a_session_go_its_drafts() -> None:
    drafts = Drafts()
    drafts.begin("ana", 0)
    kept = drafts.begin("ben", 0)
    drafts.end_of("ana")
    assert len(drafts) == 1
    drafts.end(kept)
    assert len(drafts) == 0
