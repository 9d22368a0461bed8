"""The encrypted store of one list: entries, their templates and photos, and the list's head.

Everything about a person is ciphertext, dates and category included; ids are random. What a
stolen card shows without the key: how many entries there are (in a consortium, ever were),
sizes in steps, in which order rows last changed, and when the file was written. A copy of the
whole file that is put back later is not noticed here: it opens, with the head that it had then.
"""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from edge.errors import GalleryError
from edge.gallery.closing import Closing
from edge.gallery.draft import drafted
from edge.gallery.inspection import damaged_rows
from edge.gallery.keys import KeyProvider
from edge.gallery.listfile import ListFile
from edge.gallery.listtime import Clock, ListTime
from edge.gallery.progress import caution_of, kept_state, venue_names
from edge.gallery.reader import Reader
from edge.gallery.records import Details, Head, StoredReference
from edge.gallery.rows import opened_details, opened_reference, sealed_entry
from edge.gallery.template import check_templates, pack
from edge.timepiece import read_clocks
from edge.vision.face import FloatArray
from sync.clock import Now, Reading
from sync.entries import DAY_S, Entry, EntryRefusedError, check_entry
from sync.statement.caution import Caution

LEASE_DAYS = 7.0
"""How long a head counts unless the configuration says otherwise."""

LARGEST_PHOTO = 512 * 1024
"""Bytes of a reference photo."""

_ENTRY_ID = re.compile(r"[0-9a-f]{16}")
_DETAILS = "SELECT entry_id, details FROM entry"
_REFERENCES = "SELECT entry_id, details, templates FROM entry"
_CONFIRMED_ELSEWHERE = (
    "this door belongs to a consortium, whose hub confirms the list: see doorwatch status"
)
_ENTERED_ELSEWHERE = (
    "this door belongs to a consortium: enter the person at the hub, or here with --key and "
    "your venue's key"
)
_LIFTED_ELSEWHERE = "entry {entry_id} is the consortium's: lift it at the hub"


