"""The PIN: hashed, hard to guess, and kept in a file of its own."""

import stat
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher

from edge.errors import DoorwatchError
from edge.pin import (
    FREE_TRIES,
    FREE_TRIES_IN_ALL,
    LONGEST_WAIT_S,
    MOST_CLIENTS,
    Attempts,
    PinFile,
    hash_pin,
    pin_matches,
)


def tried(times: int, attempts: Any = None, client: str = "phone") -> Any:
    attempts = attempts or Attempts()
    for _ in range(times):
        attempts.count(client, 0.0)
    return attempts


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


def test_five_tries_are_free_and_the_sixth_waits() -> None:
    assert tried(FREE_TRIES - 1).wait_s("phone", 0.0) == 0
    assert tried(FREE_TRIES).wait_s("phone", 0.0) == 15


def test_each_further_try_waits_twice_as_long_up_to_a_bound() -> None:
    waits = [tried(FREE_TRIES + more).wait_s("phone", 0.0) for more in (1, 2, 50)]
    assert waits == [30, 60, LONGEST_WAIT_S]


def test_one_clients_tries_do_not_shut_out_another() -> None:
    assert tried(FREE_TRIES + 1).wait_s("tablet", 0.0) == 0


def test_many_clients_together_shut_out_everybody() -> None:
    attempts = Attempts()
    for number in range(FREE_TRIES_IN_ALL):
        attempts.count(f"10.0.0.{number}", 0.0)
    assert attempts.wait_s("10.0.1.1", 0.0) == 15


def test_waiting_ends_and_old_tries_are_forgotten() -> None:
    attempts = tried(FREE_TRIES)
    assert attempts.wait_s("phone", 15.0) == 0
    attempts.count("phone", 4000.0)
    assert attempts.wait_s("phone", 4000.0) == 0


def test_the_right_pin_forgives_its_client() -> None:
    attempts = tried(FREE_TRIES)
    attempts.forgive("phone")
    assert attempts.wait_s("phone", 0.0) == 0


def test_memory_of_clients_is_bounded() -> None:
    attempts = Attempts()
    for number in range(2 * MOST_CLIENTS):
        attempts.count(str(number), 0.0)
    assert len(attempts._tries) == MOST_CLIENTS
    assert attempts.wait_s("anybody", 0.0) > 0


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
