"""Kinds of field: what they take, in both directions."""

from enum import StrEnum
from typing import Any

import pytest

from sync.errors import Refused
from sync.statement import field
from sync.statement.field import (
    Calendar,
    Choice,
    Field,
    Flag,
    Many,
    Number,
    Octets,
    Row,
    Set,
    Text,
    pattern,
)  # fmt: skip
from sync.statement.part import Nested
from sync.statement.policy import Policy


class Colour(StrEnum):
    RED = "red"
    AMBER = "amber"


BYTE = Number(0, 255)
GOOD: list[tuple[Field, Any, object]] = [
    (BYTE, 255, 255),
    (Octets(1, 2), b"ab", b"ab"),
    (Text(3), "äöü", "äöü"),
    (Text(3), "", ""),
    (pattern("[a-z]+", "letters"), "ab", "ab"),
    (Flag(), False, False),
    (Choice(Colour), Colour.RED, "red"),
    (Calendar(), "2024-02-29", "2024-02-29"),
    (Row((BYTE, Flag())), (1, True), [1, True]),
    (Many(BYTE, 3), (2, 1, 1), [2, 1, 1]),
    (Many(BYTE, 3, ascending=True), (1, 2), [1, 2]),
    (Set(Choice(Colour), 2), frozenset(Colour), ["amber", "red"]),
    (Nested(Policy), Policy(), Policy().values()),
]
BAD: list[tuple[Field, object]] = [
    *((BYTE, one) for one in (-1, 256, True, 1.0, "1", None, b"1", [1])),
    *((Octets(1, 2), one) for one in (b"", b"abc", "ab", None, bytearray(b"a"), 1)),
    *((Text(3), one) for one in ("abcd", b"abc", None, "a\n", "\0", "\x7f", "\u2028", "\u202e")),
    *((Text(3, least=1), one) for one in ("", "\u2066")),
    *((pattern("[a-z]+", "letters"), one) for one in ("", "A", "a\n", "é", b"a", 1, None)),
    *((Flag(), one) for one in (0, 1, None, "true")),
    *((Choice(Colour), one) for one in ("green", "RED", 1, None, b"red", ["red"], [])),
    *(
        (Calendar(), one)
        for one in ("2023-02-29", "20240229", "2024-W09-4", "", 1, None, "2024-2-9")
    ),
    *((Row((BYTE, Flag())), one) for one in ([1], [1, True, 0], [True, 1], None, "ab", 1)),
    *((Many(BYTE, 3), one) for one in ([1, 2, 3, 4], [256], None, "abc", 7)),
    *((Many(BYTE, 3, ascending=True), one) for one in ([2, 1], [1, 1])),
    *((Set(Choice(Colour), 2), one) for one in (["red", "amber"], ["red", "red"], ["x"], 1)),
    *((Nested(Policy), one) for one in ([], None, Policy().values()[:-1], [1] * 6)),
]


@pytest.mark.parametrize(("one", "held", "raw"), GOOD)
def test_it_is_written_and_read(one: Field, held: Any, raw: object) -> None:
    assert one.write(held) == raw
    assert one.read(raw) == held
    assert type(one.read(raw)) is type(held)


@pytest.mark.parametrize(("one", "raw"), BAD)
def test_anything_else_is_refused_when_read(one: Field, raw: object) -> None:
    with pytest.raises(Refused, match="malformed"):
        one.read(raw)


@pytest.mark.parametrize(
    ("one", "held"),
    [
        (BYTE, 256),
        (Octets(1, 2), b""),
        (Choice(Colour), "green"),
        (Row((BYTE, Flag())), (1,)),
        (Many(BYTE, 1), (1, 2)),
        (Many(BYTE, 3, ascending=True), (2, 1)),
        (Set(BYTE, 1), frozenset({1, 2})),
        (Nested(Policy), None),
    ],
)
def test_what_could_not_be_read_is_not_written(one: Field, held: object) -> None:
    with pytest.raises(Refused, match="malformed"):
        one.write(held)


def test_a_code_may_be_given_as_its_text() -> None:
    assert Choice(Colour).write("red") == "red"


def test_line_ends_and_marks_of_direction_are_unfit_and_letters_are_not() -> None:
    assert all(not field._UNFIT.search(c) for c in "aÄ中🙂\u00a0\u200d")
    assert all(field._UNFIT.search(chr(c)) for c in (0, 10, 0x85, 0x2028, 0x202D, 0x2069))
