"""The hub's rules: propose, approve, append, lift, revoke, tell. No network, no command line.

Each method that changes something is one SQLite transaction: record, signature, new head, outbox
and audit line are on the disk together or not at all. Several processes may have the same hub
open; each sees what the others did. Time is passed in: ``now_ms``, milliseconds since the epoch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

    from edge.gallery.keys import KeyProvider
    from sync.hub.facts import (
        AuditLine,
        EntryFacts,
        Outcome,
        Receipt,
        Recovery,
        UnitFacts,
        Reach,
    )
    from sync.signing import Signed
    from sync.statement.membership import Registration
    from sync.statement.policy import Policy
    from sync.statement.proposal import PutProposal
    from sync.statement.root import Root


class Service:
    """One open hub. Make one with ``Service.create`` or ``Service.open``."""

    @classmethod
    def create(cls, path: Path, provider: KeyProvider, now_ms: int) -> Self:
        """Make a new hub: a list id, a signing key, no root yet (``add_root`` is next).

        Raises:
            HubError: There is a hub already, or the disk does not write.
        """
        raise NotImplementedError

    @classmethod
    def open(cls, path: Path, provider: KeyProvider) -> Self:
        """Open the hub at ``path``.

        Raises:
            HubError: There is none, or it is damaged, or the key is not its own.
        """
        raise NotImplementedError

    def close(self) -> None:
        """Close the file."""

    def __enter__(self) -> Self:
        """Give the service itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close()

    # --- trust -------------------------------------------------------------------------------
    @property
    def list_id(self) -> str:
        """The list's id, 32 hexadecimal digits; officers write it into the first root."""
        raise NotImplementedError

    @property
    def hub_key(self) -> bytes:
        """The public half of the signing key in use, 32 bytes; officers write it into a root."""
        raise NotImplementedError

    @property
    def root(self) -> Root:
        """The newest root."""
        raise NotImplementedError

    def roots(self, after: int = 0) -> tuple[Signed, ...]:
        """Give the chain of roots whose version is greater than ``after``, oldest first."""
        raise NotImplementedError

    def add_root(self, signed: Signed, now_ms: int) -> Root:
        """Take the first or next root; one that names ``next_hub_key`` makes it the key in use.

        With a new hub key all records and the head are signed again; hashes stay as they are.

        Raises:
            Refused: It is not signed as it must be, skips a version or names an unknown hub key.
        """
        raise NotImplementedError

    def next_hub_key(self, now_ms: int) -> bytes:
        """Make the hub's next signing key and give its public half, for the officers' next root.

        Asked again before that root is here, it gives the same key.
        """
        raise NotImplementedError

    # --- proposals ---------------------------------------------------------------------------
    def propose(self, signed: Signed, now_ms: int) -> Outcome:
        """Take a signed proposal of any kind: put, remove, contest, reinstate, policy.

        With the signatures that the rules ask for it goes on the ledger at once; otherwise it
        waits for ``approve``. The same proposal a second time changes nothing.

        Raises:
            Refused: It breaks a rule or a signature is wrong.
        """
        raise NotImplementedError

    def approve(self, signed: Signed, now_ms: int) -> Outcome:
        """Add the signatures on ``signed`` to those of the same proposal that waits.

        Raises:
            Refused: Nothing with that body waits, or a signature is wrong.
        """
        raise NotImplementedError

    def waiting(self, entry_id: str) -> Signed:
        """Give the proposal about ``entry_id`` that waits, for an approver to read and sign.

        Raises:
            HubError: None waits.
        """
        raise NotImplementedError

    def withdraw(self, entry_id: str, who: str, now_ms: int) -> None:
        """Drop the proposal about ``entry_id`` that waits, and destroy its content."""
        raise NotImplementedError

    def submit(self, unit_id: str, wire: bytes, now_ms: int) -> str:
        """Take a local entry that was made at a unit; idempotent. Gives the entry's id.

        Raises:
            Refused: It is not of that unit's venue, or breaks a rule.
        """
        raise NotImplementedError

    def expire(self, now_ms: int) -> tuple[str, ...]:
        """Take the entries off whose term is over at ``now_ms`` and give their ids."""
        raise NotImplementedError

    # --- units -------------------------------------------------------------------------------
    def invite(
        self, venue_id: str, name: str, expires_ms: int, who: str, now_ms: int
    ) -> tuple[str, bytes]:
        """Expect one new unit. Gives its id and the invitation's secret, 16 bytes, told once."""
        raise NotImplementedError

    def reinvite(self, unit_id: str, expires_ms: int, who: str, now_ms: int) -> bytes:
        """Expect a unit again that was revoked or lost its card. Gives the new secret."""
        raise NotImplementedError

    def join(
        self, unit_id: str, secret: bytes, signing_key: bytes, box_key: bytes, now_ms: int
    ) -> Registration:
        """Register an invited unit with its keys (raw public bytes); works once.

        The same keys again, before the invitation ends, give the same answer: the first one may
        have been lost on its way.

        Raises:
            Refused: INVITATION: unknown, over, used, or the wrong secret.
        """
        raise NotImplementedError

    def key_box(self, unit_id: str) -> Signed:
        """Give the signed key box of a unit for the present epoch."""
        raise NotImplementedError

    def revoke(self, unit_id: str, who: str, now_ms: int) -> None:
        """End a unit: new epoch, key boxes for all others, a kill order for this one."""
        raise NotImplementedError

    # --- reading -----------------------------------------------------------------------------
    @property
    def policy(self) -> Policy:
        """The policy in force."""
        raise NotImplementedError

    def head(self) -> Signed:
        """Give the newest signed head."""
        raise NotImplementedError

    def entries(self) -> tuple[EntryFacts, ...]:
        """Give all entries that wait, live or are contested, oldest first."""
        raise NotImplementedError

    def entry(self, entry_id: str) -> EntryFacts:
        """Give one entry, also one that is gone.

        Raises:
            HubError: There is no such entry.
        """
        raise NotImplementedError

    def reach(self, entry_id: str, now_ms: int) -> tuple[Reach, ...]:
        """Tell, for each unit the entry concerns, whether its newest change is confirmed."""
        raise NotImplementedError

    def content(self, entry_id: str, who: str, now_ms: int) -> PutProposal:
        """Give an entry's content, photo and reason included; the look-up is audited."""
        raise NotImplementedError

    def puts(self) -> Iterator[PutProposal]:
        """Give the content of every live or contested entry, for the duplicate search."""
        raise NotImplementedError

    def units(self, now_ms: int) -> tuple[UnitFacts, ...]:
        """Give all units, revoked ones included, in the order in which they joined."""
        raise NotImplementedError

    def unit(self, unit_id: str, now_ms: int) -> UnitFacts:
        """Give one unit.

        Raises:
            HubError: There is no such unit.
        """
        raise NotImplementedError

    def receipts(self, entry_id: str) -> tuple[Receipt, ...]:
        """Give the signed reports that name ``entry_id`` as erased, oldest first."""
        raise NotImplementedError

    # --- audit and recovery ------------------------------------------------------------------
    def audit(self, after: int = 0) -> Iterator[AuditLine]:
        """Give the lines of the audit log with a number above ``after``."""
        raise NotImplementedError

    def verify_audit(self) -> tuple[int, bytes]:
        """Check the whole log, and the ledger against it. Gives its length and last chain hash.

        Raises:
            HubError: A line was removed, edited or moved; says which.
        """
        raise NotImplementedError

    def recovery(self) -> Recovery:
        """Tell what a restored hub has heard; ``needed`` is False for any other."""
        raise NotImplementedError

    def resume(self, who: str, now_ms: int) -> None:
        """Let a restored hub append although it has not heard every unit."""
        raise NotImplementedError
