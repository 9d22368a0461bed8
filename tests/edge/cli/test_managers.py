"""What makes a unit fit for its manager: a PIN of his own, and his venue's key."""

import io
import sys
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from edge import pin
from edge.cli.main import main
from sync.keyfile import make_key_file, public_key_of


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stretch no PIN for longer than a test has time."""
    monkeypatch.setattr(pin, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "door.toml"
    file.write_text(f"[paths]\nstate = '{tmp_path / 'state'}'\n")
    return file


def typed(monkeypatch: pytest.MonkeyPatch, words: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{words}\n"))


def test_a_manager_has_a_pin_of_his_own(
    config: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    typed(monkeypatch, "314159")
    assert main(["set-pin", "--config", str(config)]) == 0
    typed(monkeypatch, "314159")
    assert main(["set-pin", "--manager", "--config", str(config)]) != 0
    assert "choose another for the manager" in capsys.readouterr().err
    assert not (tmp_path / "state" / "manager.pin").exists()
    typed(monkeypatch, "271828")
    assert main(["set-pin", "--manager", "--config", str(config)]) == 0
    kept = pin.PinFile(tmp_path / "state" / "manager.pin").read()
    assert kept is not None
    assert pin.pin_matches(kept, "271828")


def test_the_venues_key_is_laid_on_the_unit_closed_as_it_was(config: Path, tmp_path: Path) -> None:
    key = make_key_file(tmp_path / "venue.key", "a phrase of the venue")
    assert main(["set-manager-key", str(tmp_path / "venue.key"), "--config", str(config)]) == 0
    laid = tmp_path / "state" / "manager.key"
    assert public_key_of(laid) == key.public
    assert laid.read_bytes() == (tmp_path / "venue.key").read_bytes()
    assert laid.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", [None, b"no key at all"])
def test_what_is_no_key_is_refused_in_one_line(
    config: Path, tmp_path: Path, content: bytes | None, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "venue.key"
    if content is not None:
        file.write_bytes(content)
        file.chmod(0o600)
    assert main(["set-manager-key", str(file), "--config", str(config)]) != 0
    assert capsys.readouterr().err.count("\n") == 1
    assert not (tmp_path / "state" / "manager.key").exists()
