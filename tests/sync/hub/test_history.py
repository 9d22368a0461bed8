"""What happened to an entry is told from its records, with who signed."""

from dataclasses import replace

from simulator.office import Office
from sync.statement.proposal import ContestProposal, ReinstateProposal
from sync.statement.record import Op


def test_an_entrys_way_is_told_with_the_venues_that_signed(office: Office) -> None:
    first, second, *_ = office.venues
    put = replace(office.people.person(), venue_id=first)
    list_id, entry_id = office.service.list_id, put.entry_id
    office.service.propose(office.signed(put, first, second), office.now_ms)
    office.service.propose(office.signed(replace(put, revision=2), first, second), office.now_ms)
    office.now_ms += 1000
    contest = ContestProposal(list_id, entry_id, second, office.now_ms)
    office.service.propose(office.signed(contest, second), office.now_ms)
    steps = office.service.history(entry_id)
    assert [(one.op, one.revision) for one in steps] == [
        (Op.PUT, 1), (Op.PUT, 2), (Op.CONTEST, 0),
    ]  # fmt: skip
    assert [one.venues for one in steps] == [(first, second), (first, second), (second,)]
    office.now_ms += 1000
    again = ReinstateProposal(list_id, entry_id, first, office.now_ms)
    office.service.propose(office.signed(again, first, second), office.now_ms)
    assert [one.op for one in office.service.history(entry_id)][-1] is Op.REINSTATE


def test_of_one_that_is_gone_only_when_is_left_and_who_took_it_off(office: Office) -> None:
    put = office.ban()
    assert office.lift(put.entry_id)
    entered, removed = office.service.history(put.entry_id)
    assert (entered.op, entered.venues, entered.revision) == (Op.PUT, (), 0)
    assert (removed.op, len(removed.venues)) == (Op.REMOVE, 2)


def test_nobody_signs_the_end_of_a_term(office: Office) -> None:
    put = office.ban()
    office.service.expire(put.valid_until_ms)
    assert office.service.history(put.entry_id)[-1].venues == ()


def test_what_waits_has_no_history(office: Office) -> None:
    put = office.people.person()
    office.service.propose(office.signed(put, put.venue_id), office.now_ms)
    assert office.service.history(put.entry_id) == ()
