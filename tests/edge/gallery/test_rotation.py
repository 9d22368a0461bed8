"""A new data key for a list with which others go on working."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from edge.errors import GalleryError, GalleryLockedError, KeyProviderError
from edge.gallery import rotation
from edge.gallery.datakeys import WRAPPED_BYTES, unwrapped
from edge.gallery.inspection import SEALED, damaged_rows
from edge.gallery.keys import KeyProvider
from edge.gallery.listfile import ListFile
from edge.gallery.rotation import begin, finish, rewrap, rotate, seal_again
from edge.gallery.shelf import GalleryShelf
from edge.gallery.store import Store
from edge.keys.file import KeyFile
from simulator.shelf_samples import (
    MODEL,
    NOW_MS,
    entry,
    entry_id,
    grown,
    key,
    leaf,
    lifting,
    putting,
    trusted,
)
from sync.clock import Reading
from sync.unit.shelf import KeptRecord, StagedPage, Staging, Step

READING = Reading(NOW_MS, 5_000, "boot", synchronised=True)


class Given:
    """A key that is there, or is not any more."""

    def __init__(self, name: str) -> None:
        self.key, self.gone = key(name), False

    def kek(self) -> bytes:
        if self.gone:
            raise KeyProviderError("it is gone")
        return self.key

    provision = kek


def file_of(folder: Path, provider: KeyProvider | None = None) -> closing[ListFile]:
    provider = provider or KeyFile(folder / "gallery.key")
    return closing(ListFile(folder / "gallery.db", provider, NOW_MS / 1000, 0.0))


def shelf_of(folder: Path) -> GalleryShelf:
    provider = KeyFile(folder / "gallery.key")
    return GalleryShelf.open(folder / "gallery.db", provider, read=lambda: READING)


def kek(folder: Path) -> bytes:
    return KeyFile(folder / "gallery.key").kek()


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[GalleryShelf]:
    """A member's gallery with something in every table."""
    with shelf_of(tmp_path) as one:
        one.join(trusted())
        first = putting(one.trusted(), range(40))
        record = KeptRecord(1, entry_id(1), b"wire", b"content of the record")
        one.commit(replace(first, reports=((1, b"a report"),), records=(record,)))
        one.add_locally(entry(90, provisional=True), b"the proposal as it is sent")
        one.begin(Staging(b"manifest", (bytes(32), bytes(32))))
        one.stage([StagedPage(0, b"chain", {entry_id(7): leaf(7)}, (entry(7, revision=2),))])
        yield one


def sealed_values(folder: Path) -> set[bytes]:
    """Everything sealed that stands in the file, and how the data keys are wrapped."""
    with sqlite3.connect(folder / "gallery.db") as raw:
        found = {
            one
            for table, _, column, _ in SEALED
            for (one,) in raw.execute(
                f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL"  # noqa: S608 - our names
            )
        }
        found |= set(raw.execute("SELECT data_key, head, floor FROM list").fetchone())
    raw.close()
    return found


def on_disk(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.glob("gallery.db*"))


def test_everything_comes_under_the_new_key_and_nothing_of_the_old_stays(
    tmp_path: Path, shelf: GalleryShelf
) -> None:
    before, lengths = sealed_values(tmp_path), len(on_disk(tmp_path))
    with file_of(tmp_path) as file:
        (old,) = file.sealer.data_keys
        done = rotate(file, [kek(tmp_path)])
        (new,) = file.sealer.data_keys
    assert new != old
    assert done.closed == 0
    assert done.sealed_again == len(before) - 3  # the list's own row has three
    raw = on_disk(tmp_path)
    assert [one for one in before if one[:16] in raw or one[-16:] in raw] == []
    assert len(raw) <= 2 * lengths
    with file_of(tmp_path) as file:
        assert damaged_rows(file) == []
        assert file.sealer.data_keys == (new,)
    assert {len(one) for one in sealed_values(tmp_path)} == {len(one) for one in before}


