"""Each limit of the table holds on its own side, and says its own words."""

from pathlib import Path
from typing import Any

import pytest

from edge.decision import Fault
from edge.machine.judging import (
    FAULTS,
    FULL_BELOW,
    JUDGED_AFTER_S,
    MOST_WRITTEN_A_DAY,
    NOTES,
    SCARCE_BELOW,
    faults,
    notes,
)
from edge.machine.room import Room, read_room
from edge.machine.view import MachineView, Note

GOOD: dict[str, Any] = {
    "read_at": 1.0,
    "temperature": 0.0,
    "free_bytes": SCARCE_BELOW,
    "read_only": False,
    "wear": 80,
    "up_s": JUDGED_AFTER_S,
    "written_bytes": MOST_WRITTEN_A_DAY // 4,
    "clock_off_s": -300.0,
    "lease_used": 0.5,
}


def view(**said: Any) -> MachineView:
    return MachineView(**(GOOD | said))


def test_a_good_machine_has_nothing_to_say() -> None:
    assert (faults(view()), notes(view())) == (frozenset(), ())


def test_a_machine_that_tells_nothing_is_not_judged() -> None:
    assert (faults(MachineView()), notes(MachineView())) == (frozenset(), ())


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({"read_only": True}, Fault.DISK),
        ({"free_bytes": FULL_BELOW - 1}, Fault.DISK),
        ({"opened_at": 5.0}, Fault.OPENED),
    ],
)
def test_what_keeps_the_unit_from_screening(said: dict[str, Any], fault: Fault) -> None:
    assert faults(view(**said)) == {fault}


@pytest.mark.parametrize(
    ("said", "note"),
    [
        ({"temperature": -0.1}, Note.COLD),
        ({"free_bytes": SCARCE_BELOW - 1}, Note.SPACE),
        ({"wear": 90}, Note.WORN),
        ({"written_bytes": MOST_WRITTEN_A_DAY // 4 + 1}, Note.WRITES),
        ({"clock_off_s": 301.0}, Note.CLOCK),
        ({"clock_off_s": -301.0}, Note.CLOCK),
        ({"lease_used": 0.51}, Note.LIST_AGE),
        ({"accelerator_missed": True}, Note.ACCELERATOR),
    ],
)
def test_what_somebody_should_see_to_soon(said: dict[str, Any], note: Note) -> None:
    assert notes(view(**said)) == (note,)


def test_the_writing_of_a_start_is_not_judged() -> None:
    fresh = {"written_bytes": 50 * MOST_WRITTEN_A_DAY, "up_s": JUDGED_AFTER_S - 1}
    assert notes(view(**fresh)) == ()


def test_every_rule_of_the_tables_was_tried_here() -> None:
    assert set(FAULTS) == {Fault.DISK, Fault.OPENED}
    assert len(NOTES) == 7


def test_the_room_of_a_folder_is_that_of_its_disk(tmp_path: Path) -> None:
    room = read_room(tmp_path)
    assert room.free_bytes is not None
    assert not room.read_only
    assert read_room(tmp_path / "missing") == Room()
