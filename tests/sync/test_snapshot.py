"""Snapshots: a whole list at once, judged like the chain, taking nothing back."""

from dataclasses import replace

import pytest

from paper_hub import (
    LIST,
    NOW_MS,
    VENUES,
    A,
    Item,
    PaperHub,
    agreed,
    contest,
    head,
    key,
    manifest,
    policy,
    put,
    registration,
    reinstate,
    remove,
    root,
)  # fmt: skip
from sync.entries import Category
from sync.errors import Code, Refused
from sync.ledger import Ledger
from sync.seal import verify
from sync.snapshot import Snapshot, check_digests, check_manifest, pages_digest
from sync.statement.head import Manifest
from sync.statement.policy import DAY_MS
from sync.statement.record import NO_HASH, Op
from sync.statement.root import Root

EMPTY = Ledger.empty(LIST)


class History:
    """A chain of records and the state after it."""

    def __init__(self) -> None:
        self.pen = PaperHub()
        self.items: list[Item] = []
        self.ledger = EMPTY

    def add(self, *items: Item) -> "History":
        self.items += items
        self.ledger = self.ledger.extended(items, root(), verify)[0]
        return self


def usual() -> History:
    """Put four entries: one stays, one is contested, one reinstated, one lifted; and a policy."""
    made = History()
    pen = made.pen
    made.add(*[pen.put(put(n)) for n in (1, 2, 3, 4)], pen.about(policy()))
    made.add(pen.about(contest(2)), pen.about(contest(3)))
    return made.add(pen.about(reinstate(3, at_ms=NOW_MS + 1)), pen.about(remove(4)), pen.register())


def usual_items(made: History) -> list[Item]:
    """Give what a snapshot of the usual history holds."""
    return [made.items[i] for i in (0, 1, 2, 4, 5, 7, 8)]


def read(
    made: History,
    items: list[Item],
    before: Ledger = EMPTY,
    trusted: Root | None = None,
    **changes: object,
) -> Ledger:
    snapshot = Snapshot(manifest(made.ledger, **changes), before, trusted or root(), verify)
    for item in items:
        snapshot.add([item])
    return snapshot.ledger()


def refused(*given: object, **changes: object) -> Code:
    with pytest.raises(Refused) as caught:
        read(*given, **changes)  # type: ignore[arg-type]
    return caught.value.code


def test_a_snapshot_gives_the_same_list_as_the_chain() -> None:
    made = usual()
    ledger = read(made, usual_items(made))
    assert ledger.matches(head(made.ledger))
    assert ledger.policy == made.ledger.policy
    assert ledger.chain.policies == made.ledger.chain.policies
    more = [made.pen.put(put(9))]
    assert (
        ledger.extended(more, root(), verify)[0].live.root
        == made.ledger.extended(more, root(), verify)[0].live.root
    )


def test_a_snapshot_of_an_empty_list_is_empty() -> None:
    assert read(History(), []) == EMPTY


def test_each_page_tells_what_its_records_did() -> None:
    made = usual()
    snapshot = Snapshot(manifest(made.ledger), EMPTY, root(), verify)
    applied = snapshot.add(usual_items(made)[:2])
    assert [one.put for one in applied] == [put(1), put(2)]


def test_a_reader_goes_on_where_it_stopped() -> None:
    made = usual()
    items = usual_items(made)
    first = Snapshot(manifest(made.ledger), EMPTY, root(), verify)
    leaves = {one.record.entry_id: one.leaf for one in first.add(items[:3]) if one.leaf}
    second = Snapshot(manifest(made.ledger), EMPTY, root(), verify)
    second.resume(first.chain, leaves)
    second.add(items[3:])
    assert second.ledger() == read(made, items)


def test_entries_for_others_are_followed_without_content() -> None:
    made = usual()
    snapshot = Snapshot(manifest(made.ledger), EMPTY, root(), verify, frozenset())
    for carried, content in usual_items(made):
        blind = content if carried is made.items[4][0] else None
        snapshot.add([(carried, blind)])
    assert snapshot.ledger().matches(head(made.ledger))


