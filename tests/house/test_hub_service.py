"""The hub's systemd unit starts what exists, and gives it no more than it needs."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from sync.hub.cli.main import FAMILIES, commands

MOST_EXPOSURE = 1.5
"""As systemd counts; its own time service has 2.3, mosquitto as Debian starts it 9.6."""


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


def test_the_unit_is_exposed_no_more_than_it_has_to_be(root: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("there is no systemd-analyze here: sudo apt-get install systemd")
    file = root / "systemd/doorwatch-hub.service"
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", str(file)],
        capture_output=True,
        text=True,
        check=False,
    )
    (exposure,) = re.findall(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
    assert float(exposure) <= MOST_EXPOSURE


def test_a_photo_that_eats_all_memory_does_not_stop_the_pages(root: Path) -> None:
    unit = (root / "systemd/doorwatch-hub-web.service").read_text(encoding="utf-8")
    assert "OOMPolicy=continue" in unit.splitlines()
