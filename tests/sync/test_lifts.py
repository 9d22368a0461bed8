"""Lifts ahead of the chain: only in favour of a person, and by the same signatures."""

import pytest

from paper_hub import (
    LIST,
    NOW_MS,
    A,
    Item,
    PaperHub,
    agreed,
    contest,
    entry_name,
    key,
    policy,
    put,
    reinstate,
    remove,
    root,
)  # fmt: skip
from sync.changes import Bench
from sync.errors import Code, Refused
from sync.ledger import Ledger
from sync.lifts import check_lift
from sync.liveset import State
from sync.seal import verify
from sync.statement.policy import Policy

HELD = Ledger.empty(LIST).extended([PaperHub().put()], root(), verify)[0]
BENCH = Bench(root(), Policy(), verify)


@pytest.fixture
def hub() -> PaperHub:
    """Give a hub that is some way ahead."""
    return PaperHub(seq=70, prev=bytes([7] * 32))


def refused(item: Item, ledger: Ledger = HELD) -> Code:
    with pytest.raises(Refused) as caught:
        check_lift(*item, ledger, BENCH)
    return caught.value.code


def test_lift_and_contest_count_ahead_of_the_chain(hub: PaperHub) -> None:
    for item, state in (
        (hub.about(remove()), State.GONE),
        (hub.about(contest()), State.CONTESTED),
    ):
        one = check_lift(*item, HELD, BENCH)
        assert one.leaf is not None
        assert (one.leaf.state, one.record.entry_id) == (state, entry_name(1))


def test_a_lift_of_an_entry_still_to_come_counts(hub: PaperHub) -> None:
    assert check_lift(*hub.about(remove(9)), HELD, BENCH).leaf is not None
    assert refused(hub.about(contest(9))) is Code.GAP


def test_nothing_else_goes_ahead(hub: PaperHub) -> None:
    for item in (hub.put(put(2)), hub.about(reinstate()), hub.about(policy()), hub.rekey()):
        assert refused(item) is Code.RULE
    assert refused(hub.about(remove(), entry_id="", ring="")) is Code.RULE


def test_it_needs_the_same_signatures_as_in_the_chain(hub: PaperHub) -> None:
    assert refused(hub.about(remove(), agreed(remove(), A))) is Code.TOO_FEW_SIGNATURES
    hub.signer = key("thief")
    assert refused(hub.about(remove())) is Code.BAD_SIGNATURE


def test_an_expiry_waits_for_its_turn(hub: PaperHub) -> None:
    assert refused(hub.expire(issued_ms=NOW_MS)) is Code.NOT_OVER
    assert refused(hub.expire()) is Code.GAP
    assert refused(hub.expire(9, not_after_ms=1)) is Code.GAP


def test_what_the_chain_has_already_is_a_replay() -> None:
    assert refused(PaperHub().about(remove())) is Code.REPLAY


def test_a_lift_of_another_list_is_refused(hub: PaperHub) -> None:
    assert refused(hub.about(remove(), list_id="f" * 32)) is Code.WRONG_LIST
