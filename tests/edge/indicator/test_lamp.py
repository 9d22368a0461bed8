"""The lamp keeper with mock pins, fed over its real socket by processes that really die."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
from gpiozero.pins.mock import MockFactory

from edge.config import Indicator
from edge.decision import Signal, Verdict
from edge.errors import IndicatorError
from edge.indicator.console import ConsolePins
from edge.indicator.gpio import GpioPins
from edge.indicator.keeper import GREEN_LASTS_S, SILENCE_S
from edge.indicator.lamp import (
    LARGEST_MESSAGE,
    MESSAGES_A_TICK,
    TICK_S,
    Inbox,
    LampFeed,
    keep_lamps,
    open_pins,
    run_lamp,
)
from edge.indicator.pattern import FAULT_FLASH, Levels
from edge.indicator.pins import Pressed
from edge.machine.opening import SEEN
from sync.entries import Category

WIRING = Indicator()
SLACK_S = 0.3
"""What a busy machine may add to any time measured here."""

FEEDER = """
import sys, time
from pathlib import Path
from edge.decision import Signal, Verdict
from edge.indicator.lamp import LampFeed
from sync.entries import Category

feed, verdict, frozen_at = LampFeed(Path(sys.argv[1])), sys.argv[2], int(sys.argv[3])
for beat in range(10_000):
    person = 1 + beat // 10
    signal = (
        Signal(Verdict.CLEAR, encounter=person)
        if verdict == "clear"
        else Signal(Verdict.STOP, Category.BANNED, encounter=1)
    )
    feed.send(signal, min(beat, frozen_at))
    time.sleep(0.05)
"""


@dataclass
class Recorder:
    """Pins that note what their mock pins really were, after each setting, and when."""

    pins: GpioPins
    factory: MockFactory
    seen: list[tuple[float, Levels]] = field(default_factory=list)

    def show(self, levels: Levels) -> None:
        self.pins.show(levels)
        self._note()

    def leave(self) -> None:
        self.pins.leave()
        self._note()

    def pressed(self) -> Pressed:
        return self.pins.pressed()

    def press(self, name: str) -> None:
        pin = self.factory.pin(getattr(WIRING, name))
        pin.drive_low()
        time.sleep(5 * TICK_S)
        pin.drive_high()

    def on(self, name: str, since: float, until: float = float("inf")) -> list[bool]:
        return [getattr(lit, name) for at, lit in self.seen if since <= at < until]

    def rises(self, name: str, since: float, until: float = float("inf")) -> list[float]:
        during = [(at, getattr(lit, name)) for at, lit in self.seen if since <= at < until]
        return [at for (_, before), (at, after) in pairwise(during) if after and not before]

    def now(self, name: str) -> bool:
        return bool(self.seen) and bool(getattr(self.seen[-1][1], name))

    def _note(self) -> None:
        lit = {
            name: bool(self.factory.pin(getattr(WIRING, name)).state)
            for name in ("green", "amber", "red", "buzzer")
        }
        self.seen.append((time.monotonic(), Levels(**lit)))


@dataclass
class Unit:
    """A lamp keeper at work."""

    socket_path: Path
    pins: Recorder
    stopping: threading.Event
    thread: threading.Thread

    def end(self) -> None:
        self.stopping.set()
        self.thread.join(5.0)
        assert not self.thread.is_alive()


@pytest.fixture
def unit(tmp_path: Path) -> Iterator[Unit]:
    factory, stopping = MockFactory(), threading.Event()
    pins = Recorder(GpioPins(WIRING, factory), factory)
    path = tmp_path / "lamp.sock"
    thread = threading.Thread(target=run_lamp, args=(path, pins, stopping, ignore))
    thread.start()
    wait_until(lambda: path.exists() and pins.seen)
    unit = Unit(path, pins, stopping, thread)
    yield unit
    unit.end()


@pytest.fixture
def start(unit: Unit) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Start processes that feed the unit as an engine would."""
    started: list[subprocess.Popen[bytes]] = []

    def begin(verdict: str, frozen_at: int = 10**6) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-c", FEEDER, str(unit.socket_path), verdict, str(frozen_at)]
        started.append(subprocess.Popen(command))
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.wait()


def ignore() -> None:
    """Take a sign of life for granted."""


def wait_until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + 10.0
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def assert_fault_only(unit: Unit, since: float, until: float) -> None:
    """Amber flashes as FAULT does, and nothing else is on."""
    assert not any(unit.pins.on("green", since, until))
    lit = unit.pins.on("amber", since, until)
    share = (FAULT_FLASH[0] + FAULT_FLASH[2]) / sum(FAULT_FLASH)
    assert sum(lit) / len(lit) == pytest.approx(share, abs=0.1)
    flashes = len(unit.pins.rises("amber", since, until))
    assert flashes == pytest.approx(2 * (until - since) / sum(FAULT_FLASH), abs=1.5)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM])
