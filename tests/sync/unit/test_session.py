"""The conversation of a unit with its hub, when nobody means harm."""

from simulator.pair import Pair


def test_a_unit_that_joined_holds_the_list_after_one_exchange() -> None:
    pair = Pair()
    pair.hub.put(*map(pair.hub.person, range(10)))
    pair.connect()
    assert pair.in_step()
    assert len(pair.shelf.matched()) == 10
    assert pair.codes == {}


def test_a_burst_is_live_at_once_and_acknowledged(pair: Pair) -> None:
    told = pair.told
    names = pair.hub.put(pair.hub.person(1))
    pair.publish(0)
    assert pair.shelf.matched() == set(names)
    assert pair.told == told + 1
    assert pair.hub.reports[-1].live_root == pair.hub.ledger.live.root
    assert pair.hub.reports[-1].held == 1
