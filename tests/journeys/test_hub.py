"""A ban's journey on a real broker: from the hub's command line to doors and back."""

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from consortium import ROOT, Consortium, Door, until
from sync.errors import Code, Refused, TransportError
from sync.unit.standing import Locked

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("mosquitto", "eyes")]


@pytest.fixture
def consortium(tmp_path: Path, founded: Path) -> Iterator[Consortium]:
    """Two venues and a running hub."""
    made = Consortium.copied(founded, tmp_path)
    made.start()
    yield made
    made.end()


@pytest.fixture
def doors(consortium: Consortium) -> list[Door]:
    """A door at each venue, both connected and heard."""
    made = [consortium.door("North"), consortium.door("South")]
    for door in made:
        door.come()
    until(lambda: all(unit["heard_ms"] for unit in consortium.tells("unit", "list")))
    return made


def gone(consortium: Consortium, entry_id: str) -> bool:
    shown = consortium.tells("entry", "show", entry_id)
    return len({receipt["unit_id"] for receipt in shown["receipts"]}) == len(consortium.doors)


def level(consortium: Consortium) -> bool:
    """Tell whether every door in good standing holds the newest list and says so."""
    units = [unit for unit in consortium.tells("unit", "list") if not unit["revoked_ms"]]
    return all(unit["agrees"] and not unit["behind"] for unit in units)


def test_a_ban_reaches_every_door_and_its_end_comes_back_signed(
    consortium: Consortium, doors: list[Door]
) -> None:
    entry_id = consortium.propose(1, "North")
    assert all(not door.matched() for door in doors)
    outcome = consortium.approve(entry_id, "South")
    assert [one["confirmed_ms"] is not None for one in outcome["reach"]] == [True, True]
    assert all(door.matched() == {entry_id} for door in doors)
    assert "live on 2 of 2 doors, " in consortium.says("entry", "show", entry_id)
    key = ("--key", consortium.key("South"))
    told = consortium.says("entry", "contest", entry_id, *key)
    assert "suspended on 2 of 2 doors" in told
    assert all(not door.matched() for door in doors)
    consortium.says("entry", "lift", entry_id, *key, "--yes")
    consortium.approve(entry_id, "North")
    until(lambda: gone(consortium, entry_id))
    assert all(not door.shelf.rows() for door in doors)
    shown = consortium.says("entry", "show", entry_id, "--receipts", str(consortium.folder / "r"))
    assert "erased on 2 of 2 doors" in shown
    assert "2 signed receipts" in shown
    assert len(list((consortium.folder / "r").iterdir())) == 2
    consortium.says("audit", "verify")


def test_a_local_entry_reaches_the_doors_of_its_venue_alone(
    consortium: Consortium, doors: list[Door]
) -> None:
    north, south = doors
    entry_id = consortium.propose(1, "North", "--scope", "venue")
    until(lambda: north.matched() == {entry_id})
    until(lambda: level(consortium))
    assert south.matched() == set()
    assert "live on 1 of 1 door" in consortium.says("entry", "show", entry_id)


def test_a_revoked_door_is_locked_and_the_others_go_on(
    consortium: Consortium, doors: list[Door]
) -> None:
    north, south = doors
    consortium.add(1, "North", "South")
    consortium.says("unit", "revoke", south.unit_id, "--yes")
    until(lambda: south.shelf.destroyed)
    until(lambda: south.standing is not None and south.standing.locked is not Locked.NO)
    second = consortium.add(2, "North", "South")
    until(lambda: second in north.matched())
    assert "revoked" in consortium.says("unit", "list")
    until(lambda: any(unit["destroyed_ms"] for unit in consortium.tells("unit", "list")))
    until(lambda: not list((consortium.hub / "ca").glob(f"unit-{_mailbox(south)}.pem")))
    until(lambda: not south.connected.is_set())
    assert "revoked already" not in consortium.refuses("unit", "revoke", "South", "--yes")


def test_a_revoked_door_may_be_taken_back_in(consortium: Consortium, doors: list[Door]) -> None:
    entry_id = consortium.add(1, "North", "South")
    south = doors[1]
    consortium.says("unit", "revoke", south.unit_id, "--yes")
    until(lambda: south.shelf.destroyed)
    south.go()
    again = consortium.door(
        "South", invitation=consortium.invite("South", "--again", south.unit_id)
    )
    assert again.unit_id == south.unit_id
    again.come()
    until(lambda: again.matched() == {entry_id})


def test_a_door_that_was_off_catches_up_over_a_new_hub_key(
    consortium: Consortium, doors: list[Door]
) -> None:
    north, south = doors
    first = consortium.add(1, "North", "South")
    until(lambda: level(consortium))
    south.go()
    consortium.says("rotate-key", *consortium.officers(1, 2), "--yes")
    second = consortium.add(2, "North", "South")
    until(lambda: north.matched() == {first, second})
    third = consortium.add(3, "South", "North")
    until(lambda: third in north.matched())
    south.come()
    until(lambda: south.matched() == {first, second, third})
    until(lambda: level(consortium))


