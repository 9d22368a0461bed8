"""Nothing is appended that too few signed, and nothing twice."""

from dataclasses import replace

import pytest

from simulator.office import Office
from sync.entries import Reason
from sync.errors import Code, HubError, Refused
from sync.hub.facts import Standing
from sync.hub.proposing import WAITING_DAYS
from sync.statement.policy import DAY_MS, Policy
from sync.statement.proposal import CONSORTIUM, Why


def code(refused: pytest.ExceptionInfo[Refused]) -> Code:
    return refused.value.code


def test_a_consortium_entry_waits_for_a_second_venue(office: Office) -> None:
    first, _, third = office.venues
    proposal = replace(office.people.person(Reason.THEFT), venue_id=first)
    outcome = office.service.propose(office.signed(proposal, first), office.now_ms)
    assert outcome.seq is None
    assert "2 venues" in outcome.waits_for
    assert office.service.entry(proposal.entry_id).standing is Standing.WAITING
    waiting = office.service.waiting(proposal.entry_id)
    assert waiting.body == proposal.encode()
    outcome = office.service.approve(office.signed(proposal, third), office.now_ms)
    assert outcome.seq == 1
    assert office.service.entry(proposal.entry_id).standing is Standing.LIVE
    assert not office.service.desk.store.rows("SELECT 1 FROM waiting")


def test_the_same_person_cannot_approve_alone(office: Office) -> None:
    first = office.venues[0]
    proposal = replace(office.people.person(), venue_id=first)
    for _ in range(3):
        assert office.service.propose(office.signed(proposal, first), office.now_ms).seq is None
    assert office.service.approve(office.signed(proposal, first), office.now_ms).seq is None


def test_two_others_cannot_speak_for_the_proposer(office: Office) -> None:
    first, *others = office.venues
    proposal = replace(office.people.person(), venue_id=first)
    with pytest.raises(Refused) as refusal:
        office.service.propose(office.signed(proposal, *others), office.now_ms)
    assert code(refusal) is Code.TOO_FEW_SIGNATURES


def test_a_forged_signature_is_refused_and_nothing_waits(office: Office) -> None:
    proposal = office.people.person()
    good = office.signed(proposal)
    bad = replace(good, signatures=(replace(good.signatures[0], value=bytes(64)),))
    with pytest.raises(Refused) as refusal:
        office.service.propose(bad, office.now_ms)
    assert code(refusal) is Code.BAD_SIGNATURE
    assert not office.service.entries()


def test_a_proposal_that_breaks_a_rule_is_refused_before_anybody_approves(office: Office) -> None:
    first = office.venues[0]
    proposal = replace(office.people.person(Reason.THEFT), venue_id=first, declared=False)
    with pytest.raises(Refused) as refusal:
        office.service.propose(office.signed(proposal, first), office.now_ms)
    assert code(refusal) is Code.RULE


def test_an_entry_of_one_venue_counts_at_once(office: Office) -> None:
    proposal = office.ban(scope=office.venues[1])
    assert office.service.entry(proposal.entry_id).ring.startswith(office.venues[1])


def test_the_same_proposal_twice_changes_nothing(office: Office) -> None:
    proposal = office.people.person()
    carried = office.signed(proposal)
    first = office.service.propose(carried, office.now_ms)
    head = office.service.head()
    assert office.service.propose(carried, office.now_ms + 5) == first
    assert office.service.approve(carried, office.now_ms + 5) == first
    assert office.service.head() == head
    removal = office.signed(office.people.removal(proposal.entry_id))
    gone = office.service.propose(removal, office.now_ms)
    assert office.service.propose(removal, office.now_ms) == gone
    with pytest.raises(Refused) as refusal:
        office.service.propose(carried, office.now_ms)
    assert code(refusal) is Code.TOMBSTONE


def test_a_lift_destroys_the_content_and_leaves_a_tombstone(office: Office) -> None:
    proposal = office.ban()
    assert office.service.content(proposal.entry_id, "test", office.now_ms) == proposal
    seq = office.lift(proposal.entry_id)
    with pytest.raises(HubError, match="erased"):
        office.service.content(proposal.entry_id, "test", office.now_ms)
    facts = office.service.entry(proposal.entry_id)
    assert (facts.standing, facts.seq) == (Standing.GONE, seq)
    assert facts.not_after_ms == proposal.valid_until_ms
    assert not office.service.entries()


def test_a_lift_by_one_venue_waits_and_its_approval_counts(office: Office) -> None:
    proposal = office.ban()
    removal = replace(
        office.people.removal(proposal.entry_id, Why.ERASED), venue_id=office.venues[0]
    )
    assert (
        office.service.propose(office.signed(removal, office.venues[0]), office.now_ms).seq is None
    )
    facts = office.service.entry(proposal.entry_id)
    assert (facts.standing, bool(facts.waits_for)) == (Standing.LIVE, True)
    assert office.service.approve(office.signed(removal, office.venues[1]), office.now_ms).seq == 2


def test_one_venue_suspends_at_once_and_two_reinstate(office: Office) -> None:
    proposal = office.ban()
    contest = office.people.contest(proposal.entry_id)
    assert office.service.propose(office.signed(contest, contest.venue_id), office.now_ms).seq == 2
    assert office.service.entry(proposal.entry_id).standing is Standing.CONTESTED
    office.now_ms += 1000
    back = office.people.reinstatement(proposal.entry_id)
    assert office.service.propose(office.signed(back, back.venue_id), office.now_ms).seq is None
    assert office.service.propose(office.signed(back), office.now_ms).seq == 3
    assert office.service.entry(proposal.entry_id).standing is Standing.LIVE


