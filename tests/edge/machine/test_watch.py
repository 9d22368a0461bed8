"""The watch over the machine, on a made-up ``/sys``: what is wrong there is told within seconds."""

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from edge.decision import Fault
from edge.machine import watch
from edge.machine.governor import SLOWED_RATE
from edge.machine.judging import FULL_BELOW, SCARCE_BELOW
from edge.machine.room import Room
from edge.machine.view import MachineView, Note
from edge.machine.watch import Machine, MachineWatch, Sources, Told


@pytest.fixture
def sources(tmp_path: Path) -> Sources:
    """A machine at 50 degrees with good power."""
    zone = tmp_path / "thermal" / "thermal_zone0"
    firmware = tmp_path / "platform" / "soc" / "soc:firmware"
    for folder in (zone, firmware, tmp_path / "state"):
        folder.mkdir(parents=True)
    (zone / "temp").write_text("50000\n")
    (firmware / "get_throttled").write_text("0\n")
    return Sources(
        tmp_path / "state",
        tmp_path / "opened",
        tmp_path / "opened seen",
        zones=tmp_path / "thermal",
        devices=tmp_path / "platform",
        sensors=tmp_path / "hwmon",
        blocks=tmp_path / "block",
    )


def warm(sources: Sources, degrees: float) -> None:
    (sources.zones / "thermal_zone0" / "temp").write_text(f"{degrees * 1000:.0f}\n")


def power(sources: Sources, word: int) -> None:
    (sources.devices / "soc" / "soc:firmware" / "get_throttled").write_text(f"{word:x}\n")


def soon(condition: Callable[[], bool]) -> bool:
    until = time.monotonic() + 5.0
    while not condition() and time.monotonic() < until:
        time.sleep(0.01)
    return condition()


def test_a_good_machine_is_shown_as_it_is(sources: Sources) -> None:
    told = Told(clock="hub", accelerator="cpu", runtime="a library")
    seen = Machine(sources).look(told, 0.0)
    assert (seen.faults, seen.view.notes, seen.view.rate_limit) == (frozenset(), (), None)
    assert (seen.view.temperature, seen.view.under_voltage) == (50.0, False)
    assert (seen.view.clock, seen.view.accelerator, seen.view.runtime) == (
        "hub",
        "cpu",
        "a library",
    )
    assert seen.view.free_bytes


def test_heat_lowers_the_rate_and_then_is_a_fault(sources: Sources) -> None:
    machine = Machine(sources)
    warm(sources, 79)
    slower = machine.look(Told(), 0.0)
    assert (slower.view.rate_limit, slower.view.notes) == (SLOWED_RATE, (Note.WARM,))
    assert slower.faults == frozenset()
    warm(sources, 86)
    assert machine.look(Told(), 1.0).faults == {Fault.HOT}
    warm(sources, 60)
    cool = machine.look(Told(), 2.0)
    assert (cool.faults, cool.view.rate_limit, cool.view.notes) == (frozenset(), None, ())


def test_a_weak_supply_is_said_and_remembered(sources: Sources) -> None:
    machine = Machine(sources)
    power(sources, 0x10001)
    weak = machine.look(Told(), 0.0).view
    assert (weak.under_voltage, weak.under_voltage_before) == (True, True)
    assert weak.notes == (Note.UNDER_VOLTAGE,)
    power(sources, 0)
    later = machine.look(Told(), 100.0).view
    assert (later.under_voltage, later.under_voltage_before, later.notes) == (False, True, ())


@pytest.mark.parametrize(
    ("room", "faults", "notes"),
    [
        (Room(SCARCE_BELOW - 1, read_only=False), frozenset(), (Note.SPACE,)),
        (Room(FULL_BELOW - 1, read_only=False), {Fault.DISK}, (Note.SPACE,)),
        (Room(SCARCE_BELOW, read_only=True), {Fault.DISK}, ()),
    ],
)
def test_a_disk_that_fills_is_told_before_it_is_full(
    sources: Sources,
    monkeypatch: pytest.MonkeyPatch,
    room: Room,
    faults: frozenset[Fault],
    notes: tuple[Note, ...],
) -> None:
    monkeypatch.setattr(watch, "read_room", lambda _: room)
    seen = Machine(sources).look(Told(), 0.0)
    assert (seen.faults, seen.view.notes) == (faults, notes)


def test_an_opened_box_is_a_fault_and_is_kept(sources: Sources) -> None:
    machine = Machine(sources)
    sources.opened_seen.touch()
    assert machine.look(Told(), 0.0).faults == {Fault.OPENED}
    sources.opened_seen.unlink()
    assert Machine(sources).look(Told(), 0.0).faults == {Fault.OPENED}


def test_the_card_is_read_now_and_then(
    sources: Sources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "CARD_EVERY", 2)
    number = tmp_path.stat().st_dev
    machine, disk = Machine(sources), tmp_path / "mmcblk0"
    for folder in (disk, sources.blocks):
        folder.mkdir()
    (sources.blocks / f"{os.major(number)}:{os.minor(number)}").symlink_to(disk)
    (disk / "stat").write_text("0 0 0 0 0 0 8 0 0 0 0")
    assert machine.look(Told(), 0.0).view.written_bytes is None
    assert machine.look(Told(), 1.0).view.written_bytes == 4096


def test_the_thread_follows_what_changes(sources: Sources, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "LOOK_S", 0.01)
    looking = MachineWatch(sources, Told)
    try:
        assert soon(lambda: looking.newest(time.monotonic()).view.temperature == 50.0)
        warm(sources, 90)
        assert soon(lambda: looking.newest(time.monotonic()).faults == {Fault.HOT})
    finally:
        looking.close()


def test_a_look_that_fails_ends_no_looking(
    sources: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "LOOK_S", 0.01)
    failures = iter([PermissionError(), RuntimeError()])

    def fail_twice() -> Told:
        if error := next(failures, None):
            raise error
        return Told()

    looking = MachineWatch(sources, fail_twice)
    try:
        assert soon(lambda: looking.newest(time.monotonic()).view.temperature == 50.0)
    finally:
        looking.close()


def test_a_look_that_hangs_is_said(sources: Sources, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "LOOK_S", 0.01)
    going_on = threading.Event()

    def hang() -> Told:
        going_on.wait(10.0)
        return Told()

    looking = MachineWatch(sources, hang)
    try:
        now = time.monotonic()
        assert looking.newest(now).view == MachineView()
        assert looking.newest(now + watch.STALE_S + 1).view.notes == (Note.UNKNOWN,)
    finally:
        going_on.set()
        looking.close()
