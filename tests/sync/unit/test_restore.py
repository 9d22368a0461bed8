"""A hub that forgot its newest records is given them back by a unit."""

from simulator.pair import Pair
from simulator.scripted_hub import LIST_ID, UNIT
from sync import canonical, frames
from sync.message import Out
from sync.transfer import Assembly


def given_back(pair: Pair, outs: list[Out]) -> list[list[object]]:
    keys = frames.named_keys([pair.hub.ring().channel])
    assembly = Assembly()
    for out in outs:
        message = frames.open_frame(keys, "from", LIST_ID, UNIT, out.payload)
        blob = assembly.add(message, 0) if message[0] == "page" else None
        if blob is not None:
            match canonical.decode(blob, len(blob)):
                case ["range", list(items)]:
                    return items
    return []


def test_records_are_given_back_as_they_were_signed(pair: Pair) -> None:
    hub = pair.hub
    hub.put(*map(hub.person, range(6)))
    pair.publish(0)
    items = given_back(pair, pair.give(hub.to_unit("want", 4)))
    wires = [one.record.signed(hub.signing).encode() for one in hub.log[3:]]
    assert items == [[wire, one.content] for wire, one in zip(wires, hub.log[3:], strict=True)]


def test_of_erased_entries_nothing_but_the_removal_is_left_to_give(pair: Pair) -> None:
    hub = pair.hub
    (name,) = hub.put(hub.person(1))
    pair.publish(0)
    hub.lift(name)
    pair.publish(1)
    items = given_back(pair, pair.give(hub.to_unit("want", 1)))
    assert items[0][1] is None
    assert items[1][1] == hub.log[1].content


def test_more_than_fits_is_left_for_the_next_question(pair: Pair) -> None:
    hub = pair.hub
    hub.put(*(hub.person(n, photo=45_000) for n in range(30)))
    for start in range(0, 30, 10):
        pair.deliver(hub.burst(hub.log[start : start + 10]))
    items = given_back(pair, pair.give(hub.to_unit("want", 1)))
    assert 15 < len(items) < 25


def test_nothing_is_given_where_nothing_is_kept(pair: Pair) -> None:
    assert pair.give(pair.hub.to_unit("want", 1)) == []
