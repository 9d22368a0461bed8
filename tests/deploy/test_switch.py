"""A version that does not work goes back, and so does one that a power cut left on trial."""

import importlib
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from edge.selftest.checks import COPY_BEGINS

OLD, NEW = "1.0-aaaaaaaa", "2.0-bbbbbbbb"
MODULES = ("versions", "databases", "proof", "bundles", "upgrading", "__main__")
SWITCH = Path(__file__).parents[2] / "deploy" / "switch"


class Cut(BaseException):
    """The power goes."""


class Systemd:
    """Units that run, and give a sign of life at each look, unless a version is broken."""

    def __init__(self, opt: Path) -> None:
        self.opt, self.beats, self.words = opt, 0, list[str]()
        self.broken: Callable[[str], str] = lambda _: ""

    def __call__(self, command: list[str], **_: object) -> SimpleNamespace:
        self.words.append(" ".join(command[1:]))
        if command[1] != "show" or "-hub" in command[2]:
            return SimpleNamespace(stdout="")
        self.beats += 1
        state = self.broken((self.opt / "current").readlink().name) or "active"
        now_us = 1000 * self.beats if state == "idle" else 10**15 + self.beats
        told = {
            "ActiveState": "active" if state in {"idle", "blind"} else state,
            "StatusText": "no camera" if state == "blind" else "screening, 20 a second",
            "NRestarts": "0",
            "InvocationID": "1",
            "WatchdogTimestampMonotonic": "7" if state == "idle" else str(now_us),
        }
        return SimpleNamespace(stdout="\n".join(f"{key}={value}" for key, value in told.items()))


