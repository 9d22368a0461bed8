"""Rare ways, each taken once."""

from dataclasses import replace

import pytest

from simulator.pair import Pair
from simulator.scripted_hub import LIST_ID, VENUES, ScriptedHub, key
from sync.errors import Code
from sync.message import Arrival
from sync.statement.membership import Registration
from sync.statement.record import Op
from sync.unit.heads import check_told


def registration(number: int) -> bytes:
    name = key(f"unit {number}").hex()[:16]
    return Registration(name, VENUES[0], "a unit", key("s"), key("b"), "ab" * 8).encode()


@pytest.mark.parametrize(
    "blob", [("burst", b"", []), ("range",), ("snapshot", "x", 1), ("manifest", 1, 2), (1, 2)]
)
def test_a_transfer_of_an_unknown_kind_is_malformed(pair: Pair, blob: tuple[object, ...]) -> None:
    pair.give(*pair.hub.transfer(*blob))
    assert pair.codes == {Code.MALFORMED: 1}


@pytest.mark.parametrize("items", [b"x", [1], [[b"x"]], [[b"x", "text"]]])
def test_records_that_are_none_are_malformed(pair: Pair, items: object) -> None:
    pair.give(*pair.hub.transfer("range", pair.hub.head().encode(), items))
    assert pair.codes == {Code.MALFORMED: 1}


def test_an_overtaken_head_of_another_list_brings_no_records(pair: Pair) -> None:
    old = pair.hub.head(list_id="cd" * 16)
    pair.hub.now_ms += 1_000
    pair.deliver([pair.hub.to_all("head", pair.hub.head().encode())])
    pair.give(*pair.hub.transfer("range", old.encode(), []))
    assert pair.codes == {Code.WRONG_LIST: 1}


def test_contents_of_the_epoch_before_are_still_opened(pair: Pair) -> None:
    hub = pair.hub
    hub.put(hub.person(1))
    items = [hub.item(one) for one in hub.log]
    hub.now_ms += 1_000
    head = hub.head()
    hub.epoch = 2
    box = hub.key_box()
    hub.epoch = 1
    pair.give(box)
    hub.epoch = 2
    pair.give(*hub.transfer("range", head.encode(), items))
    assert pair.standing.seq == 1
    assert len(pair.shelf.matched()) == 1


def test_a_newer_box_of_an_older_epoch_is_refused(pair: Pair) -> None:
    hub = pair.hub
    hub.now_ms += 1_000
    hub.rekey()
    pair.deliver([hub.key_box()])
    hub.now_ms += 1_000
    hub.epoch = 1
    pair.give(hub.key_box())
    assert pair.codes == {Code.STALE_EPOCH: 1}


def test_a_run_that_overlaps_with_another_chain_is_a_fork(pair: Pair) -> None:
    hub = pair.hub
    hub.put(hub.person(1))
    pair.publish(0)
    other = ScriptedHub()
    other.put(other.person(2), other.person(3))
    head = other.head(issued_ms=hub.now_ms + 1)
    pair.give(*hub.transfer("range", head.encode(), [other.item(one) for one in other.log]))
    assert pair.codes == {Code.FORK: 1}


def test_lifts_of_rings_that_this_unit_cannot_open_pass_it_by(pair: Pair) -> None:
    hub = pair.hub
    elsewhere = VENUES[1]
    (name,) = hub.put(hub.person(1, scope=elsewhere, venue_id=elsewhere))
    pair.publish(0)
    assert pair.shelf.rows() == {}
    record = hub.lift(name)
    pair.give(hub.urgent(record))
    assert pair.shelf.trusted().ahead == {}
    pair.publish(1)
    assert pair.in_step()
    assert pair.codes == {}