@dataclass(frozen=True, slots=True)
class Store(Closing):
    """One open gallery; safe to use from several threads, and beside other processes.

    Make one with ``Store.open``.
    """

    _file: ListFile
    _lease_s: float
    _time: ListTime

    @classmethod
    def open(
        cls,
        path: Path,
        provider: KeyProvider,
        *,
        lease_days: float = LEASE_DAYS,
        read: Callable[[], Reading] = read_clocks,
    ) -> Self:
        """Open the gallery at ``path``; a new one is made where there is none.

        A new gallery under a key that existed before may be one that was lost. Its head has
        expired from the start, so that nobody is let in against an empty list by mistake.

        Args:
            path: The SQLite file.
            provider: Gives the key.
            lease_days: Days until a head that is issued from now on expires.
            read: Reads the clocks of the box; they date the changes that are made here.

        Raises:
            GalleryError: It cannot be opened, or is damaged.
            KeyProviderError: There is no key, or it is not the one of this gallery.
        """
        lease_s = lease_days * DAY_S
        file = ListFile(path, provider, read().wall_ms / 1000, lease_s)
        return cls(file, lease_s, ListTime(file, read))

    def close(self) -> None:
        """Close the file; the store cannot be used afterwards."""
        self._file.close()

    @property
    def writable(self) -> bool:
        """Whether the list can be changed; not on a read-only disk, where it can be read."""
        return self._file.writable

    def add(self, entry: Entry, photo_jpeg: bytes, templates: FloatArray, model_id: str) -> None:
        """Put one person on the list: all of it is on the disk when this returns, or nothing.

        Args:
            entry: The entry; its id must be new.
            photo_jpeg: The reference photo that staff compare with.
            templates: float32[n, D], rows of unit length.
            model_id: What made the templates.

        Raises:
            GalleryError: The entry, photo or templates break a rule, a consortium issues this
                list, or the disk does not write.
        """
        _check_new(entry, photo_jpeg)
        check_templates(templates, f"entry {entry.entry_id}")
        now, details = self.time().ms / 1000, Details.of(entry, model_id)
        with drafted(self._file) as draft:
            if draft.joined:
                raise GalleryError(_ENTERED_ELSEWHERE)
            row = sealed_entry(self._file, entry.entry_id, details, pack(templates), photo_jpeg)
            draft.add(row)
            draft.issue(issued_at=now, expires_at=now + self._lease_s)

    def entries(self, now: float) -> tuple[Entry, ...]:
        """Give the entries at ``now`` (seconds since the epoch), oldest first; none that is over.

        Raises:
            GalleryError: A row is damaged or missing.
        """
        in_force = (entry for entry in self._all_entries() if entry.in_force(now))
        return tuple(sorted(in_force, key=lambda entry: (entry.created_at, entry.entry_id)))

    def references(self) -> list[StoredReference]:
        """Give every entry with its templates, those that are over included.

        Raises:
            GalleryError: A row is damaged or missing, or a template is not fit to be compared.
        """
        return [opened_reference(self._file, *row) for row in self._counted(_REFERENCES)]

    def reader(self, model_id: str, dimension: int | None = None) -> Reader:
        """Begin to keep the list in memory, for such probes; see :class:`Reader`."""
        return Reader(self._file, model_id, dimension)

    def photo(self, entry_id: str) -> bytes:
        """Give the reference photo of an entry, JPEG.

        Raises:
            GalleryError: There is no such entry, it has no photo, or the photo is damaged.
        """
        row = self._details(entry_id).photo_id or entry_id
        found = self._file.rows("SELECT sealed FROM photo WHERE photo_id = ?", (row,))
        photo_jpeg = self._file.sealer.unseal("photo", row, found[0][0]) if found else b""
        if not photo_jpeg:
            raise GalleryError(f"entry {entry_id} has no photo")
        return photo_jpeg

    def damaged(self) -> list[tuple[str, str]]:
        """Open everything that is sealed; give what does not open. Raises: GalleryError."""
        return damaged_rows(self._file)

    def venues(self) -> dict[str, str]:
        """Give the names of the consortium's venues by id, none for a unit on its own.

        Raises:
            GalleryError: What is kept of the consortium is damaged.
        """
        content = kept_state(self._file, "trusted")
        return {} if content is None else venue_names(content)

    def caution(self) -> Caution | None:
        """Give the hub's newest caution, be it over; none for a unit on its own.

        Raises:
            GalleryError: What is kept of the consortium is damaged.
        """
        content = kept_state(self._file, "trusted")
        return None if content is None else caution_of(content)

    def lift(self, entry_id: str) -> None:
        """Take one person off the list and erase every byte of the entry, damaged or not.

        An entry that was made here and is still on its way to a hub is withdrawn.

        Raises:
            GalleryError: There is no such entry, it is the consortium's, or the disk does not
                write.
        """
        now = self.time().ms / 1000
        with drafted(self._file) as draft:
            if draft.joined and self._details(entry_id).standing.record_hash:
                raise GalleryError(_LIFTED_ELSEWHERE.format(entry_id=entry_id))
            if not draft.erase([entry_id]):
                raise _unknown(entry_id)
            if not draft.joined:
                draft.issue(issued_at=now, expires_at=now + self._lease_s)

    def erase_over(self, now: float, among: Collection[str] | None = None) -> int:
        """Erase the entries whose term is over at ``now`` (seconds since the epoch).

        On a unit on its own, a clock that jumped ahead erases nothing that the present head does
        not reach. Nobody looked at the list, so it expires when it would have.

        Args:
            now: The time by this list.
            among: Ids that may be over; by default all are looked at.

        Returns:
            How many were erased.

        Raises:
            GalleryError: A row is damaged, or the disk does not write.
        """
        head = self.head()
        reached = now if head.joined else min(now, head.expires_at)
        ids = among if among is not None else [row[0] for row in self._counted(_DETAILS)]
        with drafted(self._file) as draft:
            over = [one for one in ids if self._over(one, reached)]
            draft.erase(over)
            if over and not draft.joined:
                draft.issue(issued_at=reached)
        return len(over)

    def _over(self, entry_id: str, now: float) -> bool:
        found = self._file.rows("SELECT details FROM entry WHERE entry_id = ?", (entry_id,))
        return bool(found) and opened_details(self._file, entry_id, found[0][0]).valid_until <= now

    def head(self) -> Head:
        """Give the statement of the list's newest state, also if another process made it.

        Raises:
            GalleryError: It is damaged, or the file was replaced since it was opened.
        """
        return self._file.head()

    def revision(self) -> int:
        """Give a number that changes with every change of the list, by whatever process.

        Raises:
            GalleryError: As ``head``.
        """
        return self.head().sequence

    def affirm(self, now: float, days: float | None = None) -> Head:
        """Issue a new head: a person says that the list, and this unit's clock, are right.

        Args:
            now: Seconds since the epoch; the ratchet of time starts again from here.
            days: Days until it expires; by default those the store was opened with.

        Returns:
            The new head.

        Raises:
            GalleryError: A consortium issues this list, or the disk does not write.
        """
        lease_s = self._lease_s if days is None else days * DAY_S
        with drafted(self._file) as draft:
            if draft.joined:
                raise GalleryError(_CONFIRMED_ELSEWHERE)
            self._file.set_floor(now)
            draft.issue(issued_at=now, expires_at=now + lease_s)
        return self.head()

    def time(self) -> Now:
        """Tell the time by this list, and whether decisions may rest on it.

        Raises:
            GalleryError: The stored time is damaged.
        """
        return self._time.now()

    def clock(self) -> Clock:
        """Tell what that time is worth. Raises: GalleryError: The stored time is damaged."""
        return self._time.clock()

    def tidy(self) -> None:
        """Empty the write-ahead log, which may hold what was erased. Raises: GalleryError."""
        if self.writable:
            self._file.forget_log()

    def _all_entries(self) -> list[Entry]:
        return [opened_details(self._file, *row).entry(row[0]) for row in self._counted(_DETAILS)]

    def _counted(self, statement: str) -> list[tuple[Any, ...]]:
        """Read the rows of all entries, and notice any that was taken out of the file."""
        with self._file.moment():
            head = self.head()
            rows = self._file.rows(statement)
            tally = self._file.sealer.tally(row[0] for row in rows)
        if tally != head.census:
            raise self._file.incomplete(head)
        return rows

    def _details(self, entry_id: str) -> Details:
        found = self._file.rows("SELECT details FROM entry WHERE entry_id = ?", (entry_id,))
        if not found:
            raise _unknown(entry_id)
        return opened_details(self._file, entry_id, found[0][0])


def _check_new(entry: Entry, photo_jpeg: bytes) -> None:
    """Refuse an entry or photo that breaks a rule of the list."""
    try:
        check_entry(entry)
    except EntryRefusedError as error:
        raise GalleryError(str(error)) from error
    if not _ENTRY_ID.fullmatch(entry.entry_id):
        raise GalleryError("an entry's id must be 16 hexadecimal digits")
    if not photo_jpeg.startswith(b"\xff\xd8") or len(photo_jpeg) > LARGEST_PHOTO:
        raise GalleryError(f"a reference photo must be a JPEG of at most {LARGEST_PHOTO} bytes")


def _unknown(entry_id: str) -> GalleryError:
    return GalleryError(f"there is no entry {entry_id!r} on the list: doorwatch list shows them")
