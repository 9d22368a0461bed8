"""Signing in: the password, then the second factor, with growing waits for whoever guesses.

An unknown login costs as much time as a known one and gets the same answer, so nobody learns who
has an account (ASVS 2.2.1). Waits are counted for each login and for all together.
"""

import hmac
import secrets
import time
from collections import deque
from collections.abc import Callable
from hashlib import sha256

import msgspec

from edge.attempts import Attempts
from sync.hub.accounts import directory
from sync.hub.accounts.problem import AccountError, Problem, WaitError
from sync.hub.accounts.rows import AccountRow
from sync.hub.accounts.second_factor import code_digest, step_of
from sync.hub.accounts.sessions import Session, Sessions
from sync.hub.accounts.stretching import SALT_SIZE, Costs, Recipe, Stretched
from sync.hub.desk import Desk

FREE_IN_ALL = 100
"""Tries of all together before everybody waits: fifty may be between password and code at once."""

LONGEST_IN_ALL_S = 60.0
"""Longest wait for everybody after many wrong tries: guessers shut nobody out for a night."""

MOST_REFUSALS = 1_000
"""Refusals remembered, the newest ones."""

_DIGITS = 6


class Entrance:
    """The way in, for one process.

    Attributes:
        sessions: Who is signed in.
    """

    def __init__(
        self, desk: Desk, costs: Costs, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Let people in at ``desk``; ``clock`` gives seconds that never go back."""
        self.sessions = Sessions(clock)
        self._desk, self._costs, self._clock = desk, costs, clock
        self._attempts = Attempts(FREE_IN_ALL, LONGEST_IN_ALL_S)
        self._secret = secrets.token_bytes(32)
        self._refused: deque[float] = deque(maxlen=MOST_REFUSALS)

    def begin(self, login: str) -> Recipe:
        """Tell how the password of a login is stretched, and count the try.

        Raises:
            WaitError: There were too many.
        """
        name = login.strip().casefold()
        self._count(name)
        found = directory.login_row(self._desk, name)
        if found is None or found[1].recipe is None:
            made_up = hmac.digest(self._secret, name.encode("utf-8", "replace"), "sha256")
            return Recipe(made_up[:SALT_SIZE], self._costs)
        return found[1].recipe

    def enter(self, login: str, given: Stretched, now_ms: int) -> str:
        """Check a password; gives the token for the second step.

        Raises:
            AccountError: WRONG; unknown, ended, or not the password: the answer is the same.
        """
        found = directory.login_row(self._desk, login.strip().casefold())
        if (
            found is None
            or not _right(found[1], given)
            or not directory.stands(self._desk, found[1])
        ):
            self._refuse(now_ms, "refuse-sign-in", found[0] if found else "")
            raise AccountError(Problem.WRONG, "this is not a login with its password")
        account_id, row = found
        person = directory.person_of(self._desk, account_id, row, given.opener)
        return self.sessions.begin(person, row.turns)

    def confirm(self, token: str, code: str, now_ms: int) -> str:
        """Check the second factor; gives the session's token.

        Raises:
            AccountError: LATE, the first step is too long ago; CODE, wrong or used.
            WaitError: There were too many tries.
        """
        half = self.sessions.half(token)
        row = self._row_of(half.person.account_id, half.turns) if half else None
        if half is None or row is None:
            raise AccountError(Problem.LATE, "this took too long: begin again")
        self.check_code(half.person.account_id, row, code, now_ms, signing_in=True)
        self.sessions.drop_half(token)
        return self.sessions.open(half.person, half.turns)

    def check_code(
        self, account_id: str, row: AccountRow, code: str, now_ms: int, *, signing_in: bool = False
    ) -> AccountRow:
        """Take a code of the authenticator or a recovery code, which then counts no more.

        Gives the account as it is afterwards.

        Raises:
            AccountError: CODE, wrong or used; LATE, another process changed the account meanwhile.
            WaitError: There were too many tries.
        """
        self._count(row.login)
        after = _taken(account_id, row, code, now_ms)
        if after is None:
            self._refuse(now_ms, "refuse-code", account_id)
            raise AccountError(Problem.CODE, "this is not a code that counts now")
        if signing_in:
            after = msgspec.structs.replace(after, signed_in_ms=now_ms)
        how = "recovery code" if len(after.codes) < len(row.codes) else ""
        with self._desk.change():
            directory.renew(self._desk, account_id, row, after)
            did = "sign-in" if signing_in else "prove-code"
            self._desk.note(now_ms, f"user {row.login}", did, account_id, how)
        self._attempts.forgive(_name(row.login))
        return after

    def check_password(
        self, account_id: str, row: AccountRow, given: Stretched, now_ms: int
    ) -> None:
        """Check the password of somebody who is signed in once more (ASVS 2.1.6, 3.7.1).

        The try was counted by ``begin``.

        Raises:
            AccountError: WRONG.
        """
        if not _right(row, given):
            self._refuse(now_ms, "refuse-password", account_id)
            raise AccountError(Problem.WRONG, "this is not your password")
        self._attempts.forgive(_name(row.login))

    def present(self, token: str, *, active: bool = True) -> Session | None:
        """Find the session of a token, if its account stands as it did at sign-in.

        Args:
            token: As the browser sent it.
            active: Whether somebody did something, and not the page by itself.
        """
        session = self.sessions.find(token, active=active)
        if session is None:
            return None
        if self._row_of(session.person.account_id, session.turns) is None:
            self.sessions.close(token)
            return None
        return session

    def refusals(self, within_s: float) -> int:
        """Count the sign-ins and codes that were refused in the last so many seconds."""
        since = self._clock() - within_s
        return sum(at > since for at in list(self._refused))  # pages ask on another thread

    def _row_of(self, account_id: str, turns: int) -> AccountRow | None:
        row = self._desk.store.find("account", account_id, AccountRow)
        if row is None or row.turns != turns or not directory.stands(self._desk, row):
            return None
        return row

    def _count(self, login: str) -> None:
        name, now = _name(login), self._clock()
        wait_s = self._attempts.wait_s(name, now)
        if wait_s > 0:
            raise WaitError(wait_s)
        self._attempts.count(name, now)

    def _refuse(self, now_ms: int, did: str, account_id: str) -> None:
        """Write down a refusal; never what was typed: people type passwords in any field."""
        self._refused.append(self._clock())
        with self._desk.change():
            self._desk.note(now_ms, "hub", did, account_id)


def _right(row: AccountRow, given: Stretched) -> bool:
    """Compare in constant time; an account that has ended has nothing to compare with."""
    return len(row.verifier) > 0 and hmac.compare_digest(row.verifier, given.verifier)


def _taken(account_id: str, row: AccountRow, code: str, now_ms: int) -> AccountRow | None:
    """Give the account without the code that was taken; None where the code does not count."""
    plain = "".join(code.split())
    if len(plain) == _DIGITS and plain.isdecimal():
        step = step_of(row.totp, plain, row.used_step, now_ms)
        return None if step is None else msgspec.structs.replace(row, used_step=step)
    digest = code_digest(account_id, code)
    left = tuple(one for one in row.codes if not hmac.compare_digest(one, digest))
    return msgspec.structs.replace(row, codes=left) if len(left) < len(row.codes) else None


def _name(login: str) -> str:
    """Name a login in the memory of tries: no text of a stranger's is kept there."""
    return sha256(login.encode("utf-8", "replace")).hexdigest()
