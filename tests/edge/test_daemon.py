"""The engine as one process sees it: with a folder for a camera, and nobody listening."""

import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from door_of_stripes import door_of_stripes
from edge.capture.opening import open_source
from edge.capture.source import Frame, FrameSource
from edge.config import Config
from edge.daemon import DoorEngine
from edge.decision import Fault
from edge.door import DoorState
from edge.errors import ConfigError, LinkError, ModelError
from edge.gallery.store import Store
from edge.keys.file import KeyFile
from edge.link import Link
from edge.places import Places
from edge.process import Notifier
from edge.vision import load_engine
from sync.entries import DAY_S, Category, Entry, Reason


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """A door made of noisy images of a striped wall."""
    return door_of_stripes(tmp_path, fps=20)


@pytest.fixture
def places(config: Config) -> Places:
    found = config.places({})
    found.prepare()
    return found


Start = Callable[[], DoorEngine]


@pytest.fixture
def start(config: Config, places: Places) -> Iterator[Start]:
    stopping, running = threading.Event(), []

    def started() -> DoorEngine:
        engine = DoorEngine(config, places)
        thread = threading.Thread(target=engine.run, args=(stopping,))
        thread.start()
        running.append(thread)
        return engine

    yield started
    stopping.set()
    for thread in running:
        thread.join(10)


def until(link: Link, holds: Callable[[DoorState], bool]) -> DoorState:
    deadline = time.monotonic() + 15
    while True:
        state = link.state()
        if holds(state):
            return state
        assert time.monotonic() < deadline, state
        time.sleep(0.02)


def test_lamps_that_take_nothing_are_a_fault_and_systemd_hears_who_screens(
    start: Start, places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.daemon.LAMPS_SILENT_S", 0.3)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "n"))
        systemd.settimeout(10)
        monkeypatch.setattr(
            "edge.daemon.Notifier", lambda: Notifier({"NOTIFY_SOCKET": str(tmp_path / "n")})
        )
        start()
        until(Link(places.engine_socket), lambda state: Fault.LAMP.value in state.faults)
        heard = [systemd.recv(200).decode() for _ in range(4)]
    assert heard[0] == "READY=1"
    assert "WATCHDOG=1" in heard
    assert any(word.startswith("STATUS=") for word in heard)


def test_an_empty_door_is_idle_and_without_a_fault(start: Start, places: Places) -> None:
    start()
    state = until(Link(places.engine_socket), lambda state: state.frame > 5 and not state.faults)
    assert state.verdict is None
    assert state.gallery is not None
    assert state.gallery.entries == 0
    assert state.thresholds is not None
    assert state.fps > 0
    assert set(state.stages_ms) >= {"detect", "embed"}


def test_a_camera_whose_picture_stands_still_is_opened_again(
    start: Start, config: Config, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    moving, opened = config.camera.source, []

    def hung_at_first(words: str, **asked: Any) -> FrameSource:
        opened.append(words)
        source = open_source(moving, **asked)
        if len(opened) == 1:
            hung = [source.read() for _ in range(2)][1].pixels
            monkeypatch.setattr(
                source, "read", lambda: (time.sleep(0.03), Frame(hung, time.monotonic(), 1))[1]
            )
        return source

    monkeypatch.setattr("edge.capture.camera.REOPEN_AFTER_S", 1.5)
    monkeypatch.setattr("edge.daemon.is_live", bool)
    monkeypatch.setattr("edge.daemon.open_source", hung_at_first)
    start()
    link = Link(places.engine_socket)
    until(link, lambda state: Fault.FROZEN.value in state.faults)
    until(link, lambda state: state.frame > 5 and not state.faults)
    assert len(opened) == 2


def test_a_change_of_the_list_is_in_force_when_the_engine_says_so(
    start: Start, places: Places
) -> None:
    start()
    link = Link(places.engine_socket)
    until(link, lambda state: state.gallery is not None)
    entry = Entry("a" * 16, Category.BANNED, Reason.THEFT, time.time(), time.time() + DAY_S)
    model_id = load_engine("cpu", 1).model_id
    with Store.open(places.gallery, KeyFile(places.key_file)) as store:
        store.add(entry, b"\xff\xd8 a photo", np.eye(1, 192, dtype=np.float32), model_id)
        assert link.refresh() == store.head().sequence
    gallery = until(link, lambda state: bool(state.gallery and state.gallery.entries)).gallery
    assert gallery is not None
    assert gallery.entries == 1


def test_an_entry_of_another_length_is_a_fault_and_ends_no_screening(
    start: Start, places: Places
) -> None:
    start()
    link = Link(places.engine_socket)
    until(link, lambda state: state.gallery is not None)
    entry = Entry("a" * 16, Category.BANNED, Reason.THEFT, time.time(), time.time() + DAY_S)
    model_id = load_engine("cpu", 1).model_id
    with Store.open(places.gallery, KeyFile(places.key_file)) as store:
        store.add(entry, b"\xff\xd8 a photo", np.eye(1, 64, dtype=np.float32), model_id)
    link.refresh()
    state = until(link, lambda state: bool(state.faults))
    assert state.faults[0].startswith(Fault.GALLERY)
    assert "differ in length" in state.faults[0]
    until(link, lambda later: later.frame > state.frame + 2)


def test_the_very_first_snapshot_is_no_green(start: Start, places: Places) -> None:
    assert start().state().verdict == "FAULT"


def test_a_network_that_cannot_be_loaded_is_a_fault_with_its_sentence_and_tried_again(
    start: Start, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.daemon.RETRY_S", 0.3)
    tries = []

    def failing_at_first(*words: object) -> object:
        tries.append(1)
        if len(tries) < 3:
            raise ModelError("the network x is not the one on its card")
        return load_engine("cpu", 1)

    monkeypatch.setattr("edge.daemon.load_engine", failing_at_first)
    start()
    link = Link(places.engine_socket)
    sentence = f"{Fault.MODEL.value} (the network x is not the one on its card)"
    assert sentence in until(link, lambda state: sentence in state.faults).faults
    with pytest.raises(LinkError, match="not ready"):
        link.check(b"photo")
    until(link, lambda state: not state.faults)


def test_a_loop_that_stands_still_is_told_to_whoever_asks(
    config: Config, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.daemon.STALLED_AFTER_S", 0.05)
    engine = DoorEngine(config, places)
    time.sleep(0.1)
    state = Link(places.engine_socket).state()
    assert (state.verdict, state.faults) == ("FAULT", (Fault.STALLED.value,))
    stopping = threading.Event()
    stopping.set()
    engine.run(stopping)


def test_a_frame_waits_a_millisecond_for_the_interpreter_and_not_five(
    config: Config, places: Places
) -> None:
    sys.setswitchinterval(0.005)
    engine = DoorEngine(config, places)
    assert sys.getswitchinterval() == pytest.approx(0.001)
    engine._close()


def test_words_that_name_no_camera_end_the_engine_at_once(places: Places) -> None:
    config = Config.parse("[camera]\nsource = 'webcam'\n", Path("door.toml"))
    with pytest.raises(ConfigError, match="none of auto"):
        DoorEngine(config, places)
