from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from edge.alerts import AlertBook, Cause
from edge.answers import Answers
from edge.decision import Candidate, Verdict
from edge.door import Completion
from edge.errors import KeyProviderError, LinkError
from edge.keys.file import KeyFile
from edge.keys.pairs import Share, wrapped
from edge.keys.shares import SharedKeys
from edge.keys.token import token_text
from edge.questions import (
    AnswerQuestion,
    AwaitsKeyQuestion,
    CheckQuestion,
    CheckReferenceQuestion,
    CropQuestion,
    KeyQuestion,
    ManagerQuestion,
    PassersQuestion,
    QuietQuestion,
    ReferenceQuestion,
    RefreshQuestion,
    SignQuestion,
    StandingQuestion,
    StateQuestion,
    TokenQuestion,
    UnlockQuestion,
)
from edge.vision.face import Face, Quality
from sync.entries import Category, Entry, Reason


class Shelf:
    """Photos by entry, and a hand-held check that knows one token."""

    def photo(self, entry_id: str) -> bytes:
        return f"photo of {entry_id}".encode()

    def check(self, photo: bytes) -> list[str]:
        return [photo.decode()]

    def refresh(self) -> int:
        return 7

    def redeem(self, entry_id: str, token: str) -> None:
        if token != "good":
            raise LinkError("no such token")


class Managers:
    """Lets one PIN in, and answers with the question."""

    door = property(lambda self: self)

    def unlock(self, pin: str) -> str:
        return f"key for {pin}"

    def __call__(self, question: ManagerQuestion) -> object:
        return question


@pytest.fixture
def alerts() -> AlertBook:
    book = AlertBook(60.0)
    entry = Entry("e1", Category.BANNED, Reason.VIOLENCE, 0.0, 1e10)
    face = Face((0, 0, 9, 9), np.zeros((5, 2), np.float32), 0.9, Quality(0.9), None)
    candidate = Candidate("e1", Category.BANNED, 0.6)
    pixels = np.zeros((20, 20, 3), np.uint8)
    book.consider(Cause(1, Verdict.STOP, candidate, entry, "strong likeness", face, pixels), 0.0)
    return book


@pytest.fixture
def quieted() -> list[str]:
    return []


@pytest.fixture
def keys(tmp_path: Path) -> SharedKeys:
    device = KeyFile(tmp_path / "key")
    device.provision()
    return SharedKeys(device, (tmp_path / "pairs", tmp_path / "grace"), 0)


@pytest.fixture
def answers(alerts: AlertBook, quieted: list[str], keys: SharedKeys) -> Answers:
    state: Any = "state"
    return Answers(alerts, lambda: state, lambda: quieted.append("quiet"), keys)


def test_before_the_networks_are_loaded_only_the_state_is_told(answers: Answers) -> None:
    assert answers(StateQuestion()) == "state"
    for question in (CheckQuestion(b"x"), CheckReferenceQuestion("e1", "good")):
        with pytest.raises(LinkError, match="not ready"):
            answers(question)


def test_an_open_alert_gives_its_two_pictures_until_it_is_answered(
    answers: Answers, alerts: AlertBook
) -> None:
    answers.complete(Shelf(), Shelf(), Managers())  # type: ignore[arg-type]  # stand-ins
    alert_id = alerts.sweep(0.0)[0].alert_id
    crop = answers(CropQuestion(alert_id))
    assert isinstance(crop, bytes)
    assert crop.startswith(b"\xff\xd8")
    assert answers(ReferenceQuestion(alert_id)) == b"photo of e1"
    assert answers(AnswerQuestion(alert_id, "refused")) is None
    for question in (CropQuestion(alert_id), ReferenceQuestion(alert_id)):
        with pytest.raises(LinkError, match="not open any more"):
            answers(question)


def test_without_a_gallery_there_is_no_reference_photo(answers: Answers, alerts: AlertBook) -> None:
    with pytest.raises(LinkError, match="cannot be read"):
        answers(ReferenceQuestion(alerts.sweep(0.0)[0].alert_id))


def test_the_buzzer_is_quieted_and_photos_are_compared(
    answers: Answers, quieted: list[str]
) -> None:
    answers.complete(Shelf(), Shelf(), Managers())  # type: ignore[arg-type]  # stand-ins
    answers(QuietQuestion())
    assert quieted == ["quiet"]
    assert answers(CheckQuestion(b"a photo")) == ["a photo"]


def test_a_reference_of_a_check_needs_its_token(answers: Answers) -> None:
    answers.complete(Shelf(), Shelf(), Managers())  # type: ignore[arg-type]  # stand-ins
    assert answers(CheckReferenceQuestion("e1", "good")) == b"photo of e1"
    with pytest.raises(LinkError, match="no such token"):
        answers(CheckReferenceQuestion("e1", "bad"))


def test_a_change_of_the_list_is_read_when_somebody_says_so(answers: Answers) -> None:
    with pytest.raises(LinkError, match="does not compare yet"):
        answers(RefreshQuestion())
    answers.complete(Shelf(), Shelf(), Managers())  # type: ignore[arg-type]  # stand-ins
    assert answers(RefreshQuestion()) == 7


def test_managers_are_answered_once_the_networks_are_loaded(answers: Answers) -> None:
    for question in (UnlockQuestion("1"), PassersQuestion("key")):
        with pytest.raises(LinkError, match="not ready"):
            answers(question)
    answers.complete(Shelf(), Shelf(), Managers())  # type: ignore[arg-type]  # stand-ins
    assert answers(UnlockQuestion("271828")) == "key for 271828"
    assert answers(PassersQuestion("key")) == PassersQuestion("key")


def test_what_the_consortium_is_asked_is_asked_elsewhere(answers: Answers) -> None:
    said = Completion(Reason.VIOLENCE, "2031-01-31", "book 1", "2031-03-31", declared=True)
    for question in (StandingQuestion(), SignQuestion("e1", said, "a phrase")):
        with pytest.raises(LinkError, match="ask the sync process"):
            answers(question)


def test_the_key_is_taken_while_the_gallery_waits_for_it_and_is_never_told(
    answers: Answers, keys: SharedKeys, tmp_path: Path
) -> None:
    assert answers(AwaitsKeyQuestion()) is False
    kek, token = bytes(range(32)), bytes(16)
    shares = {Share.DEVICE: keys.kek(), Share.HUB: bytes(32), Share.TOKEN: token}
    (tmp_path / "pairs").write_bytes(msgspec.json.encode(wrapped(kek, shares, "ab" * 8)))
    assert answers(AwaitsKeyQuestion()) is True
    with pytest.raises(KeyProviderError, match="not the key of this gallery"):
        answers(KeyQuestion(bytes(32)))
    assert answers(KeyQuestion(kek)) is None
    assert answers(AwaitsKeyQuestion()) is False
    assert answers(TokenQuestion(token_text(Share.TOKEN, token))) is None
