"""sync/PROTOCOL.md says what the code does: fields, limits, codes, files of vectors."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from statement_strategies import STATEMENTS
from sync import canonical, frames, seal, signing, transfer
from sync.entries import LONGEST_DAYS, REASONS_OF
from sync.errors import Code
from sync.heads import FURTHEST_AHEAD
from sync.hub import listening
from sync.invitation import Invitation
from sync.joining import Application
from sync.ledger import MOST_POLICIES
from sync.statement import caution, head, keybox, report, root
from sync.statement.field import LATEST_MS
from sync.statement.part import Statement
from sync.statement.policy import Policy
from sync.statement.root import Venue
from sync.unit import session
from sync.unit.roots import MOST_ROOTS
from sync.unit.urgent import MOST_AHEAD

FOLDER = Path(__file__).parents[1] / "vectors"
TEXT = (Path(signing.__file__).parent / "PROTOCOL.md").read_text("utf-8")
SECTIONS = {
    title.split(" ", 1)[-1]: body
    for title, body in re.findall(r"^##+ ([^\n]+)\n(.*?)(?=^##|\Z)", TEXT, re.MULTILINE | re.DOTALL)
}


NESTED = {"root": Venue, "policy": Policy}
"""Statements that hold a group of fields with a table of its own."""


def first_cells(section: str) -> list[str]:
    """Give the first cell of each row, where it is in code type."""
    return re.findall(r"^\| `([^`]+)`", SECTIONS[section], re.MULTILINE)


@pytest.mark.parametrize("kind", STATEMENTS, ids=lambda one: one.TAG)
def test_each_statement_has_its_fields_in_order(kind: type[Statement]) -> None:
    nested = NESTED.get(kind.TAG)
    held = [*fields(kind), *(fields(nested) if nested else ())]  # type: ignore[arg-type]
    assert first_cells(kind.TAG) == [one.name for one in held]


@pytest.mark.parametrize("kind", STATEMENTS, ids=lambda one: one.TAG)
def test_each_statement_has_its_kind_and_size(kind: type[Statement]) -> None:
    body = SECTIONS[kind.TAG]
    assert f"at most {kind.LARGEST:,} bytes" in body.lower()
    if kind.KIND not in {"content", "key-ring"}:
        assert f"Kind `{kind.KIND}`" in body


def test_every_code_has_its_line_and_no_other() -> None:
    assert first_cells("Refusals") == [code.value for code in Code]


def test_codes_in_the_text_exist() -> None:
    told = set(re.findall(r"\b[A-Z]{3,}(?:_[A-Z]+)+\b", TEXT))
    assert told <= {code.name for code in Code}


def test_reasons_and_terms_are_those_of_the_list() -> None:
    for category, reasons in REASONS_OF.items():
        listed = ", ".join(f"`{one}` {LONGEST_DAYS[one]}" for one in reasons)
        assert f"| `{category}` | {listed} |" in TEXT


@pytest.mark.parametrize(
    "told",
    [
        f"at most {canonical.DEEPEST} deep",
        f"at most {canonical.MOST_ITEMS:,} items",
        f"at most {signing.MOST_SIGNATURES} signatures",
        f"At most {signing.LARGEST_SIGNED:,} bytes",
        f"exactly {frames.SMALL:,} or {frames.LARGE:,} bytes",
        f"number to {LATEST_MS} ",
        f"at most {root.MOST_OFFICERS} keys",
        f"at most {root.MOST_VENUES} venues",
        f"number to {head.MOST_PAGES:,} ",
        f"at most {keybox.MOST_RINGS:,} `[ring, key]`",
        f"at most {report.MOST_ERASED} short ids",
        f"at most {report.MOST_FAULTS} words",
        f"at most {report.MOST_REFUSALS} `[code, count]`",
        f"at most {report.MOST_COUNTS} `[word, count]`",
        f"at most {report.MOST_RINGS} `[short id, a, c, n]`",
        f"numbers to {report.MOST_IN_NIGHT:,} ",
        f"at most {caution.MOST_CAUTIONED} short ids",
        f"| caution | {caution.LONGEST_CAUTION_MS // 3_600_000} hours |",
        f"more than {FURTHEST_AHEAD:,} records",
        f"at most {MOST_ROOTS} |",
        f"| {MOST_AHEAD:,} (ENDLESS)",
        f"| {MOST_POLICIES} (RULE) |",
        f"| {transfer.LARGEST_BLOB // 2**20} MiB; {transfer.MOST_OPEN} at a time",
        f"`{seal.SUITE}`",
        f"public key of {seal.BOX_PUBLIC_SIZE:,} bytes",
    ],
)
def test_limits_are_those_of_the_code(told: str) -> None:
    assert told in TEXT.replace("\n", " ")


@pytest.mark.parametrize("kind", [Invitation, Application])
def test_joining_names_its_fields(kind: type[Statement]) -> None:
    for one in fields(kind):  # type: ignore[arg-type] # both are dataclasses
        assert f"`{one.name}`" in SECTIONS["Joining"]


def test_every_file_of_vectors_is_described() -> None:
    assert sorted(first_cells("Vectors")) == sorted(path.name for path in FOLDER.glob("*.json"))


def test_messages_are_those_that_are_understood() -> None:
    rows = re.findall(r'^\| ([`listo, frm]+) \| `\["(\w+)"', SECTIONS["Messages"], re.MULTILINE)
    unit, hub = (Path(one.__file__).read_text("utf-8") for one in (session, listening))
    heard = re.findall(r'\["(\w+)",', unit)
    assert {tag for way, tag in rows if "`to`" in way} == set(heard)
    answered = re.findall(r'^            "(\w+)": self\._', hub, re.MULTILINE)
    assert {tag for way, tag in rows if "`from`" in way} == set(answered)
