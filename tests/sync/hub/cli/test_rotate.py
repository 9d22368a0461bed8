"""A new data key for the hub, at the console."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from consortium import Consortium
from simulator.office import Office
from sync.hub.config import HubConfig, HubPlaces


@pytest.fixture
def console(tmp_path: Path) -> Consortium:
    """The console of a hub with two entries on its list."""
    (tmp_path / "hub").mkdir()
    HubPlaces(tmp_path / "hub").settings.write_text(HubConfig("Six").text())
    office = Office(tmp_path / "hub")
    office.ban()
    office.ban()
    office.service.close()
    return Consortium(tmp_path)


def test_the_data_key_is_another_and_the_hub_the_same(console: Consortium) -> None:
    before = console.tells("entry", "list")
    said = console.says("rotate-data-key")
    assert "sealed under a new data key" in said
    assert "Copies made before still hold it" in said
    assert "damaged" not in said
    assert console.tells("entry", "list") == before
    assert console.tells("rotate-data-key")["sealed_again"] > 0
    did = [line["did"] for line in console.tells("audit", "show")]
    assert did[-2:] == ["rotate-data-key"] * 2
    console.says("audit", "verify")


def test_what_does_not_open_is_said(console: Consortium) -> None:
    with closing(sqlite3.connect(console.hub / "hub.db")) as raw, raw:
        raw.execute("UPDATE content SET sealed = zeroblob(284) WHERE seq = 1")
    said = console.says("rotate-data-key")
    assert "1 row did not open and will not" in said
