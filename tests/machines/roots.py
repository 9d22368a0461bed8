"""The roots of Debian that boxes stand on, made once and kept in the cache of this user."""

import fcntl
import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from machines.box import BoxError

MIRROR = "http://deb.debian.org/debian"
RELEASES = ("bookworm", "trixie")
"""Debian 12 with Python 3.11, and 13 with 3.13: what a Raspberry Pi's system is made from."""

_PACKAGES = (
    "systemd",
    "systemd-sysv",
    "dbus",
    "python3",
    "python3-venv",
    "ca-certificates",
    "iproute2",
    "procps",
    "openssh-client",
)


def cache() -> Path:
    """Give the folder of everything that takes long to make, and can be made again."""
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    folder = Path(base).expanduser() / "doorwatch-machines"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def debian(release: str, *more: str) -> Path:
    """Give the root of a Debian, made on the first call (half a minute, 280 MB).

    Args:
        release: Its name, one of :data:`RELEASES`.
        more: Packages beside those that every box has.

    Raises:
        BoxError: It cannot be made; mostly there is no network.
    """
    packages = ",".join(sorted({*_PACKAGES, *more}))
    mark = hashlib.sha256(packages.encode()).hexdigest()[:8]
    with kept(f"{release}-{mark}") as (root, draft):
        if draft is not None:
            _make(release, packages, draft)
    return root


@contextmanager
def kept(name: str) -> Iterator[tuple[Path, Path | None]]:
    """Give a kept folder, and where to make it if it is not there yet: whole or not at all.

    Others who want the same one meanwhile wait.
    """
    final = cache() / name
    with (cache() / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if final.is_dir():
            yield final, None
            return
        draft = cache() / f"{name}.draft"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir()
        yield final, draft
        draft.rename(final)


def _make(release: str, packages: str, root: Path) -> None:
    command = ["mmdebstrap", "--mode=root", "--variant=minbase", f"--include={packages}"]
    done = subprocess.run(
        [*command, release, str(root), MIRROR], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BoxError(f"mmdebstrap could not make {release}:\n{done.stderr[-2000:]}")
    root.chmod(0o755)
    (root / "etc/machine-id").write_text("uninitialized\n")
