import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.backoff import FIRST_S, LONGEST_S, STEADY_S, Backoff
from sync.message import Out
from sync.outgoing import WAITING_BYTES, Outgoing


def test_waits_double_up_to_a_bound_and_are_drawn_evenly() -> None:
    bounds: list[float] = []

    def uniform(low: float, high: float) -> float:
        assert low == 0.0
        bounds.append(high)
        return high / 2

    backoff = Backoff(uniform)
    waits = [backoff.failed() for _ in range(50)]
    assert bounds[:4] == [FIRST_S, 2 * FIRST_S, 4 * FIRST_S, 8 * FIRST_S]
    assert set(bounds[6:]) == {LONGEST_S}
    assert waits[0] == FIRST_S / 2


def test_only_a_connection_that_stood_makes_the_next_wait_short() -> None:
    backoff = Backoff(lambda _, high: high)
    for _ in range(10):
        backoff.failed()
    backoff.stood(STEADY_S / 2)
    assert backoff.failed() == LONGEST_S
    backoff.stood(STEADY_S)
    assert backoff.failed() == FIRST_S


def _out(number: int, qos: int = 1, size: int = 1) -> Out:
    return Out("m/1/out", bytes(size), qos, token=str(number) if qos else None)


def test_what_may_be_lost_is_lost_with_the_connection_and_the_rest_waits_in_order() -> None:
    outgoing = Outgoing()
    assert not outgoing.put(_out(0, qos=0))  # there is no connection
    outgoing.opened()
    for number in range(6):
        assert outgoing.put(_out(number))
        assert outgoing.put(_out(number, qos=0))
    for packet in range(1, 6):
        outgoing.flew(packet)
    assert outgoing.flying == 3
    settled = outgoing.settled(1)
    assert settled is not None
    assert settled.token == "0"
    outgoing.interrupted()
    left = []
    while (first := outgoing.first()) is not None:
        left.append(first.token)
        outgoing.flew(100 + len(left))
    assert left == ["1", "2", "3", "4", "5"]


def test_a_full_queue_takes_no_more_until_something_left() -> None:
    outgoing = Outgoing()
    size, count = 60_000, 0
    while outgoing.put(_out(count, size=size)):
        count += 1
    assert (count + 1) * size > WAITING_BYTES >= count * size
    outgoing.flew(1)
    assert not outgoing.put(_out(count, size=size))  # it still might have to be sent again
    outgoing.settled(1)
    assert outgoing.put(_out(count, size=size))


@given(st.lists(st.sampled_from(["put", "put0", "flew", "settle", "cut", "open"]), max_size=60))
def test_a_message_of_qos_1_leaves_only_when_it_is_settled(steps: list[str]) -> None:
    outgoing, packet, put, settled = Outgoing(), 0, [], []
    flying: list[int] = []
    for number, step in enumerate(steps):
        if step == "put" and outgoing.put(_out(number)):
            put.append(str(number))
        elif step == "put0":
            outgoing.put(_out(number, qos=0))
        elif step == "flew" and (first := outgoing.first()) is not None:
            packet += 1
            outgoing.flew(packet)
            flying += [packet] if first.qos else []
        elif step == "settle" and flying:
            out = outgoing.settled(flying.pop(0))
            assert out is not None
            settled.append(out.token)
        elif step == "cut":
            outgoing.interrupted()
            flying.clear()
        elif step == "open":
            outgoing.opened()
    outgoing.interrupted()
    left = []
    while (first := outgoing.first()) is not None:
        packet += 1
        left.append(first.token)
        outgoing.flew(packet)
    assert sorted(settled + left, key=lambda token: int(token or 0)) == put
    assert left == sorted(left, key=lambda token: int(token or 0))


def test_an_unknown_packet_settles_nothing() -> None:
    outgoing = Outgoing()
    assert outgoing.settled(7) is None
    with pytest.raises(IndexError):
        outgoing.flew(1)
