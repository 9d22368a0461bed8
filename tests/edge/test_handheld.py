import threading
import time
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest

from edge import handheld
from edge.attempts import CHECKS
from edge.decision import Candidate, Rules
from edge.errors import LinkError, PhotoError
from edge.handheld import MOST_TOKENS, HandheldCheck
from edge.pipeline import InForce
from edge.vision.face import Face, Flaw, FloatArray, Image, Quality
from sync.entries import Category, Entry, Reason

PHOTO = cv2.imencode(".jpg", np.full((80, 60, 3), 128, np.uint8))[1].tobytes()
ENTRY = Entry("e1", Category.BANNED, Reason.VIOLENCE, 0.0, 1e10)


class OneScore:
    """An index in which everybody is the same entry with the same score."""

    def __init__(self, score: float) -> None:
        self._score = score

    def search(self, probe: FloatArray, *, threshold: float, limit: int) -> tuple[Candidate, ...]:
        found = (Candidate("e1", Category.BANNED, self._score),)
        return found if self._score >= threshold else ()


class Shown:
    """An engine that finds what the test says."""

    def __init__(self, *faces: Face) -> None:
        self._faces = list(faces)

    def faces(self, rgb: Image, *, embed: bool = True) -> list[Face]:
        assert rgb.shape == (80, 60, 3)
        return self._faces


def a_face(*flaws: Flaw) -> Face:
    template = np.array([1, 0], np.float32)
    points = np.zeros((5, 2), np.float32)
    return Face((0, 0, 40, 40), points, 0.9, Quality(0.9, flaws), template)


def a_check(score: float | None, *faces: Face) -> HandheldCheck:
    index = None if score is None else OneScore(score)
    listed = InForce(Rules(0.4, 0.5), index, {"e1": ENTRY})  # type: ignore[arg-type]
    return HandheldCheck(Shown(*faces), threading.Lock(), lambda: listed)  # type: ignore[arg-type]


def test_somebody_on_the_list_is_one_candidate_in_words() -> None:
    (found,) = a_check(0.55, a_face()).check(PHOTO)
    assert (found.entry_id, found.category, found.reason) == ("e1", "banned", "violence")
    assert found.score_words == "strong likeness"


def test_somebody_below_the_lower_threshold_is_nobody() -> None:
    assert a_check(0.39, a_face()).check(PHOTO) == []


def test_the_reference_photo_is_released_once_and_only_for_its_own_entry() -> None:
    check = a_check(0.55, a_face())
    (found,) = check.check(PHOTO)
    check.redeem("e1", found.token)
    with pytest.raises(LinkError, match="shown once already"):
        check.redeem("e1", found.token)
    (again,) = check.check(PHOTO)
    with pytest.raises(LinkError):
        check.redeem("e2", again.token)
    with pytest.raises(LinkError):
        check.redeem("e1", "made up")


def test_a_token_is_worth_nothing_after_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.handheld.TOKEN_S", -1.0)
    check = a_check(0.55, a_face())
    (found,) = check.check(PHOTO)
    with pytest.raises(LinkError, match="too long ago"):
        check.redeem("e1", found.token)


def test_tokens_do_not_pile_up() -> None:
    check = a_check(0.55, a_face())
    tokens = [check.check(PHOTO)[0].token for _ in range(MOST_TOKENS + 1)]
    with pytest.raises(LinkError):
        check.redeem("e1", tokens[0])
    check.redeem("e1", tokens[-1])


@pytest.mark.parametrize(
    ("faces", "sentence"),
    [((), "no face in the photo"), ((a_face(Flaw.DARK, Flaw.BLURRED),), "dark, blurred")],
)
def test_a_face_that_cannot_be_compared_is_refused_with_advice(
    faces: tuple[Face, ...], sentence: str
) -> None:
    with pytest.raises(PhotoError, match=sentence):
        a_check(0.55, *faces).check(PHOTO)


def test_what_is_no_photo_is_refused() -> None:
    with pytest.raises(PhotoError):
        a_check(0.55, a_face()).check(b"not a photo")


def test_without_a_list_nobody_is_called_absent_from_it() -> None:
    with pytest.raises(LinkError, match="check by hand"):
        a_check(None, a_face()).check(PHOTO)


def test_the_engine_itself_counts_what_it_compares() -> None:
    """Whoever takes over the page's process tries no crowd of faces on the list."""
    check = a_check(0.55, a_face())
    for _ in range(CHECKS):
        assert check.check(PHOTO)
    with pytest.raises(LinkError, match="no checks left"):
        check.check(PHOTO)


def test_photos_are_unpacked_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of 170 kB takes 600 MB for a moment: eight at once would end the engine."""
    going, most, turn = [0], [0], threading.Lock()

    def unpack(_: bytes) -> Image:
        with turn:
            going[0] += 1
            most[0] = max(most[0], going[0])
        time.sleep(0.02)
        with turn:
            going[0] -= 1
        return np.zeros((80, 60, 3), np.uint8)

    monkeypatch.setattr(handheld, "read_photo", unpack)
    check = a_check(0.55, a_face())
    with ThreadPoolExecutor(8) as eight:
        assert all(eight.map(check.check, [PHOTO] * 8))
    assert most == [1]
