"""One open gallery: its key, its head, the time it has seen."""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec import Struct
from sqlite_utils import Database

from edge.errors import GalleryError, GalleryLockedError, KeyProviderError
from edge.gallery.database import DatabaseFile
from edge.gallery.datakeys import DataKeys
from edge.gallery.keys import KeyProvider
from edge.gallery.layout import GALLERY, PEOPLE, PROGRESS
from edge.gallery.records import Head, decode, encode
from edge.gallery.seal import Sealer, new_data_key, wrap
from sync.clock import Anchor

CUTS = 30
"""How often the log is tried to be emptied once everything is destroyed."""


class Floor(Struct, frozen=True):
    """The latest time the unit has seen.

    Attributes:
        at: Seconds since the epoch.
        anchor: The last signed time and the moment it belongs to, if there was one.
    """

    at: float
    anchor: Anchor | None = None


class ListFile(DatabaseFile):
    """The gallery's file with the list's own row.

    Attributes:
        sealer: Seals and opens the records of this list.
    """

    sealer: DataKeys

    def __init__(
        self,
        path: Path,
        provider: KeyProvider,
        now: float,
        lease_s: float,
        *,
        anew: bool = False,
    ) -> None:
        """Open the file, or make it.

        Args:
            path: The SQLite file.
            provider: Gives the key.
            now: Seconds since the epoch, for the head of a new list.
            lease_s: Seconds that such a head counts.
            anew: Begin a new list where the consortium destroyed the last one.

        Raises:
            GalleryError: It cannot be opened, or is damaged.
            GalleryLockedError: Its list was destroyed.
            KeyProviderError: There is no key, or it is not the one of this gallery.
        """
        super().__init__(path, GALLERY)
        try:
            if anew and self._destroyed():
                self._forget_list()
            self._unlock(provider, now, lease_s)
        except BaseException:
            self.close()
            raise

    @contextmanager
    def change(self) -> Iterator[Database]:
        """Run the block as one change, with the data key that is in force at this moment.

        Raises:
            GalleryError: The disk does not write, or the file was replaced.
            KeyProviderError: The data key was changed, and cannot be opened.
        """
        with super().change() as database:
            self.sealer.follow()
            yield database

    def head(self) -> Head:
        """Read the head. Raises: GalleryError, also if the file was replaced."""
        with self._lock:
            self.refuse_replaced()
            return decode(self._unsealed("head"), Head, "the head")

    def set_head(self, head: Head) -> None:
        """Write the head, within a change."""
        self._db.execute("UPDATE list SET head = ?", (self._seal("head", encode(head)),))

    def floor(self) -> Floor:
        """Read the latest time seen. Raises: GalleryError."""
        return decode(self._unsealed("floor"), Floor, "the time")

    def set_floor(self, at: float, anchor: Anchor | None = None) -> None:
        """Write the latest time seen, within a change."""
        sealed = self._seal("floor", encode(Floor(at, anchor)))
        self._db.execute("UPDATE list SET floor = ?", (sealed,))

    def set_data_keys(self, data_keys: tuple[bytes, ...], keks: Sequence[bytes]) -> None:
        """Write the data keys, newest first, within a change; head and time come under the newest.

        Args:
            data_keys: 32 bytes each; rows must open under one of them.
            keks: Each of these opens all of them from now on.

        Raises:
            GalleryError: Entries are missing, which a new count would hide.
        """
        head, floor = self.head(), self.floor()
        entries = [row[0] for row in self.rows("SELECT entry_id FROM entry")]
        if self.sealer.tally(entries) != head.census:
            raise self.incomplete(head)
        wrapped = self.sealer.take(data_keys, keks)
        self._db.execute("UPDATE list SET data_key = ?", (wrapped,))
        self.set_head(msgspec.structs.replace(head, census=self.sealer.tally(entries)))
        self.set_floor(floor.at, floor.anchor)

    def incomplete(self, head: Head) -> GalleryError:
        """Make the error of a list that has lost entries that no change took."""
        return GalleryError(
            f"the gallery {self.path} is damaged: of {head.entries} entries that were "
            "written some are gone; put back a copy"
        )

    def destroy(self) -> None:
        """Destroy the data key and every row; the gallery opens no more. Raises: GalleryError."""
        with self.change() as database:
            for table in (*PEOPLE, *PROGRESS):
                database.execute(f"DELETE FROM {table}")  # noqa: S608 - a name of our own
            database.execute("UPDATE list SET data_key = x'', head = x'', floor = x''")
        for _ in range(CUTS):  # whoever reads just now is done in a moment
            if self.forget_log():
                return

    def _destroyed(self) -> bool:
        return bool(self.rows("SELECT 1 FROM list WHERE data_key = x''"))

    def _forget_list(self) -> None:
        with super().change() as database:  # there is no data key to follow
            database.execute("DELETE FROM list WHERE data_key = x''")

    def _seal(self, column: str, record: bytes) -> bytes:
        return self.sealer.seal(f"list.{column}", "list", record)

    def _unsealed(self, column: str) -> bytes:
        row = self.rows("SELECT head, floor FROM list")[0]
        if not row[0]:
            raise self._locked()
        return self.sealer.unseal(f"list.{column}", "list", row[column == "floor"])

    def _unlock(self, provider: KeyProvider, now: float, lease_s: float) -> None:
        """Open the data key, or make the list where there is none yet."""
        if not self.rows("SELECT 1 FROM list"):
            self._begin(provider, now, lease_s)
        ((list_id, wrapped),) = self.rows("SELECT list_id, data_key FROM list")
        if not wrapped:
            raise self._locked()
        self.sealer = DataKeys(list_id, provider, self._wrapped)

    def _wrapped(self) -> tuple[bytes, bytes]:
        """Give the wrapped data keys and the sealed head, none where everything was destroyed."""
        rows = self.rows("SELECT data_key, head FROM list")
        return rows[0] if rows else (b"", b"")

    def _locked(self) -> GalleryLockedError:
        return GalleryLockedError(
            f"the gallery {self.path} was locked by the consortium and everything on it destroyed: "
            "ask for an invitation and run doorwatch join"
        )

    def _begin(self, provider: KeyProvider, now: float, lease_s: float) -> None:
        """Write the list's one row, unless another process was first."""
        kek, fresh = _first_key(provider)
        list_id, data_key = secrets.token_hex(8), new_data_key()
        sealer = Sealer(data_key, list_id)
        head = encode(Head(0, now, now + lease_s if fresh else now))
        with super().change() as database:
            if not self.rows("SELECT 1 FROM list"):
                database.execute(
                    "INSERT INTO list VALUES (?, ?, ?, ?)",
                    (
                        list_id,
                        wrap(data_key, kek, list_id),
                        sealer.seal("list.head", "list", head),
                        sealer.seal("list.floor", "list", encode(Floor(now))),
                    ),
                )


def _first_key(provider: KeyProvider) -> tuple[bytes, bool]:
    """Give the key for a new list, and whether it was made just now."""
    try:
        return provider.kek(), False
    except KeyProviderError:
        return provider.provision(), True
