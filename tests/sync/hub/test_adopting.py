"""A hub that came back from a backup learns from its units what it forgot, before it goes on."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from simulator.street import Street
from sync.errors import HubError
from sync.hub.facts import Standing
from sync.statement.proposal import PutProposal


@pytest.fixture
def street(tmp_path: Path) -> Iterator[Street]:
    made = Street(tmp_path, doors=3)
    made.office.ban()
    made.wait(200)
    yield made
    made.office.service.close()


def keep_copy(street: Street, tmp_path: Path) -> Path:
    street.office.service.close()
    copy = tmp_path / "copy"
    copy.mkdir()
    for one in street.office.path.parent.glob("hub.db*"):
        shutil.copy(one, copy)
    street.reopen_closed()
    return copy


def put_back(street: Street, copy: Path) -> None:
    office = street.office
    office.service.close()
    for one in office.path.parent.glob("hub.db*"):
        one.unlink()
    for one in copy.iterdir():
        shutil.copy(one, office.path.parent)
    office.now_ms += 60_000
    street.reopen_closed(listening=True)


def test_what_the_units_know_comes_back(street: Street, tmp_path: Path) -> None:
    office, copy = street.office, keep_copy(street, tmp_path)
    kept, lifted = office.ban(), office.ban()
    local = office.ban(scope=office.venues[1])
    street.wait(300)
    office.lift(lifted.entry_id)
    street.wait(300)
    before = office.service.desk.book.ledger
    for house in street.houses:
        house.online = False
    put_back(street, copy)
    assert office.service.recovery().needed
    with pytest.raises(HubError, match="backup"):
        office.ban()
    with pytest.raises(HubError, match="backup"):
        office.service.next_hub_key(office.now_ms)
    for house in street.houses:
        street.connect(house)
    street.wait(10_000, step_ms=250)
    assert not office.service.recovery().needed
    after = office.service.desk.book.ledger
    assert (after.hash, after.live.root) == (before.hash, before.live.root)
    assert office.service.entry(lifted.entry_id).standing is Standing.GONE
    assert office.service.content(local.entry_id, "test", office.now_ms) == local
    assert office.service.content(kept.entry_id, "test", office.now_ms) == kept
    assert office.service.verify_audit()
    new = office.ban()
    street.wait(5_000)
    assert street.in_step()
    assert all(new.entry_id in house.shelf.held() for house in street.houses)


def test_a_forgotten_revocation_stays_and_a_new_epoch_begins(
    street: Street, tmp_path: Path
) -> None:
    office, copy = street.office, keep_copy(street, tmp_path)
    thief = street.houses[2]
    office.service.revoke(thief.unit_id, "test", office.now_ms)
    street.wait(2000)
    thief.online = False
    newcomer = street.join(office.venues[0])
    street.wait(2000)
    epoch = office.service.desk.book.ledger.epoch
    put_back(street, copy)
    street.wait(90_000, step_ms=250)
    assert not office.service.recovery().needed
    assert office.service.unit(thief.unit_id, office.now_ms).revoked_ms
    assert not office.service.unit(newcomer.unit_id, office.now_ms).revoked_ms
    assert office.service.desk.book.ledger.epoch == epoch + 1
    new = office.ban()
    street.wait(10_000)
    for house in (*street.houses[:2], newcomer):
        assert new.entry_id in house.shelf.held()


def test_a_person_may_go_on_without_a_unit_that_is_lost(street: Street, tmp_path: Path) -> None:
    office, copy = street.office, keep_copy(street, tmp_path)
    lost = street.houses[0]
    lost.online = False
    put_back(street, copy)
    street.wait(60_000, step_ms=250)
    assert office.service.recovery().unheard == (lost.unit_id,)
    with pytest.raises(HubError):
        office.ban()
    office.service.resume("test", office.now_ms)
    office.ban()


def test_units_that_hold_another_ledger_are_named(street: Street, tmp_path: Path) -> None:
    office, copy = street.office, keep_copy(street, tmp_path)
    office.ban()
    street.wait(300)
    for house in street.houses:
        house.online = False
    put_back(street, copy)
    office.service.resume("test", office.now_ms)
    office.ban()
    for house in street.houses:
        street.connect(house)
    street.wait(40_000, step_ms=250)
    assert any(line.did == "fork" for line in office.service.audit())
    assert not any(one.agrees for one in office.service.units(office.now_ms))


def test_a_dispute_is_asked_for_until_somebody_has_its_content(
    street: Street, tmp_path: Path
) -> None:
    office = street.office
    local = office.ban(scope=office.venues[1])
    street.wait(300)
    copy = keep_copy(street, tmp_path)
    contest(street, local)
    street.wait(300)
    street.houses[1].online = False
    put_back(street, copy)
    for house in (street.houses[0], street.houses[2]):  # without a key to it
        street.connect(house)
    street.wait(5_000, step_ms=250)
    street.connect(street.houses[1])
    street.wait(10_000, step_ms=250)
    assert not office.service.recovery().needed
    newcomer = street.join(office.venues[1])
    street.wait(10_000, step_ms=250)
    assert newcomer.shelf.held()[local.entry_id].contested
    assert street.in_step()


def test_a_dispute_that_nobody_can_tell_any_more_is_named_and_ends_with_its_entry(
    street: Street, tmp_path: Path
) -> None:
    office = street.office
    local = office.ban(scope=office.venues[1])
    street.wait(300)
    copy = keep_copy(street, tmp_path)
    street.houses[1].online = False
    contest(street, local)
    street.wait(300)
    put_back(street, copy)
    for house in street.houses:
        street.connect(house)
    street.wait(10_000, step_ms=250)
    assert office.service.recovery().hollow == (local.entry_id,)
    office.service.resume("test", office.now_ms)
    removal = replace(office.people.removal(local.entry_id), venue_id=local.venue_id)
    office.service.propose(office.signed(removal, local.venue_id), office.now_ms)
    street.wait(10_000, step_ms=250)
    assert street.in_step()
    assert local.entry_id not in street.houses[1].shelf.held()


def contest(street: Street, entry: PutProposal) -> None:
    office = street.office
    proposal = replace(office.people.contest(entry.entry_id), venue_id=entry.venue_id)
    office.service.propose(office.signed(proposal, entry.venue_id), office.now_ms)
