"""What is sealed in the rows of accounts and of invitations of people. Pure."""

from msgspec import Struct

from sync.hub.accounts.person import Role
from sync.hub.accounts.stretching import Recipe


class AccountRow(Struct, frozen=True, array_like=True):
    """One account; one that has ended holds no secret any more.

    Attributes:
        login: What this person signs in with.
        name: For people to read.
        role: What this person is here for.
        venue_id: For which venue; "" for none.
        since_ms: When the invitation was first accepted.
        recipe: How the password is stretched; None once the account has ended.
        verifier: Tells that the password is right.
        venue_key: Public half of the venue's key; empty for none.
        wrapped: That key under the password; empty for none.
        totp: Secret of the second factor; "" once the account has ended.
        used_step: Step of the newest code that was taken.
        codes: Digests of the recovery codes that are left.
        turns: Grows whenever what is proved at sign-in changes, which ends sessions.
        signed_in_ms: When this person last signed in; 0 for never.
        ended_ms: When the account ended; 0 before.
        changed_ms: When password, authenticator or recovery codes were last changed; 0 for never.
    """

    login: str
    name: str
    role: Role
    venue_id: str
    since_ms: int
    recipe: Recipe | None
    verifier: bytes = b""
    venue_key: bytes = b""
    wrapped: bytes = b""
    totp: str = ""
    used_step: int = 0
    codes: tuple[bytes, ...] = ()
    turns: int = 0
    signed_in_ms: int = 0
    ended_ms: int = 0
    changed_ms: int = 0


class WelcomeRow(Struct, frozen=True, array_like=True):
    """One invitation of a person.

    Attributes:
        account_id: Of the account that is made, or set anew.
        login: As of the account.
        name: As of the account.
        role: As of the account.
        venue_id: As of the account.
        venue_key: Public half of the venue's key; empty for none.
        wrapped: That key under the secret of the link; empty for none.
        by: Who invited.
        expires_ms: Until when it may be used.
    """

    account_id: str
    login: str
    name: str
    role: Role
    venue_id: str
    venue_key: bytes
    wrapped: bytes
    by: str
    expires_ms: int
