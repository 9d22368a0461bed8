"""What is sealed in the hub's rows. Pure: values without behaviour.

Times are milliseconds since the epoch.
"""

from typing import TypeVar

import msgspec
from msgspec import Struct

from sync.errors import HubError

AnyRow = TypeVar("AnyRow", bound=Struct)


class State(Struct, frozen=True, array_like=True):
    """The hub's one row: what the next change starts from.

    Attributes:
        signing_seed: Private half of the signing key in use, 32 bytes.
        next_seed: Private half of the key that waits for its root; empty without one.
        head: Wire bytes of the newest signed head; empty before the first root.
        audited: Number of the newest line of the audit log.
        chain: Its chain hash.
        turns: Grows with every change of root, policy, units or epoch, so that other processes
            notice.
        policy_seq: Record of the policy in force; 0 while it is the one that everybody starts with.
        restored_ms: When this hub came back from a backup and began to listen to its units; 0
            once it may append.
    """

    signing_seed: bytes
    next_seed: bytes = b""
    head: bytes = b""
    audited: int = 0
    chain: bytes = bytes(32)
    turns: int = 0
    policy_seq: int = 0
    restored_ms: int = 0


class RecordRow(Struct, frozen=True, array_like=True):
    """One record of the ledger.

    Attributes:
        wire: The signed record.
        appended_ms: When.
        live_root: Root of the live set after it.
    """

    wire: bytes
    appended_ms: int
    live_root: bytes


class EntryRow(Struct, frozen=True, array_like=True):
    """One entry: its leaf of the live set, and where its records are.

    Attributes:
        record_hash: Of the leaf.
        not_after_ms: When the entry ends by itself.
        ring: Scope and category.
        state: Of the leaf: live, contested or gone.
        put_seq: Record that holds the content in force, or held it.
        mark_seq: Newest contest or reinstatement since that put; 0 without one.
        gone_seq: The tombstone; 0 without one.
    """

    record_hash: bytes
    not_after_ms: int
    ring: str
    state: str
    put_seq: int
    mark_seq: int = 0
    gone_seq: int = 0


class WaitingRow(Struct, frozen=True, array_like=True):
    """A proposal that waits for an approval: wire bytes, since when, and for what."""

    wire: bytes
    since_ms: int
    waits_for: str


class EpochRow(Struct, frozen=True, array_like=True):
    """The secrets of one epoch.

    Attributes:
        secret: What the ring and control keys are derived from; empty once the epoch is over.
        channel: What the units' channel keys are derived from; kept while a unit that missed the
            next epoch may still write under it.
        topic: Random part of the list's topic.
        since_ms: When it began.
    """

    secret: bytes
    channel: bytes
    topic: str
    since_ms: int


class UnitRow(Struct, frozen=True, array_like=True):
    """One unit.

    Attributes:
        registration: Canonical bytes of its registration.
        joined_ms: When it (last) joined.
        epoch: Epoch in which it joined.
        revoked_ms: When it was revoked; 0 for one in good standing.
        destroyed_ms: When it said that it destroyed its key; 0 before.
    """

    registration: bytes
    joined_ms: int
    epoch: int
    revoked_ms: int = 0
    destroyed_ms: int = 0


class InvitationRow(Struct, frozen=True, array_like=True):
    """One expected unit.

    Attributes:
        venue_id: Where it will stand.
        name: What it will be called.
        secret: SHA-256 of the invitation's secret.
        expires_ms: Until when it may join.
        used: SHA-256 of the keys that it was used with; empty before.
    """

    venue_id: str
    name: str
    secret: bytes
    expires_ms: int
    used: bytes = b""


class WordRow(Struct, frozen=True, array_like=True):
    """The newest report of a unit.

    Attributes:
        wire: The signed report.
        heard_ms: When it arrived.
        agrees: Whether its hash and root were the hub's own.
    """

    wire: bytes
    heard_ms: int
    agrees: bool


class ReceiptRow(Struct, frozen=True, array_like=True):
    """A report that names an erasure: wire bytes and when it arrived."""

    wire: bytes
    heard_ms: int


class AuditRow(Struct, frozen=True, array_like=True):
    """One line of the audit log, as it is hashed.

    Attributes:
        at_ms: When.
        who: Venue, officer, unit, person at the console, or "hub".
        did: One word.
        what: Entry, unit or record it was done to.
        detail: Anything else; never a name, photo or reason.
    """

    at_ms: int
    who: str
    did: str
    what: str = ""
    detail: str = ""


_encoder = msgspec.msgpack.Encoder()


def encode(row: Struct) -> bytes:
    """Turn a row into bytes."""
    return _encoder.encode(row)


def decode(content: bytes, kind: type[AnyRow]) -> AnyRow:
    """Read a row that came out of its seal.

    Raises:
        HubError: It was written by another version, or the file is damaged.
    """
    try:
        return msgspec.msgpack.decode(content, type=kind)
    except msgspec.MsgspecError as error:
        raise HubError(
            f"the hub's database holds a {kind.__name__} of another version: update Doorwatch, "
            "or restore a backup"
        ) from error
