"""A nudge: a command has committed, so the running hub looks at once instead of soon.

An empty datagram on a Unix socket in the hub's folder. It carries nothing and may get lost: the
database is the truth, and the hub looks into it anyway.
"""

import contextlib
import fcntl
import os
import socket
from collections.abc import Iterator
from pathlib import Path

from sync.errors import HubError


class Nudges:
    """The running hub's end of the socket."""

    def __init__(self, path: Path) -> None:
        """Open the socket at ``path``; one that a dead hub left behind is replaced.

        Raises:
            HubError: It cannot be opened, or another hub is running on this folder.
        """
        self._path, self._folder = path, _claimed(path.parent)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            path.unlink(missing_ok=True)
            with _short(path) as name:
                self._socket.bind(name)
            path.chmod(0o600)
        except OSError as error:
            self._socket.close()
            os.close(self._folder)
            raise HubError(f"cannot open the socket {path}: {error.strerror}") from error

    def wait(self) -> bool:
        """Wait for the next nudge; False once the socket was closed."""
        try:
            self._socket.recv(1)
        except OSError:
            return False
        return self._path.exists()

    def close(self) -> None:
        """Let the socket go, and whoever waits on it."""
        self._path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        os.close(self._folder)


def _claimed(folder: Path) -> int:
    """Lock the hub's folder for as long as the descriptor is open; two hubs would fork the list."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise HubError(f"a hub is running on {folder} already: stop that one first") from error
    return descriptor


def nudge(path: Path) -> bool:
    """Tell the hub that runs on ``path``'s folder to look; whether there is one."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
        out.settimeout(0)
        try:
            with _short(path) as name:
                out.sendto(b"\0", name)
        except BlockingIOError:
            return True  # it has nudges enough waiting
        except OSError:
            return False
    return True


@contextlib.contextmanager
def _short(path: Path) -> Iterator[str]:
    """Name a socket through its open folder: Linux allows 107 bytes, folders may be deep."""
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
