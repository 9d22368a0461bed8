"""Files that hold a key, open or closed: made whole or not at all, and destroyed for good.

Root works here in folders that a unit's processes write as well: no link of theirs is followed.
"""

import contextlib
import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import nullcontext
from glob import escape
from pathlib import Path
from typing import BinaryIO

from edge.errors import KeyProviderError
from sync.durable import sync_folder


def write_once(path: Path, content: bytes) -> None:
    """Write a new file for its owner alone; where there is one already, that stays.

    Raises:
        KeyProviderError: It cannot be written.
    """
    try:
        _write_once(path, content)
    except OSError as error:
        raise KeyProviderError(f"cannot make the key file {path}: {error.strerror}") from error


def destroy(path: Path) -> None:
    """Overwrite a file and remove it; a flash card may keep a copy where no program gets at it.

    With it goes what a power cut left of its making, which holds the same.

    Raises:
        KeyProviderError: It cannot be written or removed.
    """
    for one in (path, *drafts_of(path)):
        try:
            with _itself(one) as file:
                one.unlink()  # first: a key of zeros in its place would be taken for the key
                sync_folder(one.parent)
                _overwrite(file)
        except OSError as error:
            raise KeyProviderError(
                f"cannot destroy {one} ({error.strerror}): remove it by hand"
            ) from error


def drafts_of(path: Path) -> tuple[Path, ...]:
    """Give what stands beside a file of what was to replace it, where the power went."""
    return tuple(path.parent.glob(f".{escape(path.name)}.*"))


def replace_for_good(path: Path, fresh: Path) -> None:
    """Put a fresh file in the place of one that may be there, in one step; that is overwritten.

    Raises:
        KeyProviderError: It cannot be written.
    """
    try:
        with _itself(path) if os.path.lexists(path) else nullcontext() as before:
            fresh.replace(path)
            sync_folder(path.parent)
            if before is not None:
                _overwrite(before)
    except OSError as error:
        raise KeyProviderError(f"cannot write {path}: {error.strerror}") from error


def _overwrite(file: BinaryIO) -> None:
    file.write(bytes(os.fstat(file.fileno()).st_size))
    file.flush()
    os.fsync(file.fileno())


def _itself(path: Path) -> BinaryIO:
    """Open a file that is to be overwritten, and never what a link in its place leads to."""
    return os.fdopen(os.open(path, os.O_RDWR | os.O_NOFOLLOW), "r+b")


def give_like(path: Path, other: Path) -> None:
    """Give a file that root made to whoever owns another, and as open as that. Raises: OSError."""
    found = other.lstat()
    with _itself(path) as file:
        if os.geteuid() == 0:
            os.fchown(file.fileno(), found.st_uid, found.st_gid)
        os.fchmod(file.fileno(), found.st_mode & 0o777)


@contextlib.contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
    """Be the only one that changes which keys open what lies in ``folder``.

    Raises:
        KeyProviderError: Somebody else is about it, or there can be no such folder.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise KeyProviderError(f"cannot work in {folder}: {error.strerror}") from error
    try:
        _lock(lock)
        yield
    finally:
        os.close(lock)  # and with it goes the lock, also if the process is killed


def _lock(folder: int) -> None:
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise KeyProviderError(
            "another command changes the keys here just now: wait until it has ended"
        ) from error


def _write_once(path: Path, content: bytes) -> None:
    """Write beside its place and link it there: whole or not at all."""
    folder = path.parent
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = folder / f".{path.name}.{secrets.token_hex(8)}"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        # Another process may have been first; then its key is the key.
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(draft)
    finally:
        draft.unlink()
    sync_folder(folder)
