"""What the engine does about its machine: fewer frames, FAULT, and on without its Edge TPU."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from door_of_stripes import door_of_stripes
from edge import daemon
from edge.config import Config
from edge.daemon import DoorEngine
from edge.decision import Fault
from edge.door import DoorState
from edge.errors import ModelError
from edge.link import Link
from edge.machine import watch
from edge.machine.view import Note
from edge.machine.watch import Sources
from edge.vision import load_engine


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """A door made of noisy stripes, thirty pictures a second."""
    return door_of_stripes(tmp_path, fps=30)


@pytest.fixture
def warm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Set the temperature of the machine."""
    zone = tmp_path / "thermal" / "thermal_zone0"
    zone.mkdir(parents=True)

    def made(*places: Path) -> Sources:
        missing = tmp_path / "missing"
        return Sources(
            *places, zones=tmp_path / "thermal", devices=missing, sensors=missing, blocks=missing
        )

    def set_to(degrees: float) -> None:
        (zone / "temp").write_text(f"{degrees * 1000:.0f}")

    set_to(50)
    monkeypatch.setattr(daemon, "Sources", made)
    monkeypatch.setattr(watch, "LOOK_S", 0.1)
    return set_to


@pytest.fixture
def start(config: Config) -> Iterator[Callable[[], Link]]:
    stopping, running = threading.Event(), []

    def started() -> Link:
        places = config.places({})
        places.prepare()
        engine = DoorEngine(config, places)
        running.append(threading.Thread(target=engine.run, args=(stopping,)))
        running[0].start()
        return Link(places.engine_socket)

    yield started
    stopping.set()
    for thread in running:
        thread.join(10)


def until(link: Link, holds: Callable[[DoorState], bool]) -> DoorState:
    deadline = time.monotonic() + 15
    while not holds(state := link.state()):
        assert time.monotonic() < deadline, state
        time.sleep(0.02)
    return state


def test_a_hot_engine_screens_fewer_frames_then_shows_fault_and_comes_back(
    start: Callable[[], Link], warm: Callable[[float], None]
) -> None:
    link = start()
    until(link, lambda state: state.fps > 7 and not state.faults)
    warm(79)
    slow = until(link, lambda state: state.machine.rate_limit is not None and state.fps <= 6.5)
    assert (slow.machine.notes, slow.faults) == ((Note.WARM,), ())
    warm(90)
    until(link, lambda state: state.faults == (Fault.HOT.value,))
    warm(40)
    cool = until(link, lambda state: not state.faults and state.machine.rate_limit is None)
    assert cool.machine.notes == ()


def test_a_lost_edge_tpu_leaves_the_work_to_the_processor_and_says_so(
    start: Callable[[], Link], warm: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def unplugged(*_: Any, **__: Any) -> None:
        raise ModelError("the network embed failed while it ran: no device")

    def loading(accelerator: str, threads: int | None) -> Any:
        asked.append(accelerator)
        engine = load_engine("cpu", threads)
        if len(asked) == 1:
            engine.accelerator = "edgetpu"
            monkeypatch.setattr(engine, "faces_within", unplugged)
        return engine

    monkeypatch.setattr(daemon, "load_engine", loading)
    link = start()
    state = until(link, lambda state: state.machine.accelerator_missed and not state.faults)
    assert state.machine.accelerator == "cpu"
    assert state.machine.notes == (Note.ACCELERATOR,)
    assert asked == ["auto", "cpu"]
    until(link, lambda later: later.frame > state.frame)
