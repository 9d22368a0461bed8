"""What the door says about itself to the hub: codes and numbers."""

from dataclasses import dataclass, field

import msgspec
import pytest

from edge.config import Budget
from edge.decision import Fault
from edge.door import DoorState, ListView, Ring
from edge.errors import LinkError
from edge.installed import Installed, Outcome
from edge.machine.view import MachineView, Note
from edge.syncing import report
from edge.syncing.report import KEPT_S, NO_ENGINE, DoorReport

BUDGET = Budget(stops_per_night=0.25)
STATE = DoorState(
    taken_at=0.0,
    frame=1,
    verdict=None,
    category=None,
    faults=(Fault.CLOCK.value, f"{Fault.NO_PICTURE.value} (unplugged)", "something new"),
    encounters=(),
    alerts=(),
    gallery=ListView(1, 1, 1, 0.0, 0.0, "net 1 ünï"),
    thresholds=None,
    counts={"clear": 3, "not seen": 2},
    fps=30.0,
    dropped=0,
    latency_ms=1.0,
    stages_ms={},
    finished=False,
    outcomes={"since": 7, "reds": 2, "red-not-them": 1},
    rings=(Ring("a" * 16, 2, 0, 1),),
)


@dataclass
class Engine:
    """An engine that counts how often it is asked, or is not there."""

    there: bool = True
    asked: int = 0
    seconds: float = field(default=0.0)

    def state(self) -> DoorState:
        self.asked += 1
        if not self.there:
            raise LinkError("not there")
        return STATE

    def clock(self) -> float:
        return self.seconds


def test_faults_become_codes_and_names_become_words() -> None:
    engine = Engine()
    told = DoorReport(engine.state, BUDGET, engine.clock)()
    assert told.faults == ("clock", "no-picture", "other")
    assert dict(told.counts) == {
        "clear": 3, "not-seen": 2, "since": 7, "reds": 2, "red-not-them": 1,
        "red-budget": 250, "check-budget": 16_000, "entrants": 800,
    }  # fmt: skip
    assert told.rings == (("a" * 16, 2, 0, 1),)
    assert told.model_id == "net-1-n-"
    assert told.version


def test_the_engine_is_asked_now_and_then_only() -> None:
    engine = Engine()
    report = DoorReport(engine.state, BUDGET, engine.clock)
    for _ in range(10):
        report()
    assert engine.asked == 1
    engine.seconds = KEPT_S
    report()
    assert engine.asked == 2


def test_an_engine_that_does_not_answer_is_a_fault_of_its_own() -> None:
    engine = Engine(there=False)
    assert DoorReport(engine.state, BUDGET, engine.clock)().faults == (NO_ENGINE,)


def test_a_gallery_that_cannot_be_read_has_no_model() -> None:
    broken = msgspec.structs.replace(STATE, gallery=None)
    assert DoorReport(lambda: broken, BUDGET)().model_id == ""


def test_the_temperature_is_told_also_without_an_engine() -> None:
    engine = Engine()
    told = DoorReport(engine.state, BUDGET, engine.clock, lambda: 61)()
    assert dict(told.counts)["temperature"] == 61
    engine.there = False
    alone = DoorReport(engine.state, BUDGET, engine.clock, lambda: 61)()
    assert alone.counts == (("temperature", 61),)


def test_the_machine_is_told_in_whole_numbers_and_short_words() -> None:
    view = MachineView(
        wear=30, free_bytes=5 * 2**30, rate_limit=10.0, notes=(Note.WARM, Note.LIST_AGE)
    )
    warm = msgspec.structs.replace(STATE, machine=view)
    told = dict(DoorReport(lambda: warm, BUDGET, warmth=lambda: 74.6)().counts)
    machine = {name: told[name] for name in ("temperature", "wear", "free-mib", "fps-limit")}
    assert machine == {"temperature": 75, "wear": 30, "free-mib": 5120, "fps-limit": 10}
    assert {name for name in told if name.startswith("note.")} == {"note.warm", "note.list-age"}


def test_a_machine_below_freezing_is_told_as_none_too_warm() -> None:
    told = dict(DoorReport(lambda: STATE, BUDGET, warmth=lambda: -12.0)().counts)
    assert told["temperature"] == 0


def test_an_upgrade_that_went_back_is_told_until_one_comes_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for ended, told in (("returned", 1), ("good", None)):
        outcome = Outcome(ended, "1.0-aaaaaaaa", "2.0-bbbbbbbb", "it does not start", 7.0)
        software = Installed("1.0-aaaaaaaa", outcome=outcome)
        monkeypatch.setattr(report, "installed", lambda software=software: software)
        assert dict(DoorReport(Engine().state, BUDGET)().counts).get("note.went-back") == told
