"""The import rules of pyproject.toml hold, and every public thing has a docstring."""

import subprocess
import sys
from pathlib import Path

BIN = Path(sys.executable).parent


def checked(root: Path, *command: str) -> subprocess.CompletedProcess[str]:
    program, *words = command
    return subprocess.run(
        [str(BIN / program), *words], cwd=root, capture_output=True, text=True, check=False
    )


def test_imports_go_down_never_up(root: Path) -> None:
    done = checked(root, "lint-imports", "--no-cache")
    assert done.returncode == 0, done.stdout


def test_everything_public_is_described(root: Path) -> None:
    done = checked(root, "interrogate", "--verbose", "edge", "sync")
    assert done.returncode == 0, done.stdout
