"""Lifts travel ahead of everything else."""

from dataclasses import replace

import pytest

from simulator.pair import Pair
from simulator.scripted_hub import VENUES, Entry
from sync.errors import Code
from sync.statement.policy import DAY_MS
from sync.statement.proposal import ContestProposal, RemoveProposal, Why
from sync.statement.record import Expiry, Op
from sync.unit import urgent
from sync.unit.records import moved
from sync.unit.shelf import Ahead


@pytest.fixture
def stocked(pair: Pair) -> Pair:
    """Put three people on the list of unit and hub."""
    pair.hub.put(*map(pair.hub.person, range(3)))
    pair.publish(0)
    return pair


def test_a_lift_counts_before_the_chain_comes_to_it(stocked: Pair) -> None:
    hub = stocked.hub
    name = hub.log[0].record.entry_id
    hub.put(hub.person(7))
    record = hub.lift(name)
    stocked.deliver([hub.urgent(record)])
    assert name not in stocked.shelf.rows()
    assert stocked.standing.seq == 3
    assert name in hub.reports[-1].erased
    assert hub.reports[-1].held == 2


def test_once_the_chain_has_caught_up_nothing_is_ahead_any_more(stocked: Pair) -> None:
    hub = stocked.hub
    record = hub.lift(hub.log[0].record.entry_id)
    stocked.deliver([hub.urgent(record)])
    assert stocked.shelf.trusted().ahead
    stocked.publish(3)
    assert stocked.in_step()
    assert stocked.shelf.trusted().ahead == {}


def test_a_contest_suspends_at_once_and_a_reinstatement_ends_it(stocked: Pair) -> None:
    hub = stocked.hub
    name = hub.log[1].record.entry_id
    hub.now_ms += 1000
    record = hub.contest(name)
    stocked.deliver([hub.urgent(record)])
    assert name in stocked.shelf.rows()
    assert name not in stocked.shelf.matched()
    stocked.publish(3)
    assert name not in stocked.shelf.matched()
    hub.now_ms += 1000
    hub.reinstate(name)
    stocked.publish(4)
    assert name in stocked.shelf.matched()
    assert stocked.in_step()


def test_an_old_lift_shown_again_does_nothing(stocked: Pair) -> None:
    hub = stocked.hub
    name = hub.log[1].record.entry_id
    hub.now_ms += 1000
    old = hub.urgent(hub.contest(name))
    hub.now_ms += 1000
    hub.reinstate(name)
    stocked.publish(3)
    stocked.deliver([old])
    assert name in stocked.shelf.matched()


def test_the_entry_of_a_lift_that_overtook_it_is_never_held(pair: Pair) -> None:
    hub = pair.hub
    (name,) = hub.put(hub.person(1))
    put = hub.burst(hub.log)
    record = hub.lift(name)
    pair.give(hub.urgent(record))
    pair.give(*put)
    assert name not in pair.shelf.rows()
    assert pair.standing.seq == 1


def test_a_lift_with_one_signature_is_refused(stocked: Pair) -> None:
    hub = stocked.hub
    name = hub.log[0].record.entry_id
    content = hub.sign(
        RemoveProposal(hub.ledger.list_id, name, VENUES[0], Why.LIFTED, hub.now_ms), VENUES[:1]
    )
    forged = Entry(hub.next_record(Op.REMOVE, content, name), content)
    stocked.give(hub.to_unit("urgent", [hub.item(forged)]))
    assert stocked.codes == {Code.TOO_FEW_SIGNATURES: 1}
    assert name in stocked.shelf.matched()


def test_one_bad_lift_does_not_stop_the_good_one_beside_it(stocked: Pair) -> None:
    hub = stocked.hub
    good = hub.lift(hub.log[0].record.entry_id)
    entry = hub.log[-1]
    bad = Entry(replace(good, list_id="cd" * 16), entry.content)
    stocked.give(hub.to_unit("urgent", [hub.item(bad), hub.item(entry)]))
    assert good.entry_id not in stocked.shelf.rows()
    assert sum(stocked.codes.values()) == 1


def test_a_record_that_is_no_lift_waits_for_its_turn(stocked: Pair) -> None:
    hub = stocked.hub
    hub.put(hub.person(9))
    stocked.give(hub.to_unit("urgent", [hub.item(hub.log[-1])]))
    assert stocked.codes == {Code.RULE: 1}