@pytest.mark.parametrize("missing", range(7))
def test_a_snapshot_that_lacks_a_record_is_no_snapshot(missing: int) -> None:
    made = usual()
    items = usual_items(made)
    del items[missing]
    if missing in {3, 5}:  # policies and reinstatements: only who knew of them can tell
        assert refused(made, items, made.ledger) in {Code.FORK, Code.ROLLBACK}
    else:
        assert refused(made, items) in {Code.MIX_AND_MATCH, Code.RULE}


def test_the_hubs_key_alone_puts_nobody_into_a_snapshot() -> None:
    made = History()
    item = made.pen.put(content=agreed(put(), A))
    assert refused(made, [item], seq=1) is Code.TOO_FEW_SIGNATURES


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"list_id": "f" * 32}, Code.WRONG_LIST),
        ({"seq": 1}, Code.MIX_AND_MATCH),
        ({"seq": 9}, Code.MIX_AND_MATCH),
        ({"epoch": 7}, Code.STALE_EPOCH),
        ({"issued_ms": NOW_MS - 1}, Code.ROLLBACK),
    ],
)
def test_a_record_out_of_place_is_refused(changes: dict[str, object], code: Code) -> None:
    made = History()
    made.add(made.pen.put(), made.pen.register())
    item = made.pen.put(put(2), **changes)
    assert refused(made, [made.items[0], item], seq=5) is code


def test_records_without_entries_have_no_place_in_a_snapshot() -> None:
    made = History()
    made.add(made.pen.register())
    assert refused(made, made.items) is Code.RULE


def test_records_that_others_signed_for_are_checked_against_manifest_and_floor() -> None:
    made = History()
    made.add(made.pen.put(), made.pen.put(put(2)))
    assert refused(made, made.items, record_hash=bytes(32)) is Code.FORK
    floor = root(floor_seq=1, floor_hash=bytes([9] * 32))
    assert refused(made, made.items, EMPTY, floor) is Code.FORK


def test_a_wrong_count_of_entries_is_refused() -> None:
    made = usual()
    assert refused(made, usual_items(made), entries=9) is Code.MIX_AND_MATCH


# What is held is not taken back.


def test_a_removed_entry_does_not_come_back_by_a_snapshot() -> None:
    lifted, put_again = usual(), History()
    put_again.add(*[put_again.pen.put(put(n)) for n in (1, 2, 3, 4)])
    assert refused(put_again, put_again.items, lifted.ledger) is Code.FORK  # the policy is gone
    held = History()
    held.add(held.pen.put(put(4)), held.pen.about(remove(4)))
    assert refused(put_again, put_again.items, held.ledger) is Code.TOMBSTONE
    assert refused(History(), [], held.ledger) is Code.TOMBSTONE


def test_an_entry_is_not_left_out_without_its_removal() -> None:
    held, other = History(), History()
    held.add(held.pen.put())
    other.add(other.pen.put(put(2)))
    assert refused(other, other.items, held.ledger) is Code.NOT_OVER


def test_a_lift_and_an_expiry_are_proofs_of_removal() -> None:
    held = History()
    held.add(held.pen.put(), held.pen.put(put(2)))
    before = held.ledger
    lift, over = held.pen.about(remove()), held.pen.expire(2)
    held.add(lift, over)
    assert read(held, [lift, over], before).live == held.ledger.live


def test_an_expiry_before_the_end_is_no_proof() -> None:
    held, other = History(), History()
    held.add(held.pen.put())
    short = put(valid_until_ms=NOW_MS + DAY_MS)
    early = {"not_after_ms": NOW_MS + DAY_MS, "issued_ms": NOW_MS + DAY_MS}
    other.add(other.pen.put(short), other.pen.expire(**early))
    assert refused(other, other.items[1:], held.ledger) is Code.NOT_OVER


