"""The command hands a bundle to what looks at bundles."""

from pathlib import Path

import pytest

from edge.cli import upgrade
from edge.cli.main import main


def test_it_hands_the_file_and_its_options_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    switch = tmp_path / "switch"
    switch.write_text(f'#!/bin/sh\necho "$@" >{tmp_path}/told\nexit 7\n')
    switch.chmod(0o755)
    monkeypatch.setattr(upgrade, "SWITCH", switch)
    assert main(["upgrade", "doorwatch.tar", "--again"]) == 7
    assert (tmp_path / "told").read_text() == "upgrade --again doorwatch.tar\n"


def test_what_was_not_installed_is_not_upgraded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(upgrade, "SWITCH", tmp_path / "none")
    assert main(["upgrade", "doorwatch.tar"]) == 1
    assert "was not installed by install.sh" in capsys.readouterr().err
