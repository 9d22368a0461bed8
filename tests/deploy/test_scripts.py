"""The scripts that an owner runs as root are plain shell, and the wheel carries what they need."""

import re
import shutil
import subprocess
import sys
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


_PINS = "def gpiochip_open(): pass\nopen('.lgd-nfy0', 'w').close()\n"


@pytest.mark.parametrize(
    ("python", "lgpio", "said"),
    [
        # An empty module can be imported: lgpio 0.0.0.2 is one.
        ("3.13", "", ["sudo apt-get install python3-lgpio"]),
        ("3.13", _PINS, []),
        ("3.11", "", ["taken from the wheels", "lgpio"]),
    ],
)
def test_a_pi_without_its_pins_is_told_what_to_install(
    tmp_path: Path, python: str, lgpio: str, said: list[str]
) -> None:
    script = (ROOT / "deploy" / "install.sh").read_text(encoding="utf-8")
    names = ("system_packages", "has_pins", "can_fetch_pins", "pi_wheels")
    found = [
        re.search(rf"^{name}\(\) ([{{(]).*?^[)}}]$", script, re.DOTALL | re.MULTILINE)
        for name in names
    ]
    functions = "\n".join(one[0] for one in found if one)
    scratch, bundle = tmp_path / "scratch", tmp_path / "bundle"
    for folder in (scratch, bundle):
        folder.mkdir()
    (scratch / "lgpio.py").write_text(lgpio, encoding="utf-8")
    stubs = (
        f'PYTHON={python} SCRATCH={scratch}; say() {{ echo "$*"; }}; '
        'refuse() { echo "$*"; exit 1; }; has_role() { [ "$1" = unit ]; }; on_a_pi() { true; }; '
        'has_package() { false; }; want_package() { [ "$1" != python3-lgpio ]; }; '
    )
    check = f"{stubs}\n{functions}\nsystem_packages && pi_wheels"
    check = check.replace("/usr/bin/python3", sys.executable)
    done = subprocess.run(
        ["sh", "-euc", check], cwd=bundle, capture_output=True, text=True, check=False
    )
    lines = done.stdout.splitlines()
    assert len(lines) == len(said)
    assert all(words in line for words, line in zip(said, lines, strict=True))
    assert list(bundle.iterdir()) == []


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


@pytest.mark.parametrize(
    ("command", "status"), [("true", 0), ("sh -c 'exit 3'", 3), ("kill -TERM $$", 130)]
)
def test_the_system_is_read_only_again_however_the_command_ends(command: str, status: int) -> None:
    script = (ROOT / "deploy" / "read-only.sh").read_text(encoding="utf-8")
    found = re.search(r"^# --- write -+\n(.*?)^show\(\)", script, re.DOTALL | re.MULTILINE)
    assert found
    stubs = 'is_on() { true; }; sync() { true; }; mount() { echo "$*"; }; '
    check = f"{stubs}read_only_places() {{ echo /; }}\n{found[1]}\nrun_writable {command}"
    words = ["sh", "-euc", check]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == ["-o remount,rw /", "-o remount,ro /"]
    assert done.returncode == status


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
