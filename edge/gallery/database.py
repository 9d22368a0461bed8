"""A SQLite file, opened so that what is acknowledged stays, and what is erased goes.

What the file is for is told by a :class:`FileKind`; the unit's gallery and the hub's store are
two of them. Foreign errors stop here: each becomes one line that says what happened and what to
do.
"""

import errno
import os
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import RLock
from typing import Any
from urllib.parse import quote

from sqlite_utils import Database

from edge.gallery.aside import KEPT_S, forget_aside
from edge.sharing import file_mode

BUSY_S = 5.0
"""Seconds to wait while another process writes."""

CUT_MS = 100
"""Milliseconds to wait for readers before the log is emptied later instead."""

_SMALLEST_FILE = 512
_PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": 2,  # FULL: with less, a power cut loses rows that were acknowledged
    "secure_delete": 1,
    "cell_size_check": 1,
    "trusted_schema": 0,
    "temp_store": 2,
}
_ADVICE = {
    sqlite3.SQLITE_FULL: "the disk is full: make room and try again; nothing was changed",
    sqlite3.SQLITE_READONLY: "the disk is read-only: nothing was changed",
    sqlite3.SQLITE_BUSY: "another process holds it: try again",
    sqlite3.SQLITE_IOERR: "the disk does not read or write: nothing was changed; check or replace "
    "the card",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened: check the folder, its owner and the disk",
    sqlite3.SQLITE_CORRUPT: "it is damaged: put back a copy, or move it away and {start_over}",
    sqlite3.SQLITE_NOTADB: "it is damaged or no {name}: put back a copy, or move it away",
    sqlite3.SQLITE_CONSTRAINT: "{twice}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FileKind:
    """What a file is for, and how to speak of it.

    Attributes:
        name: What the file is, as it stands in messages: "gallery".
        application_id: Marks the file as one of this kind.
        version: Version of the tables; a file of a higher one is left alone.
        tables: Statements that make the tables of a new file.
        upgrades: Statements that bring a file of the version before to the version named.
        checked: Tables that are checked for damage whenever the file is opened.
        start_over: What to do without a copy of a damaged file: "enrol again".
        twice: What a row that breaks a rule of the tables means.
        error: Makes the error of a message.
    """

    name: str
    application_id: int
    version: int
    tables: tuple[str, ...]
    upgrades: Mapping[int, tuple[str, ...]]
    checked: frozenset[str]
    start_over: str
    twice: str
    error: Callable[[str], Exception]

    def advice(self, code: int, otherwise: str = "") -> str:
        """Say what to do about SQLite's result ``code``."""
        said = _ADVICE.get(code & 0xFF if code >= 0 else -1)
        if said is None:
            return otherwise
        return said.format(name=self.name, start_over=self.start_over, twice=self.twice)


@contextmanager
def one_clear_line(path: Path, kind: FileKind) -> Iterator[None]:
    """Turn what SQLite and the system raise inside the block into the kind's own error.

    Args:
        path: The file, for the message.
        kind: What it is.
    """
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", -1)
        raise kind.error(f"the {kind.name} {path}: {kind.advice(code, str(error))}") from error
    except OSError as error:
        raise kind.error(f"the {kind.name} {path}: {error.strerror}") from error


class DatabaseFile:
    """One open file and the transactions on it; threads take turns.

    Attributes:
        path: The file.
        kind: What it is.
        writable: False on a read-only disk.
    """

    def __init__(self, path: Path, kind: FileKind) -> None:
        """Open the file, or make it.

        Raises:
            Exception: The kind's own error: it cannot be opened, or is damaged.
        """
        self.path, self.kind = path, kind
        self._lock = RLock()
        self._uncut = False
        self._db, self.writable = open_database(path, kind)
        try:
            with self._clearly():
                self._inode, self._size = path.stat().st_ino, 0
        except BaseException:
            self._db.close()
            raise

    def close(self) -> None:
        """Close the file."""
        with self._lock, self._clearly():
            uncut, self._uncut = self._uncut, False
            if uncut:
                cut_log(self._db)
            self._db.close()

    def rows(self, statement: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """Run a reading statement, or any within a change. Raises: the kind's own error."""
        with self._lock, self._clearly():
            found: list[tuple[Any, ...]] = self._db.execute(statement, values).fetchall()
            return found

    @contextmanager
    def moment(self) -> Iterator[None]:
        """See one state of the file throughout the block, whatever others write meanwhile."""
        with self._lock, self._clearly(), self._db.atomic():
            yield

    @contextmanager
    def change(self) -> Iterator[Database]:
        """Run the block as one change: on the disk as a whole, or undone as a whole.

        Raises:
            Exception: The kind's own error: the disk does not write, or the file was replaced.
        """
        if not self.writable:
            raise self.kind.error(
                f"the {self.kind.name} {self.path}: the disk is read-only: nothing changed"
            )
        with self._lock, self._clearly():
            self.refuse_replaced()
            with _at_once(self._db):
                yield self._db
        forget_aside(self.path, older_than_s=KEPT_S)

    def empty_log(self) -> bool:
        """Empty the write-ahead log; later if somebody reads just now.

        Returns:
            Whether it is empty.
        """
        with self._lock, self._clearly():
            self._uncut = not cut_log(self._db)
            return not self._uncut

    def forget_log(self) -> bool:
        """After an erasure: leave nothing of it in the log, nor in what a newer version left.

        Returns:
            Whether nothing is left.
        """
        gone = forget_aside(self.path)
        return self.empty_log() and gone

    def tidy(self) -> None:
        """Empty the write-ahead log if that could not be done when it was due."""
        if self._uncut:
            self.empty_log()

    def refuse_replaced(self) -> None:
        """Notice that the file was taken away or cut off, or another put in its place.

        Raises:
            Exception: The kind's own error: it was.
        """
        try:
            found = self.path.stat()
            same = found.st_ino == self._inode
        except OSError:
            same = False
        if not same:
            raise self.kind.error(
                f"the {self.kind.name} {self.path} was removed or replaced: open it again"
            )
        if found.st_size < self._size:  # none of these files is ever made smaller
            raise self.kind.error(
                f"the {self.kind.name} {self.path}: {self.kind.advice(sqlite3.SQLITE_NOTADB)}"
            )
        self._size = found.st_size

    @contextmanager
    def _clearly(self) -> Iterator[None]:
        with one_clear_line(self.path, self.kind):
            yield


def open_database(path: Path, kind: FileKind) -> tuple[Database, bool]:
    """Open the file at ``path``, made if need be, readable by its owner only.

    Returns:
        The database, and whether it can be written; on a read-only disk it can still be read.

    Raises:
        Exception: The kind's own error: it cannot be opened, is damaged, or is no file of this
            kind and version.
    """
    with one_clear_line(path, kind):
        writable = _present(path, kind)
        database = Database(_connection(path, writable=writable), execute_plugins=False)
        try:
            _check(database, path, kind, writable=writable)
            if writable:
                _settle(database)
                _make(database, kind)
        except BaseException:
            database.close()
            raise
    return database, writable


def cut_log(database: Database) -> bool:
    """Empty the write-ahead log, so that no erased page stays in it.

    Returns:
        Whether it is empty; not while another process is reading.
    """
    wait_ms = _pragma(database, "busy_timeout")
    database.execute(f"PRAGMA busy_timeout={min(wait_ms, CUT_MS)}")
    try:
        (busy, _, _) = database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        database.execute(f"PRAGMA busy_timeout={wait_ms}")
    return not busy


@contextmanager
def _at_once(database: Database) -> Iterator[None]:
    """Run the block as one transaction that writes from the start.

    A reader that turns into a writer could find that it was overtaken.
    """
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
        database.execute("COMMIT")
    except BaseException:
        database.rollback()
        raise


def _present(path: Path, kind: FileKind) -> bool:
    """Make the file and its folder if they are missing; tell whether it can be written.

    A file that is there is not opened here: closing it again would let go of the locks of this
    process's other connections to it, and the next process that ends would take the log away from
    under them. So the new one, too, is opened under another name only.
    """
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _make_empty(path)
    elif not os.access(path.parent, os.W_OK):
        return False
    elif not os.access(path, os.R_OK | os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    if 0 < path.stat().st_size < _SMALLEST_FILE:
        # SQLite would take the stump of a file for a new one.
        raise kind.error(f"the {kind.name} {path}: {kind.advice(sqlite3.SQLITE_NOTADB)}")
    return True


def _make_empty(path: Path) -> None:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    os.close(os.open(draft, flags, file_mode(path.parent)))
    try:
        with suppress(FileExistsError):  # another process may have been first
            path.hardlink_to(draft)
    finally:
        draft.unlink()


def _connection(path: Path, *, writable: bool) -> sqlite3.Connection:
    # Threads take turns behind the file's lock.
    if writable:
        return sqlite3.connect(path, timeout=BUSY_S, check_same_thread=False)
    # A log that could not be folded in holds acknowledged rows; without one, no file is needed.
    log = path.with_name(path.name + "-wal")
    mode = "ro" if log.exists() and log.stat().st_size else "ro&immutable=1"
    uri = f"file:{quote(str(path.absolute()))}?mode={mode}"
    return sqlite3.connect(uri, uri=True, timeout=BUSY_S, check_same_thread=False)


def _check(database: Database, path: Path, kind: FileKind, *, writable: bool) -> None:
    """Refuse a file that is not of this kind, from the future, or damaged."""
    # Tables first: where another process is just making the file, they come with the mark.
    tables = database.table_names()
    mark, version = _pragma(database, "application_id"), _pragma(database, "user_version")
    if mark != kind.application_id and (mark or tables):
        raise kind.error(f"{path} is not a {kind.name}: name another file")
    if version > kind.version:
        raise kind.error(f"the {kind.name} {path} was made by a newer Doorwatch: update this one")
    if version < kind.version and not writable:
        raise kind.error(
            f"the {kind.name} {path} was made by an older Doorwatch and the disk is read-only: "
            "make it writable once, so that it can be brought up to date"
        )
    for table in kind.checked & set(tables):
        found = database.execute(f"PRAGMA quick_check({table})").fetchone()[0]
        if found != "ok":
            raise sqlite3.DatabaseError(f"it is damaged ({found.splitlines()[0]}): put back a copy")


def _settle(database: Database) -> None:
    """Set what keeps rows safe, and make sure that it took."""
    for pragma, value in _PRAGMAS.items():
        _set(database, f"PRAGMA {pragma}={value}")
        if _pragma(database, pragma) != value:
            raise sqlite3.DatabaseError(f"SQLite refused to set {pragma} to {value}")


def _set(database: Database, statement: str) -> None:
    """Set a pragma; SQLite does not wait by itself while another process switches the journal."""
    until_s = time.monotonic() + BUSY_S
    while True:
        try:
            database.execute(statement)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until_s:
                raise
            time.sleep(0.01)
        else:
            return


def _make(database: Database, kind: FileKind) -> None:
    """Make the tables of a new file, or bring those of an older version up to date."""
    if _current(database, kind):
        return
    with _at_once(database):
        if _current(database, kind):
            return  # another process was first
        for statement in _missing(database, kind):
            database.execute(statement)
        database.execute(f"PRAGMA application_id={kind.application_id}")
        database.execute(f"PRAGMA user_version={kind.version}")


def _current(database: Database, kind: FileKind) -> bool:
    mark, version = _pragma(database, "application_id"), _pragma(database, "user_version")
    return bool(mark == kind.application_id and version == kind.version)


def _missing(database: Database, kind: FileKind) -> tuple[str, ...]:
    """Give the statements that a file still needs."""
    if _pragma(database, "application_id") != kind.application_id:
        return kind.tables
    steps = range(_pragma(database, "user_version") + 1, kind.version + 1)
    return tuple(statement for step in steps for statement in kind.upgrades[step])


def _pragma(database: Database, name: str) -> Any:
    return database.execute(f"PRAGMA {name}").fetchone()[0]
