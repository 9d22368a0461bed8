"""Units are heard under their own keys only, within bounds, and no message is too strange."""

import random
import time

import pytest

from simulator.office import Door, Office
from sync import canonical, frames
from sync.errors import Code
from sync.hub import epochs
from sync.hub.exchange import ANSWER_COST, MOST_ASKED, Exchange
from sync.message import Arrival, Out

GARBAGE = 2_000


@pytest.fixture
def door(office: Office) -> Door:
    return office.door()


@pytest.fixture
def exchange(office: Office, door: Door) -> Exchange:
    made = Exchange(office.service, random.Random(1))
    made.connected(office.now_ms)
    return made


def said(office: Office, door: Door, message: tuple[object, ...], epoch: int = 0) -> Arrival:
    told, desk = door.registration, office.service.desk
    key = epochs.channel_key(desk, epoch or desk.book.ledger.epoch, told)
    payload = frames.seal_frame(key, "from", office.service.list_id, told.unit_id, message)
    return Arrival(f"m/{told.mailbox}/out", payload)


def heard(office: Office, door: Door, outs: list[Out], epoch: int = 0) -> list[list[object]]:
    """Open what was said to a unit."""
    told, desk = door.registration, office.service.desk
    key = epochs.channel_key(desk, epoch or desk.book.ledger.epoch, told)
    keys = frames.named_keys([key])
    return [
        frames.open_frame(keys, "to", office.service.list_id, told.unit_id, out.payload)
        for out in outs
        if out.topic == f"m/{told.mailbox}/in"
    ]


def test_a_ping_is_answered_with_its_own_nonce(
    office: Office, door: Door, exchange: Exchange
) -> None:
    outs = exchange.receive(said(office, door, ("ping", b"nonce")), office.now_ms)
    ((tag, nonce, *_),) = heard(office, door, outs)
    assert (tag, nonce) == ("pong", b"nonce")


def test_another_unit_s_key_opens_nothing(office: Office, door: Door, exchange: Exchange) -> None:
    other = office.door()
    stolen = said(office, other, ("ping", b"x"))
    outs = exchange.receive(Arrival(f"m/{door.registration.mailbox}/out", stolen.payload), 0)
    assert outs == []
    assert exchange.refusals == {Code.UNKNOWN_KEY: 1}


def test_nobody_speaks_from_an_unknown_mailbox(
    office: Office, door: Door, exchange: Exchange
) -> None:
    payload = said(office, door, ("ping", b"x")).payload
    for topic in ("m/0000000000000000/out", "m/x/y/out", "", "l/0000000000000000", "m//out"):
        assert exchange.receive(Arrival(topic, payload), office.now_ms) == []
    assert exchange.refusals == {"unknown-sender": 5}


def test_under_an_old_key_only_a_greeting_is_heard(
    office: Office, door: Door, exchange: Exchange
) -> None:
    gone = office.door()
    office.service.revoke(gone.registration.unit_id, "test", office.now_ms)
    ledger = office.service.desk.book.ledger
    for message in (("ping", b"x"), ("range", 1), ("report", door.report(office.service))):
        assert exchange.receive(said(office, door, message, epoch=1), office.now_ms) == []
    assert exchange.refusals == {Code.STALE_EPOCH: 3}
    hello = ("hello", ledger.seq, ledger.hash, 1, 1, b"nonce")
    outs = exchange.receive(said(office, door, hello, epoch=1), office.now_ms)
    assert outs[0].topic == f"m/{door.registration.mailbox}/key"
    assert [one[0] for one in heard(office, door, outs, epoch=1)] == ["head", "pong"]


def test_a_revoked_unit_gets_the_roots_by_which_it_can_check_its_kill_order(
    office: Office, door: Door, exchange: Exchange
) -> None:
    office.service.revoke(door.registration.unit_id, "test", office.now_ms)
    hello = ("hello", 0, bytes(32), 1, 0, b"n")
    outs = exchange.receive(said(office, door, hello, epoch=1), office.now_ms)
    assert [one[0] for one in heard(office, door, outs, epoch=1)] == ["roots"]


def test_a_revoked_unit_may_only_report(office: Office, door: Door, exchange: Exchange) -> None:
    unit_id = door.registration.unit_id
    office.service.revoke(unit_id, "test", office.now_ms)
    ledger = office.service.desk.book.ledger
    for message in (("hello", 0, ledger.hash, 1, 1, b"n"), ("range", 1), ("ping", b"x")):
        assert exchange.receive(said(office, door, message, epoch=1), office.now_ms) == []
    assert exchange.refusals == {Code.REVOKED: 2}
    last = ("report", door.report(office.service, destroyed=True))
    outs = exchange.receive(said(office, door, last, epoch=1), office.now_ms)
    assert heard(office, door, outs, epoch=1) == [["heard", door.counter]]
    assert office.service.unit(unit_id, office.now_ms).destroyed_ms


