"""The whole way with nothing but what is installed: hub, broker, and units' own sync processes."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from consortium import Consortium, until
from member import Unit

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("mosquitto", "eyes")]


@pytest.fixture
def consortium(tmp_path: Path, founded: Path) -> Iterator[Consortium]:
    made = Consortium.copied(founded, tmp_path)
    made.start()
    yield made
    made.end()


@pytest.fixture
def units(consortium: Consortium, tmp_path: Path) -> Iterator[dict[str, Unit]]:
    """A unit at each venue, joined by invitation, its sync process running."""
    made = {name: Unit(tmp_path / name) for name in ("North", "South")}
    for name, unit in made.items():
        unit.tells("join", consortium.invite(name))
        unit.start()
    yield made
    for unit in made.values():
        unit.stop()


def test_a_ban_comes_and_goes_at_real_units_and_a_stolen_one_is_locked(
    consortium: Consortium, units: dict[str, Unit]
) -> None:
    north, south = units["North"], units["South"]
    until(lambda: all(unit["heard_ms"] for unit in consortium.tells("unit", "list")), 30)
    first = consortium.propose(1, "North")
    outcome = consortium.approve(first, "South", wait=10)
    assert all(one["confirmed_ms"] for one in outcome["reach"]), north.log.read_text()
    assert north.listed() == south.listed() == {first}
    assert north.tells("verify")["problems"] == []

    south.stop(signal.SIGKILL)
    second = consortium.add(2, "North", "South")
    consortium.says("entry", "lift", first, "--key", consortium.key("South"), "--yes")
    consortium.approve(first, "North", wait=0)
    until(lambda: north.listed() == {second})
    assert south.listed() == {first}
    until(lambda: "erased on 1 of 2 doors" in consortium.says("entry", "show", first))
    assert "lapses by itself in" in consortium.says("entry", "show", first)

    south.start()
    until(lambda: south.listed() == {second}, 30)
    until(lambda: len(consortium.tells("entry", "show", first)["receipts"]) == 2, 30)
    assert south.tells("verify")["problems"] == []

    consortium.says("unit", "revoke", "South", "--yes")
    until(lambda: "key destroyed" in _word(consortium, "South"), 30)
    status, _, refusal = south.run("list")
    assert status != 0
    assert refusal.count("\n") == 1
    third = consortium.add(3, "South", "North")
    until(lambda: third in north.listed())
    consortium.says("audit", "verify")


def _word(consortium: Consortium, name: str) -> str:
    (unit,) = [unit for unit in consortium.tells("unit", "list") if unit["name"] == name]
    word: str = unit["state"]
    return word