def test_a_lift_that_overtakes_a_snapshot_keeps_its_entry_out(pair: Pair) -> None:
    hub = pair.hub
    names = hub.put(*map(hub.person, range(30)))
    made = hub.snapshot()[1]
    pair.give(hub.to_unit("head", hub.head().encode()), *hub.announce())
    pages = hub.pages(range(len(made)))
    hub.now_ms += 1_000
    lift = hub.urgent(hub.lift(names[3]))
    pair.give(lift)
    pair.give(*pages)
    assert pair.standing.seq == 30
    assert names[3] not in pair.shelf.rows()
    pair.publish(30)
    assert pair.in_step()


def test_recovery_by_a_snapshot_erases_what_only_the_thief_put_there(pair: Pair) -> None:
    """An honest proposal that a thief of the hub's key recorded is not on the true list."""
    hub = pair.hub
    hub.put(*map(hub.person, range(3)))
    honest = (list(hub.log), hub.ledger)
    (stray,) = hub.put(hub.person(50))
    for number in range(3):
        hub.append(Op.REGISTER, registration(number))
    pair.publish(0)
    assert stray in pair.shelf.matched()
    hub.log, hub.ledger = honest
    hub.now_ms += 1_000
    hub.rotate("hub 2", floor_seq=3, floor_hash=hub.log[2].record.hash)
    hub.put(hub.person(60))
    pair.connect()
    assert pair.in_step()
    assert stray not in pair.shelf.rows()


def test_a_unit_on_another_chain_below_the_head_greets_and_gets_a_snapshot(pair: Pair) -> None:
    hub = pair.hub
    hub.put(*map(hub.person, range(3)))
    pair.publish(0)
    thief = replace(hub, log=list(hub.log))
    thief.append(Op.REGISTER, registration(1))
    pair.give(*thief.burst(thief.log[3:]))
    hub.now_ms += 1_000
    hub.rotate("hub 2", floor_seq=3, floor_hash=hub.log[2].record.hash)
    hub.put(*map(hub.person, range(10, 14)))
    pair.deliver([hub.to_all("roots", [one.encode() for one in hub.roots])])
    pair.deliver([hub.to_all("head", hub.head().encode())])
    pair.wait(30_000)
    assert pair.in_step()


def test_without_a_head_nothing_contradicts_records(pair: Pair) -> None:
    check_told(replace(pair.shelf.trusted(), head=None), ())


def test_a_page_twice_before_its_turn_is_kept_once(pair: Pair) -> None:
    hub = pair.hub
    hub.page_bytes = 1_000
    hub.put(*map(hub.person, range(6)))
    pair.give(hub.to_unit("head", hub.head().encode()), *hub.announce())
    later = hub.pages([2])
    pair.give(*later, *hub.pages([2]))
    assert pair.standing.pages[0] == 0
    pair.give(*hub.pages(range(len(hub.snapshot()[1]))))
    assert pair.in_step()


def test_sealed_content_moved_to_another_record_does_not_open(pair: Pair) -> None:
    hub = pair.hub
    hub.put(hub.person(1), hub.person(2))
    first, second = (hub.item(one) for one in hub.log)
    items = [[first[0], second[1]], [second[0], first[1]]]
    pair.give(*hub.transfer("range", hub.head().encode(), items))
    assert pair.codes == {Code.BAD_CIPHERTEXT: 1}


def test_an_unknown_topic_opens_nothing(pair: Pair) -> None:
    arrival = pair.hub.to_unit("head", pair.hub.head().encode())
    pair.give(Arrival("somewhere/else", arrival.payload))
    assert pair.codes == {Code.UNKNOWN_KEY: 1}


def test_the_unit_never_says_anything_outside_of_a_frame(pair: Pair) -> None:
    hub = pair.hub
    hub.put(*map(hub.person, range(3)))
    pair.publish(0)
    pair.wait(60_000)
    assert {len(out.payload) for out in pair.sent} <= {2_048, 61_440}
    names = [LIST_ID.encode(), hub.log[0].record.entry_id.encode(), b"log book"]
    assert not any(name in out.payload for out in pair.sent for name in names)
