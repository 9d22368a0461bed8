"""The scripts that an owner runs as root are plain shell, and the wheel carries what they need."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPTS = sorted([*(ROOT / "deploy").glob("*.sh"), ROOT / ".ci" / "run"])


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_is_plain_shell_and_stops_at_the_first_failure(script: Path) -> None:
    text = script.read_text(encoding="utf-8")
    assert text.startswith("#!/bin/sh\n")
    assert "set -eu" in text
    assert subprocess.run(["sh", "-n", str(script)], check=False).returncode == 0
    if shutil.which("shellcheck"):
        said = subprocess.run(
            ["shellcheck", str(script)], capture_output=True, text=True, check=False
        )
        assert said.stdout == ""


def test_nothing_that_needs_the_list_starts_before_its_partition() -> None:
    script = (ROOT / "deploy" / "read-only.sh").read_text(encoding="utf-8")
    waiting = re.search(r"for unit in ([a-z ]+); do\n +printf ',x-systemd", script)
    assert waiting
    needing = {
        file.stem.removeprefix("doorwatch-")
        for file in (ROOT / "systemd").glob("doorwatch-*.service")
        if re.search(r"^Read\w+Paths=.*/var/lib/doorwatch( |$)", file.read_text("utf-8"), re.M)
    }
    assert needing | {"firstboot"} == set(waiting[1].split())


def test_what_the_wheel_carries_for_the_system_is_there() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    carried = project["tool"]["hatch"]["build"]["targets"]["wheel"]["shared-data"]
    assert [name for name in carried if not (ROOT / name).exists()] == []
    needed = (
        "command.sh",
        "sysusers.conf",
        "tmpfiles.conf",
        "switch",
        "firstboot",
        "watchdog.conf",
    )
    assert {f"deploy/{name}" for name in needed} <= set(carried)
    assert all(there.startswith("share/doorwatch/") for there in carried.values())
