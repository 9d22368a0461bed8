"""Figures beside the page: numbers of the unit, nothing of a person, and not for everybody."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families

from edge.decision import Fault
from edge.door import Ring, SyncView
from edge.errors import LinkError
from edge.machine.view import MachineView, Note
from edge.staff.app import build_app
from edge.staff.metrics import Metrics

SECRETS = ("00ff00ff00ff00ff", "banned", "violence", "a1b2c3d4")
STANDING = SyncView(
    unit_id="1" * 16, name="Front", venue="Anchor", list_id="f" * 32, connected=True, live=True,
    problem="", locked="", seq=8, head_seq=10, epoch=1, held=83, waiting=1, issued_ms=1,
    lease_ms=2, pages=(0, 0), refusals={"gap": 2, "replay": 1}, clock_leapt=False,
)  # fmt: skip


def silent() -> SyncView:
    raise LinkError("this unit belongs to no consortium")


@pytest.fixture
def metrics(scene: Any, door: Any, pin_hash: str) -> Any:
    """Serve figures to this machine."""
    return scene.browser(build_app(door, lambda: pin_hash, metrics=Metrics(silent, None)))


def read(answer: Any) -> dict[str, float]:
    assert answer.status_code == 200
    return {
        f"{one.name}{''.join(f'[{value}]' for value in one.labels.values())}": one.value
        for family in text_string_to_metric_families(answer.text)
        for one in family.samples
    }


def test_unasked_for_they_are_not_there(staff: Any) -> None:
    assert staff.get("/metrics").status_code == 404


def test_they_tell_how_the_unit_is(metrics: Any, door: Any) -> None:
    view = MachineView(
        temperature=74.5, under_voltage=False, free_bytes=2**30, wear=30, clock="network",
        accelerator="cpu", runtime="a_library", rate_limit=10.0, notes=(Note.WARM,),
    )  # fmt: skip
    faults = (f"{Fault.NO_PICTURE.value} (unplugged)",)
    door.now = msgspec.structs.replace(door.now, machine=view, faults=faults)
    told = read(metrics.get("/metrics"))
    assert told["doorwatch_engine_up"] == 1
    assert (told["doorwatch_screening"], told["doorwatch_fault[no-picture]"]) == (0, 1)
    assert told["doorwatch_fault[hot]"] == 0
    assert (told["doorwatch_needs[warm]"], told["doorwatch_needs[worn]"]) == (1, 0)
    assert told["doorwatch_temperature_celsius"] == 74.5
    assert told["doorwatch_frames_per_second_limit"] == 10
    assert told["doorwatch_card_wear_ratio"] == 0.3
    assert told["doorwatch_clock[network]"] == 1
    assert told["doorwatch_networks[cpu][a_library]"] == 1
    assert told["doorwatch_encounters[clear]"] == 300
    assert told["doorwatch_list_entries"] == 83
    assert "doorwatch_hub_live" not in told


def test_an_engine_that_is_away_is_told_as_that(metrics: Any, door: Any) -> None:
    door.now = None
    told = read(metrics.get("/metrics"))
    assert told["doorwatch_engine_up"] == 0
    assert "doorwatch_screening" not in told


def test_a_unit_of_a_consortium_tells_how_far_it_is_behind(
    scene: Any, door: Any, pin_hash: str
) -> None:
    app = build_app(door, lambda: pin_hash, metrics=Metrics(lambda: STANDING, None))
    told = read(scene.browser(app).get("/metrics"))
    assert (told["doorwatch_hub_live"], told["doorwatch_changes_behind"]) == (1, 2)
    assert (told["doorwatch_entries_waiting"], told["doorwatch_refused_messages"]) == (1, 3)


def test_nothing_of_a_person_is_in_them(metrics: Any, door: Any, scene: Any) -> None:
    found = scene.alert(alert_id="a1b2c3d4", entry_id="00ff00ff00ff00ff")
    door.now = msgspec.structs.replace(
        door.now, alerts=(found,), verdict="STOP", category="banned",
        rings=(Ring("00ff00ff00ff00ff", 2, 0, 1),),
    )  # fmt: skip
    text = metrics.get("/metrics").text
    assert [one for one in SECRETS if one in text] == []


def test_another_machine_needs_the_word(
    scene: Any, door: Any, pin_hash: str, tmp_path: Path
) -> None:
    app = build_app(door, lambda: pin_hash, metrics=Metrics(silent, None))
    far = scene.browser(app, host="192.168.1.9")
    assert far.get("/metrics").status_code == 403
    (tmp_path / "word").write_text("open sesame")
    app = build_app(door, lambda: pin_hash, metrics=Metrics(silent, tmp_path / "word"))
    far = scene.browser(app, host="192.168.1.9")
    assert far.get("/metrics").status_code == 401
    assert far.get("/metrics", headers={"Authorization": "Bearer open sesame"}).status_code == 200