def test_whoever_has_the_list_open_reads_and_writes_at_every_stage(
    tmp_path: Path, shelf: GalleryShelf
) -> None:
    store = Store.open(
        tmp_path / "gallery.db", KeyFile(tmp_path / "gallery.key"), read=lambda: READING
    )
    reader, number = store.reader(MODEL), 100

    def work() -> None:
        """What engine and sync do, each with what it opened at the start."""
        nonlocal number
        number += 1
        shelf.commit(putting(shelf.trusted(), [number]))
        shelf.commit(lifting(shelf.trusted(), [number - 100]))
        while reader.read(NOW_MS / 1000) is None:
            pass
        assert set(reader.entries) == set(shelf.held())
        assert store.photo(entry_id(number))
        assert reader.unfit == {}
        assert shelf.damaged() == store.damaged() == []

    work()
    with store, file_of(tmp_path) as file:
        keks = [kek(tmp_path)]
        for step in (lambda: begin(file, keks), lambda: seal_again(file)):
            step()
            work()
        finish(file, keks)
        work()
        assert rotate(file, keks).closed == 0  # and once more, under the eyes of the same readers
        work()


def test_what_was_read_before_the_old_key_went_still_opens(
    tmp_path: Path, shelf: GalleryShelf
) -> None:
    with file_of(tmp_path) as slow, file_of(tmp_path) as file:
        (row,) = slow.rows("SELECT details FROM entry WHERE entry_id = ?", (entry_id(1),))
        rotate(file, [kek(tmp_path)])
        assert slow.head().entries == 41
        assert slow.sealer.unseal("entry.details", entry_id(1), row[0])


def test_rows_that_did_not_change_are_not_read_again(tmp_path: Path, shelf: GalleryShelf) -> None:
    with file_of(tmp_path) as file:
        store = Store.open(
            tmp_path / "gallery.db", KeyFile(tmp_path / "gallery.key"), read=lambda: READING
        )
        with store:
            reader = store.reader(MODEL)
            while reader.read(NOW_MS / 1000) is None:
                pass
            index = reader.index
            rotate(file, [kek(tmp_path)])
            assert reader.read(NOW_MS / 1000) is not None
            assert reader.index is index


@pytest.mark.parametrize("moment", [0, 2, 4, 6, 9])
def test_staged_rows_that_are_adopted_meanwhile_come_under_the_new_key(
    tmp_path: Path, shelf: GalleryShelf, monkeypatch: pytest.MonkeyPatch, moment: int
) -> None:
    left, whole = moment, rotation._slice

    def interrupted(*words: Any) -> Any:
        nonlocal left
        if left == 0:
            shelf.adopt(Step(grown(shelf.trusted(), {entry_id(7): leaf(7, revision=2)}), {}))
        left -= 1
        return whole(*words)

    monkeypatch.setattr(rotation, "_slice", interrupted)
    with file_of(tmp_path) as file:
        assert rotate(file, [kek(tmp_path)]).closed == 0
    assert left < 0
    with file_of(tmp_path) as file:
        assert damaged_rows(file) == []


class Cut(Exception):  # noqa: N818 - no error of the program
    """The power goes."""


