"""The conversation of a unit with its hub, when nobody means harm but the network."""

import random

import pytest

from simulator.pair import Pair
from simulator.scripted_hub import MAILBOX, ScriptedHub
from sync.errors import Code
from sync.message import Arrival
from sync.statement.policy import Policy


def test_a_unit_that_joined_holds_the_list_after_one_exchange() -> None:
    pair = Pair()
    pair.hub.put(*map(pair.hub.person, range(10)))
    pair.connect()
    assert pair.in_step()
    assert len(pair.shelf.matched()) == 10
    assert pair.codes == {}


def test_a_burst_is_live_at_once_and_acknowledged_after_the_engine_was_told(pair: Pair) -> None:
    told = pair.told
    names = pair.hub.put(pair.hub.person(1))
    pair.publish(0)
    assert pair.shelf.matched() == set(names)
    assert pair.told == told + 1
    assert pair.hub.reports[-1].live_root == pair.hub.ledger.live.root
    assert pair.hub.reports[-1].held == 1


def test_a_burst_without_records_is_answered_like_one_with_records_but_once(pair: Pair) -> None:
    lease_ms = pair.standing.lease_ms
    pair.hub.now_ms += 1000
    reports = len(pair.hub.reports)
    cover = pair.hub.burst([])
    pair.deliver(cover)
    pair.deliver(cover)
    assert pair.standing.lease_ms == lease_ms + 1000
    assert len(pair.hub.reports) == reports + 1


def test_the_same_messages_twice_and_in_any_order_end_in_the_same_list(pair: Pair) -> None:
    chance = random.Random(5)
    for number in range(20):
        pair.hub.put(pair.hub.person(number, photo=3000))
        arrivals = pair.hub.burst(pair.hub.log[-1:]) * 2
        chance.shuffle(arrivals)
        pair.deliver(arrivals)
    assert pair.in_step()
    assert len(pair.shelf.matched()) == 20


def test_what_was_lost_is_pulled_once_its_head_is_known(pair: Pair) -> None:
    pair.hub.put(*map(pair.hub.person, range(3)))
    pair.deliver([pair.hub.to_all("head", pair.hub.head().encode())])
    assert pair.standing.seq == 0
    assert pair.standing.head_seq == 3
    pair.wait(1000)
    assert pair.in_step()


def test_a_burst_that_arrives_in_time_is_not_asked_for(pair: Pair) -> None:
    pair.hub.put(pair.hub.person(1))
    pair.deliver([pair.hub.to_all("head", pair.hub.head().encode())])
    pair.hub.now_ms += 200
    pair.publish(0)
    pair.wait(1000)
    assert not any(one[0] == "range" for one in pair.hub.asked)


def test_a_gap_is_asked_for_from_where_it_begins(pair: Pair) -> None:
    pair.hub.put(*map(pair.hub.person, range(4)))
    pair.publish(2)
    assert pair.standing.seq == 0
    pair.wait(1000)
    assert ["range", 1] in pair.hub.asked
    assert pair.in_step()


def test_long_ranges_come_in_several_transfers() -> None:
    pair = Pair()
    pair.hub.most_range = 7
    pair.hub.put(*map(pair.hub.person, range(30)))
    pair.connect()
    assert pair.in_step()


def test_each_connection_begins_with_a_greeting_that_says_what_is_here(pair: Pair) -> None:
    pair.hub.put(pair.hub.person(1))
    pair.publish(0)
    pair.connect()
    hello = [one for one in pair.hub.asked if one[0] == "hello"][-1]
    assert hello[1:5] == [1, pair.hub.ledger.hash, 1, 1]


def test_a_unit_without_connection_says_nothing_and_still_takes_what_comes(pair: Pair) -> None:
    pair.session.disconnected()
    assert pair.session.tick(pair.now) == []
    pair.hub.put(pair.hub.person(1))
    assert pair.give(*pair.hub.burst(pair.hub.log)) == []
    assert pair.in_step()


def test_reports_come_at_the_rhythm_of_the_policy_with_rising_numbers(pair: Pair) -> None:
    pair.hub.set_policy(Policy(report_every_ms=5_000))
    pair.publish(0)
    before = len(pair.hub.reports)
    pair.wait(20_000)
    assert len(pair.hub.reports) - before == 4
    counters = [one.counter for one in pair.hub.reports]
    assert counters == sorted(set(counters))


def test_report_numbers_go_on_after_a_restart(pair: Pair) -> None:
    pair.wait(60_000)
    last = pair.hub.reports[-1].counter
    pair.restarted()
    pair.connect()
    pair.wait(1_000)
    assert pair.hub.reports[-1].counter > last


