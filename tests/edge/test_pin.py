"""The PIN: hashed, hard to guess, and kept in a file of its own."""

import os
import stat
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from edge.errors import DoorwatchError
from edge.pin import (
    PinFile,
    hash_pin,
    pin_matches,
)


@pytest.mark.parametrize("pin", ["", "12345", "1" * 65, "000000", "123456", "987654"])
def test_a_weak_pin_is_refused_with_one_line(pin: str) -> None:
    with pytest.raises(DoorwatchError, match="choose another"):
        hash_pin(pin)


def test_only_the_pin_itself_matches() -> None:
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("314159")
    assert cheap.startswith("$argon2id$")
    assert pin_matches(cheap, "314159")
    assert not pin_matches(cheap, "3141590")


def test_a_damaged_hash_says_how_to_mend_it() -> None:
    with pytest.raises(DoorwatchError, match="doorwatch set-pin"):
        pin_matches("$argon2id$half", "314159")


def test_the_file_is_closed_to_others_and_holds_only_a_hash(tmp_path: Path) -> None:
    file = PinFile(tmp_path / "page.pin")
    assert file.read() is None
    file.write("271828")
    file.write("314159")
    assert pin_matches(file.read() or "", "314159")
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert "314159" not in file.path.read_text()
    assert [one.name for one in tmp_path.iterdir()] == ["page.pin"]


def test_a_file_that_cannot_be_written_or_read_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(DoorwatchError, match="cannot write the page's PIN"):
        PinFile(tmp_path / "nowhere" / "page.pin").write("314159")
    with pytest.raises(DoorwatchError, match="cannot read the page's PIN"):
        PinFile(tmp_path).read()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away: run as root")
def test_a_pin_that_another_user_laid_there_is_none(tmp_path: Path) -> None:
    """The engine shares its folder with sync, which a network reaches."""
    file = PinFile(tmp_path / "manager.pin")
    file.write("314159")
    os.chown(file.path, 65534, 65534)
    with pytest.raises(DoorwatchError, match="belongs to another user"):
        file.read()
    assert pin_matches(file.read(anybodys=True) or "", "314159")


def test_no_link_is_taken_for_a_pin_and_no_pipe_waited_for(tmp_path: Path) -> None:
    PinFile(tmp_path / "other").write("314159")
    (tmp_path / "manager.pin").symlink_to(tmp_path / "other")
    os.mkfifo(tmp_path / "page.pin")
    for name in ("manager.pin", "page.pin"):
        with pytest.raises(DoorwatchError, match="cannot read the page's PIN"):
            PinFile(tmp_path / name).read()
