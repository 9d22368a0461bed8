"""The chain, and what records may do to the list."""

from dataclasses import replace

import pytest

from paper_hub import (
    HUB,
    LIST,
    NOW_MS,
    VENUES,
    A,
    B,
    C,
    PaperHub,
    agreed,
    contest,
    entry_name,
    key,
    policy,
    put,
    registration,
    reinstate,
    remove,
    root,
)  # fmt: skip
from sync.entries import Category, Reason
from sync.errors import Code, Refused
from sync.ledger import MOST_POLICIES, Chain, Ledger
from sync.liveset import LiveSet, State
from sync.seal import verify
from sync.signing import Signed
from sync.statement.membership import Rekey
from sync.statement.policy import DAY_MS, Policy
from sync.statement.record import Expiry, Op, Record
from sync.statement.root import Venue

Items = list[tuple[Signed, bytes | None]]
ENTRY = entry_name(1)
LOCAL = f"{A}/banned"


def after(items: Items, before: Ledger | None = None) -> Ledger:
    return (before or Ledger.empty(LIST)).extended(items, root(), verify)[0]


def refused(items: Items, before: Ledger | None = None, **more: object) -> Code:
    ledger = before or Ledger.empty(LIST)
    with pytest.raises(Refused) as caught:
        ledger.extended(items, more.pop("root", root()), verify, **more)  # type: ignore[arg-type]
    return caught.value.code


@pytest.fixture
def hub() -> PaperHub:
    return PaperHub()


def state(ledger: Ledger, number: int = 1) -> State:
    leaf = ledger.live.get(entry_name(number))
    assert leaf is not None
    return leaf.state


def test_a_ban_is_put_contested_reinstated_and_lifted(hub: PaperHub) -> None:
    steps = [
        hub.put(), hub.about(contest(venue=C), agreed(contest(venue=C), C)),
        hub.about(reinstate(at_ms=NOW_MS + 1)), hub.about(remove()),
    ]  # fmt: skip
    ledger, states = Ledger.empty(LIST), []
    for step in steps:
        ledger = after([step], ledger)
        states.append(state(ledger))
    assert states == [State.LIVE, State.CONTESTED, State.LIVE, State.GONE]
    assert (ledger.seq, ledger.hash) == (4, hub.prev)
    assert after(steps) == ledger


def test_what_each_record_did_is_told(hub: PaperHub) -> None:
    items = [hub.put(), hub.register(), hub.rekey("7" * 16), hub.about(policy())]
    ledger, applied = Ledger.empty(LIST).extended(items, root(), verify)
    assert applied[0].put == put()
    assert applied[0].leaf == ledger.live.get(ENTRY)
    assert [one.put for one in applied[1:]] == [None, None, None]
    assert applied[1].content == registration()
    assert applied[2].content == Rekey(2, ("7" * 16,))
    assert (ledger.epoch, ledger.policy) == (2, Policy())
    assert [one.record_hash for one in applied][-1] == ledger.hash


def test_one_bad_record_among_good_ones_and_none_counts(hub: PaperHub) -> None:
    before = after([hub.put()])
    run = [hub.put(put(2)), hub.put(put(3), agreed(put(3), A))]
    assert refused(run, before) is Code.TOO_FEW_SIGNATURES
    assert before.live.get(entry_name(2)) is None


