"""The hub's share, kept for a while, so that a door can be started while its hub is out of reach.

It lies sealed under the device key with two times: when the hub was last heard, from which the
grace is counted, and the latest time that was seen since, behind which no clock goes. Putting an
older copy of the file back gives its grace back as well: only a chip that counts could tell.
"""

import os
import secrets
from pathlib import Path

import msgspec
from msgspec import Struct

from edge.errors import ConsortiumError, GalleryError
from edge.gallery.keys import KeyProvider
from edge.gallery.seal import Sealer
from edge.keys.place import drafts_of
from edge.sharing import file_mode
from sync.durable import sync_folder

HOUR_MS = 3_600_000
LOOK_MS = 300_000
"""Milliseconds between two notes of how late it is."""

_LARGEST = 4_096


class Grace(Struct, frozen=True):
    """A share of the hub and the times it is judged by; milliseconds since the epoch.

    Attributes:
        share: The hub's share, 32 bytes.
        heard_ms: When the hub was last heard.
        floor_ms: The latest time that was seen since.
    """

    share: bytes
    heard_ms: int
    floor_ms: int

    def left_ms(self, wall_ms: int, hours: float) -> int:
        """Tell how long it may still be used; nothing or less once the grace is over.

        Args:
            wall_ms: What the clock says; one that was set back counts from the floor.
            hours: The grace.
        """
        return self.heard_ms + round(hours * HOUR_MS) - max(wall_ms, self.floor_ms)

    def seen(self, now_ms: int, *, hub: bool) -> "Grace":
        """Move the floor on, and the beginning if the hub was heard.

        The floor is moved to where it will be at the next look: so a unit that is switched off
        before that, again and again, has paid for its time.

        Args:
            now_ms: How late it is at least.
            hub: Whether the hub was heard just now.
        """
        heard_ms = max(now_ms, self.heard_ms) if hub else self.heard_ms
        return Grace(self.share, heard_ms, max(now_ms + LOOK_MS, self.floor_ms))


class GraceFile:
    """The file in which it lies."""

    def __init__(self, path: Path, device: KeyProvider) -> None:
        """Use ``path``, sealed under the device's key; nothing is read or made yet."""
        self._path, self._device = path, device

    def load(self) -> Grace | None:
        """Read it; None where there is none, or none that opens.

        Raises:
            KeyProviderError: There is no device key.
        """
        try:
            with self._path.open("rb") as file:
                sealed = file.read(_LARGEST)
        except OSError:
            return None
        try:
            return msgspec.msgpack.decode(
                self._sealer().unseal("share", "grace", sealed), type=Grace
            )
        except (ConsortiumError, msgspec.DecodeError):
            return None

    def keep(self, grace: Grace) -> None:
        """Replace it; on the disk when this returns.

        Raises:
            KeyProviderError: There is no device key.
            GalleryError: The disk does not write.
        """
        content = msgspec.msgpack.encode(grace)
        replace_file(self._path, self._sealer().seal("share", "grace", content))

    def forget(self) -> None:
        """Remove it, and what a power cut left of its making.

        What a flash card keeps of it is worth nothing without the device key.

        Raises:
            GalleryError: The disk does not write.
        """
        for one in (self._path, *drafts_of(self._path)):
            if one.exists():
                remove_file(one)

    def _sealer(self) -> Sealer:
        return Sealer(self._device.kek(), "unit", damaged=_damaged)


def replace_file(path: Path, content: bytes) -> None:
    """Replace a file in one step, on the disk before this returns.

    Its owner alone may read it; in a folder that a group shares, the group as well.

    Raises:
        GalleryError: The disk does not write.
    """
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        mode = file_mode(path.parent)
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                os.fchmod(handle, mode)
                file.write(content)
                file.flush()
                os.fsync(handle)
            fresh.replace(path)
        except BaseException:
            fresh.unlink(missing_ok=True)
            raise
        sync_folder(path.parent)
    except OSError as error:
        raise GalleryError(
            f"cannot write {path} ({error.strerror}): make room, or make the disk writable"
        ) from error


def remove_file(path: Path) -> None:
    """Remove a file, also for the time after a power cut. Raises: GalleryError."""
    try:
        path.unlink(missing_ok=True)
        sync_folder(path.parent)
    except OSError as error:
        raise GalleryError(
            f"cannot remove {path} ({error.strerror}): make the disk writable"
        ) from error


def _damaged(table: str, row_id: str) -> ConsortiumError:
    return ConsortiumError(f"the {row_id} of the {table} does not open")
