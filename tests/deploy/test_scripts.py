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


def test_the_installer_helps_whoever_asks_without_doing_anything() -> None:
    asked = [ROOT / "deploy" / "install.sh", "--help"]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    for way in ("install.sh unit", "install.sh hub", "--again", "remove --purge"):
        assert way in done.stdout
    assert "set -eu" not in done.stdout


def test_a_bundle_with_a_wheel_too_many_is_refused(tmp_path: Path) -> None:
    (tmp_path / "wheels").mkdir()
    (tmp_path / "wheels" / "a-1-py3-none-any.whl").touch()
    sums = "find . -type f ! -name 'SHA256SUMS*' -exec sha256sum {} + >SHA256SUMS"
    subprocess.run(["sh", "-c", sums], cwd=tmp_path, check=True)
    script = (ROOT / "deploy" / "install.sh").read_text(encoding="utf-8")
    found = re.search(r"^check_bundle\(\) \{.*?^\}$", script, re.DOTALL | re.MULTILINE)
    assert found
    check = f'HERE=$PWD; refuse() {{ echo "$*"; exit 1; }}\n{found[0]}\ncheck_bundle'

    def said() -> str:
        command = ["sh", "-c", check]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        return done.stdout

    assert said() == ""
    (tmp_path / "wheels" / "a-1-1-py3-none-any.whl").touch()
    assert "not of it" in said()


def test_nothing_that_needs_the_list_starts_before_its_partition() -> None:
    script = (ROOT / "deploy" / "read-only.sh").read_text(encoding="utf-8")
    waiting = re.search(r"for unit in ([a-z ]+); do\n +printf ',x-systemd", script)
    assert waiting
    needing = {
        file.stem.removeprefix("doorwatch-")
        for file in (ROOT / "systemd").glob("doorwatch-*.service")
        if re.search(
            r"^Read\w+Paths=.*/var/lib/doorwatch( |$)", file.read_text("utf-8"), re.MULTILINE
        )
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