class Machine:
    """A folder with two versions and a list, and the switch as it is loaded for it."""

    def __init__(self, folder: Path, switch: Any, proof: Any) -> None:
        self.opt, self.gallery = folder / "opt", folder / "state" / "gallery.db"
        self.switch, self.systemd = switch, Systemd(self.opt)
        proof.subprocess = SimpleNamespace(
            run=self.systemd, TimeoutExpired=subprocess.TimeoutExpired
        )
        for name in (OLD, NEW):
            (self.opt / "versions" / name).mkdir(parents=True)
            (self.opt / "versions" / name / "complete").touch()
        self.gallery.parent.mkdir()
        with sqlite3.connect(self.gallery) as database:
            database.execute("PRAGMA journal_mode=WAL")
            database.execute("PRAGMA user_version=2")
            database.execute("CREATE TABLE record (seq INTEGER PRIMARY KEY)")
            database.execute("INSERT INTO record VALUES (1)")
        database.close()
        self.switch.switch(OLD)

    @property
    def current(self) -> str:
        return (self.opt / "current").readlink().name

    @property
    def outcome(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads((self.opt / "outcome.json").read_text())
        return told

    def settled(self) -> bool:
        """Nothing is half there: no trial, no copy, and what is in force is whole."""
        copies = [*self.gallery.parent.glob("*before-switch"), *self.gallery.parent.glob("*.copy")]
        left = [*self.opt.glob("trial*"), *copies]
        return not left and (self.opt / "current" / "complete").exists()

    def seqs(self) -> list[int]:
        with sqlite3.connect(self.gallery) as database:
            found = [row[0] for row in database.execute("SELECT seq FROM record")]
        database.close()
        return found

    def written_by_newer(self) -> None:
        with sqlite3.connect(self.gallery) as database:
            database.execute("PRAGMA user_version=3")
            database.execute("INSERT INTO record VALUES (2)")
        database.close()


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    monkeypatch.setenv("DOORWATCH_OPT", str(tmp_path / "opt"))
    monkeypatch.setenv("DOORWATCH_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("DOORWATCH_TRIAL_S", "0.2")
    monkeypatch.syspath_prepend(str(SWITCH))
    monkeypatch.setattr(sys, "argv", [str(SWITCH)])
    loaded = {name: sys.modules.pop(name, None) for name in MODULES}
    parts = {name: importlib.import_module(name) for name in MODULES[:-1]}
    spec = importlib.util.spec_from_file_location("switch_main", SWITCH / "__main__.py")
    assert spec is not None
    assert spec.loader is not None
    main = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(main)
    main.as_owner = lambda verb, database: {
        "keep-copy": lambda: parts["databases"].keep_copy(database) or 0,
        "put-back": lambda: parts["databases"].put_back(database),
    }[verb]()
    yield Machine(tmp_path, main, parts["proof"])
    for name, module in loaded.items():
        sys.modules.pop(name, None)
        if module is not None:
            sys.modules[name] = module


def test_a_version_that_works_stays(machine: Machine) -> None:
    machine.switch.switch(NEW)
    assert json.loads((machine.opt / "trial.json").read_text())["former"] == OLD
    machine.switch.decide()
    assert (machine.current, machine.outcome["ended"]) == (NEW, "good")
    assert machine.settled()


@pytest.mark.parametrize("state", ["failed", "activating", "idle", "blind"])
def test_a_version_that_does_no_work_goes_back(machine: Machine, state: str) -> None:
    machine.systemd.broken = lambda version: state if version == NEW else ""
    machine.switch.switch(NEW)
    machine.switch.decide()
    assert (machine.current, machine.outcome["ended"]) == (OLD, "returned")
    assert machine.outcome["why"].startswith("doorwatch-lamp.service")
    assert (machine.opt / "versions" / NEW / "refused").exists()
    assert machine.settled()


def test_copies_are_overwritten_so_that_nobody_who_is_erased_stays_on_the_disk(
    machine: Machine,
) -> None:
    machine.switch.switch(NEW)
    with machine.gallery.with_name("gallery.db.before-switch").open("rb") as copy:
        machine.switch.decide()
        assert machine.settled()
        assert set(copy.read()) == {0}


def test_what_somebody_laid_in_the_place_of_a_copy_is_not_overwritten(machine: Machine) -> None:
    other, copy = machine.opt / "other", machine.gallery.with_name("gallery.db.before-switch")
    other.write_text("of root")
    for lay in (copy.symlink_to, copy.hardlink_to):
        lay(other)
        machine.switch.settle()
        assert not copy.exists()
        assert other.read_text() == "of root"


def test_a_unit_that_stood_before_need_not_run_after(machine: Machine) -> None:
    machine.systemd.broken = lambda _: "inactive"
    machine.switch.switch(NEW)
    machine.switch.decide()
    assert (machine.current, machine.outcome["ended"]) == (NEW, "good")


def test_a_camera_that_was_away_before_may_be_away_after(machine: Machine) -> None:
    machine.systemd.broken = lambda _: "blind"
    machine.switch.switch(NEW)
    machine.switch.decide()
    assert (machine.current, machine.outcome["ended"]) == (NEW, "good")


def test_the_list_goes_back_where_the_newer_version_changed_its_tables(machine: Machine) -> None:
    machine.systemd.broken = lambda version: "failed" if version == NEW else ""
    machine.switch.switch(NEW)
    machine.written_by_newer()
    machine.switch.decide()
    assert machine.seqs() == [1]
    aside = machine.gallery.with_name("gallery.db.newer")
    assert sqlite3.connect(aside).execute("PRAGMA user_version").fetchone() == (3,)


def test_what_was_acknowledged_since_stays_where_the_tables_are_the_same(
    machine: Machine,
) -> None:
    machine.systemd.broken = lambda version: "failed" if version == NEW else ""
    machine.switch.switch(NEW)
    with sqlite3.connect(machine.gallery) as database:
        database.execute("INSERT INTO record VALUES (2)")
    machine.switch.decide()
    assert machine.seqs() == [1, 2]


def test_a_hub_whose_ledger_grew_is_not_made_to_forget(machine: Machine) -> None:
    hub = Path(f"{machine.gallery.parent}-hub", "hub.db")
    hub.parent.mkdir()
    machine.gallery.replace(hub)
    machine.gallery = hub
    machine.systemd.broken = lambda version: "failed" if version == NEW else ""
    machine.switch.switch(NEW)
    machine.written_by_newer()
    machine.switch.decide()
    assert (machine.current, machine.outcome["ended"]) == (NEW, "stays")
    assert machine.seqs() == [1, 2]
    # A hub may not start anew for a year: whoever is erased meanwhile must not be in a copy.
    assert not hub.with_name("hub.db.before-switch").exists()


def test_a_list_that_cannot_be_put_back_stays_with_the_version_that_reads_it(
    machine: Machine,
) -> None:
    machine.systemd.broken = lambda version: "failed" if version == NEW else ""
    machine.switch.switch(NEW)
    machine.written_by_newer()
    machine.switch.as_owner = lambda *_: 1  # the disk is full
    machine.switch.decide()
    assert (machine.current, machine.outcome["ended"]) == (NEW, "stays")
    assert "cannot be put back" in machine.outcome["why"]
    assert machine.seqs() == [1, 2]


def test_a_way_back_that_is_still_open_has_its_copy(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.switch.switch(NEW)
    machine.written_by_newer()
    with monkeypatch.context() as patch:
        patch.setattr(machine.switch, "end", _no_power)
        with pytest.raises(Cut):
            machine.switch.decide()
    machine.systemd.broken = lambda version: "failed" if version == NEW else ""
    machine.switch.settle()
    machine.switch.decide()
    assert (machine.current, machine.seqs()) == (OLD, [1])


def test_a_link_in_the_place_of_a_list_gives_nobody_the_power_of_whom_it_leads_to(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("work was done"))
    machine.gallery.replace(tmp_path / "of-root.db")
    machine.gallery.symlink_to(tmp_path / "of-root.db")
    assert sys.modules["databases"].as_owner("keep-copy", machine.gallery) == 1


def test_a_version_that_never_proves_itself_goes_back_at_the_third_start(
    machine: Machine,
) -> None:
    machine.switch.switch(NEW)
    for _ in range(2):
        machine.switch.settle()
        assert machine.current == NEW
    machine.switch.settle()
    assert (machine.current, machine.outcome["ended"]) == (OLD, "returned")
    assert machine.settled()


def test_a_copy_that_a_self_test_left_when_the_power_went_is_removed(machine: Machine) -> None:
    left = machine.gallery.parent / f"{COPY_BEGINS}x" / "gallery.db"
    left.parent.mkdir()
    left.touch()
    machine.switch.settle()
    assert not left.parent.exists()
    assert machine.gallery.exists()


def test_a_bundle_that_was_unpacked_when_the_power_went_is_removed(machine: Machine) -> None:
    left = machine.opt / ".upgrade" / "wheels" / "x.whl"
    left.parent.mkdir(parents=True)
    left.touch()
    machine.switch.settle()
    assert not (machine.opt / ".upgrade").exists()


def test_a_version_that_is_not_whole_is_refused(machine: Machine) -> None:
    (machine.opt / "versions" / NEW / "complete").unlink()
    with pytest.raises(Exception, match="no whole version"):
        machine.switch.switch(NEW)
    assert machine.current == OLD


def test_one_switch_at_a_time(machine: Machine) -> None:
    machine.switch.switch(NEW)
    with pytest.raises(Exception, match="on trial already"):
        machine.switch.switch(OLD)


@pytest.mark.parametrize("works", [True, False])
def test_a_power_cut_at_any_step_ends_in_one_version_or_the_other(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, *, works: bool
) -> None:
    machine.systemd.broken = lambda version: "failed" if version == NEW and not works else ""
    for step in range(200):
        with monkeypatch.context() as patch:
            clock = _cut_at(step, patch)
            try:
                machine.switch.switch(NEW)
                machine.written_by_newer()
                machine.switch.decide()
            except Cut:
                pass
            done = clock() <= step
        machine.switch.settle()
        machine.switch.decide()
        assert machine.settled(), step
        assert machine.current == NEW or machine.seqs() == [1], step
        if done:
            assert machine.current == (NEW if works else OLD)
            return
        _start_over(machine)
    pytest.fail("the switch has no end")


def _no_power(*_: object) -> None:
    raise Cut


def _cut_at(step: int, patch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Let the power go before one of the operations on the disk; gives how many there were."""
    count = 0

    def cutting(operation: Callable[..., Any]) -> Callable[..., Any]:
        def cut(*words: Any, **named: Any) -> Any:
            nonlocal count
            count += 1
            if count > step:
                raise Cut
            return operation(*words, **named)

        return cut

    for owner, name in ((os, "fsync"), (Path, "replace"), (Path, "symlink_to"), (Path, "unlink")):
        patch.setattr(owner, name, cutting(getattr(owner, name)))
    return lambda: count


def _start_over(machine: Machine) -> None:
    for name in (OLD, NEW):
        (machine.opt / "versions" / name).mkdir(exist_ok=True)
        (machine.opt / "versions" / name / "complete").touch()
    (machine.opt / "current").unlink()
    machine.switch.switch(OLD)
    with sqlite3.connect(machine.gallery) as database:
        database.execute("PRAGMA user_version=2")
        database.execute("DELETE FROM record WHERE seq = 2")
    database.close()
