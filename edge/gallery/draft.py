"""One change of the list while it is made: rows come and go, and the next head states them."""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager

import msgspec
from sqlite_utils import Database

from edge.gallery.listfile import ListFile
from edge.gallery.records import Details, Head
from edge.gallery.rows import SealedEntry, opened_details, sealed_details
from edge.gallery.staging import drop_superseded, unstage_all

_PHOTOS_OF = (
    "DELETE FROM photo WHERE photo_id >= ? AND photo_id < ? || '/' "
    "AND photo_id NOT IN (SELECT photo_id FROM staged_entry)"
)


class Draft:
    """A change under way; make one with :func:`drafted`.

    Attributes:
        database: The open transaction.
        sequence: The number of this change.
        joined: Whether a consortium issues the list.
        erased: Whether anything was erased.
    """

    def __init__(self, file: ListFile, database: Database) -> None:
        """Start from the head that the file has now, within a change of it."""
        self._file, self.database = file, database
        self._last = file.head()
        self._gained: set[str] = set()
        self._lost: set[str] = set()
        self._touched = self.erased = False
        self._terms: dict[str, object] = {}
        self.sequence, self.joined = self._last.sequence + 1, self._last.joined

    def add(self, row: SealedEntry) -> None:
        """Put an entry on the list whose id must be new."""
        self.database.execute(
            "INSERT INTO entry VALUES (?, ?, ?, ?)",
            (row.entry_id, row.details, row.templates, self.sequence),
        )
        self.database.execute("INSERT INTO photo VALUES (?, ?)", (row.photo_id, row.photo))
        self._came([row.entry_id])

    def hold(self, row: SealedEntry) -> None:
        """Put an entry on the list in the place of whatever had its id."""
        self._remove(row.entry_id)
        self.add(row)

    def erase(self, entry_ids: Collection[str]) -> list[str]:
        """Erase all that is kept of these entries; gives the ids that were on the list."""
        self.erased = self.erased or bool(entry_ids)
        on_list = [entry_id for entry_id in entry_ids if self._remove(entry_id)]
        for entry_id in entry_ids:
            self.database.execute("DELETE FROM submission WHERE entry_id = ?", (entry_id,))
            self.database.execute(
                "UPDATE record SET content = NULL WHERE entry_id = ?", (entry_id,)
            )
        return on_list

    def adopt(self) -> None:
        """Hold all staged entries, in the place of whatever had their ids; none is left staged."""
        drop_superseded(self.database)
        every = [row[0] for row in self.database.execute("SELECT entry_id FROM staged_entry")]
        for entry_id in every:
            self._remove(entry_id)
        self.database.execute(
            "INSERT INTO entry SELECT entry_id, details, templates, ? FROM staged_entry",
            (self.sequence,),
        )
        self.database.execute(
            "DELETE FROM submission WHERE entry_id IN (SELECT entry_id FROM staged_entry)"
        )
        # The photos stay: they lie in their final place already.
        self.database.execute("DELETE FROM staged_entry")
        unstage_all(self.database)
        self._came(every)

    def restate(self, entry_id: str, *, contested: bool) -> bool:
        """Change how an entry stands; tells whether it is there."""
        found = self.database.execute(
            "SELECT details FROM entry WHERE entry_id = ?", (entry_id,)
        ).fetchone()
        if found is None:
            return False
        details = opened_details(self._file, entry_id, found[0])
        standing = msgspec.structs.replace(details.standing, contested=contested)
        self.rewrite(entry_id, msgspec.structs.replace(details, standing=standing))
        return True

    def rewrite(self, entry_id: str, details: Details) -> None:
        """Change what is kept of an entry beside its templates and photo."""
        self.database.execute(
            "UPDATE entry SET details = ?, changed = ? WHERE entry_id = ?",
            (sealed_details(self._file, entry_id, details), self.sequence, entry_id),
        )
        self._touched = True

    def issue(self, **terms: object) -> None:
        """Say in the next head: ``issued_at``, ``expires_at``, ``joined``."""
        self._terms |= {k: v for k, v in terms.items() if getattr(self._last, k) != v}

    def head(self) -> Head | None:
        """Give the head that states this change, or None where nothing changed."""
        if not (self._touched or self._terms):
            return None
        tally = self._file.sealer.tally(self._gained ^ self._lost)
        return msgspec.structs.replace(
            self._last,
            sequence=self.sequence,
            entries=self._last.entries + len(self._gained) - len(self._lost),
            census=bytes(a ^ b for a, b in zip(self._last.census, tally, strict=True)),
            **self._terms,
        )

    def _remove(self, entry_id: str) -> bool:
        """Erase an entry's rows, its photo too, unless that is of a staged version."""
        gone = self.database.execute("DELETE FROM entry WHERE entry_id = ?", (entry_id,))
        if gone.rowcount != 1:
            return False
        self.erased = True
        self.database.execute(_PHOTOS_OF, (entry_id, entry_id))
        self._went(entry_id)
        return True

    def _came(self, entry_ids: Iterable[str]) -> None:
        for entry_id in entry_ids:
            if entry_id in self._lost:
                self._lost.remove(entry_id)
            else:
                self._gained.add(entry_id)
        self._touched = True

    def _went(self, entry_id: str) -> None:
        if entry_id in self._gained:
            self._gained.remove(entry_id)
        else:
            self._lost.add(entry_id)
        self._touched = True


@contextmanager
def drafted(file: ListFile) -> Iterator[Draft]:
    """Run the block as one change of the list, and write the head that states it.

    Nothing of what the change erased stays in the log afterwards.

    Raises:
        GalleryError: The disk does not write, or the file was replaced.
    """
    with file.change() as database:
        draft = Draft(file, database)
        yield draft
        if (head := draft.head()) is not None:
            file.set_head(head)
    if draft.erased:
        file.forget_log()
    else:
        file.tidy()
