"""The live set: which entry stands on which record, and one hash over all of it. Pure.

Entries lie in 256 buckets by the first byte of their id. A change makes one new bucket and
one new root; two sets with equal roots hold the same entries in the same state.

- bucket: ``sha256(0x00 || for each entry in order of id: id (8) || record hash (32) || state)``,
  32 zero bytes for an empty one;
- root: ``sha256(0x01 || the 256 buckets)``.

Entries that are gone stay as tombstones: what was removed never comes back.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import Annotated, Self

from sync.statement.field import Choice, Hash, Moment, Number, Ring, Seq
from sync.statement.part import Part

BUCKETS = 256
EMPTY_BUCKET = bytes(32)


class State(StrEnum):
    """Where an entry stands."""

    LIVE = "live"
    CONTESTED = "contested"
    GONE = "gone"


_STATE_BYTE = {State.LIVE: b"\x01", State.CONTESTED: b"\x02", State.GONE: b"\x03"}


@dataclass(frozen=True, slots=True)
class Leaf(Part):
    """What the ledger knows of one entry without its content.

    Attributes:
        record_hash: Of the put record that it stands on, or of the remove record.
        not_after_ms: End of its term; 0 for an entry that was removed before it.
        ring: ``scope/category``; never changes.
        state: Where it stands.
        seq: Of the last record about it.
        revision: Of the put proposal; 0 where its content was not for this reader.
        at_ms: Of the last contest or reinstatement, 0 for none.
    """

    record_hash: Hash
    not_after_ms: Moment
    ring: Ring
    state: Annotated[State, Choice(State)]
    seq: Seq
    revision: Annotated[int, Number(0, 2**32 - 1)] = 0
    at_ms: Moment = 0


@dataclass(frozen=True, slots=True)
class _Bucket:
    """Entries whose ids begin with one byte; ``leaves`` is never changed."""

    leaves: Mapping[str, Leaf] = field(default_factory=dict)
    hash: bytes = EMPTY_BUCKET

    def updated(self, changes: Mapping[str, Leaf]) -> Self:
        """Give the bucket after the changes."""
        leaves = {**self.leaves, **changes}
        content = b"".join(
            bytes.fromhex(name) + leaf.record_hash + _STATE_BYTE[leaf.state]
            for name, leaf in sorted(leaves.items())
        )
        return type(self)(leaves, sha256(b"\x00" + content).digest())


@dataclass(frozen=True, slots=True)
class LiveSet:
    """All entries of a ledger; immutable.

    Attributes:
        root: One hash over all, 32 bytes.
    """

    _buckets: tuple[_Bucket, ...] = (_Bucket(),) * BUCKETS
    root: bytes = sha256(b"\x01" + EMPTY_BUCKET * BUCKETS).digest()

    @classmethod
    def of(cls, leaves: Mapping[str, Leaf]) -> Self:
        """Make a set of these entries (entry id to leaf)."""
        return cls().updated(leaves)

    def updated(self, changes: Mapping[str, Leaf]) -> Self:
        """Give the set in which these entries stand like this; costs one bucket for each."""
        touched: dict[int, dict[str, Leaf]] = {}
        for name, leaf in changes.items():
            touched.setdefault(int(name[:2], 16), {})[name] = leaf
        buckets = list(self._buckets)
        for number, leaves in touched.items():
            buckets[number] = buckets[number].updated(leaves)
        root = sha256(b"\x01" + b"".join(bucket.hash for bucket in buckets)).digest()
        return type(self)(tuple(buckets), root)

    def get(self, entry_id: str) -> Leaf | None:
        """Tell where an entry stands; None if it was never on the list."""
        try:
            bucket = self._buckets[int(entry_id[:2], 16)]
        except ValueError:  # that is no id of an entry
            return None
        return bucket.leaves.get(entry_id)

    def items(self) -> Iterator[tuple[str, Leaf]]:
        """Give all entries, tombstones included, as (entry id, leaf)."""
        for bucket in self._buckets:
            yield from bucket.leaves.items()

    @property
    def entries(self) -> int:
        """Count the entries that are not gone."""
        return sum(leaf.state is not State.GONE for _, leaf in self.items())
