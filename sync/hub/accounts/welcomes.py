"""Invitations of people: a link that works once, within 72 hours, and carries the venue's key.

The link's secret, 32 random bytes, is nowhere on the hub's disk: its digest names the row, and
the venue's key travels closed under it. ASVS 2.3.1, 2.5.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

import msgspec

from sync.hub.accounts import directory
from sync.hub.accounts.keyring import unwrap, wrap
from sync.hub.accounts.person import Person, Role
from sync.hub.accounts.powers import Console, Wanted, check_wanted, may_invite, power
from sync.hub.accounts.problem import AccountError, Problem
from sync.hub.accounts.rows import AccountRow, WelcomeRow
from sync.hub.accounts.second_factor import code_digest, is_secret, new_codes, step_of
from sync.hub.accounts.stretching import Stretched
from sync.hub.desk import Desk
from sync.hub.rows import encode
from sync.seal import derived

WELCOME_MS = 72 * 3_600_000
"""For how long an invitation works."""

_SECRET_SIZE = 32
_ID_BYTES = 8


@dataclass(frozen=True, slots=True)
class Welcome:
    """An invitation that waits.

    Attributes:
        welcome_id: Names it in lists; not the link's secret.
        account_id: Of the account that is made, or set anew.
        login: What this person will sign in with.
        name: For people to read.
        role: What this person will be here for.
        venue_id: For which venue; "" for none.
        by: Who invited.
        expires_ms: Until when it works.
    """

    welcome_id: str
    account_id: str
    login: str
    name: str
    role: Role
    venue_id: str
    by: str
    expires_ms: int


@dataclass(frozen=True, slots=True, repr=False)
class Chosen:
    """What an invited person chose.

    Attributes:
        password: The new password, checked and stretched.
        secret: Of the second factor.
        code: That the authenticator shows for it.
    """

    password: Stretched
    secret: str
    code: str


def invite(desk: Desk, wanted: Wanted, by: Person | Console, now_ms: int) -> str:
    """Invite somebody new; an invitation of the same login that waits ends.

    Returns:
        The link's secret, told once.

    Raises:
        AccountError: LOGIN, NAME, VENUE, TAKEN, POWER or KEY.
    """
    login = directory.checked_login(wanted.login)
    check_wanted(wanted)
    if directory.login_row(desk, login) is not None:
        raise AccountError(Problem.TAKEN, f"there is a user {login} already")
    wanted = Wanted(login, wanted.name.strip(), wanted.role, wanted.venue_id)
    return _sent(desk, secrets.token_hex(_ID_BYTES), wanted, by, now_ms)


def invite_again(desk: Desk, account_id: str, by: Person | Console, now_ms: int) -> str:
    """Invite somebody who forgot the password or whose account ended; gives the link's secret.

    Raises:
        AccountError: UNKNOWN, TAKEN, POWER or KEY.
    """
    row = directory.row_of(desk, account_id)
    found = directory.login_row(desk, row.login)
    if found is not None and found[0] != account_id:
        raise AccountError(Problem.TAKEN, f"there is another user {row.login} by now")
    wanted = Wanted(row.login, row.name, row.role, row.venue_id)
    return _sent(desk, account_id, wanted, by, now_ms)


def waiting(desk: Desk, now_ms: int) -> tuple[Welcome, ...]:
    """Give the invitations that wait and still work, by login."""
    found = [_facts(digest, row) for digest, row in _rows(desk) if now_ms < row.expires_ms]
    return tuple(sorted(found, key=lambda one: one.login))


def welcome(desk: Desk, token: str, now_ms: int) -> Welcome:
    """Give the invitation of a link.

    Raises:
        AccountError: WELCOME; it is unknown, used, withdrawn or over: the answer is the same.
    """
    digest = _digest(_secret_of(token))
    return _facts(digest, _row(desk, digest, now_ms))


def withdraw(desk: Desk, welcome_id: str, by: Person | Console, now_ms: int) -> None:
    """End an invitation before it is used.

    Raises:
        AccountError: WELCOME or POWER.
    """
    row = _row(desk, welcome_id, now_ms)
    power(by, allowed=may_invite(by, row.role, row.venue_id))
    with desk.change():
        desk.destroy("welcome", welcome_id)
        desk.note(now_ms, by.who, "uninvite-user", row.account_id)


def accept(
    desk: Desk, token: str, chosen: Chosen, now_ms: int
) -> tuple[Person, int, tuple[str, ...]]:
    """Make the account of a link, or set it anew; the link is worth nothing afterwards.

    Returns:
        Who it is, with the venue's key; the account's turns; the recovery codes, told once.

    Raises:
        AccountError: WELCOME, CODE, TAKEN or KEY.
    """
    secret = _secret_of(token)
    digest = _digest(secret)
    with desk.change():
        row = _row(desk, digest, now_ms)
        found = directory.login_row(desk, row.login)
        if found is not None and found[0] != row.account_id:
            raise AccountError(Problem.TAKEN, f"there is a user {row.login} already")
        codes = new_codes()
        made = _account(desk, row, chosen, codes, now_ms)
        if row.wrapped:
            key = unwrap(
                row.wrapped, _closing(secret), directory.about(desk, digest), row.venue_key
            )
            closed = wrap(key, chosen.password.opener, directory.about(desk, row.account_id))
            made = msgspec.structs.replace(made, wrapped=closed, venue_key=row.venue_key)
        directory.keep(desk, row.account_id, made)
        desk.destroy("welcome", digest)
        desk.note(now_ms, f"user {row.login}", "join-user", row.account_id, f"invited by {row.by}")
    person = directory.person_of(desk, row.account_id, made, chosen.password.opener)
    return person, made.turns, codes


def forget_late(desk: Desk, now_ms: int) -> None:
    """Destroy the invitations that are over."""
    late = [digest for digest, row in _rows(desk) if now_ms >= row.expires_ms]
    if late:
        with desk.change():
            for digest in late:
                desk.destroy("welcome", digest)


def _sent(desk: Desk, account_id: str, wanted: Wanted, by: Person | Console, now_ms: int) -> str:
    power(by, allowed=may_invite(by, wanted.role, wanted.venue_id))
    secret = secrets.token_bytes(_SECRET_SIZE)
    digest = _digest(secret)
    public, wrapped = b"", b""
    if wanted.venue_id:
        public = directory.venue_key(desk, wanted.venue_id)
        if by.signer is None or not public or by.signer.public != public:
            raise AccountError(
                Problem.KEY, "this takes the venue's own key: name its file with --key"
            )
        wrapped = wrap(by.signer, _closing(secret), directory.about(desk, digest))
    row = WelcomeRow(
        account_id=account_id,
        login=wanted.login,
        name=wanted.name,
        role=wanted.role,
        venue_id=wanted.venue_id,
        venue_key=public,
        wrapped=wrapped,
        by=by.who,
        expires_ms=now_ms + WELCOME_MS,
    )
    with desk.change():
        for old, known in _rows(desk):
            if known.login == wanted.login:
                desk.destroy("welcome", old)
        desk.store.put("welcome", digest, encode(row))
        desk.note(now_ms, by.who, "invite-user", account_id, wanted.role)
    return secret.hex()


def _account(
    desk: Desk, row: WelcomeRow, chosen: Chosen, codes: tuple[str, ...], now_ms: int
) -> AccountRow:
    """Make the row of an accepted invitation, without the venue's key."""
    step = step_of(chosen.secret, chosen.code, 0, now_ms) if is_secret(chosen.secret) else None
    if step is None:
        raise AccountError(Problem.CODE, "this is not the code that the authenticator shows now")
    before = desk.store.find("account", row.account_id, AccountRow)
    return AccountRow(
        login=row.login,
        name=row.name,
        role=row.role,
        venue_id=row.venue_id,
        since_ms=before.since_ms if before else now_ms,
        recipe=chosen.password.recipe,
        verifier=chosen.password.verifier,
        totp=chosen.secret,
        used_step=step,
        codes=tuple(code_digest(row.account_id, code) for code in codes),
        turns=before.turns + 1 if before else 1,
        signed_in_ms=now_ms,
        changed_ms=now_ms if before else 0,
    )


def _rows(desk: Desk) -> Iterator[tuple[str, WelcomeRow]]:
    yield from desk.store.each("welcome", WelcomeRow)


def _row(desk: Desk, digest: str, now_ms: int) -> WelcomeRow:
    row = desk.store.find("welcome", digest, WelcomeRow)
    if row is None or now_ms >= row.expires_ms:
        raise AccountError(
            Problem.WELCOME, "this invitation was used, has run out or never was: ask for a new one"
        )
    return row


def _facts(digest: str, row: WelcomeRow) -> Welcome:
    return Welcome(
        digest, row.account_id, row.login, row.name, row.role, row.venue_id, row.by, row.expires_ms
    )


def _secret_of(token: str) -> bytes:
    try:
        return bytes.fromhex(token) if token.isascii() else b""
    except ValueError:
        return b""


def _digest(secret: bytes) -> str:
    return sha256(secret).hexdigest()


def _closing(secret: bytes) -> bytes:
    return derived(secret, "welcome")
