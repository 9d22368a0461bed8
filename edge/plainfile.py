"""Files in folders that other users write as well: only what is a file is read, up to a size."""

import errno
import os
import stat
from pathlib import Path


def plain_content(path: Path, most: int, owner: int | None = None) -> bytes:
    """Read the beginning of a file; no link is followed, and no pipe waited for.

    Args:
        path: The file.
        most: Bytes that are read.
        owner: The user whose it has to be; None is anybody.

    Raises:
        OSError: It is missing, no plain file, or somebody else's.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise OSError(errno.EINVAL, "it is no plain file")
        if owner not in (None, found.st_uid):
            raise OSError(errno.EPERM, "it belongs to another user")
        return os.read(descriptor, most)
    finally:
        os.close(descriptor)
