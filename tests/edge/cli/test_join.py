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