@pytest.mark.parametrize("after", [0, 1, 2, 5, 9, 13, 16])
def test_a_rotation_cut_short_leaves_a_list_that_opens_and_is_ended_by_the_next(
    tmp_path: Path, shelf: GalleryShelf, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    left = after
    whole = ListFile.change

    @contextmanager
    def cut(self: ListFile) -> Iterator[Database]:
        nonlocal left
        with whole(self) as database:
            yield database
            if not left:
                raise Cut
            left -= 1

    with monkeypatch.context() as patched, file_of(tmp_path) as file:
        patched.setattr(ListFile, "change", cut)
        with pytest.raises(Cut):
            rotate(file, [kek(tmp_path)])
    shelf.commit(putting(shelf.trusted(), [200]))
    with file_of(tmp_path) as file:
        assert damaged_rows(file) == []
        cut_keys = file.sealer.data_keys
        assert len(cut_keys) == (1 if after == 0 else 2)
        rotate(file, [kek(tmp_path)])
        assert len(file.sealer.data_keys) == 1
        assert file.sealer.data_keys[0] == cut_keys[0] or after == 0
        assert damaged_rows(file) == shelf.damaged() == []


def test_a_list_that_lost_an_entry_gets_no_new_key(tmp_path: Path, shelf: GalleryShelf) -> None:
    with sqlite3.connect(tmp_path / "gallery.db") as raw:
        raw.execute("DELETE FROM entry WHERE entry_id = ?", (entry_id(3),))
    raw.close()
    with file_of(tmp_path) as file, pytest.raises(GalleryError, match="some are gone"):
        rotate(file, [kek(tmp_path)])


def test_a_record_that_does_not_open_stays_closed_and_is_counted(
    tmp_path: Path, shelf: GalleryShelf
) -> None:
    with sqlite3.connect(tmp_path / "gallery.db") as raw:
        raw.execute("UPDATE leaf SET sealed = zeroblob(284) WHERE entry_id = ?", (entry_id(3),))
    raw.close()
    with file_of(tmp_path) as file:
        assert rotate(file, [kek(tmp_path)]).closed == 1
        assert damaged_rows(file) == [("leaf", entry_id(3))]


def test_two_keys_open_a_list_until_one_of_them_is_left(
    tmp_path: Path, shelf: GalleryShelf
) -> None:
    first, second, stranger = KeyFile(tmp_path / "gallery.key"), Given("second"), Given("other")
    with file_of(tmp_path) as file:
        rewrap(file, [second.kek(), first.kek()])
    for provider in (first, second):
        with file_of(tmp_path, provider) as file:
            assert damaged_rows(file) == []
    with file_of(tmp_path, second) as file:
        rotate(file, [second.kek()])
    for provider in (first, stranger):
        with pytest.raises(KeyProviderError, match="does not open this gallery"):
            file_of(tmp_path, provider)


def test_a_process_goes_on_when_only_the_wrapping_moved_and_stops_when_the_key_did(
    tmp_path: Path, shelf: GalleryShelf
) -> None:
    first, second = Given("first"), Given("second")
    with file_of(tmp_path) as file:
        rewrap(file, [first.kek()])
    with file_of(tmp_path, first) as running:
        with file_of(tmp_path, first) as file:
            rewrap(file, [second.kek()])
        with running.change():
            assert running.head().entries == 41
        first.gone = True
        with file_of(tmp_path, second) as file:
            rotate(file, [second.kek()])
        with pytest.raises(KeyProviderError, match="it is gone"), running.change():
            pass


def test_a_list_that_was_destroyed_gets_no_key(tmp_path: Path, shelf: GalleryShelf) -> None:
    with file_of(tmp_path) as file:
        shelf.destroy()
        with pytest.raises(GalleryLockedError):
            rotate(file, [kek(tmp_path)])
    assert shelf._file.rows("SELECT data_key FROM list") == [(b"",)]


def test_wrapped_keys_that_are_cut_or_mixed_up_open_nothing(
    tmp_path: Path, shelf: GalleryShelf
) -> None:
    with file_of(tmp_path) as file:
        wrapped = file.sealer.take(file.sealer.data_keys, [kek(tmp_path), key("second")])
        list_id = file.sealer.list_id
    assert len(wrapped) == 2 * WRAPPED_BYTES
    assert unwrapped(wrapped, key("second"), list_id) == unwrapped(wrapped, kek(tmp_path), list_id)
    for spoilt in (b"", wrapped[:59], wrapped[1:60], bytes(120)):
        with pytest.raises(KeyProviderError):
            unwrapped(spoilt, kek(tmp_path), list_id)


def test_a_rotation_waits_for_whoever_writes_without_a_pause(
    tmp_path: Path, shelf: GalleryShelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    with file_of(tmp_path) as file, file_of(tmp_path) as other:
        file._db.execute("PRAGMA busy_timeout=1")
        with other.change():
            monkeypatch.setattr(rotation, "PATIENCE_S", 0.0)
            with pytest.raises(GalleryError, match="another process holds it"):
                rotate(file, [kek(tmp_path)])
        monkeypatch.undo()
        writing = threading.Timer(0.2, other._db.rollback)
        other._db.execute("BEGIN IMMEDIATE")
        writing.start()
        assert rotate(file, [kek(tmp_path)]).closed == 0
