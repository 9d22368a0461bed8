"""What the hub says about the ledger as a whole. Pure."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from sync.statement.field import Epoch, Hash, ListId, Moment, Number, Seq, ShortId
from sync.statement.part import Statement

MOST_PAGES = 16_384
"""Of a snapshot: a gigabyte, or 100,000 entries with photos."""


@dataclass(frozen=True, slots=True)
class Head(Statement):
    """The newest state of the ledger, with an end: issued again and again, so silence shows.

    Attributes:
        list_id: Whose list.
        root_version: The newest root that the hub knows.
        seq: Of the newest record, 0 for none.
        record_hash: Its hash.
        live_root: Root over the live set after it.
        epoch: After it.
        issued_ms: When the hub signed this.
        expires_ms: Until when it counts.
    """

    TAG: ClassVar[str] = "head"
    KIND: ClassVar[str] = "head"
    LARGEST: ClassVar[int] = 512

    list_id: ListId
    root_version: Annotated[int, Number(1, 2**32 - 1)]
    seq: Seq
    record_hash: Hash
    live_root: Hash
    epoch: Epoch
    issued_ms: Moment
    expires_ms: Moment


@dataclass(frozen=True, slots=True)
class Manifest(Statement):
    """What a snapshot consists of.

    Attributes:
        list_id: Whose list.
        snapshot_id: 16 hexadecimal digits.
        seq: Of the record after which it was taken.
        record_hash: That record's hash.
        live_root: Root over the live set after it.
        epoch: After it.
        pages: How many.
        pages_digest: SHA-256 of the SHA-256 digests of all pages, one after the other.
        entries: How many entries it holds, removed ones not counted.
    """

    TAG: ClassVar[str] = "manifest"
    KIND: ClassVar[str] = "manifest"
    LARGEST: ClassVar[int] = 512

    list_id: ListId
    snapshot_id: ShortId
    seq: Seq
    record_hash: Hash
    live_root: Hash
    epoch: Epoch
    pages: Annotated[int, Number(0, MOST_PAGES)]
    pages_digest: Hash
    entries: Seq
