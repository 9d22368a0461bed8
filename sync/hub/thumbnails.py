"""Small pictures for lists, in a cache that cannot grow without end."""

import io
from collections import OrderedDict
from collections.abc import Callable

import PIL.Image

SIDE = 96
"""Pixels of the longer side."""

LARGEST_SIDE = 2048
"""Pixels of the longest photo that is opened: an entry's is far smaller."""

MOST_BYTES = 32 * 2**20
"""What the cache may hold: some 10,000 thumbnails."""

_QUALITY = 70


class Thumbnails:
    """Thumbnails by entry and version, those that were wanted last; for one thread."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        """Hold up to ``most_bytes``."""
        self._most, self._bytes = most_bytes, 0
        self._kept: OrderedDict[str, tuple[int, bytes]] = OrderedDict()

    def of(self, entry_id: str, version: int, photo: Callable[[], bytes]) -> bytes:
        """Give a thumbnail, made of the photo if it is not there yet.

        Args:
            entry_id: Whose.
            version: Of the photo; another one is made again.
            photo: Gives the photo as a JPEG; empty where there is none.
        """
        kept = self._kept.get(entry_id)
        if kept is not None and kept[0] == version:
            self._kept.move_to_end(entry_id)
            return kept[1]
        self.forget(entry_id)
        made = thumbnail(photo())
        self._kept[entry_id] = version, made
        self._bytes += len(made)
        while self._bytes > self._most:
            self.forget(next(iter(self._kept)))
        return made

    def forget(self, entry_id: str) -> None:
        """Drop an entry's thumbnail."""
        _, made = self._kept.pop(entry_id, (0, b""))
        self._bytes -= len(made)


def thumbnail(photo: bytes) -> bytes:
    """Make a JPEG of at most 96 by 96 pixels; empty for what is no photo of the usual size."""
    try:
        with PIL.Image.open(io.BytesIO(photo), formats=("JPEG",)) as picture:
            if max(picture.size) > LARGEST_SIDE:
                return b""
            picture.draft("RGB", (SIDE, SIDE))  # lets the decoder itself shrink, by 2, 4 or 8
            picture.thumbnail((SIDE, SIDE), PIL.Image.Resampling.BILINEAR)
            buffer = io.BytesIO()
            picture.convert("RGB").save(buffer, "JPEG", quality=_QUALITY)
    except (OSError, ValueError, SyntaxError):
        return b""
    return buffer.getvalue()
