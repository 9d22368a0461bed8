"""What a newer version had written to a database before it went back to the one before it.

``doorwatch-switch`` lays it beside the database, as a whole and as sealed as that, for whoever
misses something of those minutes. It holds people: so it goes as soon as anybody is erased from
the database, with its data key, and after a week in any case.
"""

import os
import time
from contextlib import suppress
from pathlib import Path

KEPT_S = 7 * 86_400.0
"""Seconds that it stays, at the longest, while the database is written."""

_BLOCK = bytes(2**16)
_LOGS = ("-wal", "-shm", "-journal", "")


def aside_of(database: Path) -> Path:
    """Name it."""
    return database.with_name(f"{database.name}.newer")


def forget_aside(database: Path, *, older_than_s: float = 0.0) -> bool:
    """Overwrite and remove what lies beside a database.

    Args:
        database: The database that is in force.
        older_than_s: Leave it while it is younger than that.

    Returns:
        Whether nothing is left to be removed.
    """
    beside = aside_of(database)
    try:
        # An erasure asks no clock: one without a battery may be put back by a power cut.
        if older_than_s and time.time() - beside.lstat().st_mtime < older_than_s:
            return True
        for log in _LOGS:
            with suppress(FileNotFoundError):
                _destroy(beside.with_name(f"{beside.name}{log}"))
    except FileNotFoundError:
        return True
    except OSError:
        return False  # it is tried again with the next erasure
    return True


def _destroy(file: Path) -> None:
    """Write over a file and remove it; a link is removed, and not followed."""
    if not file.is_symlink():
        descriptor = os.open(file, os.O_WRONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "wb") as content:
            size = os.fstat(descriptor).st_size
            content.writelines(_BLOCK[: size - at] for at in range(0, size, len(_BLOCK)))
            content.flush()
            os.fsync(descriptor)
    file.unlink()
