"""What officers sign: new keys, floors, and the way back after a stolen hub key."""

import pytest

from simulator.pair import Pair
from simulator.scripted_hub import OFFICERS, ScriptedHub, key, signer
from sync.errors import Code
from sync.statement.membership import Registration
from sync.statement.policy import DAY_MS
from sync.statement.record import Op


@pytest.fixture
def stocked(pair: Pair) -> Pair:
    """Put three people on the list of unit and hub."""
    pair.hub.put(*map(pair.hub.person, range(3)))
    pair.publish(0)
    pair.hub.now_ms += 1_000
    return pair


def roots(hub: ScriptedHub) -> tuple[str, list[bytes]]:
    return ("roots", [one.encode() for one in hub.roots])


def test_a_new_hub_key_is_followed_and_the_list_goes_on(stocked: Pair) -> None:
    hub = stocked.hub
    hub.rotate("hub 2")
    stocked.give(hub.to_all(*roots(hub)))
    assert stocked.standing.lease_ms == 0
    hub.put(hub.person(9))
    stocked.publish(3)
    assert stocked.in_step()
    assert stocked.standing.lease_ms
    assert stocked.codes == {}


def test_the_old_hub_key_counts_no_more(stocked: Pair) -> None:
    hub = stocked.hub
    hub.rotate("hub 2")
    stocked.give(hub.to_all(*roots(hub)))
    hub.signing = signer("hub")
    stocked.give(hub.to_all("head", hub.head().encode()))
    assert stocked.codes == {Code.BAD_SIGNATURE: 1}


def test_several_roots_are_followed_at_once_after_an_absence(stocked: Pair) -> None:
    hub = stocked.hub
    for number in range(2, 6):
        hub.rotate(f"hub {number}")
    hub.put(hub.person(9))
    stocked.connect()
    assert stocked.shelf.trusted().root.version == 5
    assert stocked.in_step()


def test_a_root_that_one_officer_signed_is_refused(stocked: Pair) -> None:
    hub = stocked.hub
    forged = hub.root(version=2, issued_ms=hub.now_ms).signed(OFFICERS[0])
    stocked.give(hub.to_all("roots", [forged.encode()]))
    assert stocked.codes == {Code.TOO_FEW_SIGNATURES: 1}
    assert stocked.shelf.trusted().root.version == 1


def test_a_root_that_skips_a_version_is_refused(stocked: Pair) -> None:
    hub = stocked.hub
    hub.new_root()
    hub.new_root()
    stocked.give(hub.to_all("roots", [hub.roots[2].encode()]))
    assert stocked.codes == {Code.ROOT_VERSION: 1}


def test_too_many_roots_at_once_are_endless_data(stocked: Pair) -> None:
    stocked.give(stocked.hub.to_unit("roots", [stocked.hub.roots[0].encode()] * 65))
    assert stocked.codes == {Code.ENDLESS: 1}


def test_roots_that_are_known_change_nothing(stocked: Pair) -> None:
    writes = stocked.shelf.writes
    stocked.give(stocked.hub.to_all(*roots(stocked.hub)))
    assert (stocked.codes, stocked.shelf.writes) == ({}, writes)


def test_the_lease_of_a_root_ends_too(stocked: Pair) -> None:
    hub = stocked.hub
    hub.new_root(expires_ms=hub.now_ms + DAY_MS)
    stocked.connect()
    hub.now_ms += 2 * DAY_MS
    stocked.give(hub.to_all("head", hub.head().encode()))
    assert stocked.codes == {Code.ROOT_EXPIRED: 1}


def test_fast_forward_recovery_takes_back_what_a_stolen_hub_key_signed(stocked: Pair) -> None:
    """TUF 5.3.11: a thief leads the unit far ahead; a new root leads it back to the true list."""
    hub, honest = stocked.hub, (list(stocked.hub.log), stocked.hub.ledger)
    for _ in range(50):
        hub.append(Op.REGISTER, _registration(hub))
    stocked.publish(3)
    ahead = hub.head(issued_ms=hub.now_ms + 200_000, seq=900_000, record_hash=key("far"))
    stocked.give(hub.to_all("head", ahead.encode()))
    assert stocked.standing.head_seq == 900_000
    hub.log, hub.ledger = honest
    hub.now_ms += 1_000
    hub.rotate("hub 2", floor_seq=2, floor_hash=hub.log[1].record.hash)
    hub.put(hub.person(9))
    stocked.connect()
    assert stocked.in_step()
    assert stocked.standing.head_seq == 4
    assert stocked.standing.lease_ms


def test_no_hub_key_leads_below_the_floor_of_the_officers(stocked: Pair) -> None:
    hub = stocked.hub
    hub.rotate("hub 2", floor_seq=3, floor_hash=hub.log[2].record.hash)
    stocked.give(hub.to_all(*roots(hub)))
    record = hub.log[1].record
    low = hub.head(seq=2, record_hash=record.hash, live_root=key("x"))
    stocked.give(hub.to_all("head", low.encode()))
    assert stocked.codes == {Code.ROLLBACK: 1}


def test_a_key_box_by_a_hub_key_that_is_not_known_yet_is_used_after_its_root(
    stocked: Pair,
) -> None:
    hub = stocked.hub
    hub.rekey()
    hub.rotate("hub 2")
    stocked.give(hub.key_box())
    assert stocked.standing.epoch == 1
    stocked.deliver([hub.to_unit(*roots(hub), epoch=1)])
    assert stocked.standing.epoch == 2
    assert stocked.in_step()


def _registration(hub: ScriptedHub) -> bytes:
    number = hub.ledger.seq
    return Registration(
        key(f"unit {number}").hex()[:16], "0a" * 8, "a thief's", key("s"), key("b"), "ab" * 8
    ).encode()
