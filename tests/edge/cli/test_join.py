"""``doorwatch join``: the invitation comes as a word, or from standard input."""

import io
import sys

import pytest

from edge.cli.main import main


@pytest.mark.parametrize("words", [["-", "--yes"], ["--yes", "-"]])
def test_a_hyphen_reads_the_invitation_from_standard_input(
    words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("DW1-XX\n"))
    assert main(["join", *words]) == 1
    assert "group 1 after DW1 is mistyped (XX)" in capsys.readouterr().err


class Terminal(io.StringIO):
    """Somebody who types and does not end the input."""

    def isatty(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> str:
        raise AssertionError("waits for an end of input that nobody types")


def test_on_a_terminal_the_invitation_is_asked_for_and_ends_with_its_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal("DW1-XX\n"))
    assert main(["join", "-"]) == 1
    told = capsys.readouterr().err
    assert "Paste the invitation" in told
    assert "group 1 after DW1 is mistyped (XX)" in told
