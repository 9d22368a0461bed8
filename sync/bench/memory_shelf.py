"""A unit's shelf in memory, for a thousand units in one process: nothing of it survives."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile

from sync.liveset import Leaf
from sync.unit.shelf import HeldEntry, Holding, KeptRecord, StagedPage, Staging, Step, Trusted


@dataclass(slots=True)
class MemoryShelf:
    """Keeps one unit's list; see `sync.unit.shelf.Shelf` for what each method promises.

    Attributes:
        believed: What is believed now.
        entries: The rows, without templates and photos, which nobody compares here.
    """

    believed: Trusted
    entries: dict[str, Holding] = field(default_factory=dict)
    _staging: Staging | None = None
    _pages: list[StagedPage] = field(default_factory=list)
    _reports: dict[int, bytes] = field(default_factory=dict)

    def trusted(self) -> Trusted:
        """Give what is believed now."""
        return self.believed

    def held(self) -> dict[str, Holding]:
        """Give what stands in the rows."""
        return dict(self.entries)

    def commit(self, step: Step) -> None:
        """Carry out one step."""
        self.believed = step.trusted
        self.entries |= {one.proposal.entry_id: _holding(one) for one in step.put}
        for entry_id in step.erase:
            self.entries.pop(entry_id, None)
        for ids, contested in ((step.suspend, True), (step.resume, False)):
            for entry_id in self.entries.keys() & set(ids):
                self.entries[entry_id] = replace(self.entries[entry_id], contested=contested)
        self._reports |= dict(step.reports)

    def staging(self) -> Staging | None:
        """Give the snapshot under way."""
        if self._staging is None:
            return None
        chain = self._pages[-1].chain if self._pages else b""
        return replace(self._staging, staged=len(self._pages), chain=chain)

    def begin(self, staging: Staging) -> None:
        """Start to fetch a snapshot, keeping the pages that are the same."""
        old = self._staging.digests if self._staging else ()
        pairs = zip(old, staging.digests, strict=False)
        same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
        self._staging, self._pages = staging, self._pages[:same]

    def stage(self, pages: Sequence[StagedPage]) -> None:
        """Keep pages."""
        self._pages += pages

    def staged_leaves(self) -> dict[str, Leaf]:
        """Give the leaves of all staged pages."""
        return {name: leaf for page in self._pages for name, leaf in page.leaves.items()}

    def adopt(self, step: Step) -> None:
        """Hold what is staged, then carry out the step."""
        staged = (one for page in self._pages for one in page.put)
        self.entries |= {one.proposal.entry_id: _holding(one) for one in staged}
        self._staging, self._pages = None, []
        self.commit(step)

    def unheard(self) -> list[tuple[int, bytes]]:
        """Give the kept reports."""
        return list(self._reports.items())

    def heard(self, counter: int) -> None:
        """Forget a report."""
        self._reports.pop(counter, None)

    def submissions(self) -> list[tuple[str, bytes]]:
        """Give nothing: nobody is entered here."""
        return []

    def taken(self, entry_ids: Sequence[str]) -> None:
        """Forget nothing."""

    def records(self, from_seq: int) -> list[KeptRecord]:
        """Give nothing: no hub is restored here."""
        del from_seq
        return []

    def destroy(self) -> None:
        """Forget the rows."""
        self.entries.clear()


def _holding(entry: HeldEntry) -> Holding:
    return Holding(
        entry.record_hash, entry.proposal.valid_until_ms, entry.contested, entry.provisional
    )