def test_receipts_name_forty_entries_each_and_are_kept_until_the_hub_has_them(pair: Pair) -> None:
    hub = pair.hub
    names = hub.put(*map(hub.person, range(100)))
    pair.publish(0)
    records = [hub.lift(name) for name in names]
    hub.mute = True
    for start in range(0, 100, 20):
        pair.deliver([hub.urgent(*records[start : start + 20])])
    pair.publish(100)
    assert max(len(one.erased) for one in hub.reports) <= 40
    kept = pair.shelf.unheard()
    assert kept
    hub.mute = False
    pair.connect()
    pair.wait(40_000)
    assert pair.shelf.unheard() == []
    assert {name for one in hub.reports for name in one.erased} == set(names)


def test_lifts_ahead_of_the_chain_are_limited(
    stocked: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(urgent, "MOST_AHEAD", 2)
    hub = stocked.hub
    records = [hub.lift(one.record.entry_id) for one in hub.log[:3]]
    stocked.give(hub.urgent(*records))
    assert len(stocked.shelf.rows()) == 1
    assert stocked.codes == {Code.ENDLESS: 1}


def test_an_expired_entry_is_taken_off_by_the_hub_too(pair: Pair) -> None:
    hub = pair.hub
    (name,) = hub.put(hub.person(1, days=1))
    pair.publish(0)
    hub.now_ms += DAY_MS + 1
    record = hub.expire(name)
    pair.deliver([hub.urgent(record)])
    assert pair.shelf.trusted().ahead == {}  # no venue signed it: it waits for the chain
    assert pair.codes == {}
    pair.publish(1)
    assert name not in pair.shelf.rows()
    assert pair.in_step()


def test_the_hubs_key_alone_keeps_nobody_off_who_is_still_to_come(pair: Pair) -> None:
    """A thief of the hub's key says of an entry in the range to come that it is over."""
    hub = pair.hub
    hub.put(*map(hub.person, range(3)))
    pair.publish(0)
    (name,) = hub.put(hub.person(9))
    content = Expiry(name).encode()
    told = {"not_after_ms": 1, "seq": 900_000}
    ended = Entry(hub.next_record(Op.REMOVE, content, name, **told), content)
    pair.deliver([hub.to_unit("urgent", [hub.item(ended)])])
    pair.publish(3)
    assert name in pair.shelf.rows()
    assert pair.in_step()


def test_a_removal_of_an_entry_to_come_counts_for_its_own_ring_only(stocked: Pair) -> None:
    """A thief of the hub's key and of one venue's says that a consortium's entry is the venue's."""
    trusted, name = stocked.shelf.trusted(), stocked.hub.log[0].record.entry_id
    for ring, kept in ((f"{VENUES[0]}/banned", {}), ("consortium/banned", {name})):
        ahead = {name: Ahead(900_000, removed=True, ring=ring, issued_ms=0)}
        assert set(moved(replace(trusted, ahead=ahead), trusted.ledger).ahead) == set(kept)


def test_a_contest_that_a_newer_head_does_not_know_of_is_void(stocked: Pair) -> None:
    """A thief of the hub's key records an old contest again, ahead of its reinstatement."""
    hub = stocked.hub
    name = hub.log[0].record.entry_id
    words = ContestProposal(hub.ledger.list_id, name, VENUES[0], hub.now_ms)
    content = hub.sign(words, VENUES[:1])
    lie = Entry(hub.next_record(Op.CONTEST, content, name, seq=900_000), content)
    stocked.deliver([hub.to_unit("urgent", [hub.item(lie)])])
    assert stocked.shelf.rows()[name].contested
    hub.now_ms += 1_000
    hub.put(hub.person(9))
    stocked.publish(len(hub.log) - 1)
    stocked.wait(61_000)
    assert not stocked.shelf.rows()[name].contested
    assert stocked.in_step()


def test_a_removal_is_never_void(stocked: Pair) -> None:
    hub = stocked.hub
    name = hub.log[0].record.entry_id
    words = RemoveProposal(hub.ledger.list_id, name, VENUES[0], Why.LIFTED, hub.now_ms)
    content = hub.sign(words)
    far = Entry(hub.next_record(Op.REMOVE, content, name, seq=900_000), content)
    stocked.deliver([hub.to_unit("urgent", [hub.item(far)])])
    hub.now_ms += 1_000
    hub.put(hub.person(9))
    stocked.publish(len(hub.log) - 1)
    stocked.wait(61_000)
    assert name not in stocked.shelf.rows()
    assert stocked.in_step()
