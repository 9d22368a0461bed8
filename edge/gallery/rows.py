"""An entry as the file's rows hold it: sealed, and opened again."""

import secrets
from typing import NamedTuple

import msgspec

from edge.gallery.listfile import ListFile
from edge.gallery.records import Details, StoredReference, decode, encode
from edge.gallery.template import unpack

SMALLEST_DETAILS = 512
"""Bytes that an entry's details are padded to at least, so that their length says nothing."""


class SealedEntry(NamedTuple):
    """One entry as its rows hold it.

    Attributes:
        entry_id: Its id.
        details: Sealed ``Details``.
        templates: Sealed templates.
        photo_id: Row of the photo.
        photo: Sealed photo.
    """

    entry_id: str
    details: bytes
    templates: bytes
    photo_id: str
    photo: bytes


def sealed_entry(
    file: ListFile, entry_id: str, details: Details, packed: bytes, photo_jpeg: bytes
) -> SealedEntry:
    """Seal one entry; its photo gets a row of its own, so that no other photo is written over.

    Args:
        file: Has the key.
        entry_id: The entry's id.
        details: What is kept of it, but for ``photo_id``.
        packed: Its templates, packed.
        photo_jpeg: Its reference photo.
    """
    seal, photo_id = file.sealer.seal, f"{entry_id}.{secrets.token_hex(4)}"
    return SealedEntry(
        entry_id,
        sealed_details(file, entry_id, msgspec.structs.replace(details, photo_id=photo_id)),
        seal("entry.templates", entry_id, packed),
        photo_id,
        seal("photo", photo_id, photo_jpeg),
    )


def sealed_details(file: ListFile, entry_id: str, details: Details) -> bytes:
    """Seal what is kept of an entry beside its templates and photo."""
    return file.sealer.seal("entry.details", entry_id, encode(details), SMALLEST_DETAILS)


def opened_details(file: ListFile, entry_id: str, sealed: bytes) -> Details:
    """Open what is kept of an entry beside its templates and photo.

    Raises:
        GalleryError: The row is damaged.
    """
    plain = file.sealer.unseal("entry.details", entry_id, sealed)
    return decode(plain, Details, f"entry {entry_id}")


def opened_reference(
    file: ListFile, entry_id: str, details: bytes, templates: bytes
) -> StoredReference:
    """Open an entry and its templates.

    Raises:
        GalleryError: A row is damaged, or a template is not fit to be compared.
    """
    found = opened_details(file, entry_id, details)
    packed = file.sealer.unseal("entry.templates", entry_id, templates)
    return StoredReference(
        found.entry(entry_id),
        unpack(packed, f"entry {entry_id}"),
        found.model_id,
        found.standing,
    )
