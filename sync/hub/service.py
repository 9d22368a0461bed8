"""The hub's rules: propose, approve, append, lift, revoke, tell. No network, no command line.

Each method that changes something is one SQLite transaction: record, signature, new head, outbox
and audit line are on the disk together or not at all. Several processes may have the same hub
open; each sees what the others did. Time is passed in: ``now_ms``, milliseconds since the epoch.
"""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Self

import msgspec

from edge.gallery.closing import Closing
from edge.gallery.keys import KeyProvider
from edge.gallery.rotation import Rotated
from sync import seal
from sync.hub import (
    adopting,
    audit,
    datakey,
    epochs,
    membership,
    proposing,
    purging,
    reach,
    releasing,
    roots,
    words,
)
from sync.hub.audit import AuditHead
from sync.hub.desk import Desk
from sync.hub.facts import AuditLine, EntryFacts, Outcome, Reach, Receipt, Recovery, UnitFacts
from sync.hub.history import Step, history
from sync.hub.rows import State
from sync.hub.store import Store
from sync.liveset import State as Stands
from sync.signing import Signed
from sync.statement.head import Head
from sync.statement.membership import Registration
from sync.statement.policy import Policy
from sync.statement.proposal import PutProposal
from sync.statement.root import Root


class Service(Closing):
    """One open hub, for one thread. Make one with ``Service.create`` or ``Service.open``.

    Attributes:
        desk: The open database; for ``Exchange`` and for tests.
    """

    def __init__(self, desk: Desk) -> None:
        """Work at an open database."""
        self.desk = desk

    @classmethod
    def create(cls, path: Path, provider: KeyProvider, now_ms: int) -> Self:
        """Make a new hub: a list id, a signing key, no root yet (``add_root`` is next).

        Raises:
            HubError: There is a hub already, or the disk does not write.
        """
        state = State(seal.SigningKey.generate().seed, secrets.token_bytes(seal.KEY_SIZE))
        desk = Desk(Store.create(path, provider, state))
        with desk.change():
            desk.note(now_ms, "hub", "create", desk.store.list_id)
        return cls(desk)

    @classmethod
    def open(cls, path: Path, provider: KeyProvider) -> Self:
        """Open the hub at ``path``.

        Raises:
            HubError: There is none, or it is damaged, or the key is not its own.
        """
        return cls(Desk(Store.open(path, provider)))

    def close(self) -> None:
        """Close the file."""
        self.desk.store.close()

    def together(self) -> AbstractContextManager[None]:
        """Run the calls inside the block as one change: all of them on the disk, or none."""
        return self.desk.change()

    # --- trust -------------------------------------------------------------------------------
    @property
    def list_id(self) -> str:
        """The list's id, 32 hexadecimal digits; officers write it into the first root."""
        return self.desk.store.list_id

    @property
    def hub_key(self) -> bytes:
        """The public half of the signing key in use, 32 bytes; officers write it into a root."""
        return self.desk.signer.public

    @property
    def root(self) -> Root:
        """The newest root."""
        return self.desk.root

    def roots(self, after: int = 0) -> tuple[Signed, ...]:
        """Give the chain of roots whose version is greater than ``after``, oldest first."""
        return roots.chain(self.desk, after)

    def add_root(self, signed: Signed, now_ms: int) -> Root:
        """Take the first or next root; one that names ``next_hub_key`` makes it the key in use.

        With a new hub key all records and the head are signed again; hashes stay as they are.

        Raises:
            Refused: It is not signed as it must be, skips a version or names an unknown hub key.
        """
        return roots.add_root(self.desk, signed, now_ms)

    def next_hub_key(self, now_ms: int) -> bytes:
        """Make the hub's next signing key and give its public half, for the officers' next root.

        Asked again before that root is here, it gives the same key.
        """
        return roots.next_hub_key(self.desk, now_ms)

    # --- proposals ---------------------------------------------------------------------------
    def propose(self, signed: Signed, now_ms: int) -> Outcome:
        """Take a signed proposal of any kind: put, remove, contest, reinstate, policy.

        With the signatures that the rules ask for it goes on the ledger at once; otherwise it
        waits for ``approve``. The same proposal a second time changes nothing.

        Raises:
            Refused: It breaks a rule or a signature is wrong.
        """
        return proposing.propose(self.desk, signed, now_ms)

    def approve(self, signed: Signed, now_ms: int) -> Outcome:
        """Add the signatures on ``signed`` to those of the same proposal that waits.

        Raises:
            Refused: Nothing with that body waits, or a signature is wrong.
        """
        return proposing.approve(self.desk, signed, now_ms)

    def waiting(self, entry_id: str) -> Signed:
        """Give the proposal about ``entry_id`` that waits, for an approver to read and sign.

        Raises:
            HubError: None waits.
        """
        return proposing.waiting(self.desk, entry_id)

    def withdraw(self, entry_id: str, who: str, now_ms: int, venue_id: str = "") -> None:
        """Drop what waits about ``entry_id``, of one venue or of all, and destroy its content."""
        proposing.withdraw(self.desk, entry_id, who, now_ms, venue_id)

    def submit(self, unit_id: str, wire: bytes, now_ms: int) -> str:
        """Take a local entry that was made at a unit; idempotent. Gives the entry's id.

        Raises:
            Refused: It is not of that unit's venue, or breaks a rule.
        """
        return proposing.submit(self.desk, unit_id, wire, now_ms)

    def expire(self, now_ms: int) -> tuple[str, ...]:
        """Take the entries off whose term is over at ``now_ms`` and give their ids."""
        return proposing.expire(self.desk, now_ms)

    # --- units -------------------------------------------------------------------------------
    def invite(
        self, venue_id: str, name: str, expires_ms: int, who: str, now_ms: int
    ) -> tuple[str, bytes]:
        """Expect one new unit. Gives its id and the invitation's secret, 16 bytes, told once."""
        return membership.invite(self.desk, venue_id, name, (now_ms, expires_ms), who)

    def reinvite(self, unit_id: str, expires_ms: int, who: str, now_ms: int) -> bytes:
        """Expect a unit again that was revoked or lost its card. Gives the new secret."""
        return membership.reinvite(self.desk, unit_id, (now_ms, expires_ms), who)

    def join(
        self, unit_id: str, secret: bytes, signing_key: bytes, box_key: bytes, now_ms: int
    ) -> Registration:
        """Register an invited unit with its keys (raw public bytes); works once.

        The same keys again, before the invitation ends, give the same answer: the first one may
        have been lost on its way.

        Raises:
            Refused: INVITATION: unknown, over, used, or the wrong secret.
        """
        return membership.join(self.desk, unit_id, secret, (signing_key, box_key), now_ms)

    def key_box(self, unit_id: str, now_ms: int) -> Signed:
        """Make the signed key box of a unit for the present epoch."""
        return epochs.key_box(self.desk, membership.unit_of(self.desk, unit_id), now_ms)

    def revoke(self, unit_id: str, who: str, now_ms: int) -> None:
        """End a unit: new epoch, key boxes for all others, a kill order for this one."""
        membership.revoke(self.desk, unit_id, who, now_ms)

    def release(self, mailbox: str, now_ms: int, *, certified: bool) -> bytes:
        """Give the unit of a mailbox the hub's share of its key; see ``releasing.release``."""
        return releasing.release(self.desk, mailbox, now_ms, certified=certified)

    def note_refusal(self, mailbox: str, now_ms: int) -> None:
        """Write down that a unit asked for its share which gets none any more."""
        releasing.note_refusal(self.desk, mailbox, now_ms)

    def tell_share(self, unit_id: str, who: str, now_ms: int) -> bytes:
        """Give a unit's share to a person, who types it in at the door."""
        return releasing.tell(self.desk, membership.unit_of(self.desk, unit_id), who, now_ms)

    def rename(self, unit_id: str, name: str, who: str, now_ms: int) -> None:
        """Call a unit something else at the hub."""
        membership.rename(self.desk, unit_id, name, who, now_ms)

    # --- reading -----------------------------------------------------------------------------
    @property
    def policy(self) -> Policy:
        """The policy in force."""
        return self.desk.book.ledger.policy

    def head(self) -> Signed:
        """Give the newest signed head."""
        return Signed.parse(self.desk.store.state.head, Head.KIND)

    def entries(self) -> tuple[EntryFacts, ...]:
        """Give all entries that wait, live or are contested, oldest first."""
        return reach.entries(self.desk)

    def entry(self, entry_id: str) -> EntryFacts:
        """Give one entry, also one that is gone.

        Raises:
            HubError: There is no such entry.
        """
        return reach.entry(self.desk, entry_id)

    def reach(self, entry_id: str, now_ms: int) -> tuple[Reach, ...]:
        """Tell, for each unit the entry concerns, whether its newest change is confirmed."""
        return reach.reach(self.desk, entry_id, now_ms)

    def content(self, entry_id: str, who: str, now_ms: int) -> PutProposal:
        """Give an entry's content, photo and reason included; the look-up is audited."""
        with self.desk.change():
            proposal = reach.content(self.desk, entry_id)
            self.desk.note(now_ms, who, "look", entry_id)
        return proposal

    def looked(self, entry_ids: Sequence[str], who: str, now_ms: int) -> None:
        """Note that somebody was shown pictures of these entries, all on one page."""
        with self.desk.change():
            self.desk.note(now_ms, who, "look", detail=" ".join(entry_ids))

    def history(self, entry_id: str) -> tuple[Step, ...]:
        """Tell what happened to an entry, oldest first."""
        return history(self.desk, entry_id)

    def puts(self) -> Iterator[PutProposal]:
        """Give the content of every live or contested entry, for the duplicate search."""
        for entry_id, leaf in self.desk.book.ledger.live.items():
            if leaf.state is not Stands.GONE:
                yield reach.content(self.desk, entry_id)

    def units(self, now_ms: int) -> tuple[UnitFacts, ...]:
        """Give all units, revoked ones included, in the order in which they joined."""
        return tuple(reach.facts(self.desk, one, now_ms) for one in self.desk.book.units.values())

    def unit(self, unit_id: str, now_ms: int) -> UnitFacts:
        """Give one unit.

        Raises:
            HubError: There is no such unit.
        """
        return reach.facts(self.desk, membership.unit_of(self.desk, unit_id), now_ms)

    def receipts(self, entry_id: str) -> tuple[Receipt, ...]:
        """Give the signed reports that name ``entry_id`` as erased, oldest first."""
        return words.receipts(self.desk, entry_id)

    # --- audit and recovery ------------------------------------------------------------------
    def audit(self, after: int = 0) -> Iterator[AuditLine]:
        """Give the lines of the audit log with a number above ``after``."""
        return audit.lines(self.desk.store, after)

    def verify_audit(self) -> tuple[int, bytes]:
        """Check the whole log, and the ledger against it. Gives its length and last chain hash.

        Raises:
            HubError: A line was removed, edited or moved; says which.
        """
        adopting.verify_chain(self.desk)
        return audit.verify(self.desk.store)

    def audit_head(self, now_ms: int) -> AuditHead:
        """State the newest line of the log, for venues to sign and keep."""
        return audit.head(self.desk.store, now_ms)

    def witness(self, signed: Signed) -> tuple[str, ...]:
        """Keep an audit head that venues signed; ``verify_audit`` holds the log against it.

        Raises:
            Refused: No venue of this list signed it, or this log says something else.
        """
        with self.desk.change():
            return audit.witness(self.desk.store, signed, self.desk.root, seal.verify)

    def recovery(self) -> Recovery:
        """Tell what a restored hub has heard; ``needed`` is False for any other."""
        return adopting.recovery(self.desk)

    def listen(self, now_ms: int) -> None:
        """Let a hub that was put back from a backup hear its units before it appends anything."""
        adopting.listen(self.desk, now_ms)

    def rotate_data_key(self, kek: bytes, who: str, now_ms: int) -> Rotated:
        """Seal the database under a new data key, which ``kek`` opens; others go on meanwhile."""
        return datakey.rotate_data_key(self.desk, kek, who, now_ms)

    def copied(self, copy: Path, who: str, now_ms: int) -> None:
        """Note where a copy of the database lies: what is erased here is erased there as well."""
        purging.remember(self.desk, copy, who, now_ms)

    def drilled(self, found: str, who: str, now_ms: int) -> None:
        """Note that a copy was restored and compared, and what was found in it."""
        with self.desk.change():
            state = self.desk.store.state
            self.desk.store.state = msgspec.structs.replace(state, drilled_ms=now_ms)
            self.desk.note(now_ms, who, "drill", detail=found)

    def resume(self, who: str, now_ms: int) -> None:
        """Let a restored hub append although it has not heard every unit."""
        adopting.resume(self.desk, who, now_ms)