def test_an_entry_cannot_move_or_go_back_to_an_older_version() -> None:
    held = History()
    held.add(held.pen.put(), held.pen.put(put(revision=3)))
    moved, older = History(), History()
    local = put(scope=A)
    moved.add(moved.pen.register(), moved.pen.register(2), moved.pen.put(local, agreed(local, A)))
    assert refused(moved, moved.items[2:], held.ledger) is Code.RULE
    older.add(older.pen.register(), older.pen.register(2), older.pen.put(put(revision=2)))
    assert refused(older, older.items[2:], held.ledger) is Code.ROLLBACK
    early = History()
    early.add(early.pen.put(put(revision=3)), early.pen.register())
    assert refused(early, early.items[:1], held.ledger) is Code.ROLLBACK


def test_another_record_at_the_same_place_is_a_fork() -> None:
    held, other = History(), History()
    held.add(held.pen.put())
    other.add(other.pen.put(put(salt=b"s" * 16)))
    assert refused(other, other.items, held.ledger) is Code.FORK


def test_an_old_reinstatement_cannot_be_shown_again() -> None:
    held = History()
    held.add(held.pen.put(), held.pen.about(contest()))
    held.add(held.pen.about(reinstate(at_ms=NOW_MS + 1)))
    held.add(held.pen.about(contest(at_ms=NOW_MS + 2)))
    forged = History()
    forged.add(forged.pen.put(), *[forged.pen.register(n) for n in range(1, 5)])
    forged.add(forged.pen.about(reinstate(at_ms=NOW_MS + 1)))
    items = [forged.items[0], forged.items[-1]]
    assert refused(forged, items, held.ledger) is Code.REPLAY


def test_a_snapshot_may_go_on_from_what_is_held() -> None:
    made = usual()
    before = made.ledger
    made.add(made.pen.put(put(7)), made.pen.put(put(1, revision=2)))
    items = [*usual_items(made)[1:], *made.items[-2:]]
    assert read(made, items, before).live == made.ledger.live


# After a change of the hub's key.


def test_above_the_floor_the_new_key_may_take_back_what_the_old_one_said() -> None:
    held = History()
    held.add(held.pen.put(), held.pen.put(put(2)), held.pen.about(policy()))
    floor = root(version=2, floor_seq=1, floor_hash=held.items[0][0].digest)
    fresh = History()
    fresh.add(held.items[0])
    assert refused(fresh, fresh.items, held.ledger, floor) is Code.FORK
    ledger = read(fresh, fresh.items, held.ledger.unconfirmed(), floor)
    assert ledger == fresh.ledger
    assert ledger.chain.confirmed


def test_the_floor_vouches_for_nothing_on_a_chain_that_never_passed_it() -> None:
    honest, led_astray = History(), History()
    honest.add(*[honest.pen.put(put(n)) for n in (1, 2, 3, 4)])
    led_astray.add(honest.items[0])
    thief = PaperHub(seq=1, prev=led_astray.ledger.hash)
    led_astray.add(thief.register(), thief.put(put(2)))
    floor = root(version=2, floor_seq=4, floor_hash=honest.ledger.hash)
    assert refused(honest, honest.items, led_astray.ledger, floor) is Code.ROLLBACK
    assert read(honest, honest.items, led_astray.ledger.unconfirmed(), floor) == honest.ledger


def test_what_venues_removed_stays_removed_even_then() -> None:
    held = History()
    held.add(held.pen.put(), held.pen.about(remove()))
    floor = root(version=2, floor_seq=1, floor_hash=held.items[0][0].digest)
    fresh = History()
    fresh.add(held.items[0])
    assert refused(fresh, fresh.items, held.ledger.unconfirmed(), floor) is Code.TOMBSTONE


