"""The engine's watchdog is fed by work, so that a hung engine is found and an idle one is not."""

from dataclasses import dataclass, field

import pytest

from edge.process import Notifier
from edge.watchdog import TRY_S, TRYING_S, Watchdog

NO_CAMERA = ("The camera gives no picture: check its cable.",)


@dataclass
class Heard(Notifier):
    """What systemd would hear."""

    fed: int = 0
    lines: list[str] = field(default_factory=list)

    def alive(self) -> None:
        self.fed += 1

    def status(self, words: str) -> None:
        self.lines.append(words)


@pytest.fixture
def heard() -> Heard:
    return Heard()


def test_every_compared_frame_feeds_it_and_is_said_once(heard: Heard) -> None:
    watchdog = Watchdog(heard, 0.0)
    for turn in range(50):
        watchdog.compared(turn / 10)
    assert heard.fed == 50
    assert heard.lines == ["screening"]


def test_a_camera_that_is_away_restarts_nothing_while_it_is_looked_for(heard: Heard) -> None:
    watchdog = Watchdog(heard, 0.0)
    for second in range(300):
        watchdog.waited(float(second), tries=second // 4, faults=NO_CAMERA)
    assert heard.fed == 300
    assert heard.lines == [f"not screening: {NO_CAMERA[0]}"]


def test_a_driver_that_never_returns_is_a_hang(heard: Heard) -> None:
    watchdog = Watchdog(heard, 0.0)
    for second in range(200):
        watchdog.waited(float(second), tries=7, faults=NO_CAMERA)
    assert heard.fed == TRY_S


def test_trying_in_vain_ends_in_one_new_start_every_ten_minutes(heard: Heard) -> None:
    watchdog = Watchdog(heard, 0.0)
    for second in range(1000):
        watchdog.waited(float(second), tries=second, faults=NO_CAMERA)
    assert heard.fed == TRYING_S


def test_frames_that_come_but_are_not_compared_feed_nothing_without_a_fault(heard: Heard) -> None:
    watchdog = Watchdog(heard, 0.0)
    for turn in range(1000):
        watchdog.waited(turn / 10, tries=turn, faults=())
    assert not heard.fed


def test_who_waits_for_proof_of_health_is_told_when_it_is_over(heard: Heard) -> None:
    watchdog = Watchdog(heard, 0.0)
    watchdog.compared(1.0)
    watchdog.waited(2.0, tries=1, faults=NO_CAMERA)
    watchdog.compared(3.0)
    assert heard.lines == ["screening", f"not screening: {NO_CAMERA[0]}", "screening"]


def test_a_clip_that_is_over_starts_nothing_again_and_proves_nothing(heard: Heard) -> None:
    watchdog = Watchdog(heard, 0.0)
    for _ in range(1000):
        watchdog.ended()
    assert heard.fed == 1000
    assert heard.lines == ["not screening: the clip is over"]
