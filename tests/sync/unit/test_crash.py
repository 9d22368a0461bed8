"""The power may go before or after any write: nothing is lost, doubled or half there."""

import random
from contextlib import suppress

import pytest

from simulator.pair import Pair
from simulator.ram_shelf import PowerCut
from simulator.scripted_hub import ScriptedHub
from sync.liveset import State


def busy(hub: ScriptedHub, chance: random.Random, number: int) -> None:
    """Do one thing at the hub."""
    hub.now_ms += 1_000
    live = [k for k, leaf in hub.ledger.live.items() if leaf.state is State.LIVE]
    contested = [k for k, leaf in hub.ledger.live.items() if leaf.state is State.CONTESTED]
    what = chance.random()
    if what < 0.5 or not live:
        hub.put(hub.person(number))
    elif what < 0.7:
        hub.lift(chance.choice(live))
    elif what < 0.85 or not contested:
        hub.contest(chance.choice(live))
    else:
        hub.reinstate(chance.choice(contested))


@pytest.mark.parametrize("seed", range(15))
def test_kills_at_random_writes_end_in_the_hubs_list(seed: int) -> None:
    chance = random.Random(seed)
    pair = Pair()
    hub = pair.hub
    hub.far = 12
    for number in range(40):
        busy(hub, chance, number)
        pair.shelf.cut_power(chance.randrange(1, 6), written=chance.random() < 0.5)
        with suppress(PowerCut):
            if chance.random() < 0.6:
                pair.publish(len(hub.log) - 1)
            else:
                pair.connect()
            pair.wait(chance.choice([250, 2_000]))
            continue
        pair.restarted()
        if chance.random() < 0.7:
            with suppress(PowerCut):
                pair.connect()
    pair.shelf.cut_power(10**9, written=True)
    pair.restarted()
    pair.connect()
    pair.wait(60_000)
    assert pair.in_step(), seed
    live = {k for k, leaf in hub.ledger.live.items() if leaf.state is State.LIVE}
    assert pair.shelf.matched() == live
    assert pair.shelf.unheard() == []
    counters = [one.counter for one in hub.reports]
    assert len(set(counters)) == len({one.encode() for one in hub.reports})