def test_below_the_floor_nothing_is_taken_back() -> None:
    held = usual()
    floor = root(version=2, floor_seq=8, floor_hash=held.items[7][0].digest)
    fresh = History()
    fresh.add(held.items[0])
    assert refused(fresh, fresh.items, held.ledger.unconfirmed(), floor) is Code.FORK


# The manifest.


def believed(
    one: Manifest, ledger: Ledger, held: Ledger = EMPTY, trusted: Root | None = None
) -> Manifest:
    carried = one.signed(PaperHub().signer)
    return check_manifest(carried, head(ledger), held, trusted or root(), verify)


def test_a_manifest_is_believed() -> None:
    made = usual()
    assert believed(manifest(made.ledger), made.ledger) == manifest(made.ledger)
    older = History().add(made.items[0]).ledger
    assert believed(manifest(older), made.ledger).seq == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"list_id": "f" * 32}, Code.WRONG_LIST),
        ({"seq": 11}, Code.MIX_AND_MATCH),
        ({"seq": 1}, Code.ROLLBACK),
        ({"record_hash": bytes(32)}, Code.FORK),
        ({"live_root": bytes(32)}, Code.MIX_AND_MATCH),
    ],
)
def test_a_manifest_that_contradicts_the_head_is_refused(
    changes: dict[str, object], code: Code
) -> None:
    made = usual()
    held = History().add(*made.items[:2]).ledger
    with pytest.raises(Refused) as caught:
        believed(manifest(made.ledger, **changes), made.ledger, held)
    assert caught.value.code is code


def test_only_the_hub_signs_manifests() -> None:
    made = usual()
    carried = manifest(made.ledger).signed(key("thief"))
    with pytest.raises(Refused, match="bad-signature"):
        check_manifest(carried, head(made.ledger), EMPTY, root(), verify)


def test_a_manifest_does_not_go_below_the_floor_whoever_signed_before() -> None:
    made = usual()
    floor = root(floor_seq=5, floor_hash=made.items[4][0].digest)
    old = manifest(History().add(*made.items[:4]).ledger)
    with pytest.raises(Refused, match="rollback"):
        believed(old, made.ledger, made.ledger.unconfirmed(), floor)
    later = manifest(History().add(*made.items[:6]).ledger)
    assert believed(later, made.ledger, made.ledger.unconfirmed(), floor).seq == 6
    wrong = root(floor_seq=5, floor_hash=NO_HASH)
    fifth = manifest(History().add(*made.items[:5]).ledger)
    with pytest.raises(Refused, match="fork"):
        believed(fifth, made.ledger, EMPTY, wrong)


def test_page_digests_are_those_of_the_manifest() -> None:
    digests = [bytes([n] * 32) for n in range(3)]
    one = manifest(EMPTY, digests)
    check_digests(one, digests)
    assert one.pages_digest == pages_digest(digests)
    for wrong in (digests[:2], digests[::-1], [*digests, bytes(32)], []):
        with pytest.raises(Refused, match="mix-and-match"):
            check_digests(one, wrong)
    with pytest.raises(Refused, match="mix-and-match"):
        check_digests(replace(one, pages=2), digests)


def test_policies_hold_in_a_snapshot_from_their_record_on() -> None:
    made = History()
    relaxed = policy(two_person=frozenset({Category.WELFARE}))
    words = put(2)
    made.add(made.pen.put(), made.pen.about(relaxed), made.pen.put(words, agreed(words, A)))
    made.add(made.pen.about(policy(NOW_MS + 1)))
    assert read(made, made.items).live == made.ledger.live
    assert refused(made, [made.items[0], *made.items[2:]]) is Code.TOO_FEW_SIGNATURES


def test_registrations_are_not_needed() -> None:
    content = registration().encode()
    made = History()
    made.add(made.pen.write(Op.REGISTER, content), made.pen.put())
    assert read(made, made.items[1:]).matches(head(made.ledger))
    assert len(VENUES) == 3
