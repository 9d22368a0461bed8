"""What is sealed in the gallery, as values and as bytes. Pure."""

from typing import NamedTuple, TypeVar

import msgspec
from msgspec import Struct

from edge.errors import GalleryError
from edge.vision.face import FloatArray
from sync.entries import Category, Entry, Reason

Record = TypeVar("Record")


class Head(Struct, frozen=True):
    """The statement of the list's newest state.

    Attributes:
        sequence: Grows with every change and every affirmation.
        issued_at: Seconds since the epoch.
        expires_at: From then on the list is stale until somebody affirms it.
        entries: How many entries there are, those that are over included.
        census: Keyed checksum over their ids, so that a row taken out is noticed.
        joined: Whether a consortium issues this list: then its signed head gives the two times,
            and nobody at this unit can confirm the list.
    """

    sequence: int
    issued_at: float
    expires_at: float
    entries: int = 0
    census: bytes = bytes(32)
    joined: bool = False


class Standing(Struct, frozen=True, omit_defaults=True):
    """Where an entry comes from and how it stands there.

    Attributes:
        scope: ``consortium``, the id of the venue whose own entry it is, or nothing for an
            entry of this unit alone.
        venue_id: Which venue entered it, or nothing.
        incident_on: Day of the incident, as 2031-01-31, or nothing.
        record_hash: Hash of the ledger's record that put it there, or nothing.
        contested: Suspended while somebody looks into it: kept, but matched nowhere.
        provisional: Made at this unit and not yet in the ledger.
        tonight: Made at this door by a manager, without grounds yet: gone at noon.
        evidence: Where the evidence is kept; of an entry of this unit alone, which has no hub
            to keep it.
    """

    scope: str = ""
    venue_id: str = ""
    incident_on: str = ""
    record_hash: bytes = b""
    contested: bool = False
    provisional: bool = False
    tonight: bool = False
    evidence: str = ""


class Details(Struct, frozen=True, omit_defaults=True):
    """An entry's content as it is sealed; its id is that of the row.

    Attributes:
        category: Category of the entry.
        reason: Reason of the entry.
        created_at: Seconds since the epoch.
        valid_until: Seconds since the epoch.
        model_id: What made the templates.
        standing: Where it comes from and how it stands there.
        photo_id: Row of its photo; by default the entry's id.
    """

    category: Category
    reason: Reason
    created_at: float
    valid_until: float
    model_id: str
    standing: Standing = Standing()
    photo_id: str = ""

    @classmethod
    def of(cls, entry: Entry, model_id: str) -> "Details":
        """Take what is sealed of an entry of this unit alone."""
        return cls(entry.category, entry.reason, entry.created_at, entry.valid_until, model_id)

    def entry(self, entry_id: str) -> Entry:
        """Give the entry back."""
        return Entry(entry_id, self.category, self.reason, self.created_at, self.valid_until)


class StoredReference(NamedTuple):
    """One entry with its templates, as the index takes it.

    Attributes:
        entry: The entry.
        templates: float32[n, D], rows of unit length.
        model_id: What made them; templates of different ones are never compared.
        standing: Where the entry comes from and how it stands there.
    """

    entry: Entry
    templates: FloatArray
    model_id: str
    standing: Standing = Standing()


def encode(record: Struct) -> bytes:
    """Make bytes of a record."""
    return msgspec.msgpack.encode(record)


def decode(content: bytes, kind: type[Record], whose: str) -> Record:
    """Read a record.

    Raises:
        GalleryError: The bytes are not such a record.
    """
    try:
        return msgspec.msgpack.decode(content, type=kind)
    except msgspec.DecodeError as error:
        raise GalleryError(f"the gallery is damaged: {whose} makes no sense") from error
