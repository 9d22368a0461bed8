"""Who is signed in, and for how long."""

import hashlib
import secrets
from dataclasses import dataclass

SHIFT_S = 12 * 3600.0
"""Seconds a session lasts."""

MOST_SESSIONS = 32
"""Sessions at once; a further one ends the oldest."""


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in.

    Attributes:
        key: SHA-256 of the cookie's token; the token itself is not kept.
        pin_hash: The PIN's hash at sign-in: a changed PIN ends the session.
        until: When it ends (seconds, monotonic).
    """

    key: str
    pin_hash: str
    until: float


class Sessions:
    """The sessions of one page process; they live in memory only and end with it."""

    def __init__(self) -> None:
        """Start with nobody signed in."""
        self._sessions: dict[str, Session] = {}

    def open(self, pin_hash: str, now: float) -> str:
        """Begin a session at ``now`` (seconds, monotonic) and give the cookie's token."""
        token = secrets.token_urlsafe(32)
        session = Session(_key(token), pin_hash, now + SHIFT_S)
        self._sessions[session.key] = session
        while len(self._sessions) > MOST_SESSIONS:
            del self._sessions[next(iter(self._sessions))]
        return token

    def find(self, token: str, pin_hash: str | None, now: float) -> Session | None:
        """Give the session of a token, if it still stands under the PIN in force."""
        session = self._sessions.get(_key(token))
        if session is None or session.pin_hash != pin_hash or now >= session.until:
            return None
        return session

    def close(self, token: str) -> None:
        """End a session; an unknown one is none to end."""
        self._sessions.pop(_key(token), None)


def _key(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
