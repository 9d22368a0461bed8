"""The reference of a new entry as entries carry it, and who on the list is like it."""

import io
from collections.abc import Iterable
from dataclasses import dataclass

import PIL.Image

from edge.enrolment import Reference, likely_duplicates
from edge.gallery.index import Index
from edge.gallery.records import StoredReference
from edge.gallery.template import pack, unpack
from sync.entries import Entry
from sync.statement.proposal import LARGEST_PHOTO, PutProposal

_SMALLER = ((320, 75), (256, 75), (192, 70))
"""Longer side in pixels and JPEG quality to try for a photo that came out too heavy."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """Somebody on the list who looks like the new one.

    Attributes:
        entry_id: Who.
        score: How alike; 1 is the same picture.
    """

    entry_id: str
    score: float


def packed(reference: Reference) -> bytes:
    """Give the templates as entries carry them."""
    return pack(reference.templates)


def light_photo(jpeg: bytes) -> bytes:
    """Give the reference photo, recompressed if it is heavier than an entry may carry."""
    for side, quality in _SMALLER:
        if len(jpeg) <= LARGEST_PHOTO:
            break
        jpeg = _recompressed(jpeg, side, quality)
    return jpeg


def alike(reference: Reference, known: Iterable[PutProposal], now_ms: int) -> tuple[Likeness, ...]:
    """Find the entries that may be of the same person, best first.

    Args:
        reference: The new one.
        known: The entries of the list; those of another network cannot be compared.
        now_ms: Milliseconds since the epoch; entries that are over do not count.
    """
    same = [stored(put) for put in known if put.model_id == reference.model_id]
    index = Index.build(same, reference.model_id)
    found = likely_duplicates(reference, index, now_ms / 1000)
    return tuple(Likeness(one.entry_id, one.score) for one in found)


def stored(put: PutProposal) -> StoredReference:
    """Give the entry of a proposal with its templates."""
    entry = Entry(
        put.entry_id, put.category, put.reason, put.created_ms / 1000, put.valid_until_ms / 1000
    )
    return StoredReference(entry, unpack(put.templates, put.entry_id), put.model_id)


def _recompressed(jpeg: bytes, side: int, quality: int) -> bytes:
    with PIL.Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as photo:
        photo.thumbnail((side, side))
        buffer = io.BytesIO()
        photo.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()
