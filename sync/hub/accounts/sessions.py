"""Who is signed in: in memory only, under the digest of a random token."""

import secrets
from dataclasses import dataclass
from hashlib import sha256

from sync.hub.accounts.person import Person


@dataclass(frozen=True, slots=True)
class Session:
    """One browser that is signed in, or half way there.

    Attributes:
        person: Who; None while the second factor is missing.
    """

    person: Person | None


class Sessions:
    """All sessions."""

    def __init__(self) -> None:
        """Begin without any."""
        self._sessions: dict[bytes, Session] = {}

    def begin(self, person: Person | None) -> str:
        """Begin a session and give its token."""
        token = secrets.token_urlsafe(32)
        self._sessions[sha256(token.encode()).digest()] = Session(person)
        return token

    def find(self, token: str) -> Session | None:
        """Give the session of a token, if it stands."""
        return self._sessions.get(sha256(token.encode()).digest())

    def end(self, token: str) -> None:
        """End a session."""
        self._sessions.pop(sha256(token.encode()).digest(), None)
