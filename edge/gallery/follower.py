"""Follows the rows of a gallery that others change: what is new, a slice at a time, and what went.

A reader that keeps up with ten thousand rows must not open all of them for one change, nor hold
the file's log while it opens many. It reads in slices, each a moment of its own, until nothing
has changed since; then one short look makes sure that nothing is missing.
"""

from collections.abc import Collection, Sequence
from typing import Any

from edge.gallery.listfile import ListFile
from edge.gallery.records import Head

_IDS = "SELECT entry_id FROM entry"
_CHANGED = (
    "SELECT changed, entry_id, {columns} FROM entry WHERE (changed, entry_id) > (?, ?) "
    "ORDER BY changed, entry_id LIMIT ?"
)


class Follower:
    """What one reader has seen of the entries' rows.

    Attributes:
        known: The ids of all rows seen that are still there.
    """

    def __init__(self, file: ListFile, columns: Sequence[str]) -> None:
        """Begin with nothing seen.

        Args:
            file: The gallery.
            columns: Of the table of entries, what a slice gives beside the id.
        """
        self.known: set[str] = set()
        self._file = file
        self._statement = _CHANGED.format(columns=", ".join(columns))
        self._position = (-1, "")
        self._census, self._counted_by = bytes(32), file.sealer.newest

    def slice(self, limit: int) -> list[tuple[Any, ...]]:
        """Give the next rows that came or changed, ``limit`` at most: id, then the columns.

        Raises:
            GalleryError: The gallery cannot be read.
        """
        rows = self._file.rows(self._statement, (*self._position, limit))
        if rows:
            self._position = rows[-1][:2]
            self._toggle({row[1] for row in rows} - self.known)
        return [row[1:] for row in rows]

    def settled(self) -> tuple[Head, frozenset[str]] | None:
        """Tell what the list's head is and which rows went, if nothing came or changed since.

        Returns:
            The head and the ids that are gone; None if there are further slices.

        Raises:
            GalleryError: A row was taken out of the file that no change took.
        """
        with self._file.moment():
            head = self._file.head()
            self._toggle(())
            if self._file.rows(self._statement, (*self._position, 1)):
                return None
            gone = frozenset[str]()
            ((there,),) = self._file.rows("SELECT count(*) FROM entry")
            if self._census != head.census or there != len(self.known):
                gone = frozenset(self.known.difference(row[0] for row in self._file.rows(_IDS)))
        self._toggle(gone)
        if self._census != head.census:
            raise self._file.incomplete(head)
        return head, gone

    def _toggle(self, entry_ids: Collection[str]) -> None:
        """Count ids as known that were not, or no longer."""
        newest = self._file.sealer.newest
        if newest is not self._counted_by:  # a new data key: what is known is counted anew
            self._counted_by, self._census = newest, newest.tally(self.known)
        tally = newest.tally(entry_ids)
        self._census = bytes(a ^ b for a, b in zip(self._census, tally, strict=True))
        self.known ^= set(entry_ids)
