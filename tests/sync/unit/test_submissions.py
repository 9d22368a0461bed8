"""Entries made at a unit without its hub: they act at once, and reach the list once."""

import pytest

from simulator.pair import Pair
from simulator.scripted_hub import VENUES
from sync.statement.policy import DAY_MS
from sync.statement.proposal import PutProposal
from sync.unit.shelf import HeldEntry

MINE = VENUES[0]


@pytest.fixture
def alone(pair: Pair) -> tuple[Pair, PutProposal]:
    """Enter somebody at the unit while the hub is away."""
    pair.session.disconnected()
    person = pair.hub.person(5, scope=MINE, photo=48_000, templates=bytes(60_000))
    pair.hub.put()
    pair.shelf.add_locally(HeldEntry(b"", person), pair.hub.sign(person, (MINE,)))
    return pair, person


def test_it_is_handed_over_when_the_hub_is_back_and_becomes_an_entry(
    alone: tuple[Pair, PutProposal],
) -> None:
    pair, person = alone
    assert person.entry_id in pair.shelf.matched()
    pair.connect()
    pair.wait(3_000)
    assert pair.shelf.submissions() == []
    assert pair.shelf.held()[person.entry_id].provisional == (person.ring not in _rings(pair))
    assert person.entry_id in pair.shelf.matched()
    assert pair.in_step()
    assert len(pair.hub.submitted) == 1


def test_it_is_handed_over_again_until_it_was_taken(alone: tuple[Pair, PutProposal]) -> None:
    pair, person = alone
    honest = pair.hub.answer
    pair.hub.answer = lambda out: [  # type: ignore[method-assign]
        one for one in honest(out) if pair.hub.asked[-1][0] != "submit"
    ]
    pair.connect()
    pair.wait(150_000)
    assert 2 <= len(pair.hub.submitted) <= 4
    assert len(set(pair.hub.submitted)) == 1
    pair.hub.answer = honest  # type: ignore[method-assign]
    pair.connect()
    pair.wait(3_000)
    assert pair.shelf.submissions() == []
    assert pair.hub.ledger.live.entries == 1
    assert person.entry_id in pair.shelf.matched()


def test_a_submission_whose_entry_was_removed_meanwhile_is_forgotten(pair: Pair) -> None:
    hub = pair.hub
    person = hub.person(5)
    pair.session.disconnected()
    pair.shelf.add_locally(HeldEntry(b"", person), hub.sign(person))
    hub.put(person)
    hub.lift(person.entry_id)
    pair.give(*hub.burst(hub.log))
    assert pair.shelf.submissions() == []
    assert person.entry_id not in pair.shelf.rows()


def test_the_row_becomes_an_entry_of_the_ledger_with_its_record(pair: Pair) -> None:
    hub = pair.hub
    person = hub.person(5)
    pair.shelf.add_locally(HeldEntry(b"", person), hub.sign(person))
    hub.put(person)
    pair.publish(0)
    held = pair.shelf.held()[person.entry_id]
    assert not held.provisional
    assert held.record_hash == hub.log[0].record.hash
    assert pair.shelf.submissions() == []


def test_a_local_entry_is_not_in_the_signed_statement_of_the_list(pair: Pair) -> None:
    person = pair.hub.person(5, scope=MINE)
    pair.hub.mute = True
    pair.shelf.add_locally(HeldEntry(b"", person), pair.hub.sign(person, (MINE,)))
    pair.restarted()
    pair.session.connected(pair.now)
    pair.hub.mute = False
    pair.wait(1_000)
    assert pair.hub.reports[-1].held == 0 or not pair.shelf.held()[person.entry_id].provisional


def test_a_local_entry_ends_by_itself_as_well(alone: tuple[Pair, PutProposal]) -> None:
    pair, person = alone
    pair.wait(60_000)
    pair.hub.now_ms += 31 * DAY_MS
    pair.session.tick(pair.now)
    assert person.entry_id not in pair.shelf.rows()
    assert pair.shelf.submissions() == []


def _rings(pair: Pair) -> set[str]:
    return {ring for ring, _ in pair.hub.ring().rings}
