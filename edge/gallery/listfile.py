"""One open gallery file: its key, its head, the time it has seen, and changes as a whole."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Any

from msgspec import Struct
from sqlite_utils import Database

from edge.errors import GalleryError, KeyProviderError
from edge.gallery.database import cut_log, one_clear_line, open_database
from edge.gallery.keys import KeyProvider
from edge.gallery.records import Head, decode, encode
from edge.gallery.seal import Sealer, new_data_key, unwrap, wrap


class _Floor(Struct, frozen=True):
    """The latest time the unit has seen, seconds since the epoch."""

    at: float


class ListFile:
    """The list's row and the transactions on the file; threads take turns.

    Attributes:
        path: The file.
        writable: False on a read-only disk.
        sealer: Seals and opens the records of this list.
    """

    sealer: Sealer

    def __init__(self, path: Path, provider: KeyProvider, now: float, lease_s: float) -> None:
        """Open the file, or make it.

        Args:
            path: The SQLite file.
            provider: Gives the key.
            now: Seconds since the epoch, for the head of a new list.
            lease_s: Seconds that such a head counts.

        Raises:
            GalleryError: It cannot be opened, or is damaged.
            KeyProviderError: There is no key, or it is not the one of this gallery.
        """
        self.path = path
        self._lock = RLock()
        self._uncut = False
        self._db, self.writable = open_database(path)
        try:
            with one_clear_line(path):
                self._inode = path.stat().st_ino
                self._unlock(provider, now, lease_s)
        except BaseException:
            self._db.close()
            raise

    def close(self) -> None:
        """Close the file."""
        with self._lock, one_clear_line(self.path):
            uncut, self._uncut = self._uncut, False
            if uncut:
                cut_log(self._db)
            self._db.close()

    def rows(self, statement: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """Run one reading statement. Raises: GalleryError."""
        with self._lock, one_clear_line(self.path):
            found: list[tuple[Any, ...]] = self._db.execute(statement, values).fetchall()
            return found

    @contextmanager
    def moment(self) -> Iterator[None]:
        """See one state of the list throughout the block, whatever others write meanwhile."""
        with self._lock, one_clear_line(self.path), self._db.atomic():
            yield

    @contextmanager
    def change(self) -> Iterator[Database]:
        """Run the block as one change: on the disk as a whole, or undone as a whole.

        Raises:
            GalleryError: The disk does not write, or the file was replaced.
        """
        if not self.writable:
            raise GalleryError(f"the gallery {self.path}: the disk is read-only: nothing changed")
        with self._lock, one_clear_line(self.path):
            self._refuse_replaced()
            # At once: a reader that turns into a writer could find that it was overtaken.
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                self._db.rollback()
                raise

    def forget_log(self) -> None:
        """Empty the write-ahead log after an erasure; at closing if somebody reads just now."""
        with self._lock, one_clear_line(self.path):
            self._uncut = not cut_log(self._db)

    def head(self) -> Head:
        """Read the head. Raises: GalleryError, also if the file was replaced."""
        with self._lock:
            self._refuse_replaced()
            return decode(self._unsealed("head"), Head, "the head")

    def set_head(self, head: Head) -> None:
        """Write the head, within a change."""
        self._db.execute("UPDATE list SET head = ?", (self._seal("head", encode(head)),))

    def floor(self) -> float:
        """Read the latest time seen, seconds since the epoch. Raises: GalleryError."""
        return decode(self._unsealed("floor"), _Floor, "the time").at

    def set_floor(self, at: float) -> None:
        """Write the latest time seen, within a change."""
        self._db.execute("UPDATE list SET floor = ?", (self._seal("floor", encode(_Floor(at))),))

    def _seal(self, column: str, record: bytes) -> bytes:
        return self.sealer.seal(f"list.{column}", "list", record)

    def _unsealed(self, column: str) -> bytes:
        row = self.rows("SELECT head, floor FROM list")[0]
        return self.sealer.unseal(f"list.{column}", "list", row[column == "floor"])

    def _refuse_replaced(self) -> None:
        """Notice that the file was taken away or another put in its place."""
        try:
            same = self.path.stat().st_ino == self._inode
        except OSError:
            same = False
        if not same:
            raise GalleryError(f"the gallery {self.path} was removed or replaced: open it again")

    def _unlock(self, provider: KeyProvider, now: float, lease_s: float) -> None:
        """Open the data key, or make the list where there is none yet."""
        if not self.rows("SELECT 1 FROM list"):
            self._begin(provider, now, lease_s)
        ((list_id, wrapped),) = self.rows("SELECT list_id, data_key FROM list")
        self.sealer = Sealer(unwrap(wrapped, provider.kek(), list_id), list_id)

    def _begin(self, provider: KeyProvider, now: float, lease_s: float) -> None:
        """Write the list's one row, unless another process was first."""
        kek, fresh = _first_key(provider)
        list_id, data_key = secrets.token_hex(8), new_data_key()
        self.sealer = Sealer(data_key, list_id)
        head = Head(0, now, now + lease_s if fresh else now)
        with self.change() as database:
            if not self.rows("SELECT 1 FROM list"):
                database.execute(
                    "INSERT INTO list VALUES (?, ?, ?, ?)",
                    (
                        list_id,
                        wrap(data_key, kek, list_id),
                        self._seal("head", encode(head)),
                        self._seal("floor", encode(_Floor(now))),
                    ),
                )


def _first_key(provider: KeyProvider) -> tuple[bytes, bool]:
    """Give the key for a new list, and whether it was made just now."""
    try:
        return provider.kek(), False
    except KeyProviderError:
        return provider.provision(), True
