"""Who is at work: what every page and every rule asks about whoever is signed in."""

from dataclasses import dataclass, field
from enum import StrEnum

from sync.seal import SigningKey


class Role(StrEnum):
    """What somebody is here for."""

    MANAGER = "manager"
    """Works for one venue: its entries, its doors."""

    ADMINISTRATOR = "administrator"
    """Runs the hub: doors, people, rights, papers."""

    AUDITOR = "auditor"
    """Reads everything and changes nothing."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is signed in.

    Attributes:
        account_id: 16 hexadecimal digits.
        login: What this person signs in with.
        name: For people to read.
        role: What this person is here for.
        venue_id: For which venue; "" for none.
        signer: That venue's key, in memory for as long as the session lasts; None without a
            venue, and where the venue has another key by now.
    """

    account_id: str
    login: str
    name: str
    role: Role
    venue_id: str = ""
    signer: SigningKey | None = field(default=None, repr=False, compare=False)

    @property
    def who(self) -> str:
        """Name this person for the audit log."""
        return f"user {self.login}"
