"""Everything that is done with accounts, in one place: what the pages and the console call.

All but the stretching of passwords runs on the one thread that works at the open hub.
"""

import time
from collections.abc import Callable

from sync.hub.accounts import directory, renewing, welcomes
from sync.hub.accounts.directory import Account
from sync.hub.accounts.entrance import Entrance
from sync.hub.accounts.person import Person
from sync.hub.accounts.powers import Console, Wanted
from sync.hub.accounts.rows import AccountRow
from sync.hub.accounts.sessions import Session, Sessions
from sync.hub.accounts.stretching import STRONG, Costs, Recipe, Stretched
from sync.hub.accounts.welcomes import Chosen, Welcome
from sync.hub.desk import Desk


class Accounts:
    """The accounts of one open hub.

    Attributes:
        costs: What a guess at a new password costs.
        sessions: Who is signed in to this process.
    """

    def __init__(
        self, desk: Desk, costs: Costs = STRONG, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Work at an open hub; ``clock`` gives seconds that never go back."""
        self.costs = costs
        self._desk, self._entrance = desk, Entrance(desk, costs, clock)
        self.sessions: Sessions = self._entrance.sessions

    # --- signing in --------------------------------------------------------------------------
    def begin(self, login: str) -> Recipe:
        """Tell how the password of a login is stretched, and count the try. Raises: WaitError."""
        return self._entrance.begin(login)

    def enter(self, login: str, given: Stretched, now_ms: int) -> str:
        """Check a password; gives the token for the second step.

        Raises:
            AccountError: WRONG.
        """
        return self._entrance.enter(login, given, now_ms)

    def confirm(self, token: str, code: str, now_ms: int) -> str:
        """Check the second factor; gives the session's token.

        Raises:
            AccountError: LATE or CODE.
            WaitError: There were too many tries.
        """
        return self._entrance.confirm(token, code, now_ms)

    def present(self, token: str, *, active: bool = True) -> Session | None:
        """Find the session of a token, if its account stands as it did at sign-in.

        Args:
            token: As the browser sent it.
            active: Whether somebody did something, and not the page by itself.
        """
        return self._entrance.present(token, active=active)

    def refusals(self, within_s: float) -> int:
        """Count the sign-ins that were refused in the last so many seconds."""
        return self._entrance.refusals(within_s)

    def leave(self, token: str, now_ms: int) -> None:
        """End a session."""
        session = self.sessions.find(token)
        if session is not None:
            self.sessions.close(token)
            with self._desk.change():
                self._desk.note(now_ms, session.person.who, "sign-out", session.person.account_id)

    # --- inviting ----------------------------------------------------------------------------
    def invite(self, wanted: Wanted, by: Person | Console, now_ms: int) -> str:
        """Invite somebody; gives the link's secret, told once.

        Raises:
            AccountError: LOGIN, NAME, VENUE, TAKEN, POWER or KEY.
        """
        return welcomes.invite(self._desk, wanted, by, now_ms)

    def invite_again(self, account_id: str, by: Person | Console, now_ms: int) -> str:
        """Invite somebody who forgot the password or whose account ended.

        Raises:
            AccountError: UNKNOWN, TAKEN, POWER or KEY.
        """
        return welcomes.invite_again(self._desk, account_id, by, now_ms)

    def waiting(self, now_ms: int) -> tuple[Welcome, ...]:
        """Give the invitations that wait."""
        return welcomes.waiting(self._desk, now_ms)

    def welcome(self, token: str, now_ms: int) -> Welcome:
        """Give the invitation of a link.

        Raises:
            AccountError: WELCOME.
        """
        return welcomes.welcome(self._desk, token, now_ms)

    def withdraw(self, welcome_id: str, by: Person | Console, now_ms: int) -> None:
        """End an invitation before it is used.

        Raises:
            AccountError: WELCOME or POWER.
        """
        welcomes.withdraw(self._desk, welcome_id, by, now_ms)

    def accept(self, token: str, chosen: Chosen, now_ms: int) -> tuple[str, tuple[str, ...]]:
        """Make the account of a link and sign in.

        Returns:
            The session's token, and the recovery codes, told once.

        Raises:
            AccountError: WELCOME, CODE, TAKEN or KEY.
        """
        person, turns, codes = welcomes.accept(self._desk, token, chosen, now_ms)
        self.sessions.end(person.account_id)
        return self.sessions.open(person, turns), codes

    # --- accounts ----------------------------------------------------------------------------
    def accounts(self) -> tuple[Account, ...]:
        """Give all accounts by login, those that have ended last."""
        return directory.accounts(self._desk)

    def account(self, account_id: str) -> Account:
        """Give one account.

        Raises:
            AccountError: UNKNOWN.
        """
        return directory.account(self._desk, account_id)

    def stands(self, account_id: str) -> bool:
        """Tell whether an account may be used: it has not ended, and its venue is a member."""
        row = self._desk.store.find("account", account_id, AccountRow)
        return row is not None and directory.stands(self._desk, row)

    def venue_name(self, venue_id: str) -> str:
        """Give the name of a venue, "" for none."""
        return directory.venue_name(self._desk, venue_id)

    def end(self, account_id: str, by: Person | Console, now_ms: int) -> None:
        """End an account and its sessions.

        Raises:
            AccountError: UNKNOWN, POWER, ONESELF or LAST.
        """
        renewing.end(self._desk, account_id, by, now_ms)
        self.sessions.end(account_id)

    # --- one's own ---------------------------------------------------------------------------
    def change_password(
        self, person: Person, given: tuple[Stretched, Stretched], now_ms: int
    ) -> str:
        """Change a password, from the old to the new; other sessions end.

        Returns:
            The token of a new session.

        Raises:
            AccountError: WRONG.
        """
        turns = renewing.change_password(self._desk, self._entrance, person, given, now_ms)
        return self._anew(person, turns)

    def change_second_factor(
        self, person: Person, proof: tuple[Stretched, str, str], now_ms: int
    ) -> str:
        """Change to a new authenticator, for password, new secret and its code.

        Returns:
            The token of a new session; the others end.

        Raises:
            AccountError: WRONG or CODE.
        """
        turns = renewing.change_second_factor(self._desk, self._entrance, person, proof, now_ms)
        return self._anew(person, turns)

    def renew_codes(self, person: Person, code: str, now_ms: int) -> tuple[str, ...]:
        """Give new recovery codes for a code that counts.

        Raises:
            AccountError: CODE.
            WaitError: There were too many tries.
        """
        return renewing.renew_codes(self._desk, self._entrance, person, code, now_ms)

    def leave_everywhere(self, person: Person, turns: int, now_ms: int) -> str:
        """End all sessions of somebody but one, which begins anew with this token."""
        with self._desk.change():
            self._desk.note(now_ms, person.who, "end-sessions", person.account_id)
        return self._anew(person, turns)

    def tidy(self, now_ms: int) -> None:
        """Forget what is over: sessions with their keys, late invitations, accounts long ended."""
        self.sessions.sweep()
        welcomes.forget_late(self._desk, now_ms)
        renewing.forget_ended(self._desk, now_ms)

    def _anew(self, person: Person, turns: int) -> str:
        self.sessions.end(person.account_id)
        return self.sessions.open(person, turns)
