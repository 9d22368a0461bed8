"""Where copies of the hub are collected, and how one that is not finished is told from the others.

While a copy is made, or taken away, its folder has another name: nobody takes half of one for a
copy, whatever ends the one who makes it. Only one is made of a hub at a time, so what has such a
name and is not being made was left by somebody who was killed.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sync.durable import sync_folder
from sync.hub.config import HubPlaces

_NAME = "hub-"


@dataclass(frozen=True, slots=True)
class Copies:
    """The copies of one hub.

    Attributes:
        places: The hub's files.
        folder: Where its copies are collected.
        keep: How many of them stay.
    """

    places: HubPlaces
    folder: Path
    keep: int

    def named(self, stamp: str) -> Path:
        """Name the copy of a moment."""
        return self.folder / f"{_NAME}{stamp}"

    def there(self) -> list[Path]:
        """Give the copies that are whole, oldest first."""
        return sorted(self.folder.glob(f"{_NAME}*"))

    def drop_oldest(self) -> None:
        """Remove all copies but the newest; at no moment is half of one there. Raises: OSError."""
        for old in self.there()[: -self.keep]:
            old.rename(draft_of(old))
            shutil.rmtree(draft_of(old))
        sync_folder(self.folder)

    def drop_unfinished(self) -> None:
        """Remove what was left by somebody who was killed; nobody makes a copy now."""
        for left in self.folder.glob(f".{_NAME}*"):
            shutil.rmtree(left, ignore_errors=True)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Make a copy while nobody else makes one of this hub: wait until then. Raises: OSError."""
        descriptor = _locked(self.places.folder, fcntl.LOCK_EX)
        try:
            yield
        finally:
            os.close(descriptor)


def draft_of(copy: Path) -> Path:
    """Name the folder in which a copy is made, or from which it is taken away."""
    return copy.with_name(f".{copy.name}")


def is_draft(folder: Path) -> bool:
    """Tell whether a folder has the name of a copy that is not finished."""
    return folder.name.startswith(f".{_NAME}")


def under_way(hub: Path) -> bool:
    """Tell whether a copy of the hub in this folder is being made, or taken away."""
    try:
        os.close(_locked(hub, fcntl.LOCK_SH | fcntl.LOCK_NB))
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def _locked(hub: Path, how: int) -> int:
    """Lock the hub's settings, which nobody else locks, as long as the descriptor is open."""
    descriptor = os.open(HubPlaces(hub).settings, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, how)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor
