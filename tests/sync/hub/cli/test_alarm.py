"""Alarms about entries that ring wrongly, looked at and cleared at the console."""

from pathlib import Path

import pytest

from consortium import Consortium
from simulator.office import NOON_MS, Office
from sync.hub import words
from sync.hub.cli import alarm
from sync.hub.config import HubConfig, HubPlaces


@pytest.fixture
def console(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Consortium:
    """The console of a hub, at the time of its office."""
    monkeypatch.setattr(alarm, "now_ms", lambda: NOON_MS)
    (tmp_path / "hub").mkdir()
    HubPlaces(tmp_path / "hub").settings.write_text(HubConfig("Six").text())
    return Consortium(tmp_path)


@pytest.fixture
def noticed(console: Consortium) -> str:
    """An entry of which staff said twice tonight: not them; its id."""
    office = Office(console.hub)
    person, door, desk = office.ban(), office.door(), office.service.desk
    with desk.change():
        unit = desk.book.units[door.registration.unit_id]
        wire = door.report(office.service, rings=((person.entry_id, 2, 0, 2),))
        words.take(desk, unit, wire, office.now_ms)
    office.service.close()
    return person.entry_id


def test_an_alarm_is_listed_with_its_reason(console: Consortium, noticed: str) -> None:
    told = console.says("alarm", "list")
    assert noticed in told
    assert "staff said 2 times: not them" in told
    (one,) = console.tells("alarm", "list")
    assert (one["entry_id"], one["why"], one["held_back"]) == (noticed, "not-them", True)


def test_an_alarm_that_is_cleared_is_gone_and_stands_in_the_log(
    console: Consortium, noticed: str
) -> None:
    assert "--yes" in console.refuses("alarm", "clear", noticed)
    assert console.tells("alarm", "list")
    assert "counts again" in console.says("alarm", "clear", noticed, "--yes")
    assert console.tells("alarm", "list") == []
    assert "0 alarms" in console.says("alarm", "list")
    did = [(line["did"], line["what"]) for line in console.tells("audit", "show")]
    assert ("clear-alarm", noticed) in did
    assert "no alarm stands" in console.refuses("alarm", "clear", noticed, "--yes")


def test_what_is_no_entry_is_refused_before_anything_is_asked(console: Consortium) -> None:
    Office(console.hub).service.close()
    assert "no entry's id" in console.refuses("alarm", "clear", "somebody")
