"""Copies of the databases, for the way back from a version that changed their tables."""

import contextlib
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import tomllib
from pathlib import Path

from versions import remove, sync_folder

SETTINGS = Path(os.environ.get("DOORWATCH_CONFIG", "/etc/doorwatch/doorwatch.toml"))
USUAL = "/var/lib/doorwatch"
_ZEROS = bytes(2**16)

NOT_RESTORED = 3
"""Exit status of ``put-back`` where a hub has written to its ledger since."""


def databases() -> tuple[Path, ...]:
    """Give the databases that are here: a unit's list, a hub's everything."""
    try:
        paths = tomllib.loads(SETTINGS.read_text(encoding="utf-8")).get("paths", {})
    except (OSError, ValueError):
        paths = {}  # a file that is wrong is said by whoever needs it
    state = os.environ.get("DOORWATCH_STATE") or paths.get("state") or USUAL
    places = (Path(state, "gallery.db"), Path(f"{state}-hub", "hub.db"))
    return tuple(path for path in places if path.exists())


def copy_of(database: Path) -> Path:
    """Name the copy from before the switch: in the same folder, as closed."""
    return database.with_name(f"{database.name}.before-switch")


def as_owner(verb: str, database: Path) -> int:
    """Work on a database as the user whose it is, as SQLite leaves files beside it.

    Returns:
        The exit status; 1 for a link, which leads to whatever its maker wants touched.
    """
    owner = database.lstat()
    if not stat.S_ISREG(owner.st_mode):
        return 1
    command = [sys.executable, "-I", sys.argv[0], verb, str(database)]
    if os.geteuid() != 0:  # on a bench everything is one user's
        return subprocess.run(command, check=False).returncode
    return subprocess.run(
        command,
        check=False,
        user=owner.st_uid,
        group=owner.st_gid,
        extra_groups=[],
        umask=0o007,
    ).returncode


def keep_copy(database: Path) -> None:
    """Copy a database beside itself, whole or not at all."""
    draft = _draft_of(database)
    draft.unlink(missing_ok=True)
    with contextlib.closing(sqlite3.connect(database)) as source:
        _copy(source, draft)
    draft.chmod(database.stat().st_mode & 0o777)
    draft.replace(copy_of(database))
    sync_folder(database.parent)


def put_back(database: Path) -> int:
    """Put the copy back where the newer version changed the tables, which the former can't read.

    What was written since goes aside, sealed as ever. A hub that has written to its ledger since
    stays as it is: doors hold those records, and would refuse a hub that forgot them.

    Returns:
        0, or ``NOT_RESTORED``.
    """
    with (
        contextlib.closing(sqlite3.connect(database)) as now,
        contextlib.closing(sqlite3.connect(copy_of(database))) as then,
    ):
        if _version(now) == _version(then):
            return 0
        if database.name == "hub.db" and _newest(now) != _newest(then):
            return NOT_RESTORED
        _copy(now, _aside_of(database))
        _aside_of(database).chmod(database.stat().st_mode & 0o777)
        _copy(then, database)
    return 0


def forget_copies() -> None:
    """Remove the copies: what is erased from the list has to be gone from them as well."""
    for database in databases():
        _destroy(copy_of(database))
        _destroy(_draft_of(database))


def forget_asides() -> None:
    """Remove what went aside, once a version is good again."""
    for database in databases():
        _destroy(_aside_of(database))


def forget_self_tests() -> None:
    """Remove copies that a self-test made and a power cut left."""
    for database in databases():
        for left in database.parent.glob(".self-test-*"):
            shutil.rmtree(left, ignore_errors=True)


def _destroy(file: Path) -> None:
    """Remove a file, and then overwrite what was in it: one that is half gone must not be found.

    Whoever may write the folder may have laid a link there, or a second name of another file.
    """
    descriptor = None
    with contextlib.suppress(OSError):  # there is none, or it is a link
        descriptor = os.open(file, os.O_WRONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    remove(file)
    if descriptor is None:
        return
    with contextlib.suppress(OSError), os.fdopen(descriptor, "wb") as content:
        left = os.fstat(descriptor)
        if stat.S_ISREG(left.st_mode) and not left.st_nlink:
            places = range(0, left.st_size, len(_ZEROS))
            content.writelines(_ZEROS[: left.st_size - place] for place in places)
            content.flush()
            os.fsync(descriptor)


def _draft_of(database: Path) -> Path:
    return database.with_name(f".{database.name}.copy")


def _aside_of(database: Path) -> Path:
    return database.with_name(f"{database.name}.newer")


def _copy(source: sqlite3.Connection, target: Path) -> None:
    """Copy a whole database in one transaction of ``target``."""
    with contextlib.closing(sqlite3.connect(target)) as connection:
        connection.execute("PRAGMA synchronous=FULL")
        source.backup(connection)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _version(database: sqlite3.Connection) -> int:
    return int(database.execute("PRAGMA user_version").fetchone()[0])


def _newest(database: sqlite3.Connection) -> int:
    """Give the number of a hub's newest record."""
    return int(database.execute("SELECT coalesce(max(seq), 0) FROM record").fetchone()[0])
