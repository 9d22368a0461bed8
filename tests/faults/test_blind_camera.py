"""Every way in which a camera goes blind is FAULT within two seconds, and is forgiven."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edge.decision import Fault

StartUnit = Callable[..., Any]
MakeClip = Callable[..., Path]

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("scene", "fault"),
    [("frozen", Fault.FROZEN), ("black", Fault.BLACK), ("covered", Fault.COVERED)],
    ids=["frozen", "black", "covered"],
)
def test_a_blind_camera_is_a_fault_within_two_seconds_and_comes_back(
    unit: StartUnit, clip: MakeClip, scene: str, fault: Fault
) -> None:
    door = unit(f"video:{clip(('live', 3), (scene, 3.5), ('live', 20))}")
    door.until(lambda state: state.frame > 5 and not state.faults, 20)
    seen = door.until(lambda state: fault.value in state.faults, 10)
    assert seen.verdict == "FAULT"
    assert 30 <= seen.frame <= 30 + 20
    back = door.until(lambda state: not state.faults, 10)
    assert 65 <= back.frame <= 75


def test_an_unplugged_camera_is_a_fault_and_comes_back_when_plugged_in(
    unit: StartUnit, clip: MakeClip, tmp_path: Path
) -> None:
    film = clip(("live", 3))
    door = unit(f"video:{film}")
    door.until(lambda state: state.frame > 5 and not state.faults, 20)
    film.rename(tmp_path / "unplugged.avi")
    lost = door.until(lambda state: bool(state.faults), 10)
    assert lost.verdict == "FAULT"
    assert "there is no video file" in lost.faults[0]
    (tmp_path / "unplugged.avi").rename(film)
    door.until(lambda state: not state.faults, 10)
