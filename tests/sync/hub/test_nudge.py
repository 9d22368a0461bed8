"""A command tells the running hub that it changed something."""

import threading
from pathlib import Path

import pytest

from sync.errors import HubError
from sync.hub.nudge import Nudges, nudge


def test_a_nudge_wakes_the_hub(tmp_path: Path) -> None:
    path = tmp_path / "nudge.sock"
    nudges = Nudges(path)
    assert nudge(path)
    assert nudges.wait()
    nudges.close()
    assert not path.exists()


def test_without_a_running_hub_nobody_is_told(tmp_path: Path) -> None:
    assert not nudge(tmp_path / "nudge.sock")
    assert not nudge(tmp_path / "nowhere" / "nudge.sock")


def test_more_nudges_than_the_socket_holds_cost_nothing(tmp_path: Path) -> None:
    nudges = Nudges(tmp_path / "nudge.sock")
    assert all(nudge(tmp_path / "nudge.sock") for _ in range(2000))
    assert nudges.wait()
    nudges.close()


def test_closing_wakes_whoever_waits(tmp_path: Path) -> None:
    nudges = Nudges(tmp_path / "nudge.sock")
    heard: list[bool] = []
    waiting = threading.Thread(target=lambda: heard.append(nudges.wait()))
    waiting.start()
    nudges.close()
    waiting.join(5)
    assert heard == [False]


def test_a_second_hub_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    nudges = Nudges(tmp_path / "nudge.sock")
    with pytest.raises(HubError, match=r"running on .* already"):
        Nudges(tmp_path / "nudge.sock")
    assert nudge(tmp_path / "nudge.sock")
    nudges.close()


def test_what_a_dead_hub_left_behind_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "nudge.sock"
    path.write_text("left behind")
    nudges = Nudges(path)
    assert nudge(path)
    assert path.stat().st_mode & 0o777 == 0o600
    nudges.close()


def test_the_folder_may_have_a_very_long_name(tmp_path: Path) -> None:
    folder = tmp_path / ("deep" * 40)
    folder.mkdir()
    nudges = Nudges(folder / "nudge.sock")
    assert nudge(folder / "nudge.sock")
    assert nudges.wait()
    nudges.close()