def test_records_already_applied_gaps_and_forks_are_told_apart(hub: PaperHub) -> None:
    first, second, third = hub.put(), hub.put(put(2)), hub.put(put(3))
    ledger = after([first, second])
    assert refused([first], ledger) is Code.REPLAY
    assert refused([second, third], after([])) is Code.GAP
    assert refused([third], after([first])) is Code.GAP
    other = PaperHub()
    other.put(put(4))
    assert refused([other.put(put(5))], after([first])) is Code.FORK


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"list_id": "f" * 32}, Code.WRONG_LIST),
        ({"seq": 2}, Code.GAP),
        ({"prev": bytes([1] * 32)}, Code.FORK),
        ({"epoch": 2}, Code.STALE_EPOCH),
        ({"entry_id": entry_name(2)}, Code.RULE),
        ({"entry_id": ""}, Code.RULE),
        ({"ring": ""}, Code.RULE),
        ({"ring": "consortium/welfare"}, Code.RULE),
        ({"not_after_ms": NOW_MS + DAY_MS}, Code.TERM),
        ({"not_after_ms": NOW_MS}, Code.TERM),
        ({"content_digest": bytes(32)}, Code.MIX_AND_MATCH),
        ({"op": Op.REMOVE}, Code.MALFORMED),
        ({"op": Op.POLICY}, Code.RULE),
        ({"issued_ms": NOW_MS - DAY_MS}, Code.RULE),
        ({"issued_ms": NOW_MS + 91 * DAY_MS}, Code.TERM),
    ],
)
def test_a_record_that_does_not_fit_is_refused(
    hub: PaperHub, changes: dict[str, object], code: Code
) -> None:
    assert refused([hub.put(**changes)]) is code


def test_only_the_hubs_key_signs_records() -> None:
    assert refused([PaperHub(signer=key("thief")).put()]) is Code.BAD_SIGNATURE
    carried, content = PaperHub().put()
    wrong = Signed(carried.kind, carried.body, PaperHub().put(put(2))[0].signatures)
    assert refused([(wrong, content)]) is Code.BAD_SIGNATURE


def test_a_record_cannot_be_older_than_the_one_before(hub: PaperHub) -> None:
    first = hub.register()
    assert refused([first, hub.put(issued_ms=NOW_MS - 1)]) is Code.ROLLBACK


def test_a_removed_entry_never_comes_back(hub: PaperHub) -> None:
    ledger = after([hub.put(), hub.about(remove())])
    assert refused([hub.put(put(revision=2))], ledger) is Code.TOMBSTONE
    for words in (remove(), contest(at_ms=NOW_MS + 9), reinstate(at_ms=NOW_MS + 9)):
        pen = PaperHub(seq=ledger.seq, prev=ledger.hash)
        assert refused([pen.about(words)], ledger) is Code.TOMBSTONE


def test_a_removal_may_come_before_its_entry_and_wins(hub: PaperHub) -> None:
    ledger = after([hub.about(remove())])
    assert refused([hub.put()], ledger) is Code.TOMBSTONE


def test_an_entry_expires_at_its_end_and_not_before(hub: PaperHub) -> None:
    ledger = after([hub.put()])
    early = PaperHub(seq=1, prev=ledger.hash)
    assert refused([early.expire(issued_ms=NOW_MS)], ledger) is Code.NOT_OVER
    shorter = {"not_after_ms": NOW_MS + 1, "issued_ms": NOW_MS + 2}
    early = PaperHub(seq=1, prev=ledger.hash)
    assert refused([early.expire(**shorter)], ledger) is Code.NOT_OVER
    untold = PaperHub(seq=1, prev=ledger.hash)
    assert refused([untold.expire(not_after_ms=0)], ledger) is Code.NOT_OVER
    assert state(after([hub.expire()], ledger)) is State.GONE


def test_an_expiry_names_its_entry(hub: PaperHub) -> None:
    items = [hub.put(), hub.expire(entry_id=entry_name(2))]
    assert refused(items) is Code.RULE


def test_a_signed_removal_has_no_term(hub: PaperHub) -> None:
    assert refused([hub.put(), hub.about(remove(), not_after_ms=1)]) is Code.TERM


def test_a_newer_version_replaces_an_older_one_only(hub: PaperHub) -> None:
    ledger = after([hub.put(put(revision=2))])
    again = PaperHub(seq=1, prev=ledger.hash)
    assert refused([again.put(put(revision=2, salt=b"s" * 16))], ledger) is Code.REPLAY
    longer = put(revision=3, valid_until_ms=NOW_MS + 100 * DAY_MS)
    later = after([hub.put(longer)], ledger)
    leaf = later.live.get(ENTRY)
    assert leaf is not None
    assert (leaf.revision, leaf.not_after_ms) == (3, longer.valid_until_ms)


