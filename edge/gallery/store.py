"""The encrypted store of one list: entries, their templates and photos, and the list's head.

Everything about a person is ciphertext, dates and category included; ids are random. What a
stolen card shows without the key: how many entries there are, sizes in steps, and when the
file was written. A copy of the whole file that is put back later is not noticed here: it opens,
with the head that it had then.
"""

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

from edge.errors import GalleryError
from edge.gallery.keys import KeyProvider
from edge.gallery.listfile import ListFile
from edge.gallery.records import Details, Head, StoredReference, decode, encode
from edge.gallery.template import check_templates, pack, unpack
from edge.vision.face import FloatArray
from sync.entries import DAY_S, Entry, EntryRefusedError, check_entry

LEASE_DAYS = 7.0
"""How long a head counts unless the configuration says otherwise."""

FLOOR_STEP_S = 60.0
"""The ratchet of time is written when it has moved by this much, to spare the card."""

LARGEST_PHOTO = 512 * 1024
"""Bytes of a reference photo."""

_ENTRY_ID = re.compile(r"[0-9a-f]{16}")
_DETAILS = "SELECT entry_id, details FROM entry"
_REFERENCES = "SELECT entry_id, details, templates FROM entry"


@dataclass(frozen=True, slots=True)
class Store:
    """One open gallery; safe to use from several threads, and beside other processes.

    Make one with ``Store.open``.
    """

    _file: ListFile
    _lease_s: float
    _clock: Callable[[], float]

    @classmethod
    def open(
        cls,
        path: Path,
        provider: KeyProvider,
        *,
        lease_days: float = LEASE_DAYS,
        clock: Callable[[], float] = time.time,
    ) -> Self:
        """Open the gallery at ``path``; a new one is made where there is none.

        A new gallery under a key that existed before may be one that was lost. Its head has
        expired from the start, so that nobody is let in against an empty list by mistake.

        Args:
            path: The SQLite file.
            provider: Gives the key.
            lease_days: Days until a head that is issued from now on expires.
            clock: Seconds since the epoch; dates the changes that are made here.

        Raises:
            GalleryError: It cannot be opened, or is damaged.
            KeyProviderError: There is no key, or it is not the one of this gallery.
        """
        lease_s = lease_days * DAY_S
        return cls(ListFile(path, provider, clock(), lease_s), lease_s, clock)

    def __enter__(self) -> Self:
        """Give the store itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close()

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
            GalleryError: The entry, photo or templates break a rule, or the disk does not write.
        """
        _check_new(entry, photo_jpeg)
        row = entry.entry_id
        check_templates(templates, f"entry {row}")
        seal, now = self._file.sealer.seal, self.floor(self._clock())
        details = seal("entry.details", row, encode(Details.of(entry, model_id)))
        packed = seal("entry.templates", row, pack(templates))
        photo = seal("photo", row, photo_jpeg)
        with self._file.change() as database:
            database.execute("INSERT INTO entry VALUES (?, ?, ?)", (row, details, packed))
            database.execute("INSERT INTO photo VALUES (?, ?)", (row, photo))
            self._issue(now, now + self._lease_s, gained=1, changed=[row])

    def entries(self, now: float) -> tuple[Entry, ...]:
        """Give the entries in force at ``now`` (seconds since the epoch), oldest first.

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
        return [self._reference(*row) for row in self._counted(_REFERENCES)]

    def photo(self, entry_id: str) -> bytes:
        """Give the reference photo of an entry, JPEG.

        Raises:
            GalleryError: There is no such entry, or its photo is damaged.
        """
        found = self._file.rows("SELECT sealed FROM photo WHERE entry_id = ?", (entry_id,))
        if not found:
            raise _unknown(entry_id)
        return self._file.sealer.unseal("photo", entry_id, found[0][0])

    def lift(self, entry_id: str) -> None:
        """Take one person off the list and erase every byte of the entry, damaged or not.

        Raises:
            GalleryError: There is no such entry, or the disk does not write.
        """
        if not self._file.rows("SELECT 1 FROM entry WHERE entry_id = ?", (entry_id,)):
            raise _unknown(entry_id)
        now = self.floor(self._clock())
        self._erase([entry_id], now, now + self._lease_s)

    def erase_over(self, now: float) -> int:
        """Erase the entries whose term is over at ``now`` (seconds since the epoch).

        A clock that jumped ahead erases nothing that the present head does not reach. Nobody
        looked at the list, so the new head expires when the old one would have.

        Returns:
            How many were erased.

        Raises:
            GalleryError: A row is damaged, or the disk does not write.
        """
        expires_at = self.head().expires_at
        reached = min(now, expires_at)
        over = [entry.entry_id for entry in self._all_entries() if not entry.in_force(reached)]
        if over:
            self._erase(over, reached, expires_at)
        return len(over)

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
            GalleryError: The disk does not write.
        """
        lease_s = self._lease_s if days is None else days * DAY_S
        with self._file.change():
            self._file.set_floor(now)
            return self._issue(now, now + lease_s)

    def floor(self, now: float) -> float:
        """Tell the time so that it never goes back, whatever the clock says.

        The ratchet is not pulled past the head's expiry by a clock that jumped ahead.

        Args:
            now: The clock, seconds since the epoch.

        Returns:
            ``now``, or the latest time seen before if the clock stands behind it.

        Raises:
            GalleryError: The stored time is damaged.
        """
        seen = self._file.floor()
        reached = min(now, self.head().expires_at)
        if self.writable and reached - seen >= FLOOR_STEP_S:
            self._raise_floor(reached)
        return max(now, seen)

    def _raise_floor(self, reached: float) -> None:
        """Write the ratchet if the disk lets us: a full one must not stop the screening."""
        try:
            with self._file.change():
                self._file.set_floor(max(reached, self._file.floor()))
        except GalleryError:
            return

    def _erase(self, entry_ids: Sequence[str], now: float, expires_at: float) -> None:
        with self._file.change() as database:
            for entry_id in entry_ids:
                gone = database.execute("DELETE FROM entry WHERE entry_id = ?", (entry_id,))
                if gone.rowcount != 1:
                    raise _unknown(entry_id)
                database.execute("DELETE FROM photo WHERE entry_id = ?", (entry_id,))
            self._issue(now, expires_at, gained=-len(entry_ids), changed=entry_ids)
        self._file.forget_log()

    def _issue(
        self, now: float, expires_at: float, *, gained: int = 0, changed: Sequence[str] = ()
    ) -> Head:
        """Write the next head, within the change that it states."""
        last = self.head()
        tally = self._file.sealer.tally(changed)
        head = msgspec.structs.replace(
            last,
            sequence=last.sequence + 1,
            issued_at=now,
            expires_at=expires_at,
            entries=last.entries + gained,
            census=bytes(a ^ b for a, b in zip(last.census, tally, strict=True)),
        )
        self._file.set_head(head)
        return head

    def _all_entries(self) -> list[Entry]:
        return [self._details(*row)[0] for row in self._counted(_DETAILS)]

    def _counted(self, statement: str) -> list[tuple[Any, ...]]:
        """Read the rows of all entries, and notice any that was taken out of the file."""
        with self._file.moment():
            head = self.head()
            rows = self._file.rows(statement)
        if self._file.sealer.tally(row[0] for row in rows) != head.census:
            raise GalleryError(
                f"the gallery {self._file.path} is damaged: of {head.entries} entries that were "
                "written some are gone; put back a copy"
            )
        return rows

    def _details(self, entry_id: str, sealed: bytes) -> tuple[Entry, str]:
        plain = self._file.sealer.unseal("entry.details", entry_id, sealed)
        details = decode(plain, Details, f"entry {entry_id}")
        return details.entry(entry_id), details.model_id

    def _reference(self, entry_id: str, sealed: bytes, templates: bytes) -> StoredReference:
        entry, model_id = self._details(entry_id, sealed)
        packed = self._file.sealer.unseal("entry.templates", entry_id, templates)
        return StoredReference(entry, unpack(packed, f"entry {entry_id}"), model_id)


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
