"""Whoever was erased is nowhere any more: not in the database, its log, its pages or its copies."""

import sqlite3
from pathlib import Path

import numpy as np

from simulator.office import Office
from simulator.people import People
from sync.hub.exchange import Exchange
from sync.hub.rows import RecordRow
from sync.hub.store import Store

PEOPLE = 1_000


def copied(office: Office, folder: Path) -> Path:
    """Copy the database as a backup does, and tell the hub."""
    folder.mkdir()
    copy = folder / "hub.db"
    with sqlite3.connect(office.path) as source, sqlite3.connect(copy) as target:
        source.backup(target)
    source.close()
    target.close()
    office.service.copied(copy, "test", office.now_ms)
    return copy


def contents(copy: Path, office: Office) -> int:
    """Count the contents that a copy holds."""
    store = Store.open(copy, office.keys)
    count = store.rows("SELECT COUNT(*) FROM content")[0][0]
    store.close()
    return count


def secrets_of(people: People) -> list[bytes]:
    return [name for name in people.names if len(name) > 8]


def hits(folder: Path, wanted: list[bytes]) -> int:
    """Count which of these bytes lie anywhere in any file of a folder."""
    raw = b"".join(one.read_bytes() for one in folder.rglob("*") if one.is_file())
    wanted = sorted(set(wanted))
    starts = np.array([int.from_bytes(one[:8], "little") for one in wanted], np.uint64)
    seen = np.zeros(len(wanted), bool)
    for shift in range(8):  # at first only the first eight bytes of each, at every place
        words = np.frombuffer(raw[shift : shift + (len(raw) - shift) // 8 * 8], "<u8")
        seen |= np.isin(starts, words)
    return sum(one in raw for one, maybe in zip(wanted, seen, strict=True) if maybe)


def test_nothing_of_a_thousand_people_lies_in_the_clear(office: Office, tmp_path: Path) -> None:
    with office.service.together():
        people = [office.ban() for _ in range(PEOPLE)]
    copied(office, tmp_path / "copy")
    wanted = secrets_of(office.people)
    wanted += [one.ring.encode() for one in people] + [one.evidence.encode() for one in people]
    assert len(set(wanted)) > 4 * PEOPLE
    assert hits(tmp_path, wanted) == 0
    with office.service.together():
        for one in people[: PEOPLE // 2]:
            office.lift(one.entry_id)
    Exchange(office.service).tick(office.now_ms)
    assert hits(tmp_path, wanted) == 0


def test_the_sealed_bytes_of_erased_people_are_gone_as_well(office: Office, tmp_path: Path) -> None:
    people = [office.ban() for _ in range(50)]
    copy = copied(office, tmp_path / "copy")
    store = office.service.desk.store
    sealed = [row[0][20:60] for row in store.rows("SELECT sealed FROM content")]
    assert hits(tmp_path, sealed) == len(sealed)
    with office.service.together():
        for one in people:
            office.lift(one.entry_id)
    Exchange(office.service).tick(office.now_ms)
    assert hits(tmp_path, sealed) == 0
    assert contents(copy, office) == 0
    assert not store.rows("SELECT 1 FROM outbox WHERE kind = 'purge'")


def test_a_withdrawn_proposal_leaves_nothing(office: Office, tmp_path: Path) -> None:
    proposal = office.people.person()
    office.service.propose(office.signed(proposal, proposal.venue_id), office.now_ms)
    sealed = [row[0][20:60] for row in office.service.desk.store.rows("SELECT sealed FROM waiting")]
    copied(office, tmp_path / "copy")
    assert hits(tmp_path, sealed) == 1
    office.service.withdraw(proposal.entry_id, "test", office.now_ms)
    Exchange(office.service).tick(office.now_ms)
    assert hits(tmp_path, sealed) == 0


def test_headers_and_tombstones_stay(office: Office) -> None:
    proposal = office.ban()
    office.lift(proposal.entry_id)
    store = office.service.desk.store
    assert [seq for seq, _ in store.each("record", RecordRow)] == [1, 2]
    assert [row[0] for row in store.rows("SELECT seq FROM content")] == [2]
    assert office.service.verify_audit()


def test_a_copy_that_is_gone_is_forgotten(office: Office, tmp_path: Path) -> None:
    proposal = office.ban()
    copied(office, tmp_path / "copy").unlink()
    office.lift(proposal.entry_id)
    Exchange(office.service).tick(office.now_ms)
    assert office.service.desk.store.state.copies == ()
    assert not office.service.desk.store.rows("SELECT 1 FROM outbox WHERE kind = 'purge'")


def test_a_copy_that_cannot_be_written_is_tried_again(office: Office, tmp_path: Path) -> None:
    proposal = office.ban()
    copy = copied(office, tmp_path / "copy")
    whole = copy.read_bytes()
    copy.write_bytes(b"no database" * 100)
    office.lift(proposal.entry_id)
    exchange = Exchange(office.service)
    exchange.tick(office.now_ms)
    assert office.service.desk.store.rows("SELECT 1 FROM outbox WHERE kind = 'purge'")
    copy.write_bytes(whole)
    exchange.tick(office.now_ms + 2_000)
    assert contents(copy, office) == 0


def test_all_bytes_are_other_bytes_under_another_key(tmp_path: Path) -> None:
    first, second = Office(tmp_path / "a", seed=7), Office(tmp_path / "b", seed=7)
    for office in (first, second):
        office.ban()
    rows = [
        {row[0][:40] for row in office.service.desk.store.rows("SELECT sealed FROM content")}
        for office in (first, second)
    ]
    assert not rows[0] & rows[1]
    for office in (first, second):
        office.service.close()
