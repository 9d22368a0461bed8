"""The unit's storage port over the gallery's file: the ledger's state beside the rows it is of.

Everything a step changes is one transaction of the file from which the engine reads, so a power
cut leaves the list and what is believed of it in step. All of it is sealed under the gallery's
own data key. What is staged of a snapshot is sealed for its final place already, and only moved
there when the snapshot is adopted; the engine sees none of it before.

Example::

    with GalleryShelf.open(places.gallery, provider) as shelf:
        session = Session(shelf, keys, ...)
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Self

from sqlite_utils import Database

from edge.errors import GalleryError
from edge.gallery import outbox, staging
from edge.gallery.closing import Closing
from edge.gallery.draft import Draft, drafted
from edge.gallery.follower import Follower
from edge.gallery.inspection import damaged_rows
from edge.gallery.keys import KeyProvider
from edge.gallery.listfile import ListFile
from edge.gallery.listtime import ListTime
from edge.gallery.progress import (
    keep_state,
    kept_state,
    packed_leaf,
    packed_trusted,
    unpacked_leaf,
    unpacked_trusted,
)
from edge.gallery.records import Details, Standing
from edge.gallery.rows import SealedEntry, opened_details, sealed_entry
from edge.timepiece import read_clocks
from sync.clock import Now, Reading
from sync.liveset import Leaf
from sync.unit.shelf import HeldEntry, Holding, KeptRecord, StagedPage, Staging, Step, Trusted

SLICE = 1000
"""Rows that are read at once."""

REREAD_MS = 600_000
"""After ten minutes every row is opened again, so that none is claimed that was damaged since."""


class GalleryShelf(Closing):
    """A unit's shelf in its gallery; see :class:`sync.unit.shelf.Shelf` for what each promises."""

    _held: dict[str, Holding]

    def __init__(self, file: ListFile, read: Callable[[], Reading] = read_clocks) -> None:
        """Work on an open gallery.

        Args:
            file: The gallery.
            read: Reads the clocks of the box: a signed time is kept with the moment it came.
        """
        self._file, self._time, self._read = file, ListTime(file, read), read
        self._begin_reading()
        self._trusted: Trusted | None = None
        # Whoever was killed between an erasure and this may have left pages in the log.
        file.empty_log()

    @classmethod
    def open(
        cls,
        path: Path,
        provider: KeyProvider,
        *,
        anew: bool = False,
        read: Callable[[], Reading] = read_clocks,
    ) -> Self:
        """Open the gallery at ``path``; a new one is made where there is none.

        Args:
            path: The SQLite file.
            provider: Gives the key.
            anew: Begin a new list where the consortium destroyed the last one: for joining.
            read: Reads the clocks of the box.

        Raises:
            GalleryError: It cannot be opened, or is damaged.
            GalleryLockedError: The consortium destroyed its list.
            KeyProviderError: There is no key, or it is not the one of this gallery.
        """
        return cls(ListFile(path, provider, read().wall_ms / 1000, 0.0, anew=anew), read)

    def close(self) -> None:
        """Close the file; the shelf cannot be used afterwards."""
        self._file.close()

    def time(self) -> Now:
        """Tell the time, and whether decisions may rest on it. Raises: GalleryError."""
        return self._time.now()

    def clock_leapt(self) -> bool:
        """Tell whether the wall clock contradicts the signed time. Raises: GalleryError."""
        return self._time.leapt()

    @property
    def joined(self) -> bool:
        """Whether a consortium issues this list. Raises: GalleryError."""
        return self._file.head().joined

    def join(self, trusted: Trusted) -> None:
        """Become a member: believe this from now on, and nothing that was believed before.

        Entries of this unit alone stay, and stay its own; whatever does not open goes.

        Raises:
            GalleryError: The disk does not write.
        """
        with drafted(self._file) as draft:
            rows = self._file.rows("SELECT entry_id, details FROM entry")
            draft.erase(
                [entry_id for entry_id, sealed in rows if not self._is_own(entry_id, sealed)]
            )
            _forget(draft.database, "trusted", "leaf", "report", "record", "submission")
            staging.unstage_all(draft.database)
            self._believe(draft, trusted)
            self._time.begin(trusted.floor_ms)
        self._trusted = None

    def trusted(self) -> Trusted:
        """Give what was believed at the last commit. Raises: GalleryError."""
        if self._trusted is None:
            with self._file.moment():
                self._file.head()  # says so where everything was destroyed
                content = kept_state(self._file, "trusted")
                rows = self._file.rows("SELECT entry_id, sealed FROM leaf")
            if content is None:
                raise GalleryError("this unit belongs to no consortium: run doorwatch join")
            self._trusted = unpacked_trusted(
                content, {name: self._leaf(name, s) for name, s in rows}
            )
        return self._trusted

    def held(self) -> dict[str, Holding]:
        """Give the consortium's entries in the rows, and provisional ones.

        One whose row is damaged is not held; entries of this unit alone are nobody else's
        business. Rows are opened when they change, and all of them again after a while.

        Raises:
            GalleryError: The gallery cannot be read, or a row was taken out of it.
        """
        if self._read().boot_ms - self._since_ms > REREAD_MS:
            self._begin_reading()
        settled = None
        while settled is None:
            while rows := self._follower.slice(SLICE):
                for entry_id, sealed in rows:
                    self._see(entry_id, sealed)
            settled = self._follower.settled()
        for entry_id in settled[1]:
            self._held.pop(entry_id, None)
        return dict(self._held)

    def commit(self, step: Step) -> None:
        """Carry out one step. Raises: GalleryError."""
        with drafted(self._file) as draft:
            self._carry_out(draft, step)
        self._trusted = step.trusted

    def staging(self) -> Staging | None:
        """Give the snapshot that is being fetched, if there is one. Raises: GalleryError."""
        return staging.staging(self._file)

    def begin(self, announced: Staging) -> None:
        """Start to fetch a snapshot; the first pages stay where they are the same."""
        staging.begin(self._file, announced)

    def stage(self, pages: Sequence[StagedPage]) -> None:
        """Keep verified pages, the next in order. Raises: GalleryError."""
        staging.stage(self._file, pages, self._sealed)

    def staged_leaves(self) -> dict[str, Leaf]:
        """Give the leaves of all staged pages, by entry id. Raises: GalleryError."""
        return staging.staged_leaves(self._file)

    def adopt(self, step: Step) -> None:
        """Hold what is staged, in one transaction with ``step``. Raises: GalleryError."""
        with drafted(self._file) as draft:
            draft.adopt()
            _forget(draft.database, "leaf", "record")
            self._carry_out(draft, step)
        self._trusted = step.trusted

    def unheard(self) -> list[tuple[int, bytes]]:
        """Give the kept reports, (number, wire bytes), oldest first. Raises: GalleryError."""
        return outbox.unheard(self._file)

    def heard(self, counter: int) -> None:
        """Forget the kept report with this number; others stay. Raises: GalleryError."""
        outbox.heard(self._file, counter)

    def add_locally(self, entry: HeldEntry, wire: bytes) -> None:
        """Hold an entry made at this unit, in force at once, and queue it for the hub.

        Args:
            entry: Its content; it stands as provisional until the ledger has it.
            wire: The signed proposal, as it goes to the hub.

        Raises:
            GalleryError: There is an entry with that id, or the disk does not write.
        """
        with drafted(self._file) as draft:
            (row,) = self._sealed([replace(entry, record_hash=b"", provisional=True)])
            draft.add(row)
            outbox.keep_submission(self._file, draft.database, row.entry_id, wire)

    def submissions(self) -> list[tuple[str, bytes]]:
        """Give what the hub has not taken yet, (entry id, wire bytes). Raises: GalleryError."""
        return outbox.submissions(self._file)

    def taken(self, entry_ids: Sequence[str]) -> None:
        """Forget these submissions: the hub has them. Raises: GalleryError."""
        with self._file.change() as database:
            outbox.taken(database, entry_ids)

    def records(self, from_seq: int) -> list[KeptRecord]:
        """Give the kept records from that number on, in order. Raises: GalleryError."""
        return outbox.records(self._file, from_seq)

    def damaged(self) -> list[tuple[str, str]]:
        """Open everything that is sealed; give what does not open. Raises: GalleryError."""
        return damaged_rows(self._file)

    def destroy(self) -> None:
        """Destroy the key of all rows, and the rows. There is no way back. Raises: GalleryError."""
        self._file.destroy()
        self._held, self._trusted = {}, None

    def _carry_out(self, draft: Draft, step: Step) -> None:
        """Write everything of a step, within one change, in the order of its fields."""
        for entry_id, leaf in step.leaves.items():
            sealed = self._file.sealer.seal("leaf", entry_id, packed_leaf(leaf))
            draft.database.execute("INSERT OR REPLACE INTO leaf VALUES (?, ?)", (entry_id, sealed))
        for row in self._sealed(step.put):
            draft.hold(row)
        entered = [one.proposal.entry_id for one in step.put if not one.provisional]
        outbox.taken(draft.database, entered)
        # Before the erasure, so that no content of what goes is kept.
        outbox.keep_records(self._file, draft.database, step.records)
        draft.erase(step.erase)
        for ids, contested in ((step.suspend, True), (step.resume, False)):
            for entry_id in ids:
                draft.restate(entry_id, contested=contested)
        outbox.keep_reports(self._file, draft.database, step.reports)
        if step.heard_ms:  # only an answer to this unit's own question tells the time
            self._time.hear(step.heard_ms)
        self._believe(draft, step.trusted)

    def _believe(self, draft: Draft, trusted: Trusted) -> None:
        """Write what is believed, and make the list's lease that of the head it was read up to."""
        keep_state(self._file, draft.database, "trusted", packed_trusted(trusted))
        reached = trusted.reached
        issued_ms, expires_ms = (reached.issued_ms, reached.expires_ms) if reached else (0, 0)
        draft.issue(joined=True, issued_at=issued_ms / 1000, expires_at=expires_ms / 1000)

    def _sealed(self, entries: Iterable[HeldEntry]) -> list[SealedEntry]:
        return [sealed_held(self._file, one) for one in entries]

    def _is_own(self, entry_id: str, sealed: bytes) -> bool:
        """Tell whether a row opens and is of this unit alone."""
        try:
            standing = opened_details(self._file, entry_id, sealed).standing
        except GalleryError:
            return False
        return not (standing.record_hash or standing.provisional)

    def _begin_reading(self) -> None:
        self._follower = Follower(self._file, ["details"])
        self._held = {}
        self._since_ms = self._read().boot_ms

    def _leaf(self, entry_id: str, sealed: bytes) -> Leaf:
        return unpacked_leaf(self._file.sealer.unseal("leaf", entry_id, sealed), entry_id)

    def _see(self, entry_id: str, sealed: bytes) -> None:
        """Note how one row stands; a damaged one is as good as none."""
        try:
            details = opened_details(self._file, entry_id, sealed)
        except GalleryError:
            self._held.pop(entry_id, None)
            return
        standing, until_ms = details.standing, round(details.valid_until * 1000)
        if standing.record_hash or standing.provisional:
            self._held[entry_id] = Holding(
                standing.record_hash, until_ms, standing.contested, standing.provisional
            )


def sealed_held(file: ListFile, entry: HeldEntry) -> SealedEntry:
    """Seal an entry of the consortium for its rows; evidence stays with the venue and the hub."""
    content = entry.proposal
    standing = Standing(
        content.scope,
        content.venue_id,
        content.incident_on,
        entry.record_hash,
        entry.contested,
        entry.provisional,
    )
    details = Details(
        content.category,
        content.reason,
        content.created_ms / 1000,
        content.valid_until_ms / 1000,
        content.model_id,
        standing,
    )
    return sealed_entry(file, content.entry_id, details, content.templates, content.photo)


def _forget(database: Database, *tables: str) -> None:
    for table in tables:
        database.execute(f"DELETE FROM {table}")  # noqa: S608 - a name of our own
