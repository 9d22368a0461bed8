"""One change of the list. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, ClassVar

from sync.signing import digest
from sync.statement.field import (
    MOST_SEQ,
    Choice,
    Epoch,
    Hash,
    ListId,
    Moment,
    Number,
    Ring,
    ShortId,
    pattern,
)
from sync.statement.part import Statement


class Op(StrEnum):
    """What a record does to the list."""

    PUT = "put"
    REMOVE = "remove"
    CONTEST = "contest"
    REINSTATE = "reinstate"
    REKEY = "rekey"
    POLICY = "policy"
    REGISTER = "register"


NO_HASH = bytes(32)
"""Stands for the record before the first."""


@dataclass(frozen=True, slots=True)
class Record(Statement):
    """One link of the ledger's chain, signed by the hub.

    Attributes:
        list_id: Whose list.
        seq: 1 for the first, then one more each time.
        prev: Hash of the record before, :data:`NO_HASH` for the first.
        epoch: In which it was appended; a rekey record begins its epoch.
        op: What it does.
        entry_id: To which entry; "" for rekey, policy and register.
        ring: ``scope/category`` of that entry; "" as above.
        not_after_ms: End of the entry's term (put, and remove at the end of the term), else 0.
        content_digest: ``digest("content", content)``.
        issued_ms: When the hub appended it; never earlier than the record before.
    """

    TAG: ClassVar[str] = "record"
    KIND: ClassVar[str] = "record"
    LARGEST: ClassVar[int] = 512

    list_id: ListId
    seq: Annotated[int, Number(1, MOST_SEQ)]
    prev: Hash
    epoch: Epoch
    op: Annotated[Op, Choice(Op)]
    entry_id: Annotated[str, pattern("([0-9a-f]{16})?", "an entry id or nothing")]
    ring: Ring
    not_after_ms: Moment
    content_digest: Hash
    issued_ms: Moment

    @property
    def hash(self) -> bytes:
        """Name this record, 32 bytes; the hub's signature is not covered."""
        return digest(self.KIND, self.encode())


def content_digest(content: bytes) -> bytes:
    """Give the digest of a record's content, 32 bytes."""
    return digest("content", content)


@dataclass(frozen=True, slots=True)
class Expiry(Statement):
    """Content of a remove record at the end of an entry's term; nobody has to sign it."""

    TAG: ClassVar[str] = "expiry"
    KIND: ClassVar[str] = "content"

    entry_id: ShortId
