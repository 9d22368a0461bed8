"""Roots: two of three officers, one version after the other, never below the floor."""

import pytest

from paper_hub import HUB, LIST, NOW_MS, OFFICERS, VENUES, A, PaperHub, key, root
from sync.errors import Code, Refused
from sync.ledger import Ledger
from sync.rootchain import first_root, followed, next_root, under
from sync.seal import verify
from sync.signing import Signed
from sync.statement.root import Root, Venue

ONE, TWO, THREE = OFFICERS
NEW = tuple(sorted((key(f"new officer {n}") for n in range(3)), key=lambda one: one.public))


def refused(new: Root | Signed, *signers: object, old: Root | None = None) -> Code:
    carried = new if isinstance(new, Signed) else new.signed(*signers)  # type: ignore[arg-type]
    with pytest.raises(Refused) as caught:
        next_root(old or root(), carried, verify)
    return caught.value.code


def test_the_first_root_is_the_one_that_was_pinned() -> None:
    carried = root().signed(ONE, TWO)
    assert first_root(carried, carried.digest, verify) == root()
    with pytest.raises(Refused, match="wrong-root"):
        first_root(carried, bytes(32), verify)
    with pytest.raises(Refused, match="too-few-signatures"):
        first_root(root().signed(ONE), carried.digest, verify)


def test_two_officers_make_a_new_root() -> None:
    new = root(version=2)
    assert next_root(root(), new.signed(ONE, THREE), verify) == new
    assert refused(new, ONE) is Code.TOO_FEW_SIGNATURES
    assert refused(new) is Code.TOO_FEW_SIGNATURES
    assert refused(new, ONE, HUB) is Code.TOO_FEW_SIGNATURES
    assert refused(new, *VENUES.values()) is Code.TOO_FEW_SIGNATURES


def test_new_officers_need_the_word_of_the_old_and_their_own() -> None:
    new = root(version=2, officers=tuple(one.public for one in NEW))
    assert next_root(root(), new.signed(ONE, TWO, *NEW[:2]), verify) == new
    assert refused(new, ONE, TWO) is Code.TOO_FEW_SIGNATURES
    assert refused(new, *NEW) is Code.TOO_FEW_SIGNATURES
    assert refused(new, ONE, TWO, NEW[0]) is Code.TOO_FEW_SIGNATURES


def test_a_wrong_signature_is_worse_than_none() -> None:
    good, other = root(version=2).signed(ONE, TWO), root(version=3).signed(THREE)
    mixed = Signed(good.kind, good.body, good.joined(Signed("root", good.body, ())).signatures[:1])
    forged = Signed(good.kind, good.body, (*mixed.signatures, *other.signatures))
    assert refused(forged) is Code.BAD_SIGNATURE


@pytest.mark.parametrize("version", [1, 3, 2**32 - 1])
def test_versions_follow_one_another(version: int) -> None:
    assert refused(root(version=version), ONE, TWO) is Code.ROOT_VERSION


def test_a_root_of_another_list_is_refused() -> None:
    assert refused(root(version=2, list_id="f" * 32), ONE, TWO) is Code.WRONG_LIST


def test_the_floor_never_sinks_nor_changes() -> None:
    old = root(floor_seq=5, floor_hash=b"5" * 32)
    assert refused(root(version=2, floor_seq=4), ONE, TWO, old=old) is Code.ROLLBACK
    assert refused(root(version=2, floor_seq=5), ONE, TWO, old=old) is Code.FORK
    older = root(version=2, floor_seq=6, issued_ms=NOW_MS - 1)
    assert refused(older, ONE, TWO, old=old) is Code.ROLLBACK
    higher = root(version=2, floor_seq=6, floor_hash=b"6" * 32)
    assert next_root(old, higher.signed(ONE, TWO), verify) == higher


def test_a_run_of_roots_is_followed_past_those_that_are_known() -> None:
    chain = [root(version=n).signed(ONE, TWO) for n in (1, 2, 3)]
    assert followed(root(), chain, verify).version == 3
    assert followed(root(version=3), chain, verify).version == 3
    with pytest.raises(Refused, match="root-version"):
        followed(root(), chain[2:], verify)


def test_a_new_hub_key_leaves_the_ledger_unconfirmed() -> None:
    ledger = Ledger.empty(LIST).extended([PaperHub().put()], root(), verify)[0]
    assert under(ledger, root(), root(version=2)) == ledger
    assert not under(ledger, root(), root(hub_key=key("new hub").public)).chain.confirmed
    same = root(version=2, floor_seq=1, floor_hash=ledger.hash)
    assert under(ledger, root(), same) == ledger
    forged = root(version=2, floor_seq=1, floor_hash=bytes(32))
    assert not under(ledger, root(), forged).chain.confirmed


def test_a_key_has_one_meaning() -> None:
    for changes in (
        {"hub_key": ONE.public},
        {"hub_key": VENUES[A].public},
        {"threshold": 4},
        {"venues": (Venue(A, "a", key("x").public), Venue(A, "b", key("y").public))},
        {"venues": (Venue(A, "a", key("x").public), Venue(A, "b", key("x").public, 7))},
    ):
        with pytest.raises(Refused, match="malformed"):
            root(**changes)


def test_a_venue_may_have_changed_its_key() -> None:
    rows = (Venue(A, "a", key("x").public, 7), Venue(A, "b", key("y").public))
    assert root(venues=rows).venues == rows
