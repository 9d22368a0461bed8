"""Sessions last a shift, end with the PIN, and are bounded."""

from edge.staff.sessions import MOST_SESSIONS, SHIFT_S, Sessions


def test_a_session_lasts_a_shift_and_no_longer() -> None:
    sessions = Sessions()
    token = sessions.open("hash", 100.0)
    assert sessions.find(token, "hash", 100.0 + SHIFT_S - 1)
    assert sessions.find(token, "hash", 100.0 + SHIFT_S) is None


def test_a_changed_or_removed_pin_ends_every_session() -> None:
    sessions = Sessions()
    token = sessions.open("hash", 0.0)
    assert sessions.find(token, "another", 1.0) is None
    assert sessions.find(token, None, 1.0) is None


def test_signing_out_ends_a_session() -> None:
    sessions = Sessions()
    token = sessions.open("hash", 0.0)
    sessions.close(token)
    sessions.close("never was one")
    assert sessions.find(token, "hash", 1.0) is None


def test_the_token_itself_is_not_kept() -> None:
    sessions = Sessions()
    token = sessions.open("hash", 0.0)
    assert token not in repr(vars(sessions))


def test_too_many_sessions_end_the_oldest() -> None:
    sessions = Sessions()
    tokens = [sessions.open("hash", 0.0) for _ in range(MOST_SESSIONS + 1)]
    assert sessions.find(tokens[0], "hash", 1.0) is None
    assert sessions.find(tokens[-1], "hash", 1.0)
