"""Builds the disk that fails as it is told, and gives what a process needs to run on it."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

CALLS = ("write", "sync", "read")


def failing_disk(folder: Path, switch: Path, built: Path) -> dict[str, str]:
    """Give the environment of a process for which a folder lies on such a disk.

    Args:
        folder: What lies on it.
        switch: The file that tells it how to fail; see ``disk.c``.
        built: Where the library is built; LD_PRELOAD takes no name with a space in it.
    """
    assert " " not in str(built)
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("there is no C compiler for the disk that fails: apt-get install gcc")
    library = built / "disk.so"
    if not library.exists():
        source = Path(__file__).with_name("disk.c")
        command = [compiler, "-shared", "-fPIC", "-O1", "-o", str(library), str(source), "-ldl"]
        subprocess.run(command, check=True, timeout=60)
    told = {"LD_PRELOAD": str(library), "DISK_FOLDER": str(folder), "DISK_SWITCH": str(switch)}
    return {**os.environ, **told, "PYTHONPATH": str(Path(__file__).parents[1])}
