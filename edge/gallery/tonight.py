"""Entries for tonight: made at this door from what its camera saw, gone at noon unless completed.

They lie among the entries of this unit alone, sealed like those, with a mark. Nobody but this
door knows of them: in a consortium they become entries of the venue once its manager signs.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Self

import msgspec

from edge.door import Completion
from edge.errors import GalleryError
from edge.gallery import outbox
from edge.gallery.closing import Closing
from edge.gallery.draft import drafted
from edge.gallery.keys import KeyProvider
from edge.gallery.listfile import ListFile
from edge.gallery.listtime import ListTime
from edge.gallery.records import Details, Standing
from edge.gallery.rows import opened_details, opened_reference, sealed_entry
from edge.gallery.shelf import sealed_held
from edge.gallery.template import check_templates, pack
from edge.timepiece import read_clocks
from edge.vision.face import FloatArray
from sync.clock import Now, Reading
from sync.entries import Category, Entry, EntryRefusedError, category_of, check_entry
from sync.unit.shelf import HeldEntry

_OVER = "this entry is not for tonight any more: it was completed, taken off, or is over"
_NOT_HERE = "this door belongs to a consortium: its venue's manager has to sign the entry"


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """One entry for tonight with all that is kept of it.

    Attributes:
        entry: The entry.
        templates: float32[n, D], rows of unit length.
        model_id: What made them.
        photo_jpeg: Its reference photo.
    """

    entry: Entry
    templates: FloatArray
    model_id: str
    photo_jpeg: bytes


class TonightShelf(Closing):
    """The entries for tonight in a unit's gallery; safe beside other processes."""

    def __init__(self, file: ListFile, read: Callable[[], Reading] = read_clocks) -> None:
        """Work on an open gallery; ``read`` reads the clocks of the box."""
        self._file, self._time = file, ListTime(file, read)

    @classmethod
    def open(cls, path: Path, provider: KeyProvider) -> Self:
        """Open the gallery at ``path``.

        Raises:
            GalleryError: It cannot be opened, or is damaged.
            KeyProviderError: There is no key, or it is not the one of this gallery.
        """
        return cls(ListFile(path, provider, read_clocks().wall_ms / 1000, 0.0))

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def time(self) -> Now:
        """Tell the time by this list. Raises: GalleryError."""
        return self._time.now()

    def add(self, entry: Entry, photo: bytes, templates: FloatArray, model_id: str) -> None:
        """Put somebody on this door's list: all of it is on the disk when this returns, or nothing.

        The list's lease stays what it was: whoever takes one person has not looked at the others.

        Args:
            entry: The entry; its id must be new, and its end is the end of the night.
            photo: The picture of the person, JPEG.
            templates: float32[n, D], rows of unit length.
            model_id: What made them.

        Raises:
            GalleryError: A rule of the list is broken, or the disk does not write.
        """
        _check(entry)
        check_templates(templates, f"entry {entry.entry_id}")
        details = msgspec.structs.replace(
            Details.of(entry, model_id), standing=Standing(tonight=True)
        )
        with drafted(self._file) as draft:
            draft.add(sealed_entry(self._file, entry.entry_id, details, pack(templates), photo))

    def entries(self) -> list[Entry]:
        """Give the entries for tonight, newest first. Raises: GalleryError."""
        now = self.time().ms / 1000
        opened = (
            (entry_id, opened_details(self._file, entry_id, sealed))
            for entry_id, sealed in self._file.rows("SELECT entry_id, details FROM entry")
        )
        found = [one.entry(entry_id) for entry_id, one in opened if one.standing.tonight]
        in_force = [entry for entry in found if entry.in_force(now)]
        return sorted(in_force, key=lambda entry: entry.created_at, reverse=True)

    def kept(self, entry_id: str) -> Kept:
        """Give one of them with its templates and photo. Raises: GalleryError."""
        photo_id = self._details(entry_id).photo_id
        with self._file.moment():
            rows = self._file.rows(
                "SELECT entry_id, details, templates FROM entry WHERE entry_id = ?", (entry_id,)
            )
            photos = self._file.rows("SELECT sealed FROM photo WHERE photo_id = ?", (photo_id,))
        if not rows or not photos:
            raise GalleryError(_OVER)
        found = opened_reference(self._file, *rows[0])
        photo = self._file.sealer.unseal("photo", photo_id, photos[0][0])
        return Kept(found.entry, found.templates, found.model_id, photo)

    def drop(self, entry_id: str) -> None:
        """Take one of them off, and erase every byte of it. Raises: GalleryError."""
        with drafted(self._file) as draft:
            self._details(entry_id)
            draft.erase([entry_id])

    def complete(self, entry: Entry, incident_on: str, evidence: str) -> None:
        """Make one of them an ordinary entry of this unit.

        Args:
            entry: What it is from now on.
            incident_on: Day of the incident, YYYY-MM-DD.
            evidence: Where the evidence is kept.

        Raises:
            GalleryError: A rule of the list is broken, the unit belongs to a consortium, or the
                disk does not write.
        """
        _check(entry)
        standing = Standing(incident_on=incident_on, evidence=evidence)
        with drafted(self._file) as draft:
            if draft.joined:
                raise GalleryError(_NOT_HERE)
            before = self._details(entry.entry_id)
            after = msgspec.structs.replace(
                Details.of(entry, before.model_id), standing=standing, photo_id=before.photo_id
            )
            draft.rewrite(entry.entry_id, after)

    def hand_over(self, entry: HeldEntry, wire: bytes) -> None:
        """Make one of them an entry of the venue, in force here and on its way to the hub.

        Args:
            entry: Its content as the venue signed it.
            wire: The signed proposal, as it goes to the hub.

        Raises:
            GalleryError: It is not for tonight any more, or the disk does not write.
        """
        with drafted(self._file) as draft:
            row = sealed_held(self._file, replace(entry, record_hash=b"", provisional=True))
            self._details(row.entry_id)
            draft.hold(row)
            outbox.keep_submission(self._file, draft.database, row.entry_id, wire)

    def _details(self, entry_id: str) -> Details:
        """Give what is kept of one, as long as it is for tonight."""
        found = self._file.rows("SELECT details FROM entry WHERE entry_id = ?", (entry_id,))
        details = opened_details(self._file, entry_id, found[0][0]) if found else None
        if details is None or not details.standing.tonight:
            raise GalleryError(_OVER)
        return details


