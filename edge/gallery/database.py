"""The gallery's SQLite file: opened so that what is acknowledged stays, and what is erased goes.

Foreign errors stop here: each becomes one line that says what happened and what to do.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from sqlite_utils import Database

from edge.errors import GalleryError
from edge.gallery.seal import SCHEMA_VERSION

APPLICATION_ID = 0x44574C31
"""Marks the file as a gallery ("DWL1")."""

BUSY_S = 5.0
"""Seconds to wait while another process writes."""

_SMALLEST_FILE = 512
_PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": 2,  # FULL: with less, a power cut loses rows that were acknowledged
    "secure_delete": 1,
    "cell_size_check": 1,
    "trusted_schema": 0,
    "temp_store": 2,
}
_TABLES = """
CREATE TABLE IF NOT EXISTS list (
  list_id TEXT PRIMARY KEY, data_key BLOB NOT NULL, head BLOB NOT NULL, floor BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS entry (
  entry_id TEXT PRIMARY KEY, details BLOB NOT NULL, templates BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS photo (entry_id TEXT PRIMARY KEY, sealed BLOB NOT NULL) STRICT;
"""
_ADVICE = {
    sqlite3.SQLITE_FULL: "the disk is full: make room and try again; nothing was changed",
    sqlite3.SQLITE_READONLY: "the disk is read-only: nothing was changed",
    sqlite3.SQLITE_BUSY: "another process holds it: try again",
    sqlite3.SQLITE_IOERR: "the disk does not read or write: nothing was changed; check or replace "
    "the card",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened: check the folder, its owner and the disk",
    sqlite3.SQLITE_CORRUPT: "it is damaged: put back a copy, or move it away and enrol again",
    sqlite3.SQLITE_NOTADB: "it is damaged or no gallery: put back a copy, or move it away",
    sqlite3.SQLITE_CONSTRAINT: "the entry is on the list already",
}


@contextmanager
def one_clear_line(path: Path) -> Iterator[None]:
    """Turn what SQLite and the system raise inside the block into a ``GalleryError``.

    Args:
        path: The gallery, for the message.
    """
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", None)
        advice = _ADVICE.get(code & 0xFF if code is not None else -1, str(error))
        raise GalleryError(f"the gallery {path}: {advice}") from error
    except OSError as error:
        raise GalleryError(f"the gallery {path}: {error.strerror}") from error


def open_database(path: Path) -> tuple[Database, bool]:
    """Open the gallery at ``path``, made if need be, readable by its owner only.

    Returns:
        The database, and whether it can be written; on a read-only disk it can still be read.

    Raises:
        GalleryError: It cannot be opened, is damaged, or is no gallery of this version.
    """
    with one_clear_line(path):
        writable = _present(path)
        database = Database(_connection(path, writable=writable), execute_plugins=False)
        try:
            _check(database, path)
            _settle(database, writable=writable)
        except BaseException:
            database.close()
            raise
    return database, writable


def cut_log(database: Database) -> bool:
    """Empty the write-ahead log, so that no erased page stays in it.

    Returns:
        Whether it is empty; not while another process is reading.
    """
    (busy, _, _) = database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy


def _present(path: Path) -> bool:
    """Make the file and its folder if they are missing; tell whether it can be written."""
    if path.exists() and not os.access(path.parent, os.W_OK):
        return False
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    if 0 < path.stat().st_size < _SMALLEST_FILE:
        # SQLite would take the stump of a file for a new one.
        raise GalleryError(f"the gallery {path}: {_ADVICE[sqlite3.SQLITE_NOTADB]}")
    return True


def _connection(path: Path, *, writable: bool) -> sqlite3.Connection:
    # Threads take turns behind the store's lock.
    if writable:
        return sqlite3.connect(path, timeout=BUSY_S, check_same_thread=False)
    # A log that could not be folded in holds acknowledged rows; without one, no file is needed.
    log = path.with_name(path.name + "-wal")
    mode = "ro" if log.exists() and log.stat().st_size else "ro&immutable=1"
    uri = f"file:{quote(str(path.absolute()))}?mode={mode}"
    return sqlite3.connect(uri, uri=True, timeout=BUSY_S, check_same_thread=False)


def _check(database: Database, path: Path) -> None:
    """Refuse a file that is not ours, from the future, or damaged."""
    # Tables first: where another process is just making the gallery, they come with the mark.
    tables = database.table_names()
    mark = database.execute("PRAGMA application_id").fetchone()[0]
    version = database.execute("PRAGMA user_version").fetchone()[0]
    if mark != APPLICATION_ID and (mark or tables):
        raise GalleryError(f"{path} is not a gallery: name another file")
    if version > SCHEMA_VERSION:
        raise GalleryError(f"the gallery {path} was made by a newer Doorwatch: update this one")
    # Photos are most of the file and each is checked by its tag when it is read.
    for table in {"list", "entry"} & set(tables):
        found = database.execute(f"PRAGMA quick_check({table})").fetchone()[0]
        if found != "ok":
            raise sqlite3.DatabaseError(f"it is damaged ({found.splitlines()[0]}): put back a copy")


def _settle(database: Database, *, writable: bool) -> None:
    """Set what keeps rows safe, and make sure that it took."""
    if not writable:
        return
    for pragma, value in _PRAGMAS.items():
        database.execute(f"PRAGMA {pragma}={value}")
        found = database.execute(f"PRAGMA {pragma}").fetchone()[0]
        if found != value:
            raise sqlite3.DatabaseError(f"SQLite refused to set {pragma} to {value}")
    if database.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        database.conn.executescript(
            f"BEGIN IMMEDIATE; {_TABLES} PRAGMA application_id={APPLICATION_ID};"
            f"PRAGMA user_version={SCHEMA_VERSION}; COMMIT;"
        )
