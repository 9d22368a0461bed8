"""Keys on their way to one unit, and the order that destroys the unit's own. Pure."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from sync.statement.field import (
    Epoch,
    Key,
    ListId,
    Many,
    Moment,
    Octets,
    Row,
    ShortId,
    Word,
    pattern,
)
from sync.statement.part import Statement

MOST_RINGS = 1024


@dataclass(frozen=True, slots=True)
class KeyBox(Statement):
    """The keys of one epoch for one unit, sealed by HPKE (RFC 9180) and signed by the hub.

    The sender of HPKE's base mode is anonymous, so the signature is what tells who sent it.

    Attributes:
        list_id: Whose list.
        unit_id: For whom.
        epoch: Whose keys.
        suite: Name of the HPKE suite.
        sealed: Encapsulated key and ciphertext of a :class:`KeyRing`.
        issued_ms: When.
    """

    TAG: ClassVar[str] = "key-box"
    KIND: ClassVar[str] = "key-box"
    LARGEST: ClassVar[int] = 64 * 1024

    list_id: ListId
    unit_id: ShortId
    epoch: Epoch
    suite: Word
    sealed: Annotated[bytes, Octets(32, 60 * 1024)]
    issued_ms: Moment

    @property
    def info(self) -> bytes:
        """Give HPKE's ``info``: binds the box to list, epoch and unit."""
        return f"doorwatch/1 key-box|{self.list_id}|{self.epoch}|{self.unit_id}".encode()


@dataclass(frozen=True, slots=True)
class KeyRing(Statement):
    """What is inside a key box; never signed, never stored in the clear.

    Attributes:
        epoch: Whose keys.
        control: Of the list topic and of records without an entry, 32 bytes.
        channel: Between the hub and this unit, 32 bytes.
        topic: Of the list in this epoch, 16 hexadecimal digits.
        rings: (ring, key of 32 bytes), ascending.
    """

    TAG: ClassVar[str] = "key-ring"
    KIND: ClassVar[str] = "key-ring"
    LARGEST: ClassVar[int] = 60 * 1024

    epoch: Epoch
    control: Key
    channel: Key
    topic: ShortId
    rings: Annotated[
        tuple[tuple[str, bytes], ...],
        Many(
            Row((pattern("(consortium|[0-9a-f]{16})/[a-z-]{1,16}", "a ring"), Octets(32, 32))),
            MOST_RINGS,
            ascending=True,
        ),
    ]


@dataclass(frozen=True, slots=True)
class Kill(Statement):
    """The order to destroy the key of everything a unit has stored; signed by the hub.

    Attributes:
        list_id: Whose list.
        unit_id: Which unit.
        issued_ms: When.
    """

    TAG: ClassVar[str] = "kill"
    KIND: ClassVar[str] = "kill"

    list_id: ListId
    unit_id: ShortId
    issued_ms: Moment
