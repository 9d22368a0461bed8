"""A unit of a consortium in good and bad weather: real hub, real broker, real sync process."""

import os
import random
import shutil
import signal
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from consortium import PHRASE, Consortium, Eyes, until
from edge.cli import entries
from edge.door import Completion
from edge.errors import LinkError
from edge.gallery.shelf import GalleryShelf
from edge.gallery.tonight import TonightShelf
from edge.keys.file import KeyFile
from edge.link import Link
from fault_proxy import FAIR, PARTITION, FaultProxy
from member import Unit
from sync.entries import Category, Entry, Reason
from sync.hub.cli import entry

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("mosquitto")]

KILLS = int(os.environ.get("DOORWATCH_KILLS", "6"))


@pytest.fixture
def consortium(
    tmp_path: Path, founded: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Consortium]:
    monkeypatch.setattr(entry, "load_engine", lambda *_: Eyes())
    monkeypatch.setattr(entries, "load_engine", lambda *_: Eyes())
    made = Consortium.copied(founded, tmp_path)
    made.start()
    yield made
    made.end()


@pytest.fixture
def cable(consortium: Consortium) -> Iterator[FaultProxy]:
    with FaultProxy(consortium.port) as made:
        yield made


@pytest.fixture
def unit(consortium: Consortium, cable: FaultProxy, tmp_path: Path) -> Iterator[Unit]:
    """A unit at North whose way to the broker can be cut."""
    made = Unit(tmp_path / "unit", f"[consortium]\nbroker = 'localhost:{cable.port}'\n")
    made.says("join", consortium.invite("North"))
    made.start()
    until(made.live, 20)
    yield made
    made.stop()


def enrolled(consortium: Consortium, unit: Unit, who: int, *more: str) -> str:
    """Enter somebody at the unit, with the manager's key of North; the entry's id."""
    terms = ("--reason", "theft", "--until", "30d", "--evidence", "book 7", "--declared")
    key = ("--key", consortium.key("North"), "--passphrase-file", str(consortium.folder / "phrase"))
    told = unit.tells("enrol", consortium.photo(who), *terms, *key, "--yes", *more)
    entry_id: str = told["entry_id"]
    return entry_id


def test_what_a_manager_enters_at_the_door_counts_at_once_and_reaches_the_hub_once(
    consortium: Consortium, cable: FaultProxy, unit: Unit
) -> None:
    cable.weather = PARTITION
    cable.cut()
    until(lambda: not unit.live(), 30)
    entry_id = enrolled(consortium, unit, 1)
    assert unit.listed() == {entry_id}
    assert "on its way to the hub" in unit.says("show", entry_id)
    until(lambda: (view := unit.standing()) is not None and view.waiting == 1)
    assert consortium.tells("entry", "list") == []
    unit.stop(signal.SIGKILL)
    unit.start()
    cable.weather = FAIR
    until(lambda: [one["entry_id"] for one in consortium.tells("entry", "list")] == [entry_id], 30)
    until(lambda: (view := unit.standing()) is not None and view.waiting == 0, 30)
    until(lambda: "on its way" not in unit.says("show", entry_id), 30)
    assert unit.listed() == {entry_id}
    shown = consortium.says("entry", "show", entry_id)
    assert "North only" in shown
    assert len(consortium.tells("entry", "list")) == 1
    assert unit.tells("verify")["problems"] == []


