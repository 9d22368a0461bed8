import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from edge.budget import ImpostorCurve
from edge.config import Budget, Decision
from edge.decision import Fault
from edge.errors import GalleryError
from edge.gallery.store import Store
from edge.keys.file import KeyFile
from edge.listkeeper import ListKeeper, Measure
from sync.clock import Reading
from sync.entries import DAY_S, Category, Entry, Reason

CURVE = ImpostorCurve((1e-1, 1e-3, 1e-5), (0.3, 0.45, 0.6))
MEASURE = Measure("model-a", CURVE, Budget(), Decision())
PHOTO = b"\xff\xd8\xff a photo"


@dataclass
class Clock:
    """A clock that the test sets."""

    ahead_s: float = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead_s

    def read(self) -> Reading:
        now_ms = round(self() * 1000)
        return Reading(now_ms, now_ms, "boot", synchronised=True)


@dataclass
class Bench:
    """A gallery on disk, seen by a keeper and by another process at once."""

    folder: Path
    clock: Clock

    def open(self) -> Store:
        return Store.open(
            self.folder / "g.db", KeyFile(self.folder / "g.key"), read=self.clock.read
        )

    def add(self, number: int, model_id: str = "model-a", days: float = 30) -> Entry:
        now = self.clock()
        entry = Entry(f"{number:016x}", Category.BANNED, Reason.VIOLENCE, now, now + days * DAY_S)
        template = np.zeros((1, 16), np.float32)
        template[0, number % 16] = 1
        with self.open() as store:
            store.add(entry, PHOTO, template, model_id)
        return entry


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path, Clock())


