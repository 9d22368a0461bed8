"""The accounts as they stand in the database, and what the rest of the hub makes of them."""

import re
from dataclasses import dataclass

from sync.hub.accounts.keyring import unwrap
from sync.hub.accounts.person import Person, Role
from sync.hub.accounts.problem import AccountError, Problem
from sync.hub.accounts.rows import AccountRow
from sync.hub.desk import Desk
from sync.hub.rows import encode

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,31}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Account:
    """One account, for lists.

    Attributes:
        account_id: 16 hexadecimal digits.
        login: What this person signs in with.
        name: For people to read.
        role: What this person is here for.
        venue_id: For which venue; "" for none.
        signs: Whether it carries its venue's present key.
        since_ms: When the invitation was first accepted.
        signed_in_ms: When this person last signed in; 0 for never.
        ended_ms: When the account ended; 0 before.
        codes_left: Recovery codes that were not used.
        changed_ms: When password, authenticator or recovery codes were last changed; 0 for never.
    """

    account_id: str
    login: str
    name: str
    role: Role
    venue_id: str
    signs: bool
    since_ms: int
    signed_in_ms: int
    ended_ms: int
    codes_left: int
    changed_ms: int


def checked_login(login: str) -> str:
    """Give a login as it is kept, without capitals.

    Raises:
        AccountError: LOGIN.
    """
    plain = login.strip().casefold()
    if not _LOGIN.fullmatch(plain):
        raise AccountError(
            Problem.LOGIN, "a login has 2 to 32 letters a to z, digits, dots, dashes or underscores"
        )
    return plain


def accounts(desk: Desk) -> tuple[Account, ...]:
    """Give all accounts by login, those that have ended last."""
    found = [_facts(desk, account_id, row) for account_id, row in rows(desk).items()]
    return tuple(sorted(found, key=lambda one: (bool(one.ended_ms), one.login)))


def account(desk: Desk, account_id: str) -> Account:
    """Give one account.

    Raises:
        AccountError: UNKNOWN.
    """
    return _facts(desk, account_id, row_of(desk, account_id))


def rows(desk: Desk) -> dict[str, AccountRow]:
    """Give the rows of all accounts by their ids."""
    return dict(desk.store.each("account", AccountRow))


def row_of(desk: Desk, account_id: str) -> AccountRow:
    """Give the row of one account.

    Raises:
        AccountError: UNKNOWN.
    """
    row = desk.store.find("account", account_id, AccountRow)
    if row is None:
        raise AccountError(Problem.UNKNOWN, "there is no such account")
    return row


def login_row(desk: Desk, login: str) -> tuple[str, AccountRow] | None:
    """Find the account of a login that has not ended, with its id."""
    for account_id, row in rows(desk).items():
        if row.login == login and not row.ended_ms:
            return account_id, row
    return None


def keep(desk: Desk, account_id: str, row: AccountRow) -> None:
    """Write an account, within a change."""
    desk.store.put("account", account_id, encode(row))


def renew(desk: Desk, account_id: str, before: AccountRow, after: AccountRow) -> None:
    """Write an account anew, within a change: what was read before it must still be true.

    Raises:
        AccountError: LATE; another process took the code, or ended the account, meanwhile.
    """
    if row_of(desk, account_id) != before:
        raise AccountError(Problem.LATE, "this account was changed meanwhile: begin again")
    keep(desk, account_id, after)


def stands(desk: Desk, row: AccountRow) -> bool:
    """Tell whether an account may be used: it has not ended, and its venue is a member."""
    return not row.ended_ms and (not row.venue_id or bool(venue_key(desk, row.venue_id)))


def venue_key(desk: Desk, venue_id: str) -> bytes:
    """Give the public key of a venue; empty for one that is no member any more."""
    for venue in desk.root.venues:
        if venue.venue_id == venue_id and not venue.until_seq:
            return venue.key
    return b""


def venue_name(desk: Desk, venue_id: str) -> str:
    """Give the name of a venue, "" for none; one that left keeps its name."""
    names = {venue.venue_id: venue.name for venue in desk.root.venues}
    return names.get(venue_id, "")


def person_of(desk: Desk, account_id: str, row: AccountRow, opener: bytes) -> Person:
    """Make the person of an account whose password was right.

    Args:
        desk: The hub.
        account_id: Of the account.
        row: The account.
        opener: What the password became; opens the venue's key, unless the venue has another now.

    Raises:
        AccountError: KEY; the venue's key of this account was changed in the database.
    """
    signer = None
    if row.wrapped and row.venue_key == venue_key(desk, row.venue_id):
        signer = unwrap(row.wrapped, opener, about(desk, account_id), row.venue_key)
    return Person(account_id, row.login, row.name, row.role, row.venue_id, signer)


def about(desk: Desk, whose: str) -> str:
    """Name what a wrapped key is bound to: this list, and an account or an invitation."""
    return f"{desk.store.list_id}|{whose}"


def _facts(desk: Desk, account_id: str, row: AccountRow) -> Account:
    return Account(
        account_id=account_id,
        login=row.login,
        name=row.name,
        role=row.role,
        venue_id=row.venue_id,
        signs=bool(row.wrapped) and row.venue_key == venue_key(desk, row.venue_id),
        since_ms=row.since_ms,
        signed_in_ms=row.signed_in_ms,
        ended_ms=row.ended_ms,
        codes_left=len(row.codes),
        changed_ms=row.changed_ms,
    )