def test_the_key_of_another_venue_enters_nobody(
    consortium: Consortium, unit: Unit, tmp_path: Path
) -> None:
    terms = ("enrol", consortium.photo(1), "--reason", "theft", "--until", "30d")
    phrase = ("--passphrase-file", str(consortium.folder / "phrase"))
    given = ("--evidence", "book 7", "--declared")
    assert "at the hub, or here with --key" in unit.refuses(*terms)
    south = ("--key", consortium.key("South"), *phrase)
    assert "not that of the manager of North" in unit.refuses(*terms, *given, *south)
    north = ("--key", consortium.key("North"))
    (tmp_path / "wrong").write_text("something else\n")
    wrong = ("--passphrase-file", str(tmp_path / "wrong"))
    assert "does not open" in unit.refuses(*terms, *given, *north, *wrong)
    assert "declaration" in unit.refuses(*terms, "--evidence", "book 7", *north, *phrase)
    assert "evidence" in unit.refuses(*terms, "--declared", *north, *phrase)
    late = ("--incident", "2999-01-01")
    assert "incident" in unit.refuses(*terms, *given, *late, *north, *phrase)
    assert unit.listed() == set()


def test_an_outage_is_caught_up_with_and_told_in_the_status(
    consortium: Consortium, cable: FaultProxy, unit: Unit
) -> None:
    first = consortium.add(1, "North", "South")
    until(lambda: unit.listed() == {first})
    cable.weather = PARTITION
    cable.cut()
    until(lambda: not unit.live(), 30)
    consortium.says("entry", "lift", first, "--key", consortium.key("South"), "--yes")
    consortium.approve(first, "North", wait=0)
    second = consortium.propose(2, "North")
    consortium.approve(second, "South", wait=0)
    assert unit.listed() == {first}
    cable.weather = FAIR
    began = time.monotonic()
    until(lambda: unit.listed() == {second}, 30)
    print(f"caught up {time.monotonic() - began:.1f} s after the cable was back")
    found = unit.tells("verify")
    assert (found["problems"], found["entries"]) == ([], 1)


def test_a_damaged_row_is_found_by_verify_and_comes_again_from_the_hub(
    consortium: Consortium, unit: Unit
) -> None:
    entry_id = consortium.add(1, "North", "South")
    until(lambda: unit.listed() == {entry_id})
    unit.stop()
    provider = KeyFile(unit.places.key_file)
    with (
        GalleryShelf.open(unit.places.gallery, provider) as shelf,
        shelf._file.change() as database,
    ):
        database.execute("UPDATE entry SET details = zeroblob(length(details))")
    status, out, _ = unit.run("verify")
    assert status == 1
    assert "NOT WHOLE" in out
    assert "does not open" in out
    unit.start()
    until(lambda: unit.run("verify")[0] == 0, 30)
    assert unit.listed() == {entry_id}


def test_a_unit_that_was_locked_says_so_and_can_join_anew(
    consortium: Consortium, unit: Unit
) -> None:
    entry_id = consortium.add(1, "North", "South")
    until(lambda: unit.listed() == {entry_id})
    (known,) = consortium.tells("unit", "list")
    consortium.says("unit", "revoke", "North", "--yes")
    until(lambda: (view := unit.standing()) is not None and view.locked != "", 30)
    assert "locked by the consortium" in unit.refuses("list")
    assert "locked by the consortium" in unit.refuses("verify")
    unit.stop()
    unit.start()
    until(lambda: "destroyed" in unit.log.read_text(), 20)
    invitation = consortium.invite("North", "--again", known["unit_id"])
    assert "--yes" in unit.refuses("join", invitation)
    unit.says("join", invitation, "--yes")  # while its sync process runs
    until(lambda: unit.listed() == {entry_id}, 30)
    assert unit.tells("verify")["problems"] == []
    assert "used" in Unit(unit.config.parent / "other").refuses("join", invitation)


def test_a_unit_that_never_joined_waits_and_says_what_to_do(tmp_path: Path) -> None:
    alone = Unit(tmp_path / "alone")
    assert "doorwatch join" in alone.refuses("verify")
    assert "cannot be read" in alone.refuses("join", "DW1-NONSENSE")
    alone.start()
    time.sleep(2)
    assert alone.process is not None
    assert alone.process.poll() is None
    alone.stop()
    assert alone.log.read_text() == ""


