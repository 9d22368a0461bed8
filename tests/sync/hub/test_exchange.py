"""Hub and units agree, whatever happens to the list; and the broker sees only shapes."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from simulator.office import arrival
from simulator.street import Street
from sync import frames
from sync.entries import Reason
from sync.errors import Code
from sync.hub.facts import Standing
from sync.hub.speaking import BURST
from sync.statement.policy import DAY_MS, Policy
from sync.unit.shelf import HeldEntry


@pytest.fixture
def street(tmp_path: Path) -> Iterator[Street]:
    made = Street(tmp_path)
    yield made
    made.office.service.close()


def test_a_ban_is_live_at_every_door_and_confirmed(street: Street) -> None:
    office = street.office
    proposal = office.ban()
    began_ms = office.now_ms
    street.wait(200)
    assert street.in_step()
    reach = office.service.reach(proposal.entry_id, office.now_ms)
    assert [one.unit_id for one in reach] == [one.unit_id for one in street.houses]
    assert all(one.confirmed_ms and one.agrees and not one.waiting_ms for one in reach)
    assert all(0 <= one.lag_ms <= office.now_ms - began_ms for one in reach)
    for house in street.houses:
        assert proposal.entry_id in house.shelf.held()


def test_a_lift_comes_back_as_signed_receipts(street: Street) -> None:
    office = street.office
    proposal = office.ban()
    street.wait(200)
    office.lift(proposal.entry_id)
    street.wait(200)
    assert street.in_step()
    receipts = office.service.receipts(proposal.entry_id)
    assert {one.unit_id for one in receipts} == {one.unit_id for one in street.houses}
    for house in street.houses:
        assert not house.shelf.held()
        assert not house.shelf.unheard()


def test_a_venue_s_own_entry_is_opened_by_its_own_units_only(street: Street) -> None:
    office = street.office
    proposal = office.ban(scope=office.venues[0])
    street.wait(200)
    assert street.in_step()
    held = [proposal.entry_id in house.shelf.held() for house in street.houses]
    assert held == [True, False]
    assert len(office.service.reach(proposal.entry_id, office.now_ms)) == 1


def test_a_unit_that_was_away_gets_what_it_missed(street: Street) -> None:
    office, (_, away) = street.office, street.houses
    lifted = office.ban()
    street.wait(200)
    away.online = False
    office.lift(lifted.entry_id)
    kept = [office.ban() for _ in range(5)]
    gone = office.ban()
    street.wait(200)
    office.lift(gone.entry_id)
    street.wait(40_000)
    (reach,) = [
        one
        for one in office.service.reach(kept[0].entry_id, office.now_ms)
        if one.unit_id == away.unit_id
    ]
    assert reach.confirmed_ms is None
    assert reach.waiting_ms >= 40_000
    assert office.now_ms < reach.lapses_ms <= kept[0].valid_until_ms
    street.connect(away)
    assert street.in_step()
    assert set(away.shelf.held()) == {one.entry_id for one in kept}


def test_a_unit_that_is_far_behind_takes_a_snapshot_and_what_came_after(street: Street) -> None:
    office = street.office
    with office.service.together():
        people = [office.ban() for _ in range(150)]
    street.wait(1000)
    late = street.join(office.venues[2])
    assert street.in_step()
    assert set(late.shelf.held()) == {one.entry_id for one in people}
    more = office.ban()
    later = street.join(office.venues[2])
    street.wait(1000)
    assert more.entry_id in later.shelf.held()
    assert street.in_step()


def test_a_revoked_unit_destroys_its_key_and_the_others_go_on(street: Street) -> None:
    office, (kept, thief) = street.office, street.houses
    office.ban()
    street.wait(200)
    before = kept.session.topics()
    office.service.revoke(thief.unit_id, "test", office.now_ms)
    street.wait(2000)
    facts = office.service.unit(thief.unit_id, office.now_ms)
    assert facts.revoked_ms
    assert facts.destroyed_ms
    assert set(kept.session.topics()) != set(before)
    proposal = office.ban()
    street.wait(1000)
    assert proposal.entry_id in kept.shelf.held()
    assert kept.ledger.hash == office.service.desk.book.ledger.hash
    assert not office.service.reach(proposal.entry_id, office.now_ms)[1:]


def test_a_revoked_unit_may_join_anew_with_new_keys(street: Street) -> None:
    office, (_, house) = street.office, street.houses
    office.service.revoke(house.unit_id, "test", office.now_ms)
    street.wait(1000)
    assert office.service.unit(house.unit_id, office.now_ms).destroyed_ms
    office.service.reinvite(house.unit_id, office.now_ms + 1, "test", office.now_ms)


def test_a_unit_that_slept_through_two_epochs_greets_under_its_old_key(street: Street) -> None:
    office = street.office
    office.ban()
    sleeper = street.join(office.venues[0])
    sleeper.online = False
    for house in street.houses[:2]:
        office.service.revoke(house.unit_id, "test", office.now_ms)
        street.wait(1000)
    street.retained.clear()
    proposal = office.ban()
    street.wait(1000)
    street.connect(sleeper)
    street.wait(10_000)
    assert proposal.entry_id in sleeper.shelf.held()
    assert sleeper.ledger.hash == office.service.desk.book.ledger.hash


def test_a_new_hub_key_is_followed_by_every_unit(street: Street) -> None:
    office = street.office
    office.ban()
    street.wait(200)
    old, ledger = office.service.hub_key, office.service.desk.book.ledger
    key = office.service.next_hub_key(office.now_ms)
    assert office.service.next_hub_key(office.now_ms) == key
    carried = office.people.next_root(office.service.root, key, ledger.seq, ledger.hash)
    office.service.add_root(carried, office.now_ms)
    assert office.service.hub_key == key != old
    proposal = office.ban()
    street.wait(10_000)
    assert street.in_step()
    assert all(proposal.entry_id in house.shelf.held() for house in street.houses)
    assert office.service.verify_audit()


def test_the_broker_cannot_tell_one_ban_from_twenty_or_from_nothing(street: Street) -> None:
    office = street.office

    def shape(ms: int = 100) -> list[tuple[str, int, bool]]:
        street.seen.clear()
        street.wait(ms)
        return [
            (one.topic, len(one.payload), one.retain) for one in street.seen if "l/" in one.topic
        ]

    office.ban()
    one = shape()
    with office.service.together():
        people = [office.ban() for _ in range(20)]
    twenty = shape()
    office.lift(people[0].entry_id)
    lift = shape()
    street.exchange._publisher._cover_ms = office.now_ms
    cover = shape()
    assert one == twenty == lift == cover
    assert [size for _, size, _ in one] == [frames.LARGE] * BURST + [frames.SMALL]


def test_covers_come_at_no_fixed_time_and_as_often_as_the_policy_says(street: Street) -> None:
    office = street.office
    rare = office.people.policy(Policy(head_every_ms=DAY_MS))
    office.service.propose(office.signed(rare), office.now_ms)
    street.wait(100)
    times = []
    for _ in range(5 * 24 * 60):
        street.office.now_ms += 60_000
        outs = street.exchange.tick(street.office.now_ms)
        large = [out for out in outs if len(out.payload) == frames.LARGE]
        if large:
            times.append(street.office.now_ms)
    assert 60 <= len(times) <= 190
    gaps = {b - a for a, b in pairwise(times)}
    assert len(gaps) > len(times) // 2


def test_what_the_broker_did_not_take_is_said_again(street: Street) -> None:
    office = street.office
    office.ban()
    office.now_ms += 50
    first = street.exchange.tick(office.now_ms)
    assert first
    assert street.exchange.tick(office.now_ms + 100) == []
    again = street.exchange.tick(office.now_ms + 15_000)
    assert [len(one.payload) for one in again] == [len(one.payload) for one in first]
    for out in again:
        street.exchange.acknowledged(out.token)
    assert not office.service.desk.store.rows("SELECT 1 FROM outbox")


def test_a_restarted_hub_says_what_it_had_not_yet_said(street: Street) -> None:
    proposal = street.office.ban()
    street.reopen()
    street.wait(100)
    assert street.in_step()
    assert all(proposal.entry_id in house.shelf.held() for house in street.houses)


def test_an_entry_ends_everywhere_on_its_own_second(street: Street) -> None:
    office = street.office
    proposal = office.ban(reason=Reason.MISSING)
    street.wait(200)
    office.now_ms = proposal.valid_until_ms - 10_000
    street.wait(12_000)
    assert office.service.entry(proposal.entry_id).standing is Standing.GONE
    assert street.in_step()
    assert not any(house.shelf.held() for house in street.houses)


def test_a_lift_overtakes_a_long_queue(street: Street) -> None:
    office, house = street.office, street.houses[0]
    lifted = office.ban()
    street.wait(200)
    with office.service.together():
        for _ in range(60):
            proposal = replace(office.people.person(), photo=b"\xff\xd8" + bytes(9_000))
            office.service.propose(office.signed(proposal), office.now_ms)
        office.lift(lifted.entry_id)
    office.now_ms += 50
    outs = street.exchange.tick(office.now_ms)
    assert len(outs) >= 3 * BURST
    for out in outs[:1]:
        house.session.receive(arrival(out), street.now)
    assert lifted.entry_id not in house.shelf.held()
    street.say(None, outs)
    street.wait(1_000)
    assert street.in_step()
    assert len(house.shelf.held()) == 60


def test_many_large_records_are_answered_in_several_transfers(street: Street) -> None:
    office, (_, away) = street.office, street.houses
    away.online = False
    with office.service.together():
        for _ in range(60):
            proposal = replace(office.people.person(), photo=b"\xff\xd8" + bytes(40_000))
            office.service.propose(office.signed(proposal), office.now_ms)
    street.wait(3_000)
    street.connect(away)
    assert street.in_step()
    assert len(away.shelf.held()) == 60


def test_a_local_entry_made_while_the_hub_was_away_is_submitted_once(street: Street) -> None:
    office, house = street.office, street.houses[0]
    proposal = office.people.person(scope=office.venues[0])
    wire = office.signed(proposal, office.venues[0]).encode()
    house.shelf.add_locally(HeldEntry(b"", proposal, provisional=True), wire)
    street.wait(5_000, step_ms=250)
    assert office.service.entry(proposal.entry_id).standing is Standing.LIVE
    assert not house.shelf.submissions()
    assert street.in_step()
    seq = office.service.desk.book.ledger.seq
    office.service.submit(house.unit_id, wire, office.now_ms)
    assert office.service.desk.book.ledger.seq == seq


def test_a_submission_that_breaks_a_rule_is_not_taken(street: Street) -> None:
    office, house = street.office, street.houses[0]
    proposal = replace(office.people.person(scope=office.venues[0]), declared=False)
    wire = office.signed(proposal, office.venues[0]).encode()
    house.shelf.add_locally(HeldEntry(b"", proposal, provisional=True), wire)
    street.wait(5_000, step_ms=250)
    assert not office.service.entries()
    assert house.shelf.submissions()
    assert street.exchange.refusals[Code.RULE]
