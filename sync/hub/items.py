"""Records with their contents, sealed for the road under the keys of the present epoch."""

from collections import OrderedDict
from typing import TypeAlias

from sync import seal
from sync.errors import HubError
from sync.hub import epochs
from sync.hub.desk import Desk
from sync.hub.rows import RecordRow
from sync.liveset import State

Item: TypeAlias = list[bytes | None]
"""``[record wire, sealed content or None]``."""

MOST_KEPT_BYTES = 32 * 1024 * 1024
"""Of sealed items that are kept for the next unit that asks."""

AROUND = 16
"""Bytes that an item takes in an array beside its two parts, at most."""


class Items:
    """Gives the records of one hub as they travel; the same one always as the same bytes."""

    def __init__(self, desk: Desk) -> None:
        """Read from ``desk``."""
        self._desk = desk
        self._kept: OrderedDict[int, tuple[str, bytes, bytes | None]] = OrderedDict()
        self._size = 0
        self._keys: dict[str, bytes] = {}
        self._made_under: tuple[int, bytes] = (0, b"")

    def item(self, seq: int) -> Item:
        """Give one record; its content is None where the entry is gone and it was destroyed.

        Raises:
            HubError: There is no such record.
        """
        self._refresh()
        kept = self._kept.get(seq)
        if kept is None:
            kept = self._made(seq)
            self._keep(seq, kept)
        else:
            self._kept.move_to_end(seq)
        entry_id, wire, sealed = kept
        return [wire, None if entry_id and self._gone(entry_id) else sealed]

    def _refresh(self) -> None:
        """Forget what was sealed in another epoch or signed by another key."""
        under = (self._desk.book.ledger.epoch, self._desk.root.hub_key)
        if under != self._made_under:
            self._kept.clear()
            self._keys.clear()
            self._size, self._made_under = 0, under

    def _made(self, seq: int) -> tuple[str, bytes, bytes | None]:
        row = self._desk.store.find("record", seq, RecordRow)
        if row is None:
            raise HubError(f"record {seq} is missing: restore a backup with doorwatch-hub restore")
        content = self._desk.store.take("content", seq)
        put_id = row.entry_id if row.puts else ""
        if content is None:
            return put_id, row.wire, None
        key, list_id = self._key(row.ring), self._desk.store.list_id
        return put_id, row.wire, seal.seal_content(key, list_id, seq, row.entry_id, content)

    def _key(self, ring: str) -> bytes:
        if ring not in self._keys:
            self._keys[ring] = epochs.ring_key(epochs.present(self._desk), ring)
        return self._keys[ring]

    def _keep(self, seq: int, kept: tuple[str, bytes, bytes | None]) -> None:
        self._kept[seq] = kept
        self._size += _size(kept)
        while self._size > MOST_KEPT_BYTES:
            _, oldest = self._kept.popitem(last=False)
            self._size -= _size(oldest)

    def _gone(self, entry_id: str) -> bool:
        leaf = self._desk.book.ledger.live.get(entry_id)
        return leaf is not None and leaf.state is State.GONE


def size_of(item: Item) -> int:
    """Tell how many bytes an item takes in an array, at most."""
    return AROUND + sum(len(part) for part in item if part is not None)


def _size(kept: tuple[str, bytes, bytes | None]) -> int:
    return len(kept[1]) + len(kept[2] or b"")
