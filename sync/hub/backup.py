"""Copies of the hub, and a hub made from one.

A copy is a folder: the database as SQLite's online backup gives it while the hub runs, the
settings, the certificate authority. All that is about people in it is sealed under the hub's key
file, which is no part of it. What the hub erases it erases in its copies too, as far as they are
in reach; one that was carried away still holds it. So only a few copies are kept, and a restored
hub listens to its doors first, which know what was erased.
"""

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from edge.gallery.keys import KeyProvider
from edge.keys.file import KeyFile
from sync.errors import HubError
from sync.hub.config import HubPlaces
from sync.hub.service import Service

KEPT = 3
"""Copies that are kept unless more are asked for."""

_NAME = "hub-"
_STAMP = "%Y%m%dT%H%M%S.%fZ"
_PAGES_AT_ONCE = 256


def back_up(places: HubPlaces, folder: Path, keep: int, now_ms: int) -> Path:
    """Copy a hub, running or not, and drop the oldest copies.

    Args:
        places: The hub's files.
        folder: Where copies are collected; made if it is missing.
        keep: How many of them stay.
        now_ms: Milliseconds since the epoch.

    Returns:
        The new copy, whole and on the disk.

    Raises:
        HubError: There is no hub, or the folder cannot be written.
    """
    stamp = datetime.fromtimestamp(now_ms / 1000, UTC).strftime(_STAMP)
    made = folder / f"{_NAME}{stamp}"
    draft = folder / f".{made.name}"
    with _one_clear_line(folder, "the backup cannot be written to"):
        draft.mkdir(mode=0o700, parents=True)
        try:
            _copy_database(places.database, draft / places.database.name)
            _copy_files(places.folder, draft)
            _sync(draft)
            draft.rename(made)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
    drop_oldest(folder, keep)
    return made


def drop_oldest(folder: Path, keep: int) -> None:
    """Remove all copies but the newest ``keep``.

    Raises:
        HubError: One cannot be removed.
    """
    with _one_clear_line(folder, "old backups cannot be removed from"):
        for old in copies(folder)[:-keep]:
            shutil.rmtree(old)


def copies(folder: Path) -> list[Path]:
    """Give the copies in a folder, oldest first."""
    return sorted(folder.glob(f"{_NAME}*"))


def restore(copy: Path, places: HubPlaces, key: Path, now_ms: int) -> None:
    """Make a hub from a copy; it appends nothing until it has heard its doors.

    Args:
        copy: What ``back_up`` made.
        places: The new hub's files; its folder is empty or missing.
        key: A copy of the hub's key file.
        now_ms: Milliseconds since the epoch.

    Raises:
        HubError: It is no copy, the folder is in use, or the key is another hub's.
    """
    with _put_back(copy, places):
        provider = KeyFile(_take_key(key, places))
        _mark_restored(places, provider, now_ms)


def restore_beside(copy: Path, places: HubPlaces, provider: KeyProvider, now_ms: int) -> None:
    """Make a hub from a copy as ``restore`` does, opened by the key of the hub that is there.

    Args:
        copy: What ``back_up`` made.
        places: The second hub's files; its folder is empty or missing.
        provider: Gives the key of the first.
        now_ms: Milliseconds since the epoch.

    Raises:
        HubError: It is no copy, the folder is in use, or the key is another hub's.
    """
    with _put_back(copy, places):
        _mark_restored(places, provider, now_ms)


@contextlib.contextmanager
def _put_back(copy: Path, places: HubPlaces) -> Iterator[None]:
    """Lay a copy's files into an empty folder; if the block fails, the folder is empty again."""
    if not (copy / places.database.name).is_file() or not (copy / places.settings.name).is_file():
        raise HubError(f"{copy} is no backup of a hub: name the folder that backup made")
    if places.folder.exists() and any(places.folder.iterdir()):
        raise HubError(f"{places.folder} is not empty: name another with --hub, or move it away")
    places.prepare()
    with _one_clear_line(places.folder, "the hub cannot be written to"):
        try:
            shutil.copytree(copy, places.folder, dirs_exist_ok=True)
            yield
            _sync(places.folder)
        except BaseException:
            _empty(places.folder)
            raise


def _copy_database(source: Path, target: Path) -> None:
    """Copy by SQLite's online backup: one state of the file, whoever writes meanwhile."""
    if not source.exists():
        raise HubError(f"there is no hub in {source.parent}: make one with doorwatch-hub init")
    os.close(os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    uri = f"file:{source}?mode=ro"
    with (
        contextlib.closing(sqlite3.connect(uri, uri=True, timeout=30)) as original,
        contextlib.closing(sqlite3.connect(target)) as fresh,
    ):
        original.backup(fresh, pages=_PAGES_AT_ONCE, sleep=0.0)
        found = fresh.execute("PRAGMA integrity_check").fetchone()[0]
    if found != "ok":
        raise HubError(f"the hub {source} is damaged ({found.splitlines()[0]}): restore a backup")


def _copy_files(source: Path, target: Path) -> None:
    for name in ("hub.toml", "ca"):
        path = source / name
        if path.is_dir():
            shutil.copytree(path, target / name)
        else:
            shutil.copy2(path, target / name)


def _take_key(key: Path, places: HubPlaces) -> Path:
    """Put the key where a hub looks for it, unless its settings name a place of their own."""
    config = places.load()
    target = places.key_file(config)
    if not config.key_file:
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        target.write_bytes(key.read_bytes())
    return target


def _mark_restored(places: HubPlaces, provider: KeyProvider, now_ms: int) -> None:
    with Service.open(places.database, provider) as service:
        service.listen(now_ms)


def _empty(folder: Path) -> None:
    for made in folder.iterdir():
        shutil.rmtree(made) if made.is_dir() else made.unlink()


def _sync(folder: Path) -> None:
    """Have everything in a folder on the disk."""
    for path in (*folder.rglob("*"), folder):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextlib.contextmanager
def _one_clear_line(folder: Path, what: str) -> Iterator[None]:
    """Turn what SQLite and the system raise into one line."""
    try:
        yield
    except sqlite3.Error as error:
        raise HubError(f"{what} {folder}: {error}") from error
    except (OSError, shutil.Error) as error:
        raise HubError(f"{what} {folder}: {getattr(error, 'strerror', None) or error}") from error
