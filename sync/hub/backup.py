"""Copies of the hub, and a hub made from one.

A copy is a folder: the database as SQLite's online backup gives it while the hub runs, the
settings, the certificate authority. All that is about people in it is sealed under the hub's key
file, which is no part of it. What the hub erases it erases in its copies too, as far as they are
in reach; one that was carried away still holds it. So only a few copies are kept, and a restored
hub listens to its doors first, which know what was erased.

Whoever makes a copy, or a hub from one, may be killed at any moment: what is not whole has no name
of a copy, and is no hub yet.
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
from sync.authority import write_private
from sync.durable import sync_folder
from sync.errors import HubError
from sync.hub.config import HubConfig, HubPlaces
from sync.hub.copies import Copies, draft_of, is_draft
from sync.hub.service import Service

KEPT = 3
"""Copies that are kept unless more are asked for."""

_STAMP = "%Y%m%dT%H%M%S.%fZ"
_PAGES_AT_ONCE = 256


def back_up(service: Service, copies: Copies, who: str, now_ms: int) -> Path:
    """Copy a hub, running or not, and drop the oldest copies.

    Args:
        service: The hub.
        copies: Its files, and where its copies are collected; the folder is made if it is missing.
        who: For the audit log.
        now_ms: Milliseconds since the epoch.

    Returns:
        The new copy, whole and on the disk.

    Raises:
        HubError: There is no hub, or the folder cannot be written.
    """
    with new_copy(service, copies, who, now_ms) as (_, made):
        pass
    return made


@contextlib.contextmanager
def new_copy(
    service: Service, copies: Copies, who: str, now_ms: int
) -> Iterator[tuple[Path, Path]]:
    """Copy a hub; it counts as a copy once the block has ended, and drops the oldest ones then.

    What is erased in the hub from now on is erased there too, also while the block runs.

    Args:
        service: The hub.
        copies: Its files, and where its copies are collected.
        who: For the audit log.
        now_ms: Milliseconds since the epoch.

    Yields:
        Where the copy lies in the block, and where it will.

    Raises:
        HubError: There is no hub, or the folder cannot be written.
    """
    places = copies.places
    made = copies.named(datetime.fromtimestamp(now_ms / 1000, UTC).strftime(_STAMP))
    draft = draft_of(made)
    with _one_clear_line(copies.folder, "the backup cannot be written to"), copies.alone():
        copies.drop_unfinished()
        draft.mkdir(mode=0o700, parents=True)
        try:
            service.copied(made / places.database.name, who, now_ms)
            _copy_database(places.database, draft / places.database.name)
            _copy_files(places.folder, draft)
            _sync(draft)
            yield draft, made
            draft.rename(made)
            sync_folder(copies.folder)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
        with _one_clear_line(copies.folder, "old backups cannot be removed from"):
            copies.drop_oldest()


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
    if is_draft(copy):
        raise HubError(f"{copy} was never finished, it is no backup: name another one")
    with _put_back(copy, places) as config:
        provider = KeyFile(_take_key(key, places.key_file(config), config))
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
def _put_back(copy: Path, places: HubPlaces) -> Iterator[HubConfig]:
    """Lay a copy's files into an empty folder; if the block fails, the folder is empty again.

    The settings come last and make it a hub: before it is marked as restored, it must not run.
    """
    if not (copy / places.database.name).is_file() or not (copy / places.settings.name).is_file():
        raise HubError(f"{copy} is no backup of a hub: name the folder that backup made")
    if places.folder.exists() and any(places.folder.iterdir()):
        raise HubError(f"{places.folder} is not empty: name another with --hub, or move it away")
    places.prepare()
    places.refuse_other_owner()
    with _one_clear_line(places.folder, "the hub cannot be written to"):
        try:
            settings = copy / places.settings.name
            config = HubConfig.read(settings)
            but_settings = shutil.ignore_patterns(settings.name)
            shutil.copytree(copy, places.folder, ignore=but_settings, dirs_exist_ok=True)
            yield config
            _sync(places.folder)
            write_private(places.settings, settings.read_bytes())
        except BaseException:
            _empty(places.folder)
            raise


def _copy_database(source: Path, target: Path) -> None:
    """Copy by SQLite's online backup: one state of the file, whoever writes meanwhile."""
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


def _take_key(key: Path, target: Path, config: HubConfig) -> Path:
    """Put the key where a hub looks for it, unless its settings name a place of their own."""
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
