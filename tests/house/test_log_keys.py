"""What may be written to a log: every call in the tree, read as source."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import edge.errors
import sync.errors
from edge.journal import FIELDS

ROOT = Path(__file__).parents[2]
LISTED = ROOT / "deploy/logs.md"
REMARKS = ROOT / "sync/hub/watch.py"
LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}
LOGGERS = {"_LOG", "_log", "said"}
OURS = {
    name
    for family in (edge.errors, sync.errors)
    for name, kind in vars(family).items()
    if isinstance(kind, type) and issubclass(kind, Exception)
}
FROM_ELSEWHERE = {"code": {"sync/hub/daemon.py"}, "**": {"sync/hub/daemon.py", "edge/journal.py"}}
"""Where a code or fields come from another place of ours: the hub's remarks, exceptions."""


@dataclass(frozen=True)
class Said:
    """One call that writes a line."""

    file: str
    call: ast.Call
    caught: tuple[str, ...]

    @property
    def fields(self) -> dict[str, ast.expr]:
        return {word.arg or "**": word.value for word in self.call.keywords}

    @property
    def code(self) -> str | None:
        match self.fields.get("code"):
            case ast.Constant(value=str(code)):
                return code
        return None


def said_in(path: Path) -> Iterator[Said]:
    """Find the calls of loggers in a file, and what the handler around each has caught."""
    file = path.relative_to(ROOT).as_posix()
    caught: dict[ast.AST, tuple[str, ...]] = {}
    for node in ast.walk(ast.parse(path.read_text())):
        kinds = _caught(node) if isinstance(node, ast.ExceptHandler) else caught.get(node, ())
        for child in ast.iter_child_nodes(node):
            caught[child] = kinds
        if isinstance(node, ast.Call) and _writes(node.func):
            yield Said(file, node, kinds)


def _writes(func: ast.expr) -> bool:
    match func:
        case ast.Attribute(value=ast.Name(id=logger), attr=level):
            return logger in LOGGERS and level in LEVELS
        case ast.Name(id="said"):
            return True
    return False


def _caught(handler: ast.ExceptHandler) -> tuple[str, ...]:
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return tuple(ast.unparse(kind) if kind else "BaseException" for kind in kinds)


ALL = [
    said
    for package in ("edge", "sync")
    for path in sorted((ROOT / package).rglob("*.py"))
    if "_LOG" in (text := path.read_text()) or "_log." in text
    for said in said_in(path)
]


def name(said: Said) -> str:
    return f"{said.file}:{said.call.lineno}"


def test_there_is_something_to_read() -> None:
    assert len(ALL) > 40


@pytest.mark.parametrize("said", ALL, ids=name)
def test_a_line_has_fields_that_are_about_no_person(said: Said) -> None:
    assert set(said.fields) - {"**", "exc_info"} <= FIELDS
    assert "**" not in said.fields or said.file in FROM_ELSEWHERE["**"]


@pytest.mark.parametrize("said", ALL, ids=name)
def test_what_a_line_is_about_is_fixed_words(said: Said) -> None:
    (event,) = said.call.args
    assert isinstance(event, ast.Constant) or said.file in FROM_ELSEWHERE["code"], ast.unparse(
        event
    )


@pytest.mark.parametrize("said", [one for one in ALL if "why" in one.fields], ids=name)
def test_a_reason_is_a_sentence_of_ours(said: Said) -> None:
    """A foreign exception's own words may hold what it was about."""
    why = said.fields["why"]
    if isinstance(why, ast.Call):
        assert ast.unparse(why.func) in {"str", "told"}
        assert set(said.caught) <= OURS, said.caught
    else:
        assert ast.unparse(why) in {"why", "noted.why", "problem", "error.strerror"}


def test_every_code_stands_once_in_the_tree_and_once_in_the_list() -> None:
    unnamed = [one for one in ALL if not one.code and one.file not in FROM_ELSEWHERE["code"]]
    assert not [name(one) for one in unnamed]
    remarks = re.findall(r'"([a-z]+-[a-z]+)"', REMARKS.read_text())
    used = Counter([*filter(None, (one.code for one in ALL)), *remarks])
    rows = re.findall(r"^\| (`[^|]*`) \|", LISTED.read_text(), re.MULTILINE)
    assert Counter(code for row in rows for code in re.findall(r"`([a-z-]+)`", row)) == used
