"""What a manager may do at the door: nothing without the PIN, and then the whole way."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from argon2 import PasswordHasher

from edge.attempts import FREE_TRIES
from edge.door import Completion, TonightView
from edge.errors import GalleryError, LinkError
from edge.gallery.store import Store
from edge.gallery.tonight import TonightShelf
from edge.keys.file import KeyFile
from edge.pin import PinFile
from edge.putting import MOST_KEYS, OPEN_S, ManagersDoor, Putting
from edge.questions import (
    CompleteQuestion,
    DropQuestion,
    PasserPhotoQuestion,
    PassersQuestion,
    TakeQuestion,
    TonightPhotoQuestion,
    TonightQuestion,
)
from edge.recall import Recall
from edge.vision.face import Face, Quality
from edge.vision.track import Track
from sync.entries import Category, Reason

PIN = "271828"


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def door(tmp_path: Path, clock: Clock) -> ManagersDoor:
    path = tmp_path / "manager.pin"
    path.write_text(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PIN))
    return ManagersDoor(PinFile(path), clock)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "gallery.db", KeyFile(tmp_path / "gallery.key")) as opened:
        yield opened


@pytest.fixture
def refreshed() -> list[str]:
    return []


@pytest.fixture
def putting(tmp_path: Path, door: ManagersDoor, store: Store, refreshed: list[str]) -> Putting:
    del store  # only so that it is there
    recall = Recall(lambda: True)
    recall.sweep(0.0)
    one = np.eye(32, dtype=np.float32)[3]
    shown = Face((5, 5, 35, 35), np.zeros((5, 2), np.float32), 0.9, Quality(0.9), one)
    track = Track(7, 0.0, 1.0, shown, 1, one, lost=False)
    recall.see(track, np.full((60, 60, 3), 90, np.uint8), None)
    key = KeyFile(tmp_path / "gallery.key")
    return Putting(
        recall,
        door,
        lambda: TonightShelf.open(tmp_path / "gallery.db", key),
        "net-1",
        lambda: refreshed.append("read"),
        lambda: 0.6,
        lambda: None,
    )


def taken(putting: Putting, key: str) -> TonightView:
    view = putting(TakeQuestion(key, 7, Reason.VIOLENCE))
    assert isinstance(view, TonightView)
    return view


def said(now: datetime) -> Completion:
    last = (now.date() + timedelta(days=90)).isoformat()
    return Completion(Reason.THREATS, now.date().isoformat(), " book 12 ", last, declared=True)


@pytest.mark.parametrize("key", ["", "guessed"])
def test_without_the_pin_nobody_is_shown_and_nobody_is_taken(putting: Putting, key: str) -> None:
    for question in (
        PassersQuestion(key),
        PasserPhotoQuestion(key, 7),
        TakeQuestion(key, 7, Reason.VIOLENCE),
        TonightQuestion(key),
        TonightPhotoQuestion(key, "e1"),
        DropQuestion(key, "e1"),
        CompleteQuestion(key, "e1", said(datetime.now().astimezone())),
    ):
        with pytest.raises(LinkError, match="type the manager's PIN again"):
            putting(question)


def test_a_wrong_pin_opens_nothing_and_many_have_to_wait(door: ManagersDoor) -> None:
    for _ in range(FREE_TRIES):
        with pytest.raises(LinkError, match="not the manager's PIN"):
            door.unlock("000001")
    with pytest.raises(LinkError, match="try again in 15 seconds"):
        door.unlock(PIN)


def test_no_pin_set_says_how_one_is_set(tmp_path: Path) -> None:
    with pytest.raises(LinkError, match="set-pin --manager"):
        ManagersDoor(PinFile(tmp_path / "none")).unlock(PIN)


def test_a_key_opens_for_five_minutes_and_of_many_the_newest(
    door: ManagersDoor, clock: Clock
) -> None:
    first, *others = [door.unlock(PIN) for _ in range(MOST_KEYS + 1)]
    with pytest.raises(LinkError, match="PIN again"):
        door.check(first)
    door.check(others[0])
    clock.now += OPEN_S
    with pytest.raises(LinkError, match="PIN again"):
        door.check(others[0])


def test_the_person_of_the_last_encounter_goes_on_the_list_until_noon(
    putting: Putting, store: Store, refreshed: list[str]
) -> None:
    key = putting.door.unlock(PIN)
    assert [one.encounter for one in putting.recall.views(5.0)] == [7]
    assert putting(PassersQuestion(key)) is not None
    picture = putting(PasserPhotoQuestion(key, 7))
    view = taken(putting, key)
    assert (view.category, view.reason) == (Category.BANNED, Reason.VIOLENCE)
    assert datetime.fromtimestamp(view.valid_until).astimezone().strftime("%H:%M") == "12:00"
    assert 0 < view.valid_until - view.created_at <= 25 * 3600
    assert refreshed == ["read"]
    assert (view.one_in, view.doubtful) == (None, False)  # of this network nothing is known
    assert store.photo(view.entry_id) == picture
    assert putting(TonightPhotoQuestion(key, view.entry_id)) == picture
    assert putting(TonightQuestion(key)) == [view]
    with pytest.raises(LinkError, match="a moment ago"):
        taken(putting, key)


def test_what_the_disk_refuses_can_be_tried_again(putting: Putting, tmp_path: Path) -> None:
    key, file = putting.door.unlock(PIN), tmp_path / "gallery.key"
    text = file.read_text()
    file.write_text("no key")
    with pytest.raises(GalleryError):
        taken(putting, key)
    file.write_text(text)
    assert taken(putting, key).reason == Reason.VIOLENCE


def test_taken_off_again_nothing_of_them_is_left(putting: Putting, store: Store) -> None:
    key = putting.door.unlock(PIN)
    view = taken(putting, key)
    assert putting(DropQuestion(key, view.entry_id)) is None
    assert putting(TonightQuestion(key)) == []
    assert store.references() == []


def test_completed_it_stays_with_reason_day_and_evidence(putting: Putting, store: Store) -> None:
    key = putting.door.unlock(PIN)
    view = taken(putting, key)
    now = datetime.fromtimestamp(view.created_at).astimezone()
    assert putting(CompleteQuestion(key, view.entry_id, said(now))) is None
    assert putting(TonightQuestion(key)) == []
    (reference,) = store.references()
    assert reference.entry.reason == Reason.THREATS
    assert reference.standing.evidence == "book 12"
    assert reference.entry.valid_until > view.valid_until
