"""One string that brings a unit to its list: pasted, typed, or read from a QR code. Pure.

``DW1-`` and groups of eight characters: seven digits of base 32 in Crockford's alphabet (no I,
L, O, U; capitals or not) and one that checks the group, so that a mistyped group can be named.
The bytes are a statement and, behind it, the first four bytes of its SHA-256. Nothing but the
secret is secret, and that is worth nothing after it was used.
"""

from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, ClassVar, Self

from sync.errors import Code, Refused
from sync.statement.field import Hash, Moment, Number, Octets, Text
from sync.statement.part import Statement

SECRET_SIZE = 16

_TITLE = "DW1"
_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MEANT = str.maketrans({"O": "0", "I": "1", "L": "1"})
_BITS = 5
_GROUP = 7
_CHECK_SIZE = 4
_LONGEST = 1_024
_FIELD = 0b100101  # x^5 + x^2 + 1 makes the 32 digits a field


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
        body = self.encode()
        digits = _digits_of(body + sha256(body).digest()[:_CHECK_SIZE])
        groups = [digits[at : at + _GROUP] for at in range(0, len(digits), _GROUP)]
        written = ("".join(_DIGITS[digit] for digit in (*one, _check(one))) for one in groups)
        return "-".join((_TITLE, *written))

    @classmethod
    def of_text(cls, text: str) -> Self:
        """Read the string.

        Raises:
            Refused: INVITATION; what is wrong with it and where.
        """
        if len(text) > _LONGEST:
            raise _refused("it is too long: paste it once, and nothing else")
        title, *groups = "".join(text.upper().split()).split("-")
        if title != _TITLE or not groups:
            raise _refused(f"it has to begin with {_TITLE}-: copy the whole string")
        digits = [digit for number, one in enumerate(groups, 1) for digit in _group(number, one)]
        return cls._of_bytes(_bytes_of(digits), len(groups))

    @classmethod
    def _of_bytes(cls, content: bytes, groups: int) -> Self:
        body, check = content[:-_CHECK_SIZE], content[-_CHECK_SIZE:]
        if sha256(body).digest()[:_CHECK_SIZE] != check:
            raise _refused(
                f"its {groups} groups do not belong together: one is missing, or two are exchanged"
            )
        try:
            return cls.parse(body)
        except Refused as refusal:
            raise _refused("another version of Doorwatch made it: update this unit") from refusal


def _group(number: int, written: str) -> list[int]:
    """Read one group, counted from 1, without its check."""
    digits = [_DIGITS.find(character) for character in written.translate(_MEANT)]
    if len(digits) not in range(2, _GROUP + 2) or -1 in digits or _check(digits[:-1]) != digits[-1]:
        shown = written if len(written) <= 2 * _GROUP else f"{written[:_GROUP]}…"
        raise _refused(f"group {number} after {_TITLE} is mistyped ({shown})")
    return digits[:-1]


def _check(digits: list[int]) -> int:
    """Weigh the digits in GF(32): one wrong digit, or two exchanged, change the sum."""
    total = 0
    for digit in digits:
        total = _doubled(total ^ digit)
    return total


def _doubled(value: int) -> int:
    value <<= 1
    return value ^ _FIELD if value >> _BITS else value


def _digits_of(content: bytes) -> list[int]:
    """Cut bytes into digits of five bits; the last one is filled up with zeros."""
    count = -(-len(content) * 8 // _BITS)
    number = int.from_bytes(content, "big") << (count * _BITS - len(content) * 8)
    return [number >> (_BITS * at) & (2**_BITS - 1) for at in reversed(range(count))]


def _bytes_of(digits: list[int]) -> bytes:
    number = 0
    for digit in digits:
        number = number << _BITS | digit
    spare = len(digits) * _BITS % 8
    if spare >= _BITS or number & (2**spare - 1):
        raise _refused("it ends in the middle: copy the whole string")
    return (number >> spare).to_bytes(len(digits) * _BITS // 8, "big")


def _refused(problem: str) -> Refused:
    return Refused(Code.INVITATION, f"the invitation cannot be read, {problem}")
