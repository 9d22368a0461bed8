"""The hub's systemd unit starts what exists, and gives it no more than it needs."""

import re
from pathlib import Path

import pytest

from sync.hub.cli.main import FAMILIES, commands
from sync.hub.config import HubPlaces


@pytest.mark.parametrize("name", ["hub", "hub-web", "hub-backup"])
def test_the_unit_starts_a_command_with_options_that_exist(root: Path, name: str) -> None:
    unit = (root / f"systemd/doorwatch-{name}.service").read_text(encoding="utf-8")
    (words,) = re.findall(
        r"^ExecStart=/opt/doorwatch/current/bin/doorwatch-hub (.*)$", unit, re.MULTILINE
    )
    command, *given = words.split()
    options = [word for word in given if word.startswith("-")]
    assert command in FAMILIES
    taken = commands(command)[command].assemble_argument_collection()
    assert set(options) <= {name for argument in taken for name in argument.names}


def test_a_photo_that_eats_all_memory_does_not_stop_the_pages(root: Path) -> None:
    unit = (root / "systemd/doorwatch-hub-web.service").read_text(encoding="utf-8")
    assert "OOMPolicy=continue" in unit.splitlines()


@pytest.mark.parametrize("name", ["hub", "hub-web", "hub-backup"])
def test_a_hub_that_is_not_founded_yet_is_no_storm_of_failing_starts(root: Path, name: str) -> None:
    unit = (root / f"systemd/doorwatch-{name}.service").read_text(encoding="utf-8")
    settings = HubPlaces(Path("/var/lib/doorwatch-hub")).settings
    assert f"ConditionPathExists={settings}" in unit.splitlines()
