"""What is too long for one message: cut into pages, and put together again. Pure.

A page is the message ``("page", transfer, i, n, bytes)``; the pages of one transfer, put in order,
are its blob. They may come twice, in any order, mixed with those of other transfers, or never:
whoever puts them together keeps few, forgets stale ones, and never more bytes than the largest
blob may have (TUF: endless data).
"""

from dataclasses import dataclass, field
from typing import TypeAlias

from sync.errors import Code, Refused

Page: TypeAlias = tuple[str, str, int, int, bytes]

PAGE_BYTES = 60_928
"""Of a blob in one page: what fits a LARGE frame beside its wrapping, with some to spare."""

LARGEST_BLOB = 2 * 1024 * 1024
"""Bytes of one transfer, at most."""

MOST_OPEN = 8
"""Transfers that are put together at the same time; the oldest gives way."""

STALE_MS = 120_000
"""Milliseconds after which a transfer that does not go on is forgotten."""

_TRANSFER_DIGITS = 16


def pages(blob: bytes, transfer: str, multiple: int = 1) -> list[Page]:
    """Cut a blob into pages.

    Args:
        blob: The bytes.
        transfer: Names the transfer, 16 hexadecimal digits, random.
        multiple: The number of pages is a multiple of this; the last ones may be empty, so that
            their number says less about the length.

    Raises:
        Refused: TOO_LARGE.
    """
    if len(blob) > LARGEST_BLOB:
        raise Refused(Code.TOO_LARGE, f"{len(blob)} bytes for one transfer")
    needed = max(1, -(-len(blob) // PAGE_BYTES))
    count = -(-needed // multiple) * multiple
    cuts = [blob[i * PAGE_BYTES : (i + 1) * PAGE_BYTES] for i in range(count)]
    return [("page", transfer, i, count, cut) for i, cut in enumerate(cuts)]


@dataclass(slots=True)
class _Open:
    """A transfer of which pages are missing."""

    count: int
    touched_ms: int
    size: int = 0
    parts: dict[int, bytes] = field(default_factory=dict)


@dataclass(slots=True)
class Assembly:
    """Puts the pages of one sender's transfers together.

    Attributes:
        largest: Bytes of the largest blob that is taken.
        most_open: Transfers at the same time.
    """

    largest: int = LARGEST_BLOB
    most_open: int = MOST_OPEN
    _open: dict[str, _Open] = field(default_factory=dict)

    def add(self, page: list[object], now_ms: int) -> bytes | None:
        """Take one page; give the blob once all of its pages are here.

        Args:
            page: A decoded message, ``["page", transfer, i, n, bytes]`` (the tag is not looked at).
            now_ms: Milliseconds, to forget what does not go on.

        Raises:
            Refused: MALFORMED; or ENDLESS, more bytes or pages than a blob may have.
        """
        transfer, number, count, part = _checked(page, self.largest)
        self._forget(transfer, now_ms)
        under_way = self._open.setdefault(transfer, _Open(count, now_ms))
        if under_way.count != count:
            raise Refused(Code.MALFORMED, "pages of one transfer differ about their number")
        self._keep(transfer, number, part, now_ms)
        if len(under_way.parts) < count:
            return None
        del self._open[transfer]
        return b"".join(under_way.parts[i] for i in range(count))

    def _keep(self, transfer: str, number: int, part: bytes, now_ms: int) -> None:
        under_way = self._open[transfer]
        if number not in under_way.parts:
            under_way.parts[number] = part
            under_way.size += len(part)
        under_way.touched_ms = now_ms
        if under_way.size > self.largest:
            del self._open[transfer]
            raise Refused(Code.ENDLESS, f"a transfer of more than {self.largest} bytes")

    def _forget(self, wanted: str, now_ms: int) -> None:
        """Make room: stale transfers go, then the one that was touched longest ago."""
        ages = {name: now_ms - one.touched_ms for name, one in self._open.items()}
        for name, age in ages.items():
            if age > STALE_MS:
                del self._open[name]
        if wanted not in self._open and len(self._open) >= self.most_open:
            del self._open[max(self._open, key=lambda name: ages[name])]


def _checked(page: list[object], largest: int) -> tuple[str, int, int, bytes]:
    """Check shape and bounds of a page before anything is kept of it."""
    match page:
        case [_, str(transfer), int(number), int(count), bytes(part)] if (
            type(number) is int and type(count) is int  # True and False would pass for 1 and 0
        ):
            most = max(1, -(-largest // PAGE_BYTES)) + 4  # a burst fills up to a multiple of five
            if count > most:
                raise Refused(Code.ENDLESS, f"a transfer of {count} pages")
            if len(transfer) == _TRANSFER_DIGITS and 0 <= number < count:
                return transfer, number, count, part
    raise Refused(Code.MALFORMED, "this is no page of a transfer")