def test_a_version_cannot_end_earlier_or_move(hub: PaperHub) -> None:
    ledger = after([hub.put()])
    shorter = put(revision=2, valid_until_ms=NOW_MS + DAY_MS)
    assert refused([hub.put(shorter)], ledger) is Code.RULE
    pen = PaperHub(seq=1, prev=ledger.hash)
    local = put(revision=2, scope=A)
    assert refused([pen.put(local, agreed(local, A))], ledger) is Code.RULE


def test_a_contested_entry_waits_for_its_reinstatement(hub: PaperHub) -> None:
    ledger = after([hub.put(), hub.about(contest())])
    for number, (words, code) in enumerate(
        [
            (put(revision=2), Code.RULE),
            (contest(at_ms=NOW_MS + 1), Code.RULE),
            (reinstate(at_ms=NOW_MS), Code.REPLAY),
        ]
    ):
        pen = PaperHub(seq=2, prev=ledger.hash)
        item = pen.put(words) if number == 0 else pen.about(words)  # type: ignore[arg-type]
        assert refused([item], ledger) is code


def test_an_old_contest_cannot_be_shown_again(hub: PaperHub) -> None:
    items = [hub.put(), hub.about(contest()), hub.about(reinstate(at_ms=NOW_MS + 1))]
    assert refused([*items, hub.about(contest())]) is Code.REPLAY


@pytest.mark.parametrize("words", [contest(9), reinstate(9)])
def test_what_is_not_on_the_list_cannot_be_contested(hub: PaperHub, words: object) -> None:
    assert refused([hub.about(words)]) is Code.RULE  # type: ignore[arg-type]


def test_a_proposal_for_another_list_or_from_the_future_is_refused(hub: PaperHub) -> None:
    other = put(list_id="f" * 32)
    assert refused([hub.put(other)]) is Code.WRONG_LIST
    late = remove(at_ms=NOW_MS + 6 * 60 * 1000)
    assert refused([PaperHub().about(late)]) is Code.RULE


def test_content_is_needed_unless_it_is_for_others(hub: PaperHub) -> None:
    (carried, _), (gone, _) = hub.put(), hub.about(remove())
    blind: Items = [(carried, None)]
    assert refused(blind) is Code.GAP
    assert refused(blind, rings=frozenset({"consortium/banned"})) is Code.GAP
    ledger, applied = Ledger.empty(LIST).extended(blind, root(), verify, frozenset({LOCAL}))
    assert applied[0].content is None
    assert (state(ledger), ledger.hash) == (State.LIVE, applied[0].record_hash)
    ledger = ledger.extended([(gone, None)], root(), verify, frozenset())[0]
    assert state(ledger) is State.GONE


def test_a_rekey_always_carries_its_content(hub: PaperHub) -> None:
    carried, _ = hub.rekey()
    assert refused([(carried, None)], rings=frozenset()) is Code.GAP


def test_blind_records_follow_the_same_order_of_states(hub: PaperHub) -> None:
    steps = [
        hub.put(), hub.put(put(revision=2)), hub.about(contest()),
        hub.about(reinstate(at_ms=NOW_MS + 1)), hub.expire(),
    ]  # fmt: skip
    blind: Items = [(carried, None) for carried, _ in steps]
    full, _ = Ledger.empty(LIST).extended(steps, root(), verify)
    other, _ = Ledger.empty(LIST).extended(blind, root(), verify, frozenset())
    assert other.live.root == full.live.root


def test_a_blind_expiry_before_its_time_is_refused(hub: PaperHub) -> None:
    hub.put()
    carried, _ = hub.expire(issued_ms=NOW_MS)
    ledger = after([PaperHub().put()])
    assert refused([(carried, None)], ledger, rings=frozenset()) is Code.NOT_OVER


def test_a_blind_put_that_was_over_when_it_was_appended_is_refused(hub: PaperHub) -> None:
    carried, _ = hub.put(not_after_ms=NOW_MS)
    assert refused([(carried, None)], rings=frozenset()) is Code.TERM


