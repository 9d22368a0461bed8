"""A new data key for a list, while others go on working with it: a unit's gallery, or the hub's.

First the new key is put before the old one: from that change on everybody seals under it. Then
what was sealed before is sealed again, a few rows at a time, so that nobody waits long for the
file. At last the old key goes. Cut short anywhere, the list opens as before, and the next run
goes on where this one ended.

Rows come under the new key where they are, so that nobody reads them again. What is staged in a
gallery goes first: it may move among the entries at any moment, and never back.
"""

import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, NamedTuple, Protocol, TypeVar

from edge.errors import GalleryError
from edge.gallery.datakeys import DataKeys
from edge.gallery.inspection import SEALED, SealedColumn
from edge.gallery.listfile import CUTS
from edge.gallery.seal import SEALING_BYTES, new_data_key
from sync.errors import SyncError

SLICE = 32
"""Rows that are sealed again in one change: milliseconds, and at the most 17 MB of photos."""

PAUSE_S = 0.002
"""Seconds between two changes, in which others may write."""

PATIENCE_S = 60.0
"""Seconds that one change is tried for while others write."""

Result = TypeVar("Result")
_STAGED_FIRST = sorted(SEALED, key=lambda place: not place[0].startswith("staged_"))


class SealedFile(Protocol):
    """A file whose rows are sealed under a data key: a ``ListFile``, or the hub's ``Store``."""

    @property
    def sealer(self) -> DataKeys:
        """What seals and opens its rows."""
        ...

    def change(self) -> AbstractContextManager[object]:
        """Run a block as one change, on the disk as a whole or not at all."""
        ...

    def rows(self, statement: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """Run one statement."""
        ...

    def set_data_keys(self, data_keys: tuple[bytes, ...], keks: Sequence[bytes]) -> None:
        """Write the data keys, newest first, within a change; the list's own row comes along."""
        ...

    def forget_log(self) -> bool:
        """Empty the write-ahead log; False if somebody reads just now."""
        ...


class Rotated(NamedTuple):
    """What a rotation did.

    Attributes:
        sealed_again: Records that stand under the new key now.
        closed: Records that opened under no key, and are as closed as they were.
    """

    sealed_again: int
    closed: int


def rotate(
    file: SealedFile, keks: Sequence[bytes], columns: Sequence[SealedColumn] = _STAGED_FIRST
) -> Rotated:
    """Give the list a new data key, or end what a rotation before began.

    Args:
        file: The gallery, or the hub's database.
        keks: The keys that open it afterwards.
        columns: What is sealed in it.

    Raises:
        GalleryError: The disk does not write, or entries are missing. At the hub: HubError.
    """
    begin(file, keks)
    done = seal_again(file, columns)
    finish(file, keks)
    return done


def begin(file: SealedFile, keks: Sequence[bytes]) -> None:
    """Put a new data key before the old one, unless that was done and never ended.

    Raises:
        GalleryError: The disk does not write, or entries are missing.
    """

    def put_before() -> None:
        with file.change():
            known = file.sealer.data_keys
            fresh = known if len(known) > 1 else (new_data_key(), *known)
            file.set_data_keys(fresh, keks)

    _patiently(put_before)


def seal_again(file: SealedFile, columns: Sequence[SealedColumn] = _STAGED_FIRST) -> Rotated:
    """Seal under the newest data key whatever is not yet. Raises: GalleryError, HubError."""
    done = Rotated(0, 0)
    for column in columns:
        last: int | None = -1
        while last is not None:
            last, again, closed = _patiently(partial(_slice, file, column, last))
            done = Rotated(done.sealed_again + again, done.closed + closed)
            time.sleep(PAUSE_S)
    return done


def finish(file: SealedFile, keks: Sequence[bytes]) -> None:
    """Forget every data key but the newest, once everything is sealed under that.

    Args:
        file: The gallery.
        keks: The keys that open it from now on, and no other.

    Raises:
        GalleryError: The disk does not write.
    """
    _wrap(file, keks, most=1)


def rewrap(file: SealedFile, keks: Sequence[bytes]) -> None:
    """Have these keys open the gallery from now on, and no other; nothing is sealed again.

    Raises:
        GalleryError: The disk does not write.
    """
    _wrap(file, keks)


def _wrap(file: SealedFile, keks: Sequence[bytes], most: int | None = None) -> None:
    """Write the newest data keys anew, and nothing of what stood there before."""

    def write() -> None:
        with file.change():
            file.set_data_keys(file.sealer.data_keys[:most], keks)

    _patiently(write)
    _empty_log(file)


def _patiently(work: Callable[[], Result]) -> Result:
    """Do one change; while others write without a pause, wait longer than they would."""
    until_s = time.monotonic() + PATIENCE_S
    while True:
        try:
            return work()
        except (GalleryError, SyncError) as error:
            if not _is_busy(error) or time.monotonic() > until_s:
                raise


def _is_busy(error: Exception) -> bool:
    cause = error.__cause__
    code = cause.sqlite_errorcode if isinstance(cause, sqlite3.OperationalError) else 0
    return code & 0xFF == sqlite3.SQLITE_BUSY


def _empty_log(file: SealedFile) -> None:
    """Leave nothing of what was overwritten in the log."""
    for _ in range(CUTS):  # whoever reads just now is done in a moment
        if file.forget_log():
            return


def _slice(file: SealedFile, place: SealedColumn, after: int) -> tuple[int | None, int, int]:
    """Seal the next rows of one column again: the last row, how many, and how many stay closed."""
    table, row_id, column, purpose = place
    statement = (
        f"SELECT rowid, {row_id}, {column} FROM {table} "  # noqa: S608 - names of our own
        f"WHERE rowid > ? AND {column} IS NOT NULL ORDER BY rowid LIMIT {SLICE}"
    )
    again = closed = 0
    with file.change():
        rows = file.rows(statement, (after,))
        for number, name, sealed in rows:
            fresh = _sealed_again(file, purpose, str(name), sealed)
            if fresh is None:
                closed += 1
            elif fresh != sealed:
                again += 1
                update = f"UPDATE {table} SET {column} = ? WHERE rowid = ?"  # noqa: S608 - the same
                file.rows(update, (fresh, number))
    return (rows[-1][0] if len(rows) == SLICE else None), again, closed


def _sealed_again(file: SealedFile, purpose: str, name: str, sealed: bytes) -> bytes | None:
    """Seal one record under the newest key, in its length; None if it does not open."""
    if file.sealer.newest.opened(purpose, name, sealed) is not None:
        return sealed
    try:
        record = file.sealer.unseal(purpose, name, sealed)
    except (GalleryError, SyncError):
        return None
    return file.sealer.seal(purpose, name, record, len(sealed) - SEALING_BYTES)
