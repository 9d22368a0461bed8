"""Finds who on the list looks like somebody new: an index for each network, put together late.

Building costs more than adding, so entries are collected and put in when somebody asks.
"""

from edge.enrolment import Reference, likely_duplicates
from edge.errors import GalleryError
from edge.gallery.index import Index
from edge.gallery.records import StoredReference  # noqa: TC001 - only annotates
from sync.hub.reference import Likeness, stored
from sync.statement.proposal import PutProposal


class Lookalikes:
    """The templates of the list, for one thread."""

    def __init__(self) -> None:
        """Know nobody."""
        self._indexes: dict[str, Index] = {}
        self._new: dict[str, StoredReference] = {}
        self._went: set[str] = set()

    def put(self, proposal: PutProposal) -> None:
        """Add an entry, or its newer version.

        One whose templates are damaged is left out: the doors refuse it too, and nobody could be
        compared with it.
        """
        self._went.add(proposal.entry_id)
        try:
            self._new[proposal.entry_id] = stored(proposal)
        except GalleryError:
            self._new.pop(proposal.entry_id, None)

    def drop(self, entry_id: str) -> None:
        """Forget an entry."""
        self._new.pop(entry_id, None)
        self._went.add(entry_id)

    def of(self, reference: Reference, now_ms: int) -> tuple[Likeness, ...]:
        """Find the entries that may be of the same person, best first.

        Args:
            reference: The new one; entries of another network cannot be compared with it.
            now_ms: Milliseconds since the epoch; entries that are over do not count.
        """
        self.settle()
        index = self._indexes.get(reference.model_id)
        if index is None:
            return ()
        found = likely_duplicates(reference, index, now_ms / 1000)
        return tuple(Likeness(one.entry_id, one.score) for one in found)

    def settle(self) -> None:
        """Put what changed into the indexes, and let go of the templates of what is gone."""
        if not self._went:
            return
        fresh: dict[str, list[StoredReference]] = {}
        for one in self._new.values():
            fresh.setdefault(one.model_id, []).append(one)
        for model_id in {*self._indexes, *fresh}:
            added = Index.build(fresh.get(model_id, ()), model_id)
            old = self._indexes.get(model_id)
            if old is None:
                self._indexes[model_id] = added
            else:
                kept = Index.merged([old], self._went)
                self._indexes[model_id] = Index.merged([kept, added])
        self._new, self._went = {}, set()
