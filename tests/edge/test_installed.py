"""What runs here, and how the last switch of versions ended."""

import json
from importlib.metadata import version
from pathlib import Path

from edge.installed import by_installer, installed


def test_a_checkout_knows_its_version_and_of_no_switch(tmp_path: Path) -> None:
    told = installed(tmp_path)
    assert (told.name, told.on_trial, told.outcome) == (version("doorwatch"), False, None)


def test_an_installed_version_tells_its_trial_and_the_last_outcome(tmp_path: Path) -> None:
    home = tmp_path / "versions" / "2.0-bbbbbbbb"
    home.mkdir(parents=True)
    (tmp_path / "current").symlink_to(home)
    (tmp_path / "trial.json").write_text("{}")
    outcome = {"ended": "returned", "from": "1", "to": "2", "why": "it did not start", "at": 7.0}
    (tmp_path / "outcome.json").write_text(json.dumps(outcome))
    told = installed(tmp_path / "current")
    assert (told.name, told.on_trial) == ("2.0-bbbbbbbb", True)
    assert told.outcome is not None
    assert told.outcome.returned
    assert by_installer(tmp_path / "current")
    assert not by_installer(tmp_path)


def test_an_outcome_that_cannot_be_read_is_none(tmp_path: Path) -> None:
    home = tmp_path / "versions" / "2.0-bbbbbbbb"
    home.mkdir(parents=True)
    (tmp_path / "outcome.json").write_text("[")
    assert installed(home).outcome is None