def test_nothing_of_the_unit_lies_open_on_its_card(consortium: Consortium, unit: Unit) -> None:
    entry_id = enrolled(consortium, unit, 1)
    until(lambda: consortium.tells("entry", "list") != [], 20)
    unit.stop()
    places = unit.places
    for file in [path for path in places.state.rglob("*") if path.is_file()]:
        content = file.read_bytes()
        assert file.stat().st_mode & 0o077 == 0, file
        assert b"PRIVATE KEY" not in content or b"ENCRYPTED" in content, file
        for word in (b"theft", b"book 7", b"North", b"\xff\xd8\xff"):
            assert word not in content, (file, word)
    shutil.copy(places.key_file, places.key_file.with_suffix(".kept"))
    places.key_file.write_text("00" * 32 + "\n")
    assert "join again" in unit.refuses("verify")
    assert entry_id not in unit.refuses("list")


def test_a_sync_process_that_is_killed_again_and_again_loses_and_doubles_nothing(
    consortium: Consortium, unit: Unit
) -> None:
    seed = int(os.environ.get("DOORWATCH_SEED", "1"))
    print(f"seed {seed}, {KILLS} kills")
    chance, entered = random.Random(seed), set[str]()
    for round_number in range(KILLS):
        who = 1 + round_number % 12
        if chance.random() < 0.5:
            entered.add(enrolled(consortium, unit, who))
        else:
            entry_id = consortium.propose(who, "North", "--yes")
            consortium.approve(entry_id, "South", wait=0)
            entered.add(entry_id)
        time.sleep(chance.random() * 0.8)
        unit.stop(signal.SIGKILL)
        unit.start()
    until(lambda: unit.listed() == entered, 60)
    until(lambda: {one["entry_id"] for one in consortium.tells("entry", "list")} == entered, 60)
    until(lambda: unit.tells("verify")["waiting"] == 0, 60)
    assert unit.tells("verify")["problems"] == []


def test_who_was_put_on_the_list_at_the_door_becomes_an_entry_of_the_venue_by_its_key(
    consortium: Consortium, unit: Unit
) -> None:
    now = time.time()
    entry = Entry("00ff00ff00ff00ff", Category.BANNED, Reason.VIOLENCE, now, now + 3600)
    templates = np.eye(32, dtype=np.float32)[:2]
    with TonightShelf.open(unit.places.gallery, KeyFile(unit.places.key_file)) as shelf:
        shelf.add(entry, b"\xff\xd8 a picture", templates, "net-1")
    assert "until noon" in unit.says("show", entry.entry_id)
    today = datetime.now().astimezone().date()
    last = today + timedelta(days=30)
    said = Completion(Reason.THEFT, today.isoformat(), "book 7", last.isoformat(), declared=True)
    link = Link(unit.places.sync_socket, timeout_s=20.0)
    with pytest.raises(LinkError, match="run doorwatch set-manager-key"):
        link.sign(entry.entry_id, said, PHRASE)
    unit.says("set-manager-key", consortium.key("South"))
    with pytest.raises(LinkError, match="not that of the manager of North"):
        link.sign(entry.entry_id, said, PHRASE)
    unit.says("set-manager-key", consortium.key("North"))
    assert unit.places.manager_key.stat().st_mode & 0o077 == 0
    with pytest.raises(LinkError, match="does not open"):
        link.sign(entry.entry_id, said, "another phrase")
    link.sign(entry.entry_id, said, PHRASE)
    with pytest.raises(LinkError, match="not for tonight any more"):
        link.sign(entry.entry_id, said, PHRASE)
    until(lambda: [one["entry_id"] for one in consortium.tells("entry", "list")], 30)
    until(lambda: "on its way" not in unit.says("show", entry.entry_id), 30)
    (told,) = unit.tells("list")
    assert (told["reason"], told["tonight"], told["incident_on"]) == (
        "theft",
        False,
        today.isoformat(),
    )
