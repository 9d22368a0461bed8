"""The data keys of a list: the one in force and, while it is being replaced, the one before.

They stand wrapped in the list's own row, newest first, each under every key (KEK) that may open
them just now: one after the other, of one length. A process that has the list open notices that
they were changed before it writes anything, and as soon as something does not open. It then
keeps the key that it sealed with last, for rows that it read a moment earlier.

The unit's gallery and the hub's database are both sealed in this way.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress

from edge.errors import KeyProviderError
from edge.gallery.keys import KEY_BYTES, KeyProvider
from edge.gallery.seal import (
    SEALING_BYTES,
    SMALLEST_BUCKET,
    Sealer,
    damaged_gallery,
    unwrap,
    wrap,
)

WRAPPED_BYTES = KEY_BYTES + SEALING_BYTES
"""Length of one wrapped data key."""


class DataKeys:
    """Seals under the newest data key of a list, and opens what the one before sealed.

    Attributes:
        list_id: The list.
        data_keys: Those in the file, newest first; one, unless they are being replaced.
    """

    data_keys: tuple[bytes, ...]

    def __init__(
        self,
        list_id: str,
        provider: KeyProvider,
        read: Callable[[], tuple[bytes, bytes]],
        proof: tuple[str, str] = ("list.head", "list"),
        damaged: Callable[[str, str], Exception] = damaged_gallery,
    ) -> None:
        """Open the data keys of a list.

        Args:
            list_id: The list.
            provider: Gives the key that they are wrapped under.
            read: Gives the wrapped keys and a record that is always under the newest of them, as
                they stand in the file now.
            proof: What that record is sealed as: its table and row.
            damaged: Makes the error of a record that does not open, by its table and row.

        Raises:
            KeyProviderError: There is no key, or it is not the one of this gallery.
        """
        self.list_id = list_id
        self._provider, self._read = provider, read
        self._proof, self._damaged = proof, damaged
        self._sealers: dict[bytes, Sealer] = {}
        self._wrapped = read()[0]
        self._take(unwrapped(self._wrapped, provider.kek(), list_id))

    @property
    def newest(self) -> Sealer:
        """What seals: another object as soon as the data key is another."""
        return next(iter(self._sealers.values()))

    def seal(
        self, table: str, row_id: str, record: bytes, smallest: int = SMALLEST_BUCKET
    ) -> bytes:
        """Encrypt one record for one row, within a change; see :meth:`Sealer.seal`."""
        return self.newest.seal(table, row_id, record, smallest)

    def unseal(self, table: str, row_id: str, sealed: bytes) -> bytes:
        """Decrypt the record of one row.

        Raises:
            GalleryError: It was changed, or belongs to another row, table or list. For a file
                that is no gallery, the error that was asked for.
        """
        known = self._sealers
        record = _opened(known, table, row_id, sealed)
        if record is None:
            self.follow()
            if self._sealers is not known:  # another thread may have been first
                record = _opened(self._sealers, table, row_id, sealed)
        if record is None:
            raise self._damaged(table, row_id)
        return record

    def tally(self, entry_ids: Iterable[str]) -> bytes:
        """Checksum a set of ids under the newest key; see :meth:`Sealer.tally`."""
        return self.newest.tally(entry_ids)

    def follow(self) -> bool:
        """Take in the data keys if they were changed in the file; tell whether they were.

        Raises:
            GalleryError: The file cannot be read.
            KeyProviderError: They were changed, and the key does not open them.
        """
        wrapped, proof = self._read()
        if not wrapped or wrapped == self._wrapped:
            return False
        try:
            data_keys = unwrapped(wrapped, self._provider.kek(), self.list_id)
        except KeyProviderError:
            if self.newest.opened(*self._proof, proof) is None:
                raise
            data_keys = self.data_keys[:1]  # the same key, moved to where this process cannot look
        self._wrapped = wrapped
        self._take(data_keys)
        return True

    def take(self, data_keys: tuple[bytes, ...], keks: Sequence[bytes]) -> bytes:
        """Seal under these data keys from now on, newest first; gives them wrapped for the file."""
        self._wrapped = b"".join(wrap(one, kek, self.list_id) for one in data_keys for kek in keks)
        self._take(data_keys)
        return self._wrapped

    def _take(self, data_keys: tuple[bytes, ...]) -> None:
        """Note what the file has; what sealed until now goes on opening what was read."""
        kept = (*data_keys, *list(self._sealers)[:1])
        self._sealers = {one: self._sealers.get(one) or Sealer(one, self.list_id) for one in kept}
        self.data_keys = data_keys


def _opened(
    sealers: Mapping[bytes, Sealer], table: str, row_id: str, sealed: bytes
) -> bytes | None:
    """Decrypt by the first key that does it; None if none does."""
    for sealer in sealers.values():
        record = sealer.opened(table, row_id, sealed)
        if record is not None:
            return record
    return None


def unwrapped(wrapped: bytes, kek: bytes, list_id: str) -> tuple[bytes, ...]:
    """Open the data keys of a list, newest first.

    Raises:
        KeyProviderError: The key opens none of them.
    """
    parts = [wrapped[at : at + WRAPPED_BYTES] for at in range(0, len(wrapped), WRAPPED_BYTES)]
    found: dict[bytes, None] = {}
    for part in parts:
        with suppress(KeyProviderError):
            found[unwrap(part, kek, list_id)] = None
    return tuple(found) or (unwrap(parts[0] if parts else b"", kek, list_id),)
