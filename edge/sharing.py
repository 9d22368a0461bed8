"""Who may use a file or a socket: its owner, or the group that its folder is shared with.

On the bench one user runs everything and each folder is closed to all others. On an installed
unit each process is a user of its own; ``deploy/tmpfiles.conf`` marks the folders that two of them
share with the set-group-ID bit, which gives what is made in them the folder's group.
"""

import stat
from pathlib import Path

_OWNER, _OWNER_AND_GROUP = 0o600, 0o660


def file_mode(folder: Path) -> int:
    """Give the mode of a new file or socket in ``folder``.

    Raises:
        OSError: There is no such folder.
    """
    return _OWNER_AND_GROUP if folder.stat().st_mode & stat.S_ISGID else _OWNER
