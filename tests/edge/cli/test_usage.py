"""A mistyped command is one line that says what is wrong and where to look."""

import pytest

from edge.cli.main import main
from sync.hub.cli.main import main as hub


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("join", "INVITATION is missing: doorwatch join --help shows"),
        ("key move", "--to is missing: doorwatch key move --help shows"),
        ("list --jso", "Unknown option: --jso. Did you mean --json?: doorwatch list --help"),
        ("show a b", "Unused Tokens: ['b']: doorwatch show --help"),
        ("frobnicate", 'Unknown command "frobnicate"'),
    ],
)
def test_what_is_mistyped_is_said_in_one_line(
    typed: str, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(typed.split()) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("doorwatch: ")
    assert line in told.err
    assert told.err.count("\n") == 1


def test_the_hub_says_it_in_the_same_way(capsys: pytest.CaptureFixture[str]) -> None:
    assert hub(["unit", "revoke"]) == 2
    shown = "doorwatch-hub: UNIT is missing: doorwatch-hub unit revoke --help shows what it takes\n"
    assert capsys.readouterr().err == shown
