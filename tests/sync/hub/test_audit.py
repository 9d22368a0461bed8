"""Every line that is taken out of the log, changed or moved is found."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from edge.gallery.seal import Sealer, unwrap
from simulator.office import NOON_MS, Door, Office
from sync.errors import Code, HubError, Refused
from sync.hub import words
from sync.hub.rows import AuditRow, encode
from sync.hub.service import Service
from sync.hub.store import KEYS, Store


def worked(folder: Path) -> Office:
    office = Office(folder)
    people = [office.ban() for _ in range(4)]
    office.lift(people[0].entry_id)
    office.service.content(people[1].entry_id, "manager", office.now_ms)
    door = office.door()
    office.service.revoke(door.registration.unit_id, "administrator", office.now_ms)
    return office


@contextmanager
def found(office: Office, match: str) -> Iterator[Store]:
    """Tamper inside the block; the check after it has to find that, and it is undone."""
    store = office.service.desk.store

    def check() -> None:
        office.service.verify_audit()

    with store.change():
        store.write("SAVEPOINT before")
        try:
            yield store
            with pytest.raises(HubError, match=match):
                check()
        finally:
            store.write("ROLLBACK TO before")


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = worked(tmp_path / "worked")
    yield made
    made.service.close()


def test_the_log_says_who_did_what(office: Office) -> None:
    did = [(line.did, line.who) for line in office.service.audit()]
    assert [word for word, _ in did] == [
        "create", "root", "put", "put", "put", "put", "remove", "look", "invite", "register",
        "revoke",
    ]  # fmt: skip
    assert dict(did)["look"] == "manager"
    assert set(dict(did)["put"].split("+")) <= set(office.venues)
    count, chain = office.service.verify_audit()
    assert count == len(did)
    assert chain == list(office.service.audit())[-1].chain


def test_nothing_about_a_person_is_in_the_log(office: Office) -> None:
    text = repr(list(office.service.audit())).encode()
    assert not any(name in text for name in office.people.names)


def test_lines_that_were_taken_out_are_found(office: Office) -> None:
    count = office.service.verify_audit()[0]
    for number in range(1, count + 1):
        with found(office, "tampered") as store:
            store.drop("audit", number)
    assert office.service.verify_audit()[0] == count


def test_lines_that_were_changed_by_the_hub_s_own_key_are_found(office: Office) -> None:
    count = office.service.verify_audit()[0]
    for number in range(1, count + 1):
        with found(office, f"line {number}") as store:
            ((chain,),) = store.rows("SELECT chain FROM audit WHERE number = ?", (number,))
            row = AuditRow(1, "nobody", "nothing")
            store.put("audit", number, encode(row), chain=chain)


def test_lines_that_changed_places_are_found(office: Office) -> None:
    store = office.service.desk.store
    chance = random.Random(5)
    count = office.service.verify_audit()[0]
    for _ in range(20):
        a, b = chance.sample(range(1, count + 1), 2)
        rows = dict(store.each("audit", AuditRow))
        chains = dict(store.rows("SELECT number, chain FROM audit"))
        with found(office, "tampered"):
            store.put("audit", a, encode(rows[b]), chain=chains[b])
            store.put("audit", b, encode(rows[a]), chain=chains[a])


def test_a_line_that_was_added_at_the_end_is_found(office: Office) -> None:
    with found(office, "line 12") as store:
        store.put("audit", 12, encode(AuditRow(1, "nobody", "nothing")), chain=bytes(32))


def test_an_end_that_was_cut_off_is_found(office: Office) -> None:
    with found(office, "ends at line 9") as store:
        store.write("DELETE FROM audit WHERE number > 9")


def test_a_row_moved_without_the_key_does_not_even_open(office: Office) -> None:
    with found(office, "does not open") as store:
        store.write("UPDATE audit SET sealed = (SELECT sealed FROM audit WHERE number = 3)"
                    " WHERE number = 4")  # fmt: skip


def test_a_log_that_was_written_anew_is_not_the_one_that_venues_signed(office: Office) -> None:
    service, people = office.service, office.people
    manager = people.managers[office.venues[0]]
    assert service.witness(service.audit_head(office.now_ms).signed(manager)) == (office.venues[0],)
    office.ban()
    assert service.verify_audit()
    store = service.desk.store
    state = store.state
    kept = list(store.each("audit", AuditRow))
    with found(office, "venue signed"):
        store.write("DELETE FROM audit")
        store.state = type(state)(**{f: getattr(state, f) for f in state.__struct_fields__}
                                  | {"audited": 0, "audit_chain": bytes(32)})  # fmt: skip
        for number, row in kept:
            who = "somebody else" if number == 5 else row.who
            service.desk.note(row.at_ms, who, row.did, row.what, row.detail)


def test_a_head_of_another_log_is_no_witness(office: Office, tmp_path: Path) -> None:
    other = worked(tmp_path / "other")
    manager = office.people.managers[office.venues[0]]
    with pytest.raises(Refused) as refusal:
        office.service.witness(other.service.audit_head(1).signed(manager))
    assert refusal.value.code is Code.FORK
    with pytest.raises(Refused) as refusal:
        office.service.witness(office.service.audit_head(1).signed(*other.people.officers))
    assert refusal.value.code is Code.TOO_FEW_SIGNATURES
    other.service.close()


def test_a_record_that_was_taken_out_or_changed_is_found(office: Office) -> None:
    store = office.service.desk.store
    for seq in range(1, office.service.desk.book.ledger.seq + 1):
        with found(office, f"record {seq}"):
            store.drop("record", seq)
    with found(office, "record 2"):
        store.put("record", 2, store.take("record", 1))
    with found(office, "record 2"):
        store.put("content", 2, store.take("content", 3))


def test_every_bit_that_is_flipped_in_fifty_sealed_rows_is_noticed(office: Office) -> None:
    store = office.service.desk.store
    ((wrapped,),) = store.rows("SELECT data_key FROM hub")
    key = unwrap(wrapped, office.keys.kek(), store.list_id)
    sealer = Sealer(key, store.list_id, damaged=lambda *_: HubError("damaged"))
    rows = sealed_rows(office)[:50]
    assert len(rows) == 50
    for table, row_id, sealed in rows:
        assert sealer.unseal(table, row_id, sealed)
        whole = int.from_bytes(sealed, "big")
        for bit in range(8 * len(sealed)):
            flipped = (whole ^ (1 << bit)).to_bytes(len(sealed), "big")
            with pytest.raises(HubError):
                sealer.unseal(table, row_id, flipped)


def sealed_rows(office: Office) -> list[tuple[str, str, bytes]]:
    """Give sealed rows of every table, the short ones first."""
    with office.service.together():
        for _ in range(15):
            office.ban()
    rows = [
        (table, str(row_id), sealed)
        for table, name in KEYS.items()
        for row_id, sealed in office.service.desk.store.rows(
            f"SELECT {name}, sealed FROM {table}"  # noqa: S608 - our own tables
        )
    ]
    return sorted(rows, key=lambda row: len(row[2]))


def test_a_row_that_was_changed_stops_the_hub_with_one_line(office: Office) -> None:
    store = office.service.desk.store
    with store.change():
        store.write("UPDATE unit SET sealed = zeroblob(length(sealed))")
    office.service.close()
    with pytest.raises(HubError, match="restore a backup"):
        Service.open(office.path, office.keys)
    office.service = Office(office.path.parent / "anew").service


def test_an_entry_row_that_was_deleted_is_noticed_when_the_hub_opens(office: Office) -> None:
    store = office.service.desk.store
    with store.change():
        store.write("DELETE FROM entry WHERE seq = (SELECT MAX(seq) FROM entry)")
    office.service.close()
    with pytest.raises(HubError, match="not those of its head"):
        Service.open(office.path, office.keys)
    office.service = Office(office.path.parent / "anew").service


def others(office: Office) -> list[tuple[int, str]]:
    """When it was written down that a unit holds another ledger: minutes, and of which record."""
    lines = [line for line in office.service.audit() if line.did in {"fork", "ahead"}]
    return [((line.at_ms - NOON_MS) // 60_000, line.detail.split()[1]) for line in lines]


def told(office: Office, door: Door, minute: int, **changes: object) -> None:
    desk = office.service.desk
    office.now_ms = NOON_MS + minute * 60_000
    with desk.change():
        unit = desk.book.units[door.registration.unit_id]
        words.take(desk, unit, door.report(office.service, **changes), office.now_ms)


def test_a_unit_that_lies_about_its_ledger_is_one_line_an_hour(office: Office) -> None:
    door = office.door()
    for minute in range(0, 140, 4):
        told(office, door, minute, seq=minute % 8, record_hash=bytes(32))
        told(office, door, minute)
    assert [minute for minute, _ in others(office)] == [0, 60, 120]


def test_a_unit_with_another_ledger_is_told_of_once_and_of_each_record(office: Office) -> None:
    door = office.door()
    for minute in range(3):
        told(office, door, minute, seq=3, record_hash=bytes(32))
    for minute in range(20, 80, 10):
        told(office, door, minute, seq=4, record_hash=bytes(32))
    assert others(office) == [(0, "3"), (60, "4")]
