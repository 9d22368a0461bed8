"""The hub's SQLite file: sealed rows, and changes that are on the disk as a whole or not at all.

Opened by the same code as a unit's gallery (WAL, synchronous=FULL asserted, secure_delete) and
sealed in the same way: key file → data key → one key for each table. A new data key may come
while the file is open, see ``sync.hub.datakey``.
"""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from operator import itemgetter
from pathlib import Path
from threading import RLock
from typing import Any, Self

from edge.gallery.database import DatabaseFile
from edge.gallery.datakeys import DataKeys
from edge.gallery.keys import KeyProvider
from edge.gallery.seal import Sealer, new_data_key, wrap
from sync.errors import HubError
from sync.hub.layout import HUB
from sync.hub.rows import AnyRow, State, decode, encode

KEYS = {
    "entry": "entry_id",
    "waiting": "digest",
    "unit": "unit_id",
    "word": "unit_id",
    "invitation": "unit_id",
    "record": "seq",
    "content": "seq",
    "root": "version",
    "epoch": "epoch",
    "receipt": "number",
    "audit": "number",
    "witness": "number",
    "account": "account_id",
    "welcome": "digest",
    "note": "entry_id",
    "request": "number",
    "alarm": "entry_id",
    "night": "night_id",
    "paper": "name",
    "share": "unit_id",
}
"""The primary key of each table with sealed rows."""

_KEY_BITS = 63
_STATE = ("hub", "state")


