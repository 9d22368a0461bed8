"""Terms that end by themselves, leases, and two months without a hub."""

import time

import pytest

from simulator.pair import Pair
from simulator.scripted_hub import ScriptedHub
from sync.entries import Reason
from sync.statement.policy import DAY_MS


def test_a_row_is_erased_when_its_own_term_is_over_hub_or_no_hub(pair: Pair) -> None:
    hub = pair.hub
    short, long = hub.put(hub.person(1, days=2), hub.person(2, days=20))
    pair.publish(0)
    pair.session.disconnected()
    hub.now_ms += 2 * DAY_MS - 1_000
    pair.session.tick(pair.now)
    assert short in pair.shelf.rows()
    hub.now_ms += 1_000
    pair.session.tick(pair.now)
    assert set(pair.shelf.rows()) == {long}
    leaf = pair.shelf.trusted().ledger.live.get(short)
    assert leaf is not None


def test_the_receipt_of_an_own_expiry_reaches_the_hub_later(pair: Pair) -> None:
    hub = pair.hub
    (name,) = hub.put(hub.person(1, days=2))
    pair.publish(0)
    pair.session.disconnected()
    hub.now_ms += 3 * DAY_MS
    pair.session.tick(pair.now)
    pair.connect()
    pair.wait(1_000)
    assert any(name in one.erased for one in hub.reports)
    assert pair.shelf.unheard() == []


def test_while_the_time_cannot_be_trusted_nothing_is_erased_for_it(pair: Pair) -> None:
    hub = pair.hub
    (name,) = hub.put(hub.person(1, days=2))
    pair.publish(0)
    pair.trusted_time = False
    hub.now_ms += 300 * DAY_MS
    pair.session.tick(pair.now)
    assert name in pair.shelf.rows()


def test_who_is_over_when_he_arrives_is_not_held_at_all(pair: Pair) -> None:
    hub = pair.hub
    (name,) = hub.put(hub.person(1, days=2))
    arrivals = hub.burst(hub.log)
    hub.now_ms += 3 * DAY_MS
    pair.give(*arrivals)
    assert pair.standing.seq == 1
    assert name not in pair.shelf.rows()


def test_an_expired_row_does_not_make_the_list_incomplete(pair: Pair) -> None:
    hub = pair.hub
    hub.put(hub.person(1, days=2), hub.person(2, days=20))
    pair.publish(0)
    hub.now_ms += 3 * DAY_MS
    pair.connect()
    pair.wait(120_000)
    assert pair.standing.lease_ms > hub.now_ms
    assert not any(one[0] == "snapshot" for one in hub.asked)


def test_the_latest_signed_time_is_told_and_never_falls(pair: Pair) -> None:
    hub = pair.hub
    hub.now_ms += 10_000
    pair.deliver([hub.to_all("head", hub.head().encode())])
    assert pair.standing.signed_ms == hub.now_ms
    hub.rotate("hub 2")
    hub.now_ms -= 5_000
    pair.connect()
    assert pair.standing.signed_ms == hub.now_ms + 5_000


def test_only_an_answer_to_the_units_own_question_tells_the_time(pair: Pair) -> None:
    hub, heard_ms = pair.hub, pair.shelf.heard_ms
    assert heard_ms == hub.now_ms
    hub.now_ms += 60_000
    pair.deliver([hub.to_all("head", hub.head().encode())])
    pair.give(hub.to_unit("pong", bytes(16), hub.now_ms))
    assert pair.shelf.heard_ms == heard_ms
    pair.connect()
    assert pair.shelf.heard_ms == hub.now_ms


@pytest.mark.parametrize("far", [10_000, 100], ids=["by ranges", "by a snapshot"])
def test_after_sixty_days_offline_one_exchange_is_enough(far: int) -> None:
    """3 epochs, a new hub key and 500 changes missed; bans ended on their own date meanwhile."""
    pair, hub = absent(far)
    began = time.thread_time()
    pair.connect()
    pair.deliver([hub.key_box()])
    took_s = time.thread_time() - began
    assert pair.in_step()
    live = {k for k, leaf in hub.ledger.live.items() if leaf.state == "live"}
    assert pair.shelf.matched() == live
    assert pair.standing.epoch == 4
    assert pair.standing.lease_ms > hub.now_ms
    assert took_s < 5
    pair.wait(40_000)
    assert pair.shelf.unheard() == []


def absent(far: int) -> tuple[Pair, ScriptedHub]:
    """Let a unit be away for 60 days while much happens."""
    hub = ScriptedHub()
    hub.far = far
    hub.put(*(hub.person(n, days=10 + n, reason=Reason.VIOLENCE) for n in range(60)))
    pair = Pair(hub)
    pair.connect()
    pair.session.disconnected()
    number, changes = 1_000, 0
    for day in range(60):
        hub.now_ms += DAY_MS
        pair.session.tick(pair.now)
        assert {n for n in range(60) if hub.person(n).entry_id in pair.shelf.rows()} == {
            n for n in range(60) if 10 + n > day + 1
        }
        ended = [k for k, leaf in hub.ledger.live.items() if _over(leaf, hub)]
        for name in ended:
            hub.expire(name)
        names = hub.put(*(hub.person(number + n, days=30) for n in range(7)))
        hub.lift(names[0])
        number, changes = number + 7, changes + 8 + len(ended)
        if day in {15, 30, 45}:
            hub.rekey()
        if day == 40:
            hub.rotate("hub 2")
    assert changes >= 500
    return pair, hub


def _over(leaf: object, hub: ScriptedHub) -> bool:
    return getattr(leaf, "state", "") == "live" and getattr(leaf, "not_after_ms", 0) <= hub.now_ms
