"""The list in memory, kept up with the file a slice at a time.

Only rows that changed are opened, and of many never more at once than a frame would notice: the
caller breathes between two slices. What was read so far is never half in force: index and
entries are new objects each time, and stand for a state of the list once a head is given.
"""

from typing import TYPE_CHECKING

from edge.errors import GalleryError
from edge.gallery.follower import Follower
from edge.gallery.index import Index, check_reference
from edge.gallery.listfile import ListFile
from edge.gallery.records import Head, StoredReference
from edge.gallery.rows import opened_reference

if TYPE_CHECKING:
    from sync.entries import Entry

SLICE = 32
"""Rows opened at once: about a millisecond of work."""


class Reader:
    """What one process has read of the list.

    Attributes:
        index: The references in force.
        entries: Their entries, by id.
        tonight: Those of them that are gone at noon unless somebody completes them.
        unfit: Why a row cannot be compared with, by id: it is damaged, or of another network.
        busy: Whether the last slice was a full one: many more may follow.
        erased: Whether rows were seen to go; whoever has seen to the log sets it back.
    """

    def __init__(self, file: ListFile, model_id: str, dimension: int | None = None) -> None:
        """Begin with nothing read.

        Args:
            file: The gallery.
            model_id: The embedder that probes are made with.
            dimension: Numbers in a probe; by default those of the first template.
        """
        self.index = Index.build((), model_id)
        self.entries: dict[str, Entry] = {}
        self.tonight = frozenset[str]()
        self.unfit: dict[str, str] = {}
        self.busy = self.erased = False
        self._file, self._dimension = file, dimension
        self._follower = Follower(file, ("details", "templates"))
        self._ends: dict[str, float] = {}
        self._parts: list[Index] = []
        self._came: dict[str, Entry] = {}
        self._went: set[str] = set()

    def read(self, now: float) -> Head | None:
        """Read the next slice of what changed.

        Args:
            now: Seconds since the epoch; entries that are over are left out.

        Returns:
            The head of the state that has been read, or None as long as there is more to read.

        Raises:
            GalleryError: The gallery cannot be read, or a row was taken out of it.
        """
        rows = self._follower.slice(SLICE)
        self.busy = len(rows) == SLICE
        if rows:
            fit = [self._opened(*row) for row in rows]
            self._take([one for one in fit if one is not None], now)
            return None
        settled = self._follower.settled()
        if settled is None:
            return None
        head, gone = settled
        self.erased = self.erased or bool(gone)
        self.drop(gone)
        return head

    def over(self, now: float) -> list[str]:
        """Name the entries whose term is over at ``now``, suspended ones included."""
        return [entry_id for entry_id, end in self._ends.items() if end <= now]

    def drop(self, entry_ids: frozenset[str] | list[str]) -> None:
        """Compare with these no longer, and with all that was read."""
        for entry_id in entry_ids:
            self._ends.pop(entry_id, None)
            self.unfit.pop(entry_id, None)
            self._leave_out(entry_id)
        if self._parts or self._went:
            self.index = Index.merged([self.index, *self._parts], self._went)
            self.entries = {**self.entries, **self._came}
            for entry_id in self._went:
                self.entries.pop(entry_id, None)
            self.tonight &= self.entries.keys()
            self._parts, self._came, self._went = [], {}, set()

    def _opened(self, entry_id: str, details: bytes, templates: bytes) -> StoredReference | None:
        """Open one row; what cannot be compared with is left out, and said."""
        self.unfit.pop(entry_id, None)
        try:
            reference = opened_reference(self._file, entry_id, details, templates)
            self._ends[entry_id] = reference.entry.valid_until
            check_reference(reference, self.index.model_id, self._dimension)
        except GalleryError as error:
            self.unfit[entry_id] = str(error)
            self._leave_out(entry_id)
            return None
        self._dimension = self._dimension or int(reference.templates.shape[1])
        return reference

    def _take(self, references: list[StoredReference], now: float) -> None:
        """Note which of these are compared with from the next state on."""
        counted = []
        for one in references:
            if one.standing.contested or not one.entry.in_force(now):
                self._leave_out(one.entry.entry_id)
            else:
                entry_id = one.entry.entry_id
                self._came[entry_id] = one.entry
                self.tonight -= {entry_id}
                if one.standing.tonight:
                    self.tonight |= {entry_id}
                self._went.discard(entry_id)
                counted.append(one)
        if counted:
            self._parts.append(Index.build(counted, self.index.model_id))

    def _leave_out(self, entry_id: str) -> None:
        if self._came.pop(entry_id, None) is not None or entry_id in self.entries:
            self._went.add(entry_id)