def completed(entry: Entry, said: Completion, now: float) -> Entry:
    """Give an entry for tonight the terms that a manager gave.

    Args:
        entry: As it was made.
        said: The terms; days are of this machine's time zone.
        now: Seconds since the epoch.

    Raises:
        GalleryError: Something is missing or breaks a rule; the message is fit for staff.
    """
    if not said.declared:
        raise GalleryError("the declaration about minors and the vulnerable is missing")
    category = category_of(said.reason)
    if category is Category.BANNED and not said.evidence.strip():
        raise GalleryError("a ban needs a reference to its evidence: say where it is kept")
    try:
        incident, last = (date.fromisoformat(text) for text in (said.incident_on, said.last_day))
    except ValueError as error:
        raise GalleryError("give both days as 2031-01-31") from error
    if incident > datetime.fromtimestamp(now).astimezone().date():
        raise GalleryError("the incident lies in the future: correct its day")
    ends = datetime.combine(last + timedelta(days=1), time()).astimezone().timestamp()
    if ends <= now:
        raise GalleryError("the entry would be over already: give a later last day")
    after = Entry(entry.entry_id, category, said.reason, entry.created_at, ends)
    _check(after)
    return after


def _check(entry: Entry) -> None:
    try:
        check_entry(entry)
    except EntryRefusedError as error:
        raise GalleryError(str(error)) from error
