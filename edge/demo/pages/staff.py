"""The people of the small town who sign in, and the codes that their phones would show."""

import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import pyotp
from rich.box import SIMPLE_HEAD
from rich.table import Table

from sync.hub.accounts.book import Accounts
from sync.hub.accounts.person import Role
from sync.hub.accounts.powers import Console, Wanted
from sync.hub.accounts.second_factor import new_secret
from sync.hub.accounts.stretching import fresh_recipe, stretched
from sync.hub.accounts.welcomes import Chosen
from sync.hub.hubclock import now_ms
from sync.seal import SigningKey

STEP_S = 30
"""Seconds for which a code counts."""


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who signs in.

    Attributes:
        login: The name to sign in with.
        name: What others read.
        role: What this person is here for.
        venue: Of which venue; "" for none.
        password: To sign in with.
        secret: Of the second factor.
    """

    login: str
    name: str
    role: Role
    venue: str
    password: str
    secret: str

    def code(self, at_s: float) -> str:
        """Give what this person's phone shows."""
        return pyotp.TOTP(self.secret).at(int(at_s))


_WANTED = (
    ("ana", "Ana", Role.MANAGER, 0),
    ("ben", "Ben", Role.MANAGER, 1),
    ("cleo", "Cleo", Role.MANAGER, 2),
    ("olivia", "Olivia", Role.ADMINISTRATOR, None),
    ("ida", "Ida", Role.AUDITOR, None),
)


def members(venues: tuple[str, ...]) -> tuple[Member, ...]:
    """Think of somebody for each role, with a password and a second factor made anew."""
    return tuple(
        Member(
            login,
            name,
            role,
            "" if venue is None else venues[venue],
            secrets.token_urlsafe(9),
            new_secret(),
        )
        for login, name, role, venue in _WANTED
    )


def let_in(
    accounts: Accounts, one: Member, venue_id: str, key: Callable[[str], SigningKey]
) -> None:
    """Invite somebody at the console, and accept for him."""
    now, signer = now_ms(), key(one.venue) if one.venue else None
    wanted = Wanted(one.login, one.name, one.role, venue_id)
    link = accounts.invite(wanted, Console("demo", signer), now)
    password = stretched(one.password, fresh_recipe(accounts.costs))
    # A code counts once, so this is the one before the present one.
    accounts.accept(link, Chosen(password, one.secret, one.code(now / 1000 - STEP_S)), now)


def table(people: Iterable[Member]) -> Table:
    """Draw who can sign in, with the codes of this moment."""
    now = time.time()
    left = STEP_S - int(now) % STEP_S
    drawn = Table(box=SIMPLE_HEAD, pad_edge=False)
    for head in ("sign in as", "password", f"code, {left:2} s left", "who"):
        drawn.add_column(head)
    for one in people:
        who = f"{one.role}{' of ' + one.venue if one.venue else ''}"
        drawn.add_row(one.login, one.password, one.code(now), who)
    return drawn
