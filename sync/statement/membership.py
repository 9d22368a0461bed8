"""Which units take part: content of records that no venue has to sign. Pure."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from sync.statement.field import Epoch, Key, Many, Name, Octets, ShortId, pattern
from sync.statement.part import Statement


@dataclass(frozen=True, slots=True)
class Registration(Statement):
    """Content of a register record: a unit has joined.

    Attributes:
        unit_id: 16 hexadecimal digits.
        venue_id: At whose door it stands.
        name: For people.
        signing_key: Ed25519 public key of its reports.
        box_key: Public key that its key boxes are sealed to; see KeyBox.suite.
        mailbox: Topic of its mailbox.
    """

    TAG: ClassVar[str] = "register"
    KIND: ClassVar[str] = "content"

    unit_id: ShortId
    venue_id: ShortId
    name: Name
    signing_key: Key
    box_key: Annotated[bytes, Octets(32, 2048)]
    mailbox: ShortId


@dataclass(frozen=True, slots=True)
class Rekey(Statement):
    """Content of a rekey record: a new epoch has begun.

    Attributes:
        epoch: Its number, that of the record.
        revoked: Units that have no part in it, ascending.
    """

    TAG: ClassVar[str] = "rekey"
    KIND: ClassVar[str] = "content"
    LARGEST: ClassVar[int] = 64 * 1024

    epoch: Epoch
    revoked: Annotated[
        tuple[str, ...], Many(pattern("[0-9a-f]{16}", "a unit id"), 2048, ascending=True)
    ] = ()