def test_an_engine_that_dies_or_stands_still_during_a_green_is_a_fault(
    unit: Unit, start: Callable[..., subprocess.Popen[bytes]], how: signal.Signals
) -> None:
    feeder = start("clear")
    wait_until(lambda: unit.pins.now("green"))
    time.sleep(0.3)
    os.kill(feeder.pid, how)
    died = time.monotonic()
    time.sleep(4.0)
    assert any(unit.pins.on("green", died - 0.3, died))
    assert not any(unit.pins.on("green", died + GREEN_LASTS_S + SLACK_S))
    assert any(unit.pins.on("amber", died, died + 2.0))
    assert_fault_only(unit, died + SILENCE_S + SLACK_S, died + 4.0)
    assert not any(unit.pins.on("red", died))


def test_an_engine_that_repeats_its_last_frame_is_a_fault(
    unit: Unit, start: Callable[..., subprocess.Popen[bytes]]
) -> None:
    start("clear", 10)
    wait_until(lambda: unit.pins.now("green"))
    stuck = time.monotonic() + 10 * 0.05
    time.sleep(4.0)
    assert not any(unit.pins.on("green", stuck + GREEN_LASTS_S + SLACK_S))
    assert_fault_only(unit, stuck + SILENCE_S + SLACK_S, stuck + 3.4)


def test_an_engine_that_goes_on_after_standing_still_is_believed_again(
    unit: Unit, start: Callable[..., subprocess.Popen[bytes]]
) -> None:
    feeder = start("clear")
    wait_until(lambda: unit.pins.now("green"))
    os.kill(feeder.pid, signal.SIGSTOP)
    stopped = time.monotonic()
    time.sleep(3.4)
    assert_fault_only(unit, stopped + SILENCE_S + SLACK_S, stopped + 3.3)
    os.kill(feeder.pid, signal.SIGCONT)
    wait_until(lambda: unit.pins.now("green"))


def test_a_stop_stays_red_beside_the_fault_when_the_engine_is_killed(
    unit: Unit, start: Callable[..., subprocess.Popen[bytes]]
) -> None:
    feeder = start("stop")
    wait_until(lambda: unit.pins.now("red"))
    feeder.kill()
    died = time.monotonic()
    time.sleep(3.5)
    since, until = died + SILENCE_S + SLACK_S, died + 3.5
    assert len(unit.pins.rises("red", since, until)) == pytest.approx(2.5 * (until - since), abs=2)
    assert any(unit.pins.on("amber", since, until))
    assert any(unit.pins.on("buzzer", since, until))


def test_a_keeper_that_was_never_fed_flashes_a_fault(unit: Unit) -> None:
    began = time.monotonic()
    time.sleep(2.0)
    assert_fault_only(unit, began, began + 2.0)


def test_an_ended_keeper_leaves_amber_on_and_everything_else_off(
    unit: Unit, start: Callable[..., subprocess.Popen[bytes]]
) -> None:
    start("stop")
    wait_until(lambda: unit.pins.now("red"))
    unit.end()
    assert unit.pins.seen[-1][1] == Levels(amber=True)
    assert not unit.socket_path.exists()


def test_the_acknowledge_button_quiets_the_buzzer_and_leaves_the_red(
    unit: Unit, start: Callable[..., subprocess.Popen[bytes]]
) -> None:
    start("stop")
    wait_until(lambda: unit.pins.now("buzzer"))
    unit.pins.press("acknowledge")
    quieted = time.monotonic()
    time.sleep(2.2)
    assert not any(unit.pins.on("buzzer", quieted))
    assert len(unit.pins.rises("red", quieted)) >= 4


def test_the_page_quiets_the_buzzer_through_the_engine(
    unit: Unit, start: Callable[..., subprocess.Popen[bytes]]
) -> None:
    start("stop")
    wait_until(lambda: unit.pins.now("buzzer"))
    feed = LampFeed(unit.socket_path)
    assert feed.quiet()
    feed.close()
    quieted = time.monotonic() + 3 * TICK_S
    time.sleep(2.2)
    assert not any(unit.pins.on("buzzer", quieted))


def test_the_test_button_lights_each_lamp_in_turn(unit: Unit) -> None:
    pressed = time.monotonic()
    time.sleep(5 * TICK_S)
    unit.pins.press("test")
    time.sleep(2.2)
    red, buzzer = unit.pins.rises("red", pressed), unit.pins.rises("buzzer", pressed)
    assert (len(red), len(buzzer)) == (1, 1)
    assert red[0] < buzzer[0]
    assert not any(unit.pins.on("green", pressed)), "a fault shows, so green stays dark"


def test_garbage_is_counted_and_the_lamps_go_on(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path / "lamp.sock")
    sender = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    sender.connect(str(tmp_path / "lamp.sock"))
    unknown = {"type": "feed", "session": 1, "frame": -1, "sent_at": 0.0, "signal": {}}
    rubbish = [b"", b"\x00", b"\xc1" * 100, os.urandom(LARGEST_MESSAGE * 2)]
    for datagram in [*rubbish, msgspec.msgpack.encode(unknown)]:
        sender.send(datagram)
    feed = LampFeed(tmp_path / "lamp.sock")
    assert feed.send(Signal(Verdict.STOP, Category.WELFARE, encounter=4), 12)
    (message,) = inbox.messages()
    assert inbox.refused == 5
    assert message.signal == Signal(Verdict.STOP, Category.WELFARE, encounter=4)
    assert inbox.messages() == []
    sender.close()
    feed.close()
    inbox.close()


