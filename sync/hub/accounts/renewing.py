"""What people change about their own account, and how an account ends."""

import msgspec

from sync.hub.accounts import directory
from sync.hub.accounts.entrance import Entrance
from sync.hub.accounts.keyring import unwrap, wrap
from sync.hub.accounts.person import Person, Role
from sync.hub.accounts.powers import Console, may_end, power
from sync.hub.accounts.problem import AccountError, Problem
from sync.hub.accounts.rows import AccountRow
from sync.hub.accounts.second_factor import code_digest, is_secret, new_codes, step_of
from sync.hub.accounts.stretching import Stretched
from sync.hub.desk import Desk

KEPT_MS = 396 * 86_400_000
"""For how long the name of an account that ended is kept: 13 months, as long as nights are."""


def change_password(
    desk: Desk, entrance: Entrance, person: Person, given: tuple[Stretched, Stretched], now_ms: int
) -> int:
    """Change a password, and close the venue's key under the new one (ASVS 2.1.5, 2.1.6).

    Args:
        desk: The hub.
        entrance: Counts the tries.
        person: Whose.
        given: The old password and the new one, stretched.
        now_ms: Milliseconds since the epoch.

    Returns:
        The account's turns afterwards.

    Raises:
        AccountError: WRONG, the old password is not right; LATE, the account changed meanwhile.
    """
    old, new = given
    row = directory.row_of(desk, person.account_id)
    entrance.check_password(person.account_id, row, old, now_ms)
    fresh = _closed_anew(desk, person.account_id, row, old, new)
    fresh = msgspec.structs.replace(
        fresh, recipe=new.recipe, verifier=new.verifier, turns=row.turns + 1
    )
    _keep(desk, person, (row, fresh), "change-password", now_ms)
    return fresh.turns


def change_second_factor(
    desk: Desk, entrance: Entrance, person: Person, proof: tuple[Stretched, str, str], now_ms: int
) -> int:
    """Change to a new authenticator, for the password and a code that it shows.

    Args:
        desk: The hub.
        entrance: Counts the tries.
        person: Whose.
        proof: The password, stretched; the new secret; a code for it.
        now_ms: Milliseconds since the epoch.

    Returns:
        The account's turns afterwards.

    Raises:
        AccountError: WRONG, CODE, or LATE as above.
    """
    given, secret, code = proof
    row = directory.row_of(desk, person.account_id)
    entrance.check_password(person.account_id, row, given, now_ms)
    step = step_of(secret, code, 0, now_ms) if is_secret(secret) else None
    if step is None:
        raise AccountError(Problem.CODE, "this is not the code that the new authenticator shows")
    fresh = msgspec.structs.replace(row, totp=secret, used_step=step, turns=row.turns + 1)
    _keep(desk, person, (row, fresh), "change-second-factor", now_ms)
    return fresh.turns


def renew_codes(
    desk: Desk, entrance: Entrance, person: Person, code: str, now_ms: int
) -> tuple[str, ...]:
    """Give new recovery codes for a code that counts; the old ones are worth nothing then.

    Raises:
        AccountError: CODE, or LATE as above.
        WaitError: There were too many tries.
    """
    row = directory.row_of(desk, person.account_id)
    after = entrance.check_code(person.account_id, row, code, now_ms)
    codes = new_codes()
    digests = tuple(code_digest(person.account_id, one) for one in codes)
    fresh = msgspec.structs.replace(after, codes=digests)
    _keep(desk, person, (after, fresh), "renew-recovery-codes", now_ms)
    return codes


def end(desk: Desk, account_id: str, by: Person | Console, now_ms: int) -> None:
    """End an account: its secrets are destroyed, its name stays for the audit log.

    Raises:
        AccountError: UNKNOWN, POWER, ONESELF or LAST.
    """
    row = directory.row_of(desk, account_id)
    if isinstance(by, Person) and by.account_id == account_id:
        raise AccountError(Problem.ONESELF, "nobody ends the own account")
    power(by, allowed=may_end(by, directory.account(desk, account_id)))
    if row.role is Role.ADMINISTRATOR and not row.ended_ms and _administrators(desk) == 1:
        raise AccountError(
            Problem.LAST, f"{row.login} is the last administrator: invite another one first"
        )
    bare = AccountRow(
        login=row.login,
        name=row.name,
        role=row.role,
        venue_id=row.venue_id,
        since_ms=row.since_ms,
        recipe=None,
        turns=row.turns + 1,
        signed_in_ms=row.signed_in_ms,
        ended_ms=now_ms,
    )
    with desk.change():
        desk.destroy(
            "account", account_id
        )  # in the backups too; it is written anew without secrets
        directory.keep(desk, account_id, bare)
        desk.note(now_ms, by.who, "end-user", account_id)


def forget_ended(desk: Desk, now_ms: int) -> None:
    """Destroy what is left of accounts that ended long ago."""
    over = [
        account_id
        for account_id, row in directory.rows(desk).items()
        if row.ended_ms and now_ms >= row.ended_ms + KEPT_MS
    ]
    for account_id in over:
        with desk.change():
            desk.destroy("account", account_id)
            desk.note(now_ms, "hub", "forget-user", account_id)


def _closed_anew(
    desk: Desk, account_id: str, row: AccountRow, old: Stretched, new: Stretched
) -> AccountRow:
    if not row.wrapped:
        return row
    about = directory.about(desk, account_id)
    key = unwrap(row.wrapped, old.opener, about, row.venue_key)
    return msgspec.structs.replace(row, wrapped=wrap(key, new.opener, about))


def _keep(
    desk: Desk, person: Person, change: tuple[AccountRow, AccountRow], did: str, now_ms: int
) -> None:
    before, after = change
    changed = msgspec.structs.replace(after, changed_ms=now_ms)
    with desk.change():
        directory.renew(desk, person.account_id, before, changed)
        desk.note(now_ms, person.who, did, person.account_id)


def _administrators(desk: Desk) -> int:
    rows = directory.rows(desk).values()
    return sum(row.role is Role.ADMINISTRATOR and not row.ended_ms for row in rows)
