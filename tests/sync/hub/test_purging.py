"""What is erased is erased in a copy as well that is just being made."""

import errno
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from simulator.office import Office
from sync.errors import HubError
from sync.hub import outbox
from sync.hub.backup import back_up, new_copy
from sync.hub.config import HubConfig, HubPlaces
from sync.hub.copies import Copies, draft_of
from sync.hub.purging import MOST_COPIES, purge


@pytest.fixture
def copies(office: Office) -> Copies:
    """Where copies of the office's hub are collected."""
    places = HubPlaces(office.path.parent)
    places.settings.write_text(HubConfig("Six").text())
    return Copies(places, office.path.parent / "copies", 3)


def begun(office: Office, copies: Copies) -> Path:
    """Begin a copy, as a backup does."""
    made = copies.named("1")
    draft_of(made).mkdir(parents=True)
    office.service.copied(made / "hub.db", "test", office.now_ms)
    return made


def erased(office: Office) -> None:
    """Draw a unit's share and destroy it; what the database was before lies beside it."""
    door = office.door()
    assert door.registration is not None
    office.service.release(door.registration.mailbox, office.now_ms, certified=True)
    office.service.desk.store.forget_log()
    shutil.copy(office.path, office.path.with_name("before"))
    office.service.revoke(door.registration.unit_id, "test", office.now_ms)


def shares(database: Path) -> int:
    with closing(sqlite3.connect(database)) as raw:
        count: int = raw.execute("SELECT COUNT(*) FROM share").fetchone()[0]
        return count


def test_an_erasure_waits_for_a_copy_that_is_being_made(office: Office, copies: Copies) -> None:
    store = office.service.desk.store
    with copies.alone():
        made = begun(office, copies)
        erased(office)
        shutil.copy(office.path.with_name("before"), draft_of(made) / "hub.db")
        purge(store)
        assert store.state.copies == (str(made / "hub.db"),)
        assert len(outbox.purges(store)) == 1
        draft_of(made).rename(made)
    assert shares(made / "hub.db") == 1
    purge(store)
    assert outbox.purges(store) == []
    assert shares(made / "hub.db") == 0
    assert store.state.copies == (str(made / "hub.db"),)


def test_what_a_killed_backup_left_is_removed_with_what_would_be_erased_in_it(
    office: Office, copies: Copies
) -> None:
    store, made = office.service.desk.store, begun(office, copies)
    shutil.copy(office.path, draft_of(made) / "hub.db")
    erased(office)
    purge(store)
    assert list(copies.folder.iterdir()) == []
    assert store.state.copies == ()
    assert outbox.purges(store) == []


def test_backups_that_fail_night_after_night_push_no_copy_out_of_mind(
    office: Office, copies: Copies
) -> None:
    door = office.door()
    assert door.registration is not None
    office.service.release(door.registration.mailbox, office.now_ms, certified=True)
    copies.places.authority.mkdir()
    made = back_up(office.service, copies, "test", office.now_ms)
    for night in range(MOST_COPIES):
        later_ms = office.now_ms + 1 + night
        with pytest.raises(HubError), new_copy(office.service, copies, "test", later_ms):
            raise HubError("the disk is full")
    office.service.revoke(door.registration.unit_id, "test", office.now_ms)
    purge(office.service.desk.store)
    assert shares(made / "hub.db") == 0


def test_a_copy_in_a_folder_that_is_closed_to_the_hub_does_not_stop_it(
    office: Office, copies: Copies, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = office.service.desk.store
    begun(office, copies)
    erased(office)
    look = Path.stat

    def closed(path: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        if copies.folder in path.parents:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return look(path, follow_symlinks=follow_symlinks)

    monkeypatch.setattr(Path, "stat", closed)
    purge(store)
    assert outbox.purges(store) == []
    assert store.state.copies == ()
