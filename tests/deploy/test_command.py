"""What ``sudo doorwatch`` starts, and with what around it."""

import os
import subprocess
from pathlib import Path

COMMAND = Path(__file__).parents[2] / "deploy" / "command.sh"


def test_no_program_of_a_folder_that_an_administrator_stands_in_is_run(tmp_path: Path) -> None:
    """A command goes there, for a photo or a key may lie there; Python itself is not to look."""
    (tmp_path / "doorwatch").symlink_to(COMMAND)
    for name, words in (("id", "echo 0"), ("systemd-run", 'echo "$PYTHONSAFEPATH" "$@"')):
        (tmp_path / name).write_text(f"#!/bin/sh\n{words}\n")
        (tmp_path / name).chmod(0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"
    asked = [tmp_path / "doorwatch", "demo"]
    done = subprocess.run(asked, env={"PATH": path}, capture_output=True, text=True, check=True)
    safe, *words = done.stdout.split()
    assert safe == "1"
    assert "--setenv=PYTHONSAFEPATH" in words