@pytest.fixture
def keeper(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Iterator[ListKeeper]:
    monkeypatch.setattr("edge.listkeeper.TICK_S", 0.05)
    one = ListKeeper(bench.open, MEASURE)
    yield one
    one.close()


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_change_by_another_process_is_in_force_by_the_next_look(
    bench: Bench, keeper: ListKeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    until(lambda: not keeper.faults)
    before, look, looks = keeper.in_force.rules, keeper._look, list[bool]()
    rest, rests = keeper._turn.rest, list[float]()

    def watched() -> None:
        look()
        looks.append(entry.entry_id in keeper.in_force.entries)

    def rested(seconds: float) -> None:
        rests.append(seconds)
        rest(seconds)

    entry = bench.add(1)
    monkeypatch.setattr(keeper, "_look", watched)
    monkeypatch.setattr(keeper._turn, "rest", rested)
    until(lambda: looks and rests)
    assert looks[0]
    assert max(rests) <= 0.5
    probe = np.eye(16, dtype=np.float32)[1]
    found = keeper.in_force.best(probe)
    assert found is not None
    assert found.entry_id == entry.entry_id
    assert keeper.photo(entry.entry_id) == PHOTO
    bench.add(2)
    until(lambda: len(keeper.in_force.entries) == 2)
    assert keeper.in_force.rules.stop > before.stop


def test_an_entry_that_runs_out_is_compared_no_more_and_erased(
    bench: Bench, keeper: ListKeeper
) -> None:
    entry = bench.add(1, days=2)
    until(lambda: entry.entry_id in keeper.in_force.entries)
    bench.clock.ahead_s = 2 * DAY_S + 10
    until(lambda: not keeper.in_force.entries)
    with bench.open() as store:
        assert store.references() == []


def test_an_erasure_that_the_disk_refused_is_made_up_for(
    bench: Bench, keeper: ListKeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.listkeeper.ERASE_AGAIN_S", 0.1)
    refused, erase = threading.Event(), Store.erase_over

    def refuse_once(store: Store, now: float, among: list[str]) -> int:
        if refused.is_set():
            return erase(store, now, among)
        refused.set()
        raise GalleryError("the disk is full")

    entry = bench.add(1, days=2)
    until(lambda: entry.entry_id in keeper.in_force.entries)
    monkeypatch.setattr(Store, "erase_over", refuse_once)
    bench.clock.ahead_s = 2 * DAY_S + 10
    until(refused.is_set)
    with bench.open() as store:
        until(lambda: store.references() == [])
    until(lambda: not keeper.faults)


def test_whatever_fails_after_an_erasure_the_list_is_looked_after(
    bench: Bench, keeper: ListKeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = threading.Event()

    def fail(_: Store) -> None:
        failed.set()
        raise RuntimeError

    entry = bench.add(1, days=2)
    until(lambda: entry.entry_id in keeper.in_force.entries)
    monkeypatch.setattr(Store, "tidy", fail)
    bench.clock.ahead_s = 2 * DAY_S + 10
    until(failed.is_set)
    newest = bench.add(2)
    until(lambda: newest.entry_id in keeper.in_force.entries and not keeper.faults)


def test_a_list_that_nobody_confirmed_is_a_fault_but_is_still_compared(
    bench: Bench, keeper: ListKeeper
) -> None:
    entry = bench.add(1)
    until(lambda: entry.entry_id in keeper.in_force.entries)
    bench.clock.ahead_s = 8 * DAY_S
    until(lambda: Fault.LIST_EXPIRED in keeper.faults)
    assert entry.entry_id in keeper.in_force.entries


def test_a_clock_that_was_set_back_is_a_fault(bench: Bench, keeper: ListKeeper) -> None:
    until(lambda: not keeper.faults)
    bench.clock.ahead_s = 3600
    with bench.open() as store:
        store.time()
    bench.clock.ahead_s = 0
    until(lambda: Fault.CLOCK in keeper.faults)


def test_templates_of_another_model_are_a_fault_and_never_a_silent_miss(
    bench: Bench, keeper: ListKeeper
) -> None:
    until(lambda: not keeper.faults)
    bench.add(1, model_id="model-b")
    until(lambda: Fault.GALLERY in keeper.faults)
    assert keeper.trouble is not None
    assert "enrol it again" in keeper.trouble


def test_a_gallery_that_cannot_be_opened_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.listkeeper.TICK_S", 0.02)
    tries = []

    def opening() -> Store:
        tries.append(1)
        raise GalleryError("the disk is gone")

    keeper = ListKeeper(opening, MEASURE)
    until(lambda: len(tries) > 2)
    assert keeper.faults == {Fault.GALLERY}
    assert keeper.trouble == "the disk is gone"
    assert keeper.in_force.index is None
    keeper.close()


def test_what_nobody_foresaw_is_a_fault_and_the_list_is_looked_at_again() -> None:
    tries = []

    def opening() -> Store:
        tries.append(1)
        raise ZeroDivisionError

    keeper = ListKeeper(opening, MEASURE)
    until(lambda: len(tries) > 1)
    assert keeper.faults == {Fault.GALLERY}
    assert keeper.trouble == "the list failed in a new way: ZeroDivisionError"
    keeper.close()


def test_a_look_that_does_not_end_is_a_fault_while_it_lasts(
    bench: Bench, keeper: ListKeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    until(lambda: not keeper.faults)
    stuck, look = threading.Event(), keeper._look
    monkeypatch.setattr("edge.listkeeper.STANDS_AFTER_S", 0.2)
    monkeypatch.setattr(keeper, "_look", lambda: stuck.wait(5) and look())
    until(lambda: keeper.faults == {Fault.GALLERY})
    stuck.set()
    until(lambda: not keeper.faults)


def test_a_clock_that_jumps_to_and_fro_is_a_fault_also_while_it_is_right(
    bench: Bench, keeper: ListKeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.listkeeper.DOUBTED_S", 0.8)
    until(lambda: not keeper.faults)
    bench.clock.ahead_s = -365 * DAY_S
    until(lambda: Fault.CLOCK in keeper.faults)
    bench.clock.ahead_s = 0
    time.sleep(0.3)
    assert Fault.CLOCK in keeper.faults
    until(lambda: not keeper.faults)
