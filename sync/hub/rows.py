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
        channels: What the units' channel keys of all epochs are derived from, 32 bytes.
        next_seed: Private half of the key that waits for its root; empty without one.
        chain: Canonical bytes of the ledger's chain; empty before the first root.
        head: Wire bytes of the newest signed head; empty before the first root.
        audited: Number of the newest line of the audit log.
        audit_chain: Its chain hash.
        turns: Grows with every change of root, units or epoch, so that other processes notice.
        restored_ms: When this hub came back from a backup and began to listen to its units; 0
            once it may append.
        copies: Where backups of this database lie, as far as it knows.
        caution: Canonical bytes of the newest caution; empty before the first.
        drilled_ms: When a backup was last restored and compared; 0 if none ever was.
    """

    signing_seed: bytes
    channels: bytes
    next_seed: bytes = b""
    chain: bytes = b""
    head: bytes = b""
    audited: int = 0
    audit_chain: bytes = bytes(32)
    turns: int = 0
    restored_ms: int = 0
    copies: tuple[str, ...] = ()
    caution: bytes = b""
    drilled_ms: int = 0


class RecordRow(Struct, frozen=True, array_like=True):
    """One record of the ledger.

    Attributes:
        wire: The signed record.
        appended_ms: When.
        live_root: Root of the live set after it.
        entry_id: Whom it is about; "" for none.
        ring: That entry's; "" for none.
        puts: Whether its content is an entry, which is destroyed once that is gone.
    """

    wire: bytes
    appended_ms: int
    live_root: bytes
    entry_id: str
    ring: str
    puts: bool


class EntryRow(Struct, frozen=True, array_like=True):
    """One entry: its leaf of the live set, and where its records are.

    Attributes:
        leaf: Canonical bytes of the leaf.
        puts: Records that put it on the list, version by version; their contents are destroyed
            once it is gone.
        mark: Newest contest or reinstatement; 0 without one.
    """

    leaf: bytes
    puts: tuple[int, ...] = ()
    mark: int = 0


class WaitingRow(Struct, frozen=True, array_like=True):
    """A proposal that waits for an approval.

    Attributes:
        wire: The proposal with the signatures so far.
        entry_id: About which entry; "" for a policy.
        since_ms: Since when.
        waits_for: For what, one line.
    """

    wire: bytes
    entry_id: str
    since_ms: int
    waits_for: str


class EpochRow(Struct, frozen=True, array_like=True):
    """The secrets of the present epoch.

    Attributes:
        secret: What the ring and control keys are derived from.
        topic: Random part of the list's topic.
        since_ms: When it began.
    """

    secret: bytes
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
        name: What it is called at the hub; "" for the name that it registered with.
    """

    registration: bytes
    joined_ms: int
    epoch: int
    revoked_ms: int = 0
    destroyed_ms: int = 0
    name: str = ""


class ShareRow(Struct, frozen=True, array_like=True):
    """The hub's share of the key of a unit's gallery; destroyed when the unit is revoked.

    Attributes:
        share: Drawn at random, 32 bytes.
        released_ms: When it was given out last.
        noted_ms: When the audit log was last told of it; 0 for never.
        unnoted: How often it was given to the unit since then.
    """

    share: bytes
    released_ms: int
    noted_ms: int = 0
    unnoted: int = 0


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
        counter: Its number.
        seq: The record that it had reached.
        epoch: Whose keys it used.
        noted_ms: When the audit log was last told that its ledger was another; 0 for never.
        noted_seq: Of which record it was told, unless the unit has agreed since; else -1.
    """

    wire: bytes
    heard_ms: int
    agrees: bool
    counter: int
    seq: int
    epoch: int
    noted_ms: int = 0
    noted_seq: int = -1


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
