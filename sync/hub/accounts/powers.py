"""Who may let whom in, and who may end whose account. Pure.

The doors believe a venue's signature. So only somebody who holds a venue's key can let anybody
join that venue, and an administrator of no venue can never come by one.
"""

from dataclasses import dataclass

from sync.hub.accounts.directory import Account
from sync.hub.accounts.person import Person, Role
from sync.hub.accounts.problem import AccountError, Problem
from sync.seal import SigningKey


@dataclass(frozen=True, slots=True)
class Console:
    """Whoever is at the hub's own keyboard, with the key file that was opened there, if any.

    Attributes:
        who: For the audit log.
        signer: The venue's key of the file.
    """

    who: str
    signer: SigningKey | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """The account that somebody is invited to.

    Attributes:
        login: What this person will sign in with.
        name: For people to read.
        role: What this person will be here for.
        venue_id: For which venue; "" for none.
    """

    login: str
    name: str
    role: Role
    venue_id: str = ""


def may_invite(by: Person | Console, role: Role, venue_id: str) -> bool:
    """Tell whether somebody may invite to an account of this role and venue."""
    if isinstance(by, Console):
        return True
    if by.role is Role.AUDITOR or (venue_id and (by.venue_id != venue_id or by.signer is None)):
        return False
    return by.role is Role.ADMINISTRATOR or (role is Role.MANAGER and bool(venue_id))


def may_end(by: Person | Console, account: Account) -> bool:
    """Tell whether somebody may end an account: never the own one."""
    if isinstance(by, Console):
        return True
    if account.account_id == by.account_id:
        return False
    same_venue = account.role is Role.MANAGER and account.venue_id == by.venue_id
    return by.role is Role.ADMINISTRATOR or (by.role is Role.MANAGER and same_venue)


def check_wanted(wanted: Wanted) -> None:
    """Refuse a role at the wrong place.

    Raises:
        AccountError: VENUE or NAME.
    """
    if not 1 <= len(wanted.name.strip()) <= 60 or not wanted.name.isprintable():
        raise AccountError(Problem.NAME, "a name has 1 to 60 characters")
    if wanted.role is Role.MANAGER and not wanted.venue_id:
        raise AccountError(Problem.VENUE, "a manager works for a venue: say for which")
    if wanted.role is Role.AUDITOR and wanted.venue_id:
        raise AccountError(Problem.VENUE, "an auditor works for no venue")


def power(by: Person | Console, *, allowed: bool) -> None:
    """Refuse what somebody has no power to do.

    Raises:
        AccountError: POWER.
    """
    if not allowed:
        raise AccountError(Problem.POWER, f"{by.who} may not do this")