def test_what_is_not_on_the_list_cannot_be_lifted(office: Office) -> None:
    with pytest.raises(HubError, match="no entry"):
        office.lift("0123456789abcdef")


def test_nothing_waits_about_an_entry_of_one_venue_that_is_gone(office: Office) -> None:
    first, second, _ = office.venues
    proposal = replace(office.people.person(), scope=first, venue_id=first)
    office.service.propose(office.signed(proposal, first), office.now_ms)
    lift = office.people.removal(proposal.entry_id)
    office.service.propose(office.signed(replace(lift, venue_id=first), first), office.now_ms)
    with pytest.raises(Refused) as refused:
        office.service.propose(office.signed(replace(lift, venue_id=second), second), office.now_ms)
    assert code(refused) is Code.TOMBSTONE


def test_what_waits_too_long_is_dropped_with_its_content(office: Office) -> None:
    first = office.venues[0]
    proposal = replace(office.people.person(), venue_id=first)
    office.service.propose(office.signed(proposal, first), office.now_ms)
    office.service.expire(office.now_ms + (WAITING_DAYS - 1) * DAY_MS)
    assert office.service.waiting(proposal.entry_id)
    office.service.expire(office.now_ms + WAITING_DAYS * DAY_MS)
    with pytest.raises(HubError, match="waits"):
        office.service.waiting(proposal.entry_id)
    with pytest.raises(Refused):
        office.service.approve(office.signed(proposal, office.venues[1]), office.now_ms)


def test_a_proposal_can_be_withdrawn(office: Office) -> None:
    first = office.venues[0]
    proposal = replace(office.people.person(), venue_id=first)
    office.service.propose(office.signed(proposal, first), office.now_ms)
    office.service.withdraw(proposal.entry_id, "test", office.now_ms)
    assert not office.service.entries()


def test_an_entry_ends_by_itself_not_a_millisecond_early(office: Office) -> None:
    proposal = office.ban(reason=Reason.MISSING)
    assert office.service.expire(proposal.valid_until_ms - 1) == ()
    assert office.service.expire(proposal.valid_until_ms) == (proposal.entry_id,)
    assert office.service.expire(proposal.valid_until_ms) == ()
    assert office.service.entry(proposal.entry_id).standing is Standing.GONE


def test_a_policy_takes_two_venues_and_is_in_force_after_a_restart(office: Office) -> None:
    asked = office.people.policy(Policy(lease_ms=DAY_MS, two_person=frozenset()))
    assert office.service.propose(office.signed(asked, asked.venue_id), office.now_ms).seq is None
    assert office.service.waiting("").body == asked.encode()
    assert office.service.propose(office.signed(asked), office.now_ms).seq == 1
    assert office.reopened().policy == asked.policy
    one = office.people.person(scope=CONSORTIUM)
    assert office.service.propose(office.signed(one, one.venue_id), office.now_ms).seq == 2


def test_a_proposal_for_another_list_is_refused(office: Office) -> None:
    proposal = replace(office.people.person(), list_id="0" * 32)
    with pytest.raises(Refused) as refusal:
        office.service.propose(office.signed(proposal), office.now_ms)
    assert code(refusal) is Code.WRONG_LIST


def test_a_submission_is_taken_once(office: Office) -> None:
    door = office.door(office.venues[1])
    proposal = office.people.person(scope=office.venues[1])
    wire = office.signed(proposal, office.venues[1]).encode()
    unit_id = door.registration.unit_id
    for _ in range(2):
        assert office.service.submit(unit_id, wire, office.now_ms) == proposal.entry_id
    assert len(office.service.entries()) == 1
    removal = replace(office.people.removal(proposal.entry_id), venue_id=office.venues[1])
    office.service.propose(office.signed(removal, office.venues[1]), office.now_ms)
    assert not office.service.entries()
    assert office.service.submit(unit_id, wire, office.now_ms) == proposal.entry_id


def test_a_submission_for_another_venue_is_refused(office: Office) -> None:
    door = office.door(office.venues[0])
    proposal = office.people.person(scope=office.venues[1])
    wire = office.signed(proposal, office.venues[1]).encode()
    with pytest.raises(Refused) as refusal:
        office.service.submit(door.registration.unit_id, wire, office.now_ms)
    assert code(refusal) is Code.RULE
    everywhere = office.people.person()
    with pytest.raises(Refused):
        office.service.submit(
            door.registration.unit_id, office.signed(everywhere).encode(), office.now_ms
        )


def test_many_calls_are_one_change_or_none(office: Office) -> None:
    with pytest.raises(HubError), office.service.together():  # noqa: PT012 - the block is one change
        office.ban()
        office.ban()
        office.lift("0123456789abcdef")
    assert not office.service.entries()
    assert office.service.desk.book.ledger.seq == 0
    with office.service.together():
        office.ban()
        office.ban()
    assert len(office.reopened().entries()) == 2


def test_another_process_sees_what_this_one_did(office: Office) -> None:
    other = type(office.service).open(office.path, office.keys)
    proposal = office.ban()
    assert other.entry(proposal.entry_id).standing is Standing.LIVE
    door = office.door()
    assert other.unit(door.registration.unit_id, office.now_ms).name == "door"
    removal = office.signed(office.people.removal(proposal.entry_id))
    other.propose(removal, office.now_ms)
    assert office.service.entry(proposal.entry_id).standing is Standing.GONE
    other.close()
