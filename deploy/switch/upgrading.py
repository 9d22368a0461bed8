"""From a bundle to its installer, once the machine that is in force has found it good."""

import fcntl
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bundles import SIGNERS, check_files, check_maker, open_bundle
from versions import OPT, RefusalError, pointed

SCRATCH = OPT / ".upgrade"
"""Where a bundle is unpacked: on the disk, as memory is scarce, and open to root alone."""

NEEDED_BYTES = 1_200_000_000
"""Room that the installer needs beside the bundle."""

_NUMBER = re.compile(r"(\d+(?:\.\d+)*)(.*)")
_COUNTED = re.compile(r"(\D*)(\d*)")


def upgrade(file: Path, *, older: bool = False, again: bool = False) -> int:
    """Check a bundle by what this machine knows, and run the installer in it.

    Args:
        file: The bundle, as it was carried here.
        older: Whether it may bring a version older than the one in force.
        again: Whether it may bring one that was tried and went back.

    Returns:
        The installer's exit status.

    Raises:
        RefusalError: The bundle is not to be used; nothing of it was run.
    """
    role = _role()
    with _alone() as lock:
        _check_room(file)
        bundle = open_bundle(file, SCRATCH)
        known = check_maker(bundle)
        check_files(bundle)
        if not older:
            _check_age(bundle.number)
        _say(_found(known=known))
        words = [role, "--again"] if again else [role]
        command = ["/bin/sh", str(SCRATCH / "install.sh"), *words]
        return subprocess.run(command, check=False, pass_fds=[lock]).returncode


def forget_bundle() -> None:
    """Remove a bundle that a power cut left unpacked."""
    shutil.rmtree(SCRATCH, ignore_errors=True)


def _role() -> str:
    """Tell what this machine is; the installer knows the rest. Raises: RefusalError."""
    try:
        roles = (OPT / "roles").read_text(encoding="utf-8").split()
    except FileNotFoundError:
        roles = []
    if not roles or not pointed("current"):
        raise RefusalError("nothing is installed here yet: run the install.sh in the bundle")
    if not os.access(OPT, os.W_OK):
        raise RefusalError(
            "the system cannot be written: put sudo before the command, or, where it is "
            "read-only, read-only.sh write"
        )
    return roles[0]


@contextmanager
def _alone() -> Iterator[int]:
    """Lend an empty scratch folder to one upgrade at a time. Raises: RefusalError."""
    with ExitStack() as undo:
        lock = os.open(OPT, os.O_RDONLY | os.O_DIRECTORY)
        undo.callback(os.close, lock)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise RefusalError("another upgrade is under way: wait until it is done") from error
        undo.callback(forget_bundle)
        forget_bundle()
        SCRATCH.mkdir(mode=0o700)
        yield lock


def _check_room(file: Path) -> None:
    """See that a full disk does not stop the unit that runs meanwhile. Raises: RefusalError."""
    needed = (file.stat().st_size if file.is_file() else 0) + NEEDED_BYTES
    free = shutil.disk_usage(OPT).free
    if free < needed:
        raise RefusalError(
            f"only {free // 10**6} MB are free under {OPT}, {needed // 10**6} are needed: make room"
        )


def _check_age(number: str) -> None:
    """See that nobody brings back the holes of a version of former days. Raises: RefusalError."""
    current = pointed("current").rpartition("-")[0]
    if _order(number) < _order(current):
        raise RefusalError(
            f"{number} is older than {current}, which is in force, and has its old faults: "
            "say --older if you mean it"
        )


def _order(number: str) -> tuple[list[int], int, list[tuple[str, int]]]:
    """Give what versions are sorted by: 1.10 after 1.9, 1.0rc1 before 1.0, 1.0.post1 after it."""
    found = _NUMBER.fullmatch(number)
    release, rest = found.groups() if found else ("0", number)
    parts = [int(part) for part in release.split(".")]
    while parts and not parts[-1]:
        parts.pop()
    place = 2 if rest.startswith((".post", "+")) else not rest
    return parts, place, [(words, int(count or 0)) for words, count in _COUNTED.findall(rest)]


def _found(*, known: bool) -> str:
    if known:
        return f"signed by somebody in {SIGNERS}, and every file is as it was made"
    return f"every file is as it was made, by whomever: {SIGNERS} names nobody"


def _say(words: str) -> None:
    sys.stdout.write(f"== {words}\n")
    sys.stdout.flush()
