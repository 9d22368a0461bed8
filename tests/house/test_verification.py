"""The list of OWASP ASVS in deploy/SECURITY.md is whole, and every test that it names exists."""

import re
from collections import Counter
from pathlib import Path

import pytest

LINES = {
    "1.1": range(1, 8), "1.2": range(1, 5), "1.4": (1, 4, 5), "1.5": range(1, 5),
    "1.6": range(1, 5), "1.7": (1, 2), "1.8": (1, 2), "1.9": (1, 2), "1.10": (1,), "1.11": (1, 2),
    "1.12": (2,), "1.14": range(1, 7), "2.1": range(1, 13), "2.2": range(1, 4),
    "2.3": range(1, 4), "2.4": range(1, 6), "2.5": range(1, 8), "2.6": range(1, 4),
    "2.7": range(1, 7), "2.8": range(1, 8), "2.9": range(1, 4), "2.10": range(1, 5), "3.1": (1,),
    "3.2": range(1, 5), "3.3": range(1, 5), "3.4": range(1, 6), "3.5": range(1, 4), "3.7": (1,),
    "4.1": (1, 2, 3, 5), "4.2": (1, 2), "4.3": range(1, 4), "5.1": range(1, 6),
    "5.2": range(1, 9), "5.3": range(1, 11), "5.4": range(1, 4), "5.5": range(1, 5),
    "6.1": range(1, 4), "6.2": range(1, 7), "6.3": (1, 2), "6.4": (1, 2), "7.1": range(1, 5),
    "7.2": (1, 2), "7.3": (1, 3, 4), "7.4": range(1, 4), "8.1": range(1, 5), "8.2": range(1, 4),
    "8.3": range(1, 9), "9.1": range(1, 4), "9.2": range(1, 5), "10.2": (1, 2),
    "10.3": range(1, 4), "11.1": range(1, 9), "12.1": range(1, 4), "12.2": (1,),
    "12.3": range(1, 7), "12.4": (1, 2), "12.5": (1, 2), "12.6": (1,), "13.1": (1, 3, 4, 5),
    "13.2": (1, 2, 3, 5, 6), "13.3": (1, 2), "13.4": (1, 2), "14.1": range(1, 5),
    "14.2": range(1, 7), "14.3": (2, 3), "14.4": range(1, 8), "14.5": range(1, 5),
}  # fmt: skip
"""The lines of version 4.0.3 that are of level 1 or 2, section by section."""

ROW = re.compile(r"^\| ((?:\d+\.\d+\.\d+(?:, )?)+) \| ([✓✗\u2013]) \|(.*)\|(.*)\|$", re.MULTILINE)
TEST = re.compile(r"`(\w+): ([\w ]+|\*)`")


@pytest.fixture(scope="module")
def rows(root: Path) -> list[tuple[str, str, str, str]]:
    return ROW.findall((root / "deploy/SECURITY.md").read_text(encoding="utf-8"))


def test_every_line_of_the_standard_stands_there_once(rows: list[tuple[str, ...]]) -> None:
    told = Counter(line for row in rows for line in row[0].split(", "))
    asked = {f"{section}.{number}" for section, numbers in LINES.items() for number in numbers}
    assert (asked - set(told), set(told) - asked) == (set(), set())
    assert max(told.values()) == 1


def test_what_does_not_hold_says_why(rows: list[tuple[str, ...]]) -> None:
    assert [row[0] for row in rows if row[1] != "✓" and not row[2].strip()] == []
    assert [row[0] for row in rows if row[1] == "✓" and not (row[2] + row[3]).strip()] == []


def test_every_test_that_is_named_exists(root: Path, rows: list[tuple[str, ...]]) -> None:
    known: dict[str, str] = {}
    for path in (root / "tests").rglob("test_*.py"):
        stem = path.stem.removeprefix("test_")
        known[stem] = known.get(stem, "") + path.read_text(encoding="utf-8")
    named = [found for row in rows for found in TEST.findall(row[3])]
    assert len(named) > 100
    missing = [
        f"{stem}: {sentence}"
        for stem, sentence in named
        if f"def test_{'' if sentence == '*' else sentence.replace(' ', '_') + '('}"
        not in known.get(stem, "")
    ]
    assert missing == []
