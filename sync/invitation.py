"""One string that brings a unit to its list: pasted, typed, or read from a QR code. Pure.

``DW1-`` and a statement in groups that check themselves (see ``sync.typed``). Nothing but the
secret is secret, and that is worth nothing after it was used.
"""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Self

from sync import typed
from sync.errors import Code, Refused
from sync.statement.field import Hash, Moment, Number, Octets, Text
from sync.statement.part import Statement

SECRET_SIZE = 16

_TITLE = "DW1"


@dataclass(frozen=True, slots=True)
class Invitation(Statement):
    """What a unit needs to trust a hub, and a hub to know a unit.

    Attributes:
        unit: Id of the unit that is invited, 8 bytes.
        host: Where units join: name or address.
        port: And the TCP port.
        authority: SHA-256 of the certificate authority's certificate (DER), 32 bytes.
        root: Digest of a root of the list; the newest when the invitation was made.
        secret: Proves that it is this unit that was invited; works once.
        expires_ms: Until when; milliseconds since the epoch.
    """

    TAG: ClassVar[str] = "invitation"
    KIND: ClassVar[str] = "invitation"
    LARGEST: ClassVar[int] = 512

    unit: Annotated[bytes, Octets(8, 8)]
    host: Annotated[str, Text(120, least=1)]
    port: Annotated[int, Number(1, 65_535)]
    authority: Hash
    root: Hash
    secret: Annotated[bytes, Octets(SECRET_SIZE, SECRET_SIZE)]
    expires_ms: Moment

    @property
    def unit_id(self) -> str:
        """The unit's id, 16 hexadecimal digits."""
        return self.unit.hex()

    def text(self) -> str:
        """Write it as one string."""
        return typed.written(_TITLE, self.encode())

    @classmethod
    def of_text(cls, text: str) -> Self:
        """Read the string.

        Raises:
            Refused: INVITATION; what is wrong with it and where.
        """
        try:
            body = typed.read(_TITLE, text)
        except ValueError as error:
            raise _refused(str(error)) from error
        try:
            return cls.parse(body)
        except Refused as refusal:
            raise _refused("another version of Doorwatch made it: update this unit") from refusal


def _refused(problem: str) -> Refused:
    return Refused(Code.INVITATION, f"the invitation cannot be read, {problem}")