def test_what_was_erased_travels_without_content_only_with_its_removal(hub: PaperHub) -> None:
    (carried, _), lift = hub.put(), hub.about(remove())
    assert state(after([(carried, None), lift])) is State.GONE
    assert refused([(carried, None)]) is Code.GAP
    known = {ENTRY: "consortium/banned"}
    ledger, _ = Ledger.empty(LIST).extended([(carried, None)], root(), verify, None, known)
    assert state(after([lift], ledger)) is State.GONE
    assert refused([(lift[0], None)], ledger, gone=known) is Code.GAP
    assert refused([(carried, None)], gone={ENTRY: LOCAL}) is Code.GAP


def test_two_venues_stand_behind_a_consortium_wide_change(hub: PaperHub) -> None:
    assert refused([hub.put(content=agreed(put(), A))]) is Code.TOO_FEW_SIGNATURES
    assert refused([PaperHub().put(content=agreed(put(), B, C))]) is Code.TOO_FEW_SIGNATURES
    ledger = after([PaperHub().put()])
    for words in (remove(), reinstate(at_ms=NOW_MS + 1)):
        pen = PaperHub(seq=1, prev=ledger.hash)
        one = [pen.about(words, agreed(words, A))]  # type: ignore[arg-type]
        assert refused(one, ledger) is Code.TOO_FEW_SIGNATURES
    assert refused([PaperHub().about(policy(), agreed(policy(), A))]) is Code.TOO_FEW_SIGNATURES


def test_a_policy_may_let_one_venue_act_for_a_category() -> None:
    hub = PaperHub()
    relaxed = hub.about(policy(two_person=frozenset({Category.BANNED})))
    words = put(category=Category.WELFARE, reason=Reason.MISSING, valid_until_ms=NOW_MS + DAY_MS)
    ledger = after([relaxed, hub.put(words, agreed(words, A))])
    assert state(ledger) is State.LIVE
    assert ledger.policy.two_person == {Category.BANNED}


def test_an_older_policy_cannot_be_shown_again(hub: PaperHub) -> None:
    assert refused([hub.about(policy()), hub.about(policy())]) is Code.REPLAY


def test_a_list_has_only_so_many_policies(hub: PaperHub) -> None:
    one = hub.about(policy())
    ledger = after([one])
    full = replace(ledger.chain, policies=ledger.chain.policies * MOST_POLICIES)
    assert Chain.parse(full.encode()) == full
    assert refused([hub.about(policy(NOW_MS + 1))], Ledger(full, ledger.live)) is Code.RULE


def test_a_venues_own_entry_is_its_own_business(hub: PaperHub) -> None:
    local = put(scope=A)
    item = hub.put(local, agreed(local, A))
    ledger = after([item])
    for names, code in [((B, C), Code.TOO_FEW_SIGNATURES), ((A,), None)]:
        words = remove(venue=names[0])
        pen = PaperHub(seq=1, prev=ledger.hash)
        lift = [pen.about(words, agreed(words, *names), ring=LOCAL)]
        if code:
            assert refused(lift, ledger) is code
        else:
            assert state(after(lift, ledger)) is State.GONE
    foreign = put(scope=B)
    assert refused([PaperHub().put(foreign, agreed(foreign, A, B))]) is Code.RULE


def left(seq: int) -> tuple[Venue, ...]:
    """Give the venues of which A left after a record."""
    return tuple(
        Venue(name, "v", one.public, seq if name == A else 0) for name, one in VENUES.items()
    )


def test_what_a_venue_signed_before_it_left_still_counts() -> None:
    item, departed = PaperHub().put(), root(venues=left(1))
    assert Ledger.empty(LIST).extended([item], departed, verify)[0].seq == 1
    ledger, pen = after([item]), PaperHub(seq=1, prev=item[0].digest)
    assert refused([pen.put(put(2))], ledger, root=departed) is Code.TOO_FEW_SIGNATURES


