"""How a class of typed fields becomes canonical bytes and back. Pure.

A class names its fields once, as a frozen dataclass whose annotations carry a
:class:`~sync.statement.field.Field`; order of fields is order of encoding.
"""

from dataclasses import dataclass, fields
from typing import Any, ClassVar, Self, get_type_hints

from sync import canonical
from sync.errors import Code, Refused
from sync.signing import LARGEST_SIGNED, Signed, Signer, signed
from sync.statement.field import Field, malformed

VERSION = 1


_LAYOUTS: dict[type, tuple[tuple[str, Field], ...]] = {}
"""Name and field of each attribute of a class, in order; worked out once."""


def _layout(part: Any) -> tuple[tuple[str, Field], ...]:
    """Give name and field of each attribute, in order."""
    known = _LAYOUTS.get(part)
    if known is None:
        hints = get_type_hints(part, include_extras=True)
        known = tuple((one.name, hints[one.name].__metadata__[0]) for one in fields(part))
        _LAYOUTS[part] = known
    return known


class Part:
    """A group of fields: inside a statement, or a statement itself."""

    __slots__ = ()

    def values(self) -> list[object]:
        """Give the fields as they are encoded.

        Raises:
            Refused: MALFORMED, a field is out of range.
        """
        written = []
        for name, one in _layout(type(self)):
            try:
                written.append(one.write(getattr(self, name)))
            except Refused as refusal:
                raise _told(type(self), name, refusal) from None
        return written

    @classmethod
    def of_values(cls, raw: object) -> Self:
        """Read the fields from what was decoded.

        Raises:
            Refused: MALFORMED, the wrong number of fields, or one out of range.
        """
        layout = _layout(cls)
        if type(raw) is not list or len(raw) != len(layout):
            raise malformed(f"this is no {cls.__name__}")
        values = []
        for (name, one), given in zip(layout, raw, strict=True):
            try:
                values.append(one.read(given))
            except Refused as refusal:
                raise _told(cls, name, refusal) from None
        return cls(*values)


def _told(whose: type, name: str, refusal: Refused) -> Refused:
    """Say of a refusal in which field it was."""
    problem = str(refusal).removeprefix(f"{Code.MALFORMED}: ")
    return malformed(f"{whose.__name__}.{name}: {problem}")


@dataclass(frozen=True, slots=True)
class Nested:
    """A field that is a group of fields."""

    part: type[Part]

    def write(self, value: Any) -> list[object]:
        """Write the group as an array."""
        if type(value) is not self.part:
            raise malformed(f"not a {self.part.__name__}")
        values: list[object] = value.values()
        return values

    def read(self, raw: object) -> Part:
        """Read the group."""
        return self.part.of_values(raw)


def tag_of(raw: object) -> str:
    """Tell from what was decoded which statement of this version it says it is, "" if none."""
    match raw:
        case [version, str(tag), *_] if type(version) is int and version == VERSION:
            return tag
        case _:
            return ""


class Statement(Part):
    """A group of fields with its own canonical bytes: ``[1, tag, field, ...]``.

    Attributes:
        TAG: Stands in the bytes.
        KIND: What is signed with it (see :func:`sync.signing.message`); often the tag.
        LARGEST: Bytes.
    """

    __slots__ = ()

    TAG: ClassVar[str]
    KIND: ClassVar[str]
    LARGEST: ClassVar[int] = 4096

    def encode(self) -> bytes:
        """Give the canonical bytes.

        Raises:
            Refused: MALFORMED, a field is out of range; TOO_LARGE.
        """
        body = canonical.encode([VERSION, self.TAG, *self.values()])
        if len(body) > self.LARGEST:
            raise Refused(Code.TOO_LARGE, f"a {self.TAG} of {len(body)} bytes")
        return body

    @classmethod
    def parse(cls, body: bytes) -> Self:
        """Read canonical bytes.

        Raises:
            Refused: TOO_LARGE or MALFORMED.
        """
        raw = canonical.decode(body, cls.LARGEST)
        if tag_of(raw) != cls.TAG or not isinstance(raw, list):
            raise malformed(f"this is no {cls.TAG} of version {VERSION}")
        return cls.of_values(raw[2:])

    def signed(self, *signers: Signer) -> Signed:
        """Encode and sign by each key."""
        return signed(self.KIND, self.encode(), *signers)

    @classmethod
    def open(cls, wire: bytes) -> tuple[Signed, Self]:
        """Read the wire bytes of a signed statement; no signature is checked yet.

        Raises:
            Refused: TOO_LARGE or MALFORMED.
        """
        carried = Signed.parse(wire, cls.KIND, LARGEST_SIGNED)
        return carried, cls.parse(carried.body)