def test_a_flood_cannot_keep_the_lamps_from_being_set(tmp_path: Path) -> None:
    inbox, sent = Inbox(tmp_path / "lamp.sock"), 0
    feed = LampFeed(tmp_path / "lamp.sock")
    while feed.send(Signal(None), sent) and sent < 4 * MESSAGES_A_TICK:
        sent += 1
    assert len(inbox.messages()) == min(sent, MESSAGES_A_TICK)
    feed.close()
    inbox.close()


def test_a_socket_that_was_deleted_is_made_again(tmp_path: Path) -> None:
    inbox, feed = Inbox(tmp_path / "lamp.sock"), LampFeed(tmp_path / "lamp.sock")
    (tmp_path / "lamp.sock").unlink()
    assert not feed.send(Signal(None), 1)
    inbox.listen_again()
    assert feed.send(Signal(None), 2)
    assert len(inbox.messages()) == 1
    inbox.close()
    feed.close()


def test_the_socket_is_closed_to_everybody_else(unit: Unit) -> None:
    assert unit.socket_path.stat().st_mode & 0o777 == 0o600


def test_an_engine_without_a_lamp_keeper_is_told_so(tmp_path: Path) -> None:
    feed = LampFeed(tmp_path / "nobody.sock")
    assert feed.send(Signal(None), 1) is False
    assert feed.quiet() is False
    feed.close()


def test_a_socket_that_cannot_be_made_is_one_clear_line_and_amber_is_left_on(
    tmp_path: Path,
) -> None:
    factory = MockFactory()
    pins = Recorder(GpioPins(WIRING, factory), factory)
    with pytest.raises(IndicatorError, match="cannot listen"):
        run_lamp(tmp_path / "missing" / "lamp.sock", pins, threading.Event(), ignore)
    assert pins.now("amber")


def test_a_keeper_that_sets_its_pins_says_so_once_a_second(tmp_path: Path) -> None:
    factory, stopping, lives = MockFactory(), threading.Event(), []

    def alive() -> None:
        lives.append(time.monotonic())
        if len(lives) == 3:
            stopping.set()

    run_lamp(tmp_path / "lamp.sock", GpioPins(WIRING, factory), stopping, alive)
    assert lives[2] - lives[0] == pytest.approx(2.0, abs=2 * SLACK_S)


@pytest.mark.parametrize("kind", ["mock", "console", "auto"])
def test_the_keeper_runs_on_any_kind_of_pins(tmp_path: Path, kind: str) -> None:
    stopping = threading.Event()
    wiring = Indicator(pins=kind)  # type: ignore[arg-type]
    path = tmp_path / "lamp.sock"
    thread = threading.Thread(target=keep_lamps, args=(wiring, path, stopping, ignore))
    thread.start()
    wait_until(path.exists)
    stopping.set()
    thread.join(5.0)
    assert not path.exists()


def test_each_kind_of_pins_is_opened_by_its_name() -> None:
    assert isinstance(open_pins(Indicator(pins="mock")), GpioPins)
    assert isinstance(open_pins(Indicator(pins="console")), ConsolePins)
    with pytest.raises(IndicatorError):
        open_pins(Indicator(pins="gpio"))


def test_a_raspberry_pi_is_known_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = tmp_path / "model"
    model.write_text("Raspberry Pi 4 Model B Rev 1.5\0", encoding="utf-8")
    monkeypatch.setattr("edge.indicator.lamp._DEVICE_TREE", model)
    with pytest.raises(IndicatorError):
        open_pins(Indicator(pins="auto"))


def test_a_box_that_is_opened_keeps_every_green_away_until_a_manager_says_so(
    tmp_path: Path,
) -> None:
    factory, stopping, path = MockFactory(), threading.Event(), tmp_path / "lamp.sock"
    switch = factory.pin(26)
    pins = GpioPins(Indicator(tamper=26), factory)
    switch.drive_low()
    recorder, feed = Recorder(pins, factory), LampFeed(path)
    thread = threading.Thread(target=run_lamp, args=(path, recorder, stopping, ignore))
    thread.start()
    try:
        wait_until(lambda: recorder.seen)
        assert not (tmp_path / SEEN).exists()
        switch.drive_high()
        wait_until((tmp_path / SEEN).exists)
        feed.send(Signal(Verdict.CLEAR, encounter=1), 1)
        time.sleep(5 * TICK_S)
        assert not any(recorder.on("green", 0.0))
        switch.drive_low()
        time.sleep(5 * TICK_S)
        assert feed.closed()
        wait_until(lambda: not (tmp_path / SEEN).exists())
    finally:
        feed.close()
        stopping.set()
        thread.join(5.0)
