"""The passphrase of a manager's key, typed at a door: few guesses, and one at a time."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from edge.door import Completion
from edge.errors import ConsortiumError
from edge.keys.file import KeyFile
from edge.questions import SignQuestion
from edge.syncing import completing
from edge.syncing.completing import Completing
from sync.entries import Reason
from sync.errors import KeyFileError

WRONG = SignQuestion(
    "e7", Completion(Reason.THEFT, "2031-01-31", "book", "2031-02-28", declared=True), "a guess"
)


class Played:
    """Stands for the stretching of a passphrase, and remembers how many went on at once."""

    def __init__(self) -> None:
        self.now, self.most, self.asked = 0, 0, 0
        self.turn, self.going = threading.Lock(), threading.Event()

    def __call__(self, *_: object) -> None:
        with self.turn:
            self.now, self.asked = self.now + 1, self.asked + 1
            self.most = max(self.most, self.now)
        self.going.wait(0.05)
        with self.turn:
            self.now -= 1
        raise KeyFileError("that is not the passphrase")


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> Played:
    stretching = Played()
    monkeypatch.setattr(completing, "open_key_file", stretching)
    return stretching


@pytest.fixture
def desk(tmp_path: Path) -> Completing:
    (tmp_path / "manager.key").touch()
    places: Any = type("Places", (), {"manager_key": tmp_path / "manager.key"})
    identity: Any = None
    return Completing(identity, places, KeyFile(tmp_path / "key"), clock=lambda: 0.0)


def guess(desk: Completing) -> str:
    with pytest.raises(ConsortiumError) as refusal:
        desk(WRONG)
    return str(refusal.value)


def test_a_passphrase_is_tried_five_times_and_then_has_to_wait(
    desk: Completing, played: Played
) -> None:
    said = [guess(desk) for _ in range(7)]
    assert said[:5] == ["that is not the passphrase"] * 5
    assert said[5:] == ["too many wrong passphrases: try again in 15 seconds"] * 2
    assert played.asked == 5


def test_whoever_guesses_at_the_same_time_waits_for_a_turn(
    desk: Completing, played: Played
) -> None:
    """Each guess takes 64 MiB, and sync has 512."""
    with ThreadPoolExecutor(8) as eight:
        list(eight.map(lambda _: guess(desk), range(8)))
    assert (played.most, played.asked) == (1, 5)
