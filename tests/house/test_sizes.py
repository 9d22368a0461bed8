"""One file, one thing; short functions; few parameters."""

import ast
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest

LONGEST_FILE = 400
LONGEST_FUNCTION = 50
MOST_PARAMETERS = 6
BANNED_NAMES = {
    f"{name}.py" for name in ["utils", "util", "helpers", "helper", "manager", "common", "misc"]
}
"""Names that say nothing about what a file owns."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(path: Path) -> Iterator[Function]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def length(node: Function) -> int:
    return (node.end_lineno or 0) - node.lineno + 1


def body(node: Function) -> int:
    """Count the lines of a function without its head and docstring."""
    first = node.body[1] if ast.get_docstring(node) and len(node.body) > 1 else node.body[0]
    return (node.end_lineno or 0) - first.lineno + 1


def parameters(node: Function) -> int:
    given = node.args
    named = [*given.posonlyargs, *given.args, *given.kwonlyargs]
    return sum(one.arg not in {"self", "cls"} for one in named)


def test_no_file_is_too_long(sources: list[Path]) -> None:
    counts = {str(path): len(path.read_text(encoding="utf-8").splitlines()) for path in sources}
    assert {path: lines for path, lines in counts.items() if lines > LONGEST_FILE} == {}


def test_no_function_is_too_long(sources: list[Path]) -> None:
    too_long = [
        f"{path}:{node.lineno} {node.name}: {length(node)} lines"
        for path in sources
        for node in functions(path)
        if length(node) > LONGEST_FUNCTION
    ]
    assert too_long == []


def test_the_usual_function_is_short(sources: list[Path]) -> None:
    lengths = sorted(body(node) for path in sources for node in functions(path))
    assert statistics.median(lengths) <= 7
    assert lengths[int(len(lengths) * 0.9)] <= 22
    assert sum(lines > 30 for lines in lengths) <= 0.06 * len(lengths)


def test_no_function_asks_for_too_much(sources: list[Path]) -> None:
    greedy = [
        f"{path}:{node.lineno} {node.name}"
        for path in sources
        for node in functions(path)
        if parameters(node) > MOST_PARAMETERS and not _is_command(path)
    ]
    assert greedy == []


def _is_command(path: Path) -> bool:
    """Tell whether the parameters are the options of a command, which the reader types."""
    return path.parent.name == "cli"


def test_no_file_has_a_name_that_says_nothing(sources: list[Path]) -> None:
    assert [path for path in sources if path.name in BANNED_NAMES] == []


@pytest.mark.parametrize("phrase", ["To be described", "TODO", "FIXME", "XXX"])
def test_nothing_is_left_for_later(sources: list[Path], phrase: str) -> None:
    assert [path for path in sources if phrase in path.read_text(encoding="utf-8")] == []
