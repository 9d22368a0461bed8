"""A box that was opened stays so until a manager has seen to it, also over a power cut."""

from pathlib import Path

import pytest

from edge.config import Config
from edge.errors import IndicatorError
from edge.machine import opening
from edge.machine.opening import SEEN, forget_opening, leave_word, opened_at


@pytest.fixture
def seen(tmp_path: Path) -> Path:
    return tmp_path / SEEN


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    return tmp_path / "kept"


def test_the_lamp_keeper_leaves_its_file_where_the_engine_looks() -> None:
    places = Config().places({"STATE_DIRECTORY": "/s", "RUNTIME_DIRECTORY": "/r"})
    assert places.lamp_socket.with_name(SEEN) == places.opened_seen


def test_a_box_that_nobody_opened_has_no_time(seen: Path, kept: Path) -> None:
    leave_word(seen, opened=False)
    assert opened_at(seen, kept) is None
    assert not kept.exists()


def test_what_the_lamp_keeper_saw_is_kept_when_the_sockets_are_gone(seen: Path, kept: Path) -> None:
    leave_word(seen, opened=True)
    at = opened_at(seen, kept)
    seen.unlink()  # the power was cut
    assert at is not None
    assert opened_at(seen, kept) == pytest.approx(at, abs=1.0)


def test_a_disk_that_cannot_be_written_hides_nothing(seen: Path, tmp_path: Path) -> None:
    leave_word(seen, opened=True)
    assert opened_at(seen, tmp_path / "no folder" / "kept") is not None


def test_a_manager_takes_it_back_once_the_box_is_closed(seen: Path, kept: Path) -> None:
    leave_word(seen, opened=True)
    opened_at(seen, kept)

    def closed() -> bool:
        leave_word(seen, opened=False)
        return True

    forget_opening(seen, kept, closed)
    assert opened_at(seen, kept) is None


def test_an_open_box_is_not_taken_back(
    seen: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "PATIENCE_S", 0.05)
    leave_word(seen, opened=True)
    opened_at(seen, kept)
    with pytest.raises(IndicatorError, match="close it"):
        forget_opening(seen, kept, lambda: True)
    assert opened_at(seen, kept) is not None


def test_a_lamp_keeper_that_is_away_takes_nothing_back(seen: Path, kept: Path) -> None:
    kept.touch()
    with pytest.raises(IndicatorError, match="does not answer"):
        forget_opening(seen, kept, lambda: False)
    assert opened_at(seen, kept) is not None
