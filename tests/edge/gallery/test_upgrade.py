"""A gallery of the first version, as units have them, goes on as it was."""

import sqlite3
from pathlib import Path

import msgspec
import numpy as np
import pytest

from edge.errors import GalleryError
from edge.gallery.layout import GALLERY
from edge.gallery.seal import Sealer, new_data_key, wrap
from edge.gallery.shelf import GalleryShelf
from edge.gallery.store import Store
from edge.gallery.template import pack
from edge.keys.file import KeyFile
from simulator.shelf_samples import entry_id, putting, trusted
from sync.clock import Reading
from sync.entries import DAY_S, Category, Entry, Reason

NOW = 1_800_000_000.0
LIST_ID = "5e" * 8
PHOTO = b"\xff\xd8 somebody"
FIRST = """
CREATE TABLE list (
  list_id TEXT PRIMARY KEY, data_key BLOB NOT NULL, head BLOB NOT NULL, floor BLOB NOT NULL
) STRICT;
CREATE TABLE entry (
  entry_id TEXT PRIMARY KEY, details BLOB NOT NULL, templates BLOB NOT NULL
) STRICT;
CREATE TABLE photo (entry_id TEXT PRIMARY KEY, sealed BLOB NOT NULL) STRICT;
PRAGMA application_id=0x44574C31;
PRAGMA user_version=1;
"""
"""The tables as version 1 made them."""


def units(count: int) -> np.ndarray:
    raw = np.random.default_rng(3).normal(size=(count, 32))
    return (raw / np.linalg.norm(raw, axis=1, keepdims=True)).astype(np.float32)


def ids(count: int) -> list[str]:
    return [f"{number:016x}" for number in range(count)]


def first_version(folder: Path, count: int) -> None:
    """Write a gallery with so many people on it, byte for byte as version 1 did."""
    kek, data_key = KeyFile(folder / "g.key").provision(), new_data_key()
    sealer, pack_record = Sealer(data_key, LIST_ID), msgspec.msgpack.encode
    head = {"sequence": count, "issued_at": NOW, "expires_at": NOW + 7 * DAY_S}
    head |= {"entries": count, "census": sealer.tally(ids(count))}
    with sqlite3.connect(folder / "g.db") as raw:
        raw.executescript(FIRST)
        kept = (wrap(data_key, kek, LIST_ID), sealer.seal("list.head", "list", pack_record(head)))
        floor = sealer.seal("list.floor", "list", pack_record({"at": NOW}))
        raw.execute("INSERT INTO list VALUES (?, ?, ?, ?)", (LIST_ID, *kept, floor))
        for number, row in enumerate(ids(count)):
            details = {"category": "banned", "reason": "theft", "created_at": NOW}
            details |= {"valid_until": NOW + (number + 1) * DAY_S, "model_id": "model-a"}
            sealed = sealer.seal("entry.details", row, pack_record(details))
            templates = sealer.seal("entry.templates", row, pack(units(1)))
            raw.execute("INSERT INTO entry VALUES (?, ?, ?)", (row, sealed, templates))
            raw.execute("INSERT INTO photo VALUES (?, ?)", (row, sealer.seal("photo", row, PHOTO)))
    raw.close()


def opened(folder: Path) -> Store:
    still = Reading(round(NOW * 1000), 0, "boot", synchronised=True)
    return Store.open(folder / "g.db", KeyFile(folder / "g.key"), read=lambda: still)


def test_everybody_is_still_on_the_list_with_photo_and_term(tmp_path: Path) -> None:
    first_version(tmp_path, 3)
    for _ in range(2):
        with opened(tmp_path) as store:
            found = {entry.entry_id: entry for entry, *_ in store.references()}
            assert set(found) == set(ids(3))
            assert found[ids(3)[1]].valid_until == NOW + 2 * DAY_S
            assert {store.photo(row) for row in ids(3)} == {PHOTO}
            assert store.head().sequence == 3
            assert not store.head().joined


def test_such_a_list_can_be_changed_and_every_byte_of_an_old_entry_erased(tmp_path: Path) -> None:
    first_version(tmp_path, 2)
    new = Entry("f" * 16, Category.WELFARE, Reason.MISSING, NOW, NOW + DAY_S)
    with opened(tmp_path) as store:
        store.add(new, PHOTO, units(2), "model-a")
        store.lift(ids(2)[0])
        assert {entry.entry_id for entry, *_ in store.references()} == {ids(2)[1], new.entry_id}
        assert store._file.rows("SELECT count(*) FROM photo") == [(2,)]
        assert store.affirm(NOW + 1).sequence == 5


def test_its_rows_are_read_as_changes_like_any_others(tmp_path: Path) -> None:
    first_version(tmp_path, 100)
    with opened(tmp_path) as store:
        reader = store.reader("model-a")
        while reader.read(NOW) is None:
            pass
        assert len(reader.index) == 100


def test_it_can_join_a_consortium(tmp_path: Path) -> None:
    first_version(tmp_path, 1)
    with GalleryShelf.open(tmp_path / "g.db", KeyFile(tmp_path / "g.key")) as shelf:
        assert not shelf.joined
        shelf.join(trusted())
        shelf.commit(putting(shelf.trusted(), [7]))
        assert set(shelf.held()) == {entry_id(7)}
    with opened(tmp_path) as store:
        assert {one.entry.entry_id for one in store.references()} == {ids(1)[0], entry_id(7)}


def test_a_kill_in_the_middle_of_the_upgrade_leaves_the_first_version(tmp_path: Path) -> None:
    first_version(tmp_path, 1)
    raw = sqlite3.connect(tmp_path / "g.db", isolation_level=None)
    raw.execute("BEGIN IMMEDIATE")
    for statement in GALLERY.upgrades[2]:
        raw.execute(statement)
    raw.close()
    with opened(tmp_path) as store:
        assert len(store.references()) == 1
        assert store._file.rows("PRAGMA user_version") == [(GALLERY.version,)]


def test_on_a_read_only_disk_the_first_version_is_refused_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first_version(tmp_path, 1)
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(GalleryError, match="made by an older Doorwatch and the disk is read-only"):
        opened(tmp_path)
