"""Only officers say whose word counts, and a new hub key takes nothing back."""

from dataclasses import replace

import pytest

from edge.keys.file import KeyFile
from simulator.office import Office
from sync import seal
from sync.errors import Code, HubError, Refused
from sync.hub.rows import RecordRow
from sync.hub.service import Service
from sync.signing import Signed
from sync.statement.record import Record
from sync.statement.root import Root


def next_root(office: Office, **changes: object) -> Signed:
    root = office.service.root
    following = replace(root, **({"version": root.version + 1} | changes))
    return following.signed(*office.people.officers[:2])


def refused(office: Office, carried: Signed) -> Code:
    with pytest.raises(Refused) as refusal:
        office.service.add_root(carried, office.now_ms)
    return refusal.value.code


def test_a_hub_without_a_root_does_nothing(office: Office) -> None:
    bare = Service.create(
        office.path.parent / "bare.db", KeyFile(office.path.parent / "bare.key"), office.now_ms
    )
    with pytest.raises(HubError, match="no root"):
        _ = bare.root
    with pytest.raises(Refused):  # the first root of another list
        bare.add_root(office.service.roots()[0], office.now_ms)
    bare.close()


def test_a_hub_is_made_once(office: Office) -> None:
    with pytest.raises(HubError, match="already"):
        Service.create(office.path, office.keys, office.now_ms)
    with pytest.raises(HubError, match="no hub"):
        Service.open(office.path.parent / "nothing.db", office.keys)


def test_roots_follow_one_another(office: Office) -> None:
    office.service.add_root(next_root(office, threshold=1), office.now_ms)
    assert office.service.root.version == 2
    assert [Root.parse(one.body).version for one in office.service.roots()] == [1, 2]
    assert [Root.parse(one.body).version for one in office.service.roots(after=1)] == [2]
    assert refused(office, next_root(office, version=7)) is Code.ROOT_VERSION


def test_one_officer_is_too_few(office: Office) -> None:
    root = replace(office.service.root, version=2)
    assert refused(office, root.signed(office.people.officers[0])) is Code.TOO_FEW_SIGNATURES


def test_a_floor_that_is_not_this_hub_s_record_is_refused(office: Office) -> None:
    office.ban()
    assert refused(office, next_root(office, floor_seq=1, floor_hash=bytes(32))) is Code.FORK
    assert refused(office, next_root(office, floor_seq=9, floor_hash=b"9" * 32)) is Code.FORK


def test_a_hub_key_that_is_not_this_hub_s_is_refused(office: Office) -> None:
    stranger = seal.SigningKey.generate().public
    assert refused(office, next_root(office, hub_key=stranger)) is Code.RULE


def test_a_new_hub_key_signs_everything_anew_and_changes_no_hash(office: Office) -> None:
    people = [office.ban() for _ in range(3)]
    door = office.door()
    store, before = office.service.desk.store, office.service.desk.book.ledger
    old = office.service.hub_key
    key = office.service.next_hub_key(office.now_ms)
    carried = office.people.next_root(office.service.root, key, before.seq, before.hash)
    office.service.add_root(carried, office.now_ms)
    assert office.service.hub_key == key
    assert office.service.desk.book.ledger == before
    for _, row in store.each("record", RecordRow):
        signed = Signed.parse(row.wire, Record.KIND)
        assert signed.signers((key, old), seal.verify) == {key}
    assert office.service.head().signers((key, old), seal.verify) == {key}
    told = [row[0] for row in store.rows("SELECT kind FROM outbox ORDER BY number")]
    assert told[-2:] == ["roots", "box"]
    assert office.service.key_box(door.registration.unit_id, office.now_ms)
    office.reopened()
    assert office.service.hub_key == key
    office.lift(people[0].entry_id)
    assert office.service.verify_audit()


def test_another_process_signs_by_the_new_key_at_once(office: Office) -> None:
    other = Service.open(office.path, office.keys)
    ledger = office.service.desk.book.ledger
    key = office.service.next_hub_key(office.now_ms)
    office.service.add_root(
        office.people.next_root(office.service.root, key, ledger.seq, ledger.hash), office.now_ms
    )
    assert other.hub_key == key
    other.propose(office.signed(office.people.person()), office.now_ms)
    other.head().require(key, seal.verify)
    other.close()


def test_a_venue_that_left_can_propose_nothing_any_more(office: Office) -> None:
    gone = office.venues[2]
    root = office.service.root
    venues = tuple(
        replace(one, until_seq=1) if one.venue_id == gone else one for one in root.venues
    )
    office.ban()
    office.service.add_root(next_root(office, venues=venues), office.now_ms)
    proposal = replace(office.people.person(), venue_id=gone)
    with pytest.raises(Refused) as refusal:
        office.service.propose(office.signed(proposal, *office.venues), office.now_ms)
    assert refusal.value.code is Code.TOO_FEW_SIGNATURES
    proposal = replace(office.people.person(), venue_id=office.venues[0])
    waiting = office.service.propose(office.signed(proposal, office.venues[0], gone), office.now_ms)
    assert waiting.seq is None
