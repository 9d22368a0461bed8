"""People with accounts at a hub, made quickly: guesses at their passwords cost next to nothing."""

from dataclasses import dataclass, field

import pyotp

from simulator.office import Office
from sync.hub.accounts import directory
from sync.hub.accounts.book import Accounts
from sync.hub.accounts.person import Person, Role
from sync.hub.accounts.powers import Console, Wanted
from sync.hub.accounts.rows import AccountRow
from sync.hub.accounts.second_factor import STEP_MS, new_secret
from sync.hub.accounts.stretching import Costs, fresh_recipe, stretched
from sync.hub.accounts.welcomes import Chosen
from sync.seal import SigningKey

CHEAP = Costs(passes=1, kibibytes=8, lanes=1)
"""``Accounts(desk, CHEAP)`` in place of 0.15 s for each password."""


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody with an account, and what only this person knows."""

    account_id: str
    login: str
    password: str
    secret: str
    codes: tuple[str, ...]

    def code(self, at_ms: int, later: int = 0) -> str:
        """Give what the authenticator shows; no code works twice, so ask for a later one again."""
        return pyotp.TOTP(self.secret).generate_otp(at_ms // STEP_MS + later)


def join(accounts: Accounts, wanted: Wanted, by: Console, now_ms: int) -> Member:
    """Invite somebody and accept; the first code that signs in is the next one (``later=1``)."""
    token = accounts.invite(wanted, by, now_ms)
    account_id = accounts.welcome(token, now_ms).account_id
    secret, password = new_secret(), f"{wanted.login} opens seven doors"
    chosen = Chosen(
        stretched(password, fresh_recipe(CHEAP)),
        secret,
        pyotp.TOTP(secret).generate_otp(now_ms // STEP_MS - 1),
    )
    session, codes = accounts.accept(token, chosen, now_ms)
    accounts.sessions.close(session)
    return Member(account_id, wanted.login, password, secret, codes)


def half(accounts: Accounts, member: Member, now_ms: int, password: str = "") -> str:
    """Give the password; the token for the second step."""
    recipe = accounts.begin(member.login)
    return accounts.enter(member.login, stretched(password or member.password, recipe), now_ms)


def signed_in(accounts: Accounts, member: Member, now_ms: int) -> str:
    """Sign somebody in without using a code up; the session's token."""
    row = directory.row_of(accounts._desk, member.account_id)
    assert row.recipe is not None
    token = accounts.enter(member.login, stretched(member.password, row.recipe), now_ms)
    found = accounts.sessions.half(token)
    assert found is not None
    accounts.sessions.drop_half(token)
    return accounts.sessions.open(found.person, found.turns)


@dataclass
class Staff:
    """A hub whose clock the test moves, and the people who work at it."""

    office: Office
    seconds: float = 0.0
    accounts: Accounts = field(init=False)

    def __post_init__(self) -> None:
        self.accounts = Accounts(self.office.service.desk, CHEAP, lambda: self.seconds)
        self.anchor, self.cellar, _ = self.office.venues

    @property
    def now_ms(self) -> int:
        return self.office.now_ms + round(1000 * self.seconds)

    def key(self, venue_id: str) -> SigningKey:
        return SigningKey(self.office.people.managers[venue_id].seed)

    def console(self, venue_id: str = "") -> Console:
        return Console("login root", self.key(venue_id) if venue_id else None)

    def joined(self, login: str, role: Role = Role.MANAGER, venue_id: str | None = None) -> Member:
        if venue_id is None:
            venue_id = self.anchor if role is Role.MANAGER else ""
        wanted = Wanted(login, login.title(), role, venue_id)
        return join(self.accounts, wanted, self.console(venue_id), self.now_ms)

    def token(self, member: Member) -> str:
        return signed_in(self.accounts, member, self.now_ms)

    def person(self, member: Member) -> Person:
        session = self.accounts.present(self.token(member))
        assert session is not None
        return session.person

    def row(self, member: Member) -> AccountRow:
        found = self.office.service.desk.store.find("account", member.account_id, AccountRow)
        assert found is not None
        return found

    def log(self) -> list[tuple[str, str]]:
        return [(line.who, line.did) for line in self.office.service.audit()]

    def everything(self) -> bytes:
        """Give every byte that a thief of the disk gets, sealed rows opened."""
        store = self.office.service.desk.store
        rows = [
            store.take("account", key) for (key,) in store.rows("SELECT account_id FROM account")
        ]
        rows += [store.take("welcome", key) for (key,) in store.rows("SELECT digest FROM welcome")]
        return b"".join(one or b"" for one in rows)