def test_two_others_settle_the_entries_of_a_venue_that_left() -> None:
    local, departed = put(scope=A), root(venues=left(1))
    hub = PaperHub()
    ledger = after([hub.put(local, agreed(local, A))])
    words = remove(venue=B)
    alone = PaperHub(seq=1, prev=ledger.hash).about(words, agreed(words, B), ring=LOCAL)
    assert refused([alone], ledger, root=departed) is Code.TOO_FEW_SIGNATURES
    both = hub.about(words, agreed(words, B, C), ring=LOCAL)
    assert state(ledger.extended([both], departed, verify)[0]) is State.GONE


def test_an_unsigned_removal_is_no_removal(hub: PaperHub) -> None:
    bare = remove().encode()
    items = [hub.put(), hub.about(remove(), bare)]
    assert refused(items) is Code.MALFORMED


@pytest.mark.parametrize(
    "content", [b"", b"\x80", b"\x01", Rekey(1).encode(), registration().encode(), b"\xff"]
)
@pytest.mark.parametrize("op", [one for one in Op if one not in {Op.REKEY, Op.REGISTER}])
def test_other_content_than_the_record_says_is_refused(
    hub: PaperHub, op: Op, content: bytes
) -> None:
    named = {} if op is Op.POLICY else {"entry_id": ENTRY, "ring": "consortium/banned"}
    until = {"not_after_ms": NOW_MS + DAY_MS} if op is Op.PUT else {}
    assert refused([hub.write(op, content, **named, **until)]) is Code.MALFORMED  # type: ignore[arg-type]


def test_a_rekey_begins_the_next_epoch(hub: PaperHub) -> None:
    wrong = hub.write(Op.REKEY, Rekey(3).encode(), epoch=2)
    assert refused([wrong]) is Code.STALE_EPOCH
    jump = PaperHub().write(Op.REKEY, Rekey(3).encode(), epoch=3)
    assert refused([jump]) is Code.STALE_EPOCH
    same = PaperHub().write(Op.REKEY, Rekey(1).encode(), epoch=1)
    assert refused([same]) is Code.STALE_EPOCH


def test_records_that_are_about_no_entry_name_none(hub: PaperHub) -> None:
    for named in ({"entry_id": ENTRY}, {"ring": LOCAL}, {"entry_id": ENTRY, "ring": LOCAL}):
        item = hub.write(Op.REGISTER, registration().encode(), **named)
        assert refused([item]) is Code.RULE
        hub = PaperHub()


def test_the_chain_passes_through_the_officers_floor(hub: PaperHub) -> None:
    items = [hub.put(), hub.put(put(2))]
    right = root(floor_seq=1, floor_hash=items[0][0].digest)
    assert Ledger.empty(LIST).extended(items, right, verify)[0].seq == 2
    assert refused(items, root=root(floor_seq=1, floor_hash=bytes([7] * 32))) is Code.FORK


def test_a_ledger_is_stored_as_chain_and_leaves(hub: PaperHub) -> None:
    ledger = after([hub.put(), hub.about(policy()), hub.rekey()])
    rows = {name: leaf.values() for name, leaf in ledger.live.items()}
    leaves = {name: type(ledger.live.get(name)).of_values(row) for name, row in rows.items()}  # type: ignore[union-attr]
    again = Ledger(Chain.parse(ledger.chain.encode()), LiveSet.of(leaves))
    assert again == ledger
    assert (again.hash, again.list_id) == (ledger.hash, LIST)


def test_confirmation_is_part_of_the_chain() -> None:
    ledger = Ledger.empty(LIST)
    assert ledger.unconfirmed() != ledger
    assert ledger.unconfirmed().confirmed() == ledger


def test_an_empty_run_changes_nothing(hub: PaperHub) -> None:
    ledger = after([hub.put()])
    assert ledger.extended([], root(), verify) == (ledger, ())


def test_a_records_name_does_not_depend_on_its_signature() -> None:
    mine, theirs = PaperHub().put()[0], PaperHub(signer=key("next hub")).put()[0]
    assert mine != theirs
    assert mine.digest == theirs.digest == Record.parse(mine.body).hash
    assert HUB.public != key("next hub").public


def test_an_expiry_is_not_accepted_for_a_put(hub: PaperHub) -> None:
    item = hub.put(content=Expiry(ENTRY).encode())
    assert refused([item]) is Code.MALFORMED
