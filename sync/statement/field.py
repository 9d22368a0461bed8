"""The kinds of field that statements are made of. Pure.

A field turns what a statement holds into what canonical bytes hold and back, and refuses all
that is out of range, in both directions. Messages name the rule, never the value: a value may
be about a person.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Any, Protocol, TypeAlias

from sync.errors import Code, Refused

MOST_SEQ = 2**53 - 1
"""The largest sequence number or counter: exact in every language."""

LATEST_MS = 253_402_300_799_999
"""The last millisecond of the year 9999."""

_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
"""Control characters, line ends, and marks that turn the direction of writing around."""


class Field(Protocol):
    """One field of a statement, as it is held and as it is encoded."""

    def write(self, value: Any) -> object:
        """Give what is encoded for a value that is held."""
        ...

    def read(self, raw: object) -> Any:
        """Give the value that is held for what was decoded."""
        ...


def malformed(problem: str) -> Refused:
    """Make the refusal of a field."""
    return Refused(Code.MALFORMED, problem)


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number from ``least`` to ``most``."""

    least: int
    most: int

    def read(self, raw: object) -> int:
        """Check it; true and false are no numbers."""
        if type(raw) is int and self.least <= raw <= self.most:
            return raw
        raise malformed(f"not a number from {self.least} to {self.most}")

    write = read


@dataclass(frozen=True, slots=True)
class Octets:
    """A byte string of ``least`` to ``most`` bytes."""

    least: int
    most: int

    def read(self, raw: object) -> bytes:
        """Check type and length."""
        if type(raw) is bytes and self.least <= len(raw) <= self.most:
            return raw
        raise malformed(f"not {self.least} to {self.most} bytes")

    write = read


@dataclass(frozen=True, slots=True)
class Text:
    """One line of at most ``most`` characters, without control characters."""

    most: int
    least: int = 0

    def read(self, raw: object) -> str:
        """Check type, length in characters, and characters."""
        if type(raw) is str and self.least <= len(raw) <= self.most and not _UNFIT.search(raw):
            return raw
        raise malformed(f"not one line of {self.least} to {self.most} characters")

    write = read


@dataclass(frozen=True, slots=True)
class Pattern:
    """A text that a regular expression matches from end to end."""

    rule: re.Pattern[str]
    told: str

    def read(self, raw: object) -> str:
        """Check type and form."""
        if type(raw) is str and self.rule.fullmatch(raw):
            return raw
        raise malformed(f"not {self.told}")

    write = read


def pattern(rule: str, told: str) -> Pattern:
    """Make a field from a regular expression and how it is told to people."""
    return Pattern(re.compile(rule, re.ASCII), told)


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""

    def read(self, raw: object) -> bool:
        """Check the type."""
        if type(raw) is bool:
            return raw
        raise malformed("not true or false")

    write = read


@dataclass(frozen=True, slots=True)
class Choice:
    """A code from a closed list."""

    codes: type[StrEnum]

    def write(self, value: Any) -> str:
        """Give the code as a text."""
        return str(self.read(str(value)))

    def read(self, raw: object) -> StrEnum:
        """Find the code."""
        try:
            if type(raw) is str:
                return self.codes(raw)
        except ValueError:
            pass
        raise malformed(f"not a code of {self.codes.__name__}")


@dataclass(frozen=True, slots=True)
class Calendar:
    """A day of the Gregorian calendar as YYYY-MM-DD."""

    def read(self, raw: object) -> str:
        """Check form and existence of the day."""
        try:
            if type(raw) is str and date.fromisoformat(raw).isoformat() == raw:
                return raw
        except ValueError:
            pass
        raise malformed("not a day as YYYY-MM-DD")

    write = read


@dataclass(frozen=True, slots=True)
class Row:
    """A fixed sequence of fields, held as a tuple."""

    fields: tuple[Field, ...]

    def write(self, value: Any) -> list[object]:
        """Write each."""
        return self._each("write", value)

    def read(self, raw: object) -> tuple[Any, ...]:
        """Read each."""
        if type(raw) is not list:
            raise malformed("not an array")
        return tuple(self._each("read", raw))

    def _each(self, way: str, values: Sequence[Any]) -> list[Any]:
        if len(values) != len(self.fields):
            raise malformed(f"not {len(self.fields)} fields")
        return [getattr(f, way)(one) for f, one in zip(self.fields, values, strict=True)]


@dataclass(frozen=True, slots=True)
class Many:
    """Up to ``most`` of one field, held as a tuple; ``ascending`` for sets."""

    field: Field
    most: int
    ascending: bool = False

    def write(self, value: Any) -> list[object]:
        """Write each, in the order given."""
        raw = [self.field.write(one) for one in value]
        self._check(raw)
        return raw

    def read(self, raw: object) -> tuple[Any, ...]:
        """Read each."""
        if type(raw) is not list or len(raw) > self.most:
            raise malformed(f"not an array of at most {self.most}")
        values = tuple(self.field.read(one) for one in raw)
        self._check(raw)
        return values

    def _check(self, raw: list[Any]) -> None:
        if len(raw) > self.most:
            raise malformed(f"not an array of at most {self.most}")
        if self.ascending and any(a >= b for a, b in pairwise(raw)):
            raise malformed("not in ascending order, or one of them twice")


@dataclass(frozen=True, slots=True)
class Set:
    """Up to ``most`` different ones of a field, held as a frozenset, encoded ascending."""

    field: Field
    most: int

    def write(self, value: Any) -> list[object]:
        """Write in ascending order."""
        return Many(self.field, self.most, ascending=True).write(sorted(value))

    def read(self, raw: object) -> frozenset[Any]:
        """Read; the order has to be ascending."""
        return frozenset(Many(self.field, self.most, ascending=True).read(raw))


HEX = "lower-case hexadecimal digits"

ListId: TypeAlias = Annotated[str, pattern("[0-9a-f]{32}", f"32 {HEX}")]
ShortId: TypeAlias = Annotated[str, pattern("[0-9a-f]{16}", f"16 {HEX}")]
"""Of a unit, venue, entry, mailbox or snapshot."""

Scope: TypeAlias = Annotated[str, pattern("consortium|[0-9a-f]{16}", "a scope")]
Ring: TypeAlias = Annotated[
    str, pattern("((consortium|[0-9a-f]{16})/(banned|self-excluded|welfare))?", "a ring")
]
Hash: TypeAlias = Annotated[bytes, Octets(32, 32)]
Key: TypeAlias = Annotated[bytes, Octets(32, 32)]
Seq: TypeAlias = Annotated[int, Number(0, MOST_SEQ)]
Epoch: TypeAlias = Annotated[int, Number(1, 2**32 - 1)]
Moment: TypeAlias = Annotated[int, Number(0, LATEST_MS)]
"""Milliseconds since the Unix epoch, UTC."""

Name: TypeAlias = Annotated[str, Text(80, least=1)]
Word: TypeAlias = Annotated[str, pattern("[!-~]{1,40}", "1 to 40 printable ASCII characters")]
"""A short code: name of a model, version, fault, count."""

Truth: TypeAlias = Annotated[bool, Flag()]
