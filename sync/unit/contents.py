"""Records as they travel: signed, each beside its content under the seal of its ring."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync import seal
from sync.errors import Code, Refused
from sync.statement.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sync.signing import Signed
    from sync.statement.keybox import KeyRing


@dataclass(frozen=True, slots=True)
class Item:
    """One record with what it carries; nothing of either is believed yet.

    Attributes:
        carried: The signed record.
        record: Its body, read.
        content: In the clear; None where none came, or this unit has no key for its ring.
    """

    carried: Signed
    record: Record
    content: bytes | None


class Opener:
    """Opens contents with the keys of the newest epochs."""

    def __init__(self, keyrings: tuple[KeyRing, ...]) -> None:
        """Use these keys, the newest epoch's first."""
        self._keys = [{"": one.control, **dict(one.rings)} for one in keyrings]
        self.rings = frozenset(self._keys[0]) - {""} if self._keys else frozenset()
        """Rings whose content this unit can open."""

    def items(self, raw: object) -> list[Item]:
        """Read an array of such items.

        Raises:
            Refused: MALFORMED, TOO_LARGE or BAD_CIPHERTEXT.
        """
        if not isinstance(raw, list):
            raise Refused(Code.MALFORMED, "these are no records")
        return [self.item(one) for one in raw]

    def item(self, raw: object) -> Item:
        """Read ``[record wire, sealed content or None]``.

        Raises:
            Refused: As ``items``.
        """
        match raw:
            case [bytes(wire), bytes() | None as sealed]:
                carried, record = Record.open(wire)
                return Item(carried, record, self._content(record, sealed))
            case _:
                raise Refused(Code.MALFORMED, "this is no record with its content")

    def _content(self, record: Record, sealed: bytes | None) -> bytes | None:
        """Try the newest epoch's key, then the one of the epoch before."""
        keys = [one[record.ring] for one in self._keys if record.ring in one]
        if sealed is None or not keys:
            return None
        for key in keys[:-1]:
            try:
                return _opened(key, record, sealed)
            except Refused:
                continue
        return _opened(keys[-1], record, sealed)


def _opened(key: bytes, record: Record, sealed: bytes) -> bytes:
    return seal.open_content(key, record.list_id, record.seq, record.entry_id, sealed)


def pairs(items: Iterable[Item]) -> list[tuple[Signed, bytes | None]]:
    """Give items as the ledger takes them."""
    return [(one.carried, one.content) for one in items]