def test_silence_is_asked_about_and_then_told(pair: Pair) -> None:
    pair.wait(25_000)
    assert pair.standing.live
    assert any(one[0] == "ping" for one in pair.hub.asked)
    pair.hub.mute = True
    pair.wait(90_000)
    assert not pair.standing.live
    assert pair.standing.silent


def test_questions_to_a_silent_hub_grow_rare(pair: Pair) -> None:
    pair.hub.mute = True
    pair.wait(30_000)
    before = len(pair.hub.asked)
    pair.wait(3_600_000, step_ms=1_000)
    hellos = [one for one in pair.hub.asked[before:] if one[0] == "hello"]
    assert len(hellos) <= 20


def test_a_new_connection_heals_the_silence(pair: Pair) -> None:
    pair.hub.mute = True
    pair.wait(90_000)
    pair.hub.mute = False
    pair.connect()
    assert pair.standing.live
    assert not pair.standing.silent


def test_what_is_withheld_is_asked_for_again_and_counted_as_slow(pair: Pair) -> None:
    pair.hub.put(pair.hub.person(1))
    pair.deliver([pair.hub.to_all("head", pair.hub.head().encode())])
    pair.hub.mute = True
    pair.wait(60_000)
    asked = [one for one in pair.hub.asked if one[0] == "range"]
    assert 3 <= len(asked) <= 6
    assert pair.codes[Code.SLOW] == len(asked) - 1


@pytest.mark.parametrize(
    "message",
    [("pong", bytes(16), 1), ("heard", 1), ("taken", []), ("want", 1), ("kill", b"")],
)
def test_what_is_for_one_unit_counts_only_in_its_own_inbox(
    pair: Pair, message: tuple[object, ...]
) -> None:
    outs = pair.give(pair.hub.to_all(*message))
    assert outs == []
    assert pair.codes == {Code.MALFORMED: 1}


@pytest.mark.parametrize(
    "message",
    [
        ("head",),
        ("head", "text"),
        ("pong", 5, 1),
        ("pong", bytes(16)),
        ("pong", bytes(16), 2**63),
        ("heard", -1 % 2**63, 1),
        ("urgent", b"x"),
        ("urgent", [1]),
        ("roots", b"x"),
        ("roots", [5]),
        ("page", "x", 1, 2, b""),
        ("unheard-of", 1, 2),
    ],
)
def test_nonsense_in_a_good_frame_is_malformed_and_harmless(
    pair: Pair, message: tuple[object, ...]
) -> None:
    pair.give(pair.hub.to_unit(*message))
    assert pair.codes == {Code.MALFORMED: 1}


def test_an_answer_that_nobody_asked_for_is_a_replay(pair: Pair) -> None:
    pair.give(pair.hub.to_unit("pong", bytes(16), pair.hub.now_ms))
    assert pair.codes == {Code.REPLAY: 1}


def test_garbage_on_every_topic_is_counted_and_changes_nothing(pair: Pair) -> None:
    chance = random.Random(9)
    before = pair.shelf.trusted()
    topics = pair.session.topics()
    for _ in range(2_000):
        size = chance.choice([0, 1, 20, 2_048, 2_048, 61_440, 61_441])
        pair.give(Arrival(chance.choice(topics), chance.randbytes(size)))
    assert pair.shelf.trusted() == before
    assert sum(pair.codes.values()) == 2_000
    assert set(pair.codes) <= {Code.MALFORMED, Code.TOO_LARGE, Code.UNKNOWN_KEY}


def test_a_unit_without_keys_waits_for_its_key_box() -> None:
    hub = ScriptedHub()
    pair = Pair(hub)
    pair.shelf.commit_trusted(keyrings=(), box_ms=hub.now_ms - 1)
    pair.restarted()
    assert pair.session.topics() == [f"m/{MAILBOX}/in", f"m/{MAILBOX}/key"]
    assert pair.session.connected(pair.now) == []
    hub.put(hub.person(1))
    pair.deliver([hub.key_box()])
    assert f"l/{hub.ring().topic}/head" in pair.session.topics()
    assert pair.in_step()


def test_news_from_a_hub_that_was_silent_makes_the_unit_greet_at_once(pair: Pair) -> None:
    pair.hub.mute = True
    pair.wait(600_000, step_ms=1_000)
    assert not pair.standing.live
    pair.hub.mute = False
    pair.deliver([pair.hub.to_all("head", pair.hub.head().encode())])
    pair.wait(1_000)
    assert pair.standing.live


def test_a_restored_hub_that_wants_to_know_is_told_soon_but_not_without_end(pair: Pair) -> None:
    pair.wait(1_000)
    before = len(pair.hub.reports)
    for _ in range(40):
        pair.give(pair.hub.to_unit("want", 1))
        pair.wait(250)
    assert 4 <= len(pair.hub.reports) - before <= 6
