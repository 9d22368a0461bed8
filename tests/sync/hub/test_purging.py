"""What is erased is erased in a copy as well that is just being made."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from simulator.office import Office
from sync.hub import outbox
from sync.hub.config import HubConfig, HubPlaces
from sync.hub.copies import Copies, draft_of
from sync.hub.purging import purge


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
