"""How much room the unit's disk has left, and whether anything can be written to it."""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Room:
    """Of the file system that a folder lies on; None is what cannot be told.

    Attributes:
        free_bytes: What the unit may still write.
        read_only: Nothing can be written; Linux does so by itself when a card fails.
    """

    free_bytes: int | None = None
    read_only: bool | None = None


def read_room(folder: Path) -> Room:
    """Read how much room there is; nothing where the folder is not there yet."""
    try:
        told = os.statvfs(folder)
    except OSError:
        return Room()
    return Room(told.f_bavail * told.f_frsize, bool(told.f_flag & os.ST_RDONLY))