def test_an_invitation_is_good_once_and_for_its_time(consortium: Consortium) -> None:
    text = consortium.invite("North")
    door = consortium.door("North", invitation=text)
    with pytest.raises(Refused, match="used") as refusal:
        consortium.door("North", invitation=text)
    assert refusal.value.code is Code.INVITATION
    short = consortium.invite("North", "--hours", "0.0001")
    threading.Event().wait(0.5)
    with pytest.raises(Refused, match="invitation"):
        consortium.door("North", invitation=short)
    assert [unit["unit_id"] for unit in consortium.tells("unit", "list")] == [door.unit_id]


def test_joining_at_a_hub_that_does_not_run_says_so(consortium: Consortium) -> None:
    text = consortium.invite("North")
    consortium.stop()
    with pytest.raises(TransportError, match="doorwatch-hub run"):
        consortium.door("North", invitation=text)


def test_a_second_hub_on_the_same_folder_disturbs_nothing(
    consortium: Consortium, doors: list[Door]
) -> None:
    access = (consortium.hub / "broker" / "acl").read_text()
    second = subprocess.run(
        [sys.executable, "-m", "sync.hub.cli", "run", "--with-broker"],
        env={**os.environ, "DOORWATCH_HUB": str(consortium.hub)},
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert second.returncode == 1
    assert "a hub is running on" in second.stderr
    assert second.stderr.count("\n") == 1
    assert (consortium.hub / "broker" / "acl").read_text() == access
    entry_id = consortium.add(1, "North", "South")
    until(lambda: all(door.matched() == {entry_id} for door in doors))


def test_what_is_entered_while_the_hub_is_down_goes_out_when_it_is_up(
    consortium: Consortium, doors: list[Door]
) -> None:
    consortium.stop(signal.SIGKILL)
    entry_id = consortium.propose(1, "North")
    words = ("entry", "approve", entry_id, "--key", consortium.key("South"), "--yes")
    assert "The hub is not running" in consortium.says(*words)
    consortium.start()
    until(lambda: all(door.matched() == {entry_id} for door in doors), 30)


def test_a_killed_broker_is_started_again_and_nothing_is_lost(
    consortium: Consortium, doors: list[Door]
) -> None:
    before = consortium.broker_pid()
    os.kill(before, signal.SIGKILL)
    entry_id = consortium.add(1, "North", "South")
    until(lambda: all(door.matched() == {entry_id} for door in doors), 30)
    assert consortium.broker_pid() != before


def test_the_log_says_what_happens_and_names_nobody(
    consortium: Consortium, doors: list[Door]
) -> None:
    consortium.add(1, "North", "South")
    until(lambda: level(consortium))
    consortium.stop()
    log = consortium.log.read_text()
    for words in ("event=ready", 'event="unit joined"', "state=level", "event=stopped"):
        assert words in log
    for name in ("North", "South", "Six", "theft", "incident"):
        assert name not in log


def test_a_hub_that_burnt_down_comes_back_from_a_copy_and_its_doors(
    consortium: Consortium, doors: list[Door]
) -> None:
    first = consortium.add(1, "North", "South")
    copy = consortium.tells("backup", str(consortium.folder / "copies"))["backup"]
    second = consortium.add(2, "North", "South")
    until(lambda: all(door.matched() == {first, second} for door in doors))
    key = consortium.folder / "hub-key-in-a-safe"
    key.write_bytes((consortium.hub / "hub.key").read_bytes())
    consortium.stop(signal.SIGKILL)
    os.kill(consortium.broker_pid(), signal.SIGKILL)
    shutil.rmtree(consortium.hub)
    consortium.says("restore", copy, "--key", str(key))
    assert "restored" in consortium.says("unit", "list")
    photo = ("--scope", "venue")
    assert "came back from a backup" in _refused_proposal(consortium, *photo)
    consortium.start()
    until(lambda: "restored" not in consortium.says("unit", "list"), 30)
    third = consortium.add(3, "South", "North")
    until(lambda: all(door.matched() == {first, second, third} for door in doors), 30)
    until(lambda: level(consortium))
    consortium.says("audit", "verify")


def _refused_proposal(consortium: Consortium, *more: str) -> str:
    words = ("--reason", "theft", "--until", "30d", "--incident", "2026-01-02", "--declared")
    words = (*words, "--evidence", "book 1", "--key", consortium.key("North"))
    return consortium.refuses("entry", "add", consortium.photo(3), *words, *more)


def _mailbox(door: Door) -> str:
    return door.joined.registration.mailbox
