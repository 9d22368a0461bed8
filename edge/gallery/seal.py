"""Sealing at rest: AES-256-GCM under keys that each serve one purpose.

``KEK → data key → one key for each table (HKDF-SHA256) → records``. Every record has a fresh
96-bit nonce and names, as associated data, the table, the row, the schema and the list it
belongs to: what is moved, swapped or changed does not open. Before sealing, a record is padded
to one of a few sizes, so that the length of a row says little about what is in it.
"""

import hmac
import secrets
import struct
from collections.abc import Callable, Iterable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from edge.errors import GalleryError, KeyProviderError
from edge.gallery.keys import KEY_BYTES

SEAL_VERSION = 1
"""Version of how records are sealed; part of every key's purpose and every associated data."""

SMALLEST_BUCKET = 256
LARGEST_BUCKET = 65_536
"""Bytes; padded sizes double from the smallest to the largest, then grow by the largest."""

SEALING_BYTES = 28
"""By how much sealing makes a padded record longer: a nonce and a tag."""

_NONCE_BYTES = 12
_LENGTH = struct.Struct(">I")


def damaged_gallery(table: str, row_id: str) -> Exception:
    """Make the error of a record of a gallery that does not open."""
    return GalleryError(
        f"the gallery is damaged: the record {row_id} in {table} does not open; "
        f"put back a copy, or lift that entry and enrol it again"
    )


class Sealer:
    """Seals and opens the records of one list."""

    def __init__(
        self,
        data_key: bytes,
        list_id: str,
        damaged: Callable[[str, str], Exception] = damaged_gallery,
    ) -> None:
        """Work with the ``data_key`` (32 bytes) of the list ``list_id``.

        Args:
            data_key: What every other key is derived from.
            list_id: The list; part of every associated data.
            damaged: Makes the error of a record that does not open, by its table and row.
        """
        self._data_key = data_key
        self._list_id = list_id
        self._damaged = damaged
        self._census_key = _derived(data_key, "census", list_id)
        self._ciphers: dict[str, AESGCM] = {}

    def seal(
        self, table: str, row_id: str, record: bytes, smallest: int = SMALLEST_BUCKET
    ) -> bytes:
        """Encrypt one record for one row: nonce, then ciphertext with its tag.

        Args:
            table: Names the key and the associated data.
            row_id: The row, for the associated data.
            record: What to encrypt.
            smallest: Bytes it is padded to at least: a bucket.
        """
        nonce = secrets.token_bytes(_NONCE_BYTES)
        about = _about(table, row_id, self._list_id)
        return nonce + self._cipher(table).encrypt(nonce, padded(record, smallest), about)

    def unseal(self, table: str, row_id: str, sealed: bytes) -> bytes:
        """Decrypt the record of one row.

        Raises:
            GalleryError: It was changed, or belongs to another row, table or list. For a file
                that is no gallery, the error that was asked for.
        """
        record = self.opened(table, row_id, sealed)
        if record is None:
            raise self._damaged(table, row_id)
        return record

    def opened(self, table: str, row_id: str, sealed: bytes) -> bytes | None:
        """Decrypt the record of one row as ``unseal`` does; None if it does not open."""
        about = _about(table, row_id, self._list_id)
        try:
            nonce, body = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
            return unpadded(self._cipher(table).decrypt(nonce, body, about))
        except (InvalidTag, ValueError, TypeError):
            return None

    def tally(self, entry_ids: Iterable[str]) -> bytes:
        """Checksum a set of ids so that only the key's holder can: HMAC-SHA256 of each, XORed.

        The tally of a set that gains or loses members is that of the set before XOR theirs.
        """
        total = 0
        for entry_id in entry_ids:
            total ^= int.from_bytes(
                hmac.digest(self._census_key, entry_id.encode(), "sha256"), "big"
            )
        return total.to_bytes(KEY_BYTES, "big")

    def _cipher(self, table: str) -> AESGCM:
        if table not in self._ciphers:
            self._ciphers[table] = AESGCM(_derived(self._data_key, table, self._list_id))
        return self._ciphers[table]


def new_data_key() -> bytes:
    """Make the data key of a new list."""
    return secrets.token_bytes(KEY_BYTES)


def wrap(data_key: bytes, kek: bytes, list_id: str) -> bytes:
    """Encrypt the data key of a list under the key from a provider."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    cipher = AESGCM(_derived(kek, "data key", list_id))
    return nonce + cipher.encrypt(nonce, data_key, _about("list", "data key", list_id))


def unwrap(wrapped: bytes, kek: bytes, list_id: str) -> bytes:
    """Open the data key of a list.

    Raises:
        KeyProviderError: The key is not the one of this gallery, or the wrapping was changed.
    """
    nonce, body = wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:]
    try:
        cipher = AESGCM(_derived(kek, "data key", list_id))
        return cipher.decrypt(nonce, body, _about("list", "data key", list_id))
    except (InvalidTag, ValueError, TypeError) as error:
        raise KeyProviderError(
            "the key does not open this gallery: give the key file that was made with it, or "
            "restore both from the same copy"
        ) from error


def padded(record: bytes, smallest: int = SMALLEST_BUCKET) -> bytes:
    """Put the length before the record and zeros after it, up to the next bucket."""
    framed = _LENGTH.pack(len(record)) + record
    return framed.ljust(max(smallest, _bucket(len(framed))), b"\0")


def unpadded(framed: bytes) -> bytes:
    """Take the record out of its padding.

    Raises:
        ValueError: The length at its head does not fit.
    """
    if len(framed) < _LENGTH.size:
        raise ValueError("no length")
    (length,) = _LENGTH.unpack_from(framed)
    if length > len(framed) - _LENGTH.size:
        raise ValueError("the length is that of a longer record")
    return framed[_LENGTH.size : _LENGTH.size + length]


def _bucket(size: int) -> int:
    if size > LARGEST_BUCKET:
        return -(-size // LARGEST_BUCKET) * LARGEST_BUCKET
    bucket = SMALLEST_BUCKET
    while bucket < size:
        bucket *= 2
    return bucket


def _derived(key: bytes, purpose: str, list_id: str) -> bytes:
    """Derive the key of one purpose by HKDF (RFC 5869)."""
    info = f"doorwatch at rest {SEAL_VERSION}|{purpose}".encode()
    return HKDF(SHA256(), KEY_BYTES, salt=list_id.encode(), info=info).derive(key)


def _about(table: str, row_id: str, list_id: str) -> bytes:
    """Name what a record belongs to; none of the parts can hold the separator."""
    return f"{table}|{row_id}|{SEAL_VERSION}|{list_id}".encode()