class Store:
    """One open hub database.

    Attributes:
        path: The file.
        list_id: The list that it is of, 32 hexadecimal digits.
        sealer: Seals and opens its rows.
    """

    def __init__(self, file: DatabaseFile, provider: KeyProvider) -> None:
        """Open the rows of ``file``; make it with ``Store.create`` or ``Store.open``.

        Raises:
            HubError: It holds no hub.
            KeyProviderError: There is no key, or it is not the one of this hub.
        """
        self._file = file
        self.path = file.path
        found = file.rows("SELECT list_id FROM hub")
        if not found:
            raise HubError(f"the hub {file.path} was never finished: run doorwatch-hub init again")
        self.list_id: str = found[0][0]
        self.sealer = DataKeys(self.list_id, provider, self._wrapped, _STATE, _damaged)
        self._lock = RLock()
        self._depth = 0

    @classmethod
    def create(cls, path: Path, provider: KeyProvider, state: State) -> Self:
        """Make the database of a new list, which starts from ``state``.

        Raises:
            HubError: There is one already, or the disk does not write.
            KeyProviderError: The key cannot be made.
        """
        file = DatabaseFile(path, HUB)
        try:
            _begin(file, provider, state)
            return cls(file, provider)
        except BaseException:
            file.close()
            raise

    @classmethod
    def open(cls, path: Path, provider: KeyProvider) -> Self:
        """Open the database at ``path``.

        Raises:
            HubError: There is none, or it is damaged.
            KeyProviderError: There is no key, or it is not the one of this hub.
        """
        if not path.exists():
            raise HubError(f"there is no hub in {path}: make one with doorwatch-hub init")
        file = DatabaseFile(path, HUB)
        try:
            return cls(file, provider)
        except BaseException:
            file.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    @contextmanager
    def change(self) -> Iterator[None]:
        """Run the block as one change; a change within a change is undone alone if it fails.

        Raises:
            HubError: The disk does not write, or the file was replaced.
        """
        with self._lock:
            within = self._savepoint() if self._depth else self._file.change()
            with within:
                if not self._depth:
                    self.sealer.follow()
                self._depth += 1
                try:
                    yield
                finally:
                    self._depth -= 1

    @contextmanager
    def moment(self) -> Iterator[None]:
        """See one state of the file throughout the block."""
        with self._lock:
            if self._depth:
                yield
                return
            with self._file.moment():
                yield

    @property
    def state(self) -> State:
        """The hub's own row."""
        ((sealed,),) = self._file.rows("SELECT state FROM hub")
        return decode(self.sealer.unseal(*_STATE, sealed), State)

    @state.setter
    def state(self, state: State) -> None:
        """Write it, within a change."""
        sealed = self.sealer.seal(*_STATE, encode(state))
        self.write("UPDATE hub SET state = ?", (sealed,))

    def set_data_keys(self, data_keys: tuple[bytes, ...], keks: Sequence[bytes]) -> None:
        """Write the data keys, newest first, within a change; the state comes under the newest.

        Args:
            data_keys: 32 bytes each; rows must open under one of them.
            keks: Each of these opens all of them from now on.
        """
        state = self.state
        self.write("UPDATE hub SET data_key = ?", (self.sealer.take(data_keys, keks),))
        self.state = state

    def version(self) -> int:
        """Give a number that changes whenever another process has changed the file."""
        return int(self._file.rows("PRAGMA data_version")[0][0])

    def rows(self, statement: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """Run one reading statement on the columns that are not sealed. Raises: HubError."""
        return self._file.rows(statement, values)

    def write(self, statement: str, values: tuple[Any, ...] = ()) -> None:
        """Run one writing statement, within a change."""
        if not self._depth:
            raise AssertionError("a write outside of a change")
        self._file.rows(statement, values)

    def put(self, table: str, key: str | int, record: bytes, **columns: str | int | bytes) -> None:
        """Write one sealed row, new or in place of the one with that key, within a change.

        Args:
            table: Which table.
            key: Its primary key.
            record: What to seal.
            columns: Further columns, in the open.
        """
        names = (KEYS[table], *columns, "sealed")
        values = (key, *columns.values(), self.sealer.seal(table, str(key), record))
        marks = ", ".join("?" * len(names))
        into = f"{table} ({', '.join(names)})"
        self.write(f"INSERT OR REPLACE INTO {into} VALUES ({marks})", values)  # noqa: S608 - names of our own tables

    def take(self, table: str, key: str | int) -> bytes | None:
        """Open one row; None if there is none.

        Raises:
            HubError: It was changed.
        """
        if isinstance(key, int) and key.bit_length() > _KEY_BITS:
            return None  # a number out of an address: SQLite has no room for it, so no row either
        query = f"SELECT sealed FROM {table} WHERE {KEYS[table]} = ?"  # noqa: S608 - as above
        found = self._file.rows(query, (key,))
        return self.sealer.unseal(table, str(key), found[0][0]) if found else None

    def find(self, table: str, key: str | int, kind: type[AnyRow]) -> AnyRow | None:
        """Open one row and read it; None if there is none. Raises: HubError."""
        content = self.take(table, key)
        return None if content is None else decode(content, kind)

    def each(
        self, table: str, kind: type[AnyRow], where: str = "TRUE", values: tuple[Any, ...] = ()
    ) -> Iterable[tuple[Any, AnyRow]]:
        """Open all rows that match, in the order of their keys. Raises: HubError."""
        name = KEYS[table]
        query = f"SELECT {name}, sealed FROM {table} WHERE {where}"  # noqa: S608 - as above
        # Sorted here: asked for an order, SQLite walks the whole primary key instead of finding
        # the few rows by their index.
        for key, sealed in sorted(self._file.rows(query, values), key=itemgetter(0)):
            yield key, decode(self.sealer.unseal(table, str(key), sealed), kind)

    def drop(self, table: str, key: str | int) -> None:
        """Erase one row, within a change; its bytes are overwritten by ``secure_delete``."""
        self.write(f"DELETE FROM {table} WHERE {KEYS[table]} = ?", (key,))  # noqa: S608 - as above

    def forget_log(self) -> bool:
        """Empty the write-ahead log; False while a change is under way, or somebody reads."""
        return not self._depth and self._file.forget_log()

    def _wrapped(self) -> tuple[bytes, bytes]:
        """Give the wrapped data keys and the sealed state, as they stand in the file now."""
        keys, state = self._file.rows("SELECT data_key, state FROM hub")[0]
        return keys, state

    @contextmanager
    def _savepoint(self) -> Iterator[None]:
        name = f"within_{self._depth}"
        self.write(f"SAVEPOINT {name}")
        try:
            yield
        except BaseException:
            self.write(f"ROLLBACK TO {name}")
            raise
        finally:
            self.write(f"RELEASE {name}")


def _begin(file: DatabaseFile, provider: KeyProvider, state: State) -> None:
    """Write the hub's one row."""
    if file.rows("SELECT 1 FROM hub"):
        raise HubError(f"there is a hub in {file.path} already: name another folder")
    kek, list_id, data_key = provider.provision(), secrets.token_hex(16), new_data_key()
    sealer = Sealer(data_key, list_id)
    sealed = sealer.seal(*_STATE, encode(state))
    with file.change() as database:
        database.execute(
            "INSERT INTO hub VALUES (?, ?, ?)", (list_id, wrap(data_key, kek, list_id), sealed)
        )


def _damaged(table: str, row_id: str) -> Exception:
    return HubError(
        f"the hub's database is damaged: row {row_id} of {table} does not open; restore a backup "
        "with doorwatch-hub restore"
    )
