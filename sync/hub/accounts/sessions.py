"""Who is signed in: sessions live in memory, end with the process, and are named by a digest.

ASVS 3.2 and 3.3: 256 random bits, a new one at every step up; 30 minutes without a request end a
session, and 12 hours in any case.
"""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256
from threading import Lock

from sync.hub.accounts.person import Person

IDLE_S = 30 * 60.0
LONGEST_S = 12 * 3600.0
HALF_S = 5 * 60.0
"""Seconds for the second factor after the password."""

MOST_OF_ONE = 8
"""Sessions of one account at once; a further one ends the oldest."""

MOST_HALVES = 256
"""Sign-ins at once that wait for their second factor."""


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in.

    Attributes:
        person: Who, with the venue's key.
        turns: Of the account, when this began.
        opened_s: When it began, by the monotonic clock.
        seen_s: When it was last asked for.
    """

    person: Person
    turns: int
    opened_s: float
    seen_s: float


@dataclass(frozen=True, slots=True)
class Half:
    """Somebody who gave the password, and not yet the second factor.

    Attributes:
        person: Who, with the venue's key.
        turns: Of the account, when this began.
        until_s: When it is too late for the second factor, by the monotonic clock.
    """

    person: Person
    turns: int
    until_s: float


class Sessions:
    """All sessions of one process; any thread may ask."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Start with nobody; ``clock`` gives seconds that never go back."""
        self._clock = clock
        self._sessions: dict[str, Session] = {}
        self._halves: dict[str, Half] = {}
        self._lock = Lock()

    def begin(self, person: Person, turns: int) -> str:
        """Keep somebody who gave the password; gives the token for the second step."""
        token, now = secrets.token_urlsafe(32), self._clock()
        with self._lock:
            self._halves = {name: one for name, one in self._halves.items() if now < one.until_s}
            while len(self._halves) >= MOST_HALVES:
                del self._halves[next(iter(self._halves))]
            self._halves[_digest(token)] = Half(person, turns, now + HALF_S)
        return token

    def half(self, token: str) -> Half | None:
        """Find who is at the second step; None where it took too long."""
        with self._lock:
            half = self._halves.get(_digest(token))
        return half if half is not None and self._clock() < half.until_s else None

    def drop_half(self, token: str) -> None:
        """Forget who is at the second step."""
        with self._lock:
            self._halves.pop(_digest(token), None)

    def open(self, person: Person, turns: int) -> str:
        """Begin a session and give its token, which is not kept here."""
        token, now = secrets.token_urlsafe(32), self._clock()
        with self._lock:
            for name in self._of(person.account_id)[: -MOST_OF_ONE + 1 or None]:
                del self._sessions[name]
            self._sessions[_digest(token)] = Session(person, turns, now, now)
        return token

    def find(self, token: str, *, active: bool = True) -> Session | None:
        """Find a session that stands.

        Args:
            token: Its token.
            active: Whether somebody did something, which begins the idle time anew; a page that
                asks by itself every second must not keep a session open all night.
        """
        name, now = _digest(token), self._clock()
        with self._lock:
            session = self._sessions.get(name)
            if session is None or not _stands(session, now):
                self._sessions.pop(name, None)
                return None
            if active:
                self._sessions[name] = session = replace(session, seen_s=now)
        return session

    def close(self, token: str) -> None:
        """End a session; an unknown one is none to end."""
        with self._lock:
            self._sessions.pop(_digest(token), None)

    def end(self, account_id: str) -> None:
        """End everything that an account has begun."""
        with self._lock:
            for name in self._of(account_id):
                del self._sessions[name]
            for name in [
                n for n, one in self._halves.items() if one.person.account_id == account_id
            ]:
                del self._halves[name]

    def of(self, account_id: str) -> list[Session]:
        """Give the sessions of an account that stand, oldest first."""
        now = self._clock()
        with self._lock:
            found = [self._sessions[name] for name in self._of(account_id)]
        return [one for one in found if _stands(one, now)]

    def sweep(self) -> None:
        """Forget the sessions that are over, and the keys with them."""
        now = self._clock()
        with self._lock:
            over = [name for name, one in self._sessions.items() if not _stands(one, now)]
            for name in over:
                del self._sessions[name]
            self._halves = {name: one for name, one in self._halves.items() if now < one.until_s}

    def _of(self, account_id: str) -> list[str]:
        return [name for name, one in self._sessions.items() if one.person.account_id == account_id]


def _stands(session: Session, now: float) -> bool:
    return now < session.seen_s + IDLE_S and now < session.opened_s + LONGEST_S


def _digest(token: str) -> str:
    return sha256(token.encode("utf-8", "replace")).hexdigest()
