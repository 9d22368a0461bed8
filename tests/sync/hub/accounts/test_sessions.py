"""Sessions: random, named by a digest, over in time, few of one person."""

import pytest

from sync.hub.accounts.person import Person, Role
from sync.hub.accounts.sessions import HALF_S, IDLE_S, LONGEST_S, MOST_HALVES, MOST_OF_ONE, Sessions


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sessions(clock: Clock) -> Sessions:
    return Sessions(clock)


def person(number: int = 1) -> Person:
    return Person(f"{number:016x}", f"user{number}", "Someone", Role.AUDITOR)


def test_a_token_is_random_and_not_kept(sessions: Sessions) -> None:
    tokens = {sessions.open(person(number), 1) for number in range(20)}
    assert len(tokens) == 20
    assert all(len(token) == 43 for token in tokens)
    assert not any(token in repr(sessions._sessions) for token in tokens)


def test_half_an_hour_without_a_request_ends_a_session(sessions: Sessions, clock: Clock) -> None:
    token = sessions.open(person(), 1)
    for _ in range(3):
        clock.now += IDLE_S - 1
        assert sessions.find(token)
    clock.now += IDLE_S
    assert sessions.find(token) is None


def test_twelve_hours_end_a_session_in_any_case(sessions: Sessions, clock: Clock) -> None:
    token = sessions.open(person(), 1)
    while clock.now + 600 < LONGEST_S:
        clock.now += 600
        assert sessions.find(token)
    clock.now += 600
    assert sessions.find(token) is None


def test_one_sign_in_cancels_nothing_until_there_are_many(sessions: Sessions) -> None:
    other = sessions.open(person(2), 1)
    tokens = [sessions.open(person(), 1) for _ in range(MOST_OF_ONE + 2)]
    assert [bool(sessions.find(token)) for token in tokens] == [False] * 2 + [True] * MOST_OF_ONE
    assert sessions.find(other)
    assert len(sessions.of(person().account_id)) == MOST_OF_ONE


def test_ending_an_account_ends_all_it_began_and_nothing_else(sessions: Sessions) -> None:
    mine, half, other = (
        sessions.open(person(), 1), sessions.begin(person(), 1), sessions.open(person(2), 1)
    )  # fmt: skip
    sessions.end(person().account_id)
    assert (sessions.find(mine), sessions.half(half)) == (None, None)
    assert sessions.find(other)


def test_a_half_sign_in_is_no_session_and_runs_out(sessions: Sessions, clock: Clock) -> None:
    token = sessions.begin(person(), 1)
    assert sessions.find(token) is None
    assert sessions.half(token)
    assert sessions.half(sessions.open(person(), 1)) is None
    clock.now += HALF_S
    assert sessions.half(token) is None


def test_memory_is_bounded_and_what_is_over_is_forgotten(sessions: Sessions, clock: Clock) -> None:
    for number in range(MOST_HALVES + 10):
        sessions.begin(person(number), 1)
    assert len(sessions._halves) == MOST_HALVES
    sessions.open(person(), 1)
    clock.now += LONGEST_S
    sessions.sweep()
    assert (sessions._sessions, sessions._halves) == ({}, {})


def test_closing_ends_one_session(sessions: Sessions) -> None:
    first, second = sessions.open(person(), 1), sessions.open(person(), 1)
    sessions.close(first)
    sessions.close("unknown \udcff")
    assert sessions.find(first) is None
    assert sessions.find(second)


def test_a_page_that_asks_by_itself_keeps_nobody_signed_in(
    sessions: Sessions, clock: Clock
) -> None:
    token = sessions.open(person(), 1)
    while clock.now + 60 < IDLE_S:
        clock.now += 60
        assert sessions.find(token, active=False)
    clock.now += 60
    assert sessions.find(token, active=False) is None
