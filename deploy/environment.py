"""Make the virtual environment of the checkout: ``python3 deploy/environment.py FOLDER``.

Debian's plain ``python3`` comes without pip and without what the venv module makes it from.
Then pip's own wheel is fetched from the package registry, checked against the hash below and
used to install itself; nothing is asked of the system, and no root is needed.
"""

import configparser
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.parse
import urllib.request
import venv
from pathlib import Path

OLDEST, NEWEST = (3, 11), (3, 13)
"""The Python versions that the project is tested with."""

PIP_WHEEL = "pip-26.3-py3-none-any.whl"
PIP_SHA256 = "f3b60b20ffaadd4415ed7957212a38ac63fa4c5fa375bd0f4a797777940fad13"
REGISTRY = "https://pypi.org/simple"


class RefusalError(Exception):
    """Why there is no virtual environment, and what to do, in one line."""


def main(folder: Path) -> None:
    """Make ``folder`` a virtual environment with pip in it. Raises: RefusalError."""
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        hand_over()
    if works(folder):
        return
    bundled = importlib.util.find_spec("ensurepip")
    if bundled and bundled.origin:
        venv.create(folder, clear=True, with_pip=True)
        return
    sys.stdout.write(f"this Python has no pip: fetching {PIP_WHEEL}\n")
    venv.create(folder, clear=True, with_pip=False)
    with tempfile.TemporaryDirectory() as scratch:
        wheel = Path(scratch) / PIP_WHEEL
        wheel.write_bytes(fetch_pip())
        command = [folder / "bin" / "python", wheel / "pip", "install", "--no-index", wheel]
        subprocess.run(command, check=True)


def works(folder: Path) -> bool:
    """Tell whether somebody made this environment already, with a Python that fits and pip."""
    python = folder / "bin" / "python"
    probe = f"import pip, sys; sys.exit(not {OLDEST} <= sys.version_info[:2] <= {NEWEST})"
    return python.exists() and not subprocess.run([python, "-c", probe], check=False).returncode


def hand_over() -> None:
    """Start again with another Python of this machine that fits. Raises: RefusalError."""
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        other = shutil.which(f"python3.{minor}")
        if other:
            os.execv(other, [other, *sys.argv])  # noqa: S606 - a Python found on the path
    raise RefusalError(
        f"Python {sys.version_info[0]}.{sys.version_info[1]} does not fit: install Python 3.11, "
        "3.12 or 3.13, or name one by make PYTHON=..."
    )


def fetch_pip() -> bytes:
    """Give pip's wheel from the registry that pip itself would ask. Raises: RefusalError."""
    page = f"{registry().rstrip('/')}/pip/"
    try:
        listing = download(page).decode("utf-8", "replace")
        link = re.search(rf'href="([^"]*{re.escape(PIP_WHEEL)}[^"]*)"', listing)
        if link is None:
            raise RefusalError(f"{page} does not list {PIP_WHEEL}: name another index-url")
        wheel = download(urllib.parse.urljoin(page, link[1]))
    except (urllib.error.URLError, OSError) as error:
        raise RefusalError(
            f"cannot reach the package registry {page} ({error}): connect the machine, "
            "or install python3-venv"
        ) from error
    if hashlib.sha256(wheel).hexdigest() != PIP_SHA256:
        raise RefusalError(f"{PIP_WHEEL} from {page} is not the expected file: it is not used")
    return wheel


def registry() -> str:
    """Give the index that pip is configured with, by its variable or its files."""
    settings = configparser.ConfigParser(interpolation=None, strict=False)
    settings.read(
        [
            "/etc/pip.conf",
            Path("~/.pip/pip.conf").expanduser(),
            Path("~/.config/pip/pip.conf").expanduser(),
            os.environ.get("PIP_CONFIG_FILE", os.devnull),
        ]
    )
    configured = settings.get("global", "index-url", fallback=REGISTRY)
    return os.environ.get("PIP_INDEX_URL") or configured


def download(address: str) -> bytes:
    """Read what an http(s) address gives, at most for 60 s of silence."""
    if not address.startswith(("https://", "http://", "file://")):
        raise RefusalError(f"{address} is no address of a package registry")
    with urllib.request.urlopen(address, timeout=60) as answer:  # noqa: S310 - checked above
        content: bytes = answer.read()
    return content


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]))
    except RefusalError as refusal:
        sys.exit(f"doorwatch: {refusal}")
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"doorwatch: cannot make the virtual environment: {error}")