def test_a_report_counts_once_and_only_forwards(
    office: Office, door: Door, exchange: Exchange
) -> None:
    unit_id = door.registration.unit_id
    old = said(office, door, ("report", door.report(office.service, held=1)))
    new = said(office, door, ("report", door.report(office.service, held=2)))
    for arrival in (new, old, new):
        exchange.receive(arrival, office.now_ms)
    assert office.service.unit(unit_id, office.now_ms).held == 2


def test_a_receipt_that_comes_late_and_twice_is_kept_once(
    office: Office, door: Door, exchange: Exchange
) -> None:
    late = said(office, door, ("report", door.report(office.service, erased=("a" * 16,))))
    exchange.receive(said(office, door, ("report", door.report(office.service))), office.now_ms)
    for _ in range(2):
        outs = exchange.receive(late, office.now_ms)
        assert heard(office, door, outs) == [["heard", 1]]
    assert len(office.service.receipts("a" * 16)) == 1


def test_a_report_signed_by_another_unit_is_refused(
    office: Office, door: Door, exchange: Exchange
) -> None:
    other = office.door()
    forged = ("report", other.report(office.service))
    assert exchange.receive(said(office, door, forged), office.now_ms) == []
    assert exchange.refusals == {Code.BAD_SIGNATURE: 1}


def test_a_unit_that_asks_without_end_is_not_answered_for_ever(
    office: Office, door: Door, exchange: Exchange
) -> None:
    other = office.door()
    arrival = said(office, door, ("ping", b"x"))
    answers = [exchange.receive(arrival, office.now_ms) for _ in range(3 * int(MOST_ASKED))]
    assert sum(bool(one) for one in answers) == MOST_ASKED / (1 + ANSWER_COST)
    assert exchange.receive(said(office, other, ("ping", b"x")), office.now_ms)
    assert exchange.receive(arrival, office.now_ms + 1_000)


def test_several_arrivals_are_one_transaction(
    office: Office, door: Door, exchange: Exchange
) -> None:
    good = said(office, door, ("report", door.report(office.service)))
    bad = said(office, door, ("report", b"garbage"))
    assert len(exchange.receive_all([bad, good, bad], office.now_ms)) == 1
    assert office.service.unit(door.registration.unit_id, office.now_ms).heard_ms


SHAPES: list[tuple[object, ...]] = [
    ("hello",),
    ("hello", 0, b"", 0, 0, bytes(33)),
    ("hello", 2**63, b"", 2**63, 2**63, b""),
    ("range",),
    ("range", 0),
    ("range", 2**64 - 1),
    ("snapshot", "", [0] * 65),
    ("snapshot", "x", ["y"]),
    ("snapshot", "0" * 16, [2**63]),
    ("report",),
    ("report", ""),
    ("submit", "0" * 16, 0, 1, b"no proposal"),
    ("submit", "0" * 16, 0, 10**9, b""),
    ("page", "0" * 16, 0, 1, b""),
    ("ping",),
    ("ping", "text"),
    ("pong", b"x"),
    ("", None),
    ("unheard-of", [[[[[]]]]]),
]


@pytest.mark.parametrize("message", SHAPES, ids=repr)
def test_a_message_of_the_wrong_shape_changes_nothing(
    office: Office, door: Door, exchange: Exchange, message: tuple[object, ...]
) -> None:
    before = office.service.desk.store.state
    exchange.receive(said(office, door, message), office.now_ms)
    assert office.service.desk.store.state == before


def test_garbage_is_refused_by_a_code_and_quickly(
    office: Office, door: Door, exchange: Exchange
) -> None:
    chance, slowest_s = random.Random(2), 0.0
    topic, before = f"m/{door.registration.mailbox}/out", office.service.desk.store.state
    for number in range(GARBAGE):
        began = time.thread_time()
        exchange.receive(Arrival(topic, garbage(office, door, chance)), number * 100)
        slowest_s = max(slowest_s, time.thread_time() - began)
    assert sum(exchange.refusals.values()) > GARBAGE // 2
    assert office.service.desk.store.state == before
    assert slowest_s < 0.3


def garbage(office: Office, door: Door, chance: random.Random) -> bytes:
    """Make bytes of some wrong kind: noise, flipped bits, or a good frame with a bad message."""
    kind = chance.randrange(4)
    if kind == 0:
        return chance.randbytes(chance.choice([0, 1, 8, 100, frames.SMALL, frames.LARGE, 70_000]))
    good = bytearray(said(office, door, ("ping", b"x")).payload)
    if kind == 1:
        good[chance.randrange(len(good))] ^= 1 << chance.randrange(8)
        return bytes(good)
    if kind == 2:
        return bytes(good[: chance.randrange(len(good))])
    tag = chance.choice(["hello", "range", "snapshot", "report", "submit", "page", "ping"])
    parts = [chance.choice([0, 2**64 - 1, b"", b"x" * 100, "", "0" * 16, [], [[1]], None, True])
             for _ in range(chance.randrange(7))]  # fmt: skip
    assert canonical.encode([tag, *parts])
    return said(office, door, (tag, *parts)).payload
