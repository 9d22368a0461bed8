"""The list in memory keeps up with the file, and opens only what changed."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.errors import GalleryError
from edge.gallery import reader as reading
from edge.gallery.reader import Reader
from edge.gallery.shelf import GalleryShelf
from edge.gallery.store import Store
from edge.keys.file import KeyFile
from simulator.shelf_samples import (
    DIMENSION,
    MODEL,
    NOW_MS,
    entry,
    entry_id,
    grown,
    leaf,
    lifting,
    putting,
    trusted,
)
from sync.unit.shelf import Step

NOW = NOW_MS / 1000


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[GalleryShelf]:
    """Whoever writes."""
    with GalleryShelf.open(tmp_path / "g.db", KeyFile(tmp_path / "g.key")) as one:
        one.join(trusted())
        yield one


@pytest.fixture
def store(tmp_path: Path, shelf: GalleryShelf) -> Iterator[Store]:
    """Whoever reads."""
    with Store.open(tmp_path / "g.db", KeyFile(tmp_path / "g.key")) as one:
        yield one


def caught_up(reader: Reader, now: float = NOW) -> int:
    """Read all there is; tells in how many slices."""
    slices = 1
    while reader.read(now) is None:
        slices += 1
    return slices


def test_all_is_read_in_slices_and_then_only_what_changed(
    shelf: GalleryShelf, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.commit(putting(shelf.trusted(), range(200)))
    reader = store.reader(MODEL)
    assert caught_up(reader) > 200 / reading.SLICE
    assert set(reader.index.entry_ids) == {entry_id(n) for n in range(200)} == set(reader.entries)
    opened: list[str] = []
    real = reading.opened_reference
    monkeypatch.setattr(
        reading, "opened_reference", lambda *row: (opened.append(row[1]), real(*row))[1]
    )
    shelf.commit(putting(shelf.trusted(), [777]))
    shelf.commit(lifting(shelf.trusted(), [5, 6]))
    assert caught_up(reader) == 2
    assert opened == [entry_id(777)]
    assert len(reader.index) == len(reader.entries) == 199
    assert reader.erased


def test_what_is_in_force_is_never_changed_only_replaced(shelf: GalleryShelf, store: Store) -> None:
    shelf.commit(putting(shelf.trusted(), [1]))
    reader = store.reader(MODEL)
    caught_up(reader)
    index, entries = reader.index, reader.entries
    shelf.commit(putting(shelf.trusted(), [2]))
    caught_up(reader)
    assert (len(index), len(entries)) == (1, 1)
    assert (len(reader.index), len(reader.entries)) == (2, 2)


def test_a_contested_entry_is_compared_with_nobody_until_it_is_reinstated(
    shelf: GalleryShelf, store: Store
) -> None:
    shelf.commit(putting(shelf.trusted(), [1, 2]))
    reader = store.reader(MODEL)
    caught_up(reader)
    shelf.commit(Step(grown(shelf.trusted(), {}), suspend=(entry_id(1),)))
    caught_up(reader)
    assert reader.index.entry_ids == (entry_id(2),)
    assert set(reader.over(NOW + 31 * 86_400)) == {entry_id(1), entry_id(2)}
    shelf.commit(Step(grown(shelf.trusted(), {}), resume=(entry_id(1),)))
    caught_up(reader)
    assert set(reader.index.entry_ids) == {entry_id(1), entry_id(2)}


def test_a_provisional_entry_counts_at_once(shelf: GalleryShelf, store: Store) -> None:
    reader = store.reader(MODEL)
    caught_up(reader)
    shelf.add_locally(entry(1), b"wire")
    caught_up(reader)
    assert reader.index.entry_ids == (entry_id(1),)


def test_what_does_not_fit_is_left_out_and_said_and_the_rest_goes_on(
    shelf: GalleryShelf, store: Store
) -> None:
    reader = store.reader("model-b")
    shelf.commit(putting(shelf.trusted(), [1]))
    caught_up(reader)
    assert len(reader.index) == 0
    assert "were made by model-a, this unit runs model-b" in reader.unfit[entry_id(1)]
    shelf.commit(lifting(shelf.trusted(), [1]))
    caught_up(reader)
    assert reader.unfit == {}
    other = store.reader(MODEL, 2 * DIMENSION)
    shelf.commit(putting(shelf.trusted(), [2]))
    caught_up(other)
    assert "differ in length" in other.unfit[entry_id(2)]


def test_a_damaged_row_is_left_out_and_said_and_the_rest_goes_on(
    shelf: GalleryShelf, store: Store
) -> None:
    shelf.commit(putting(shelf.trusted(), [1, 2]))
    with shelf._file.change() as database:
        gone = [entry_id(1)]
        database.execute("UPDATE entry SET templates = zeroblob(300) WHERE entry_id = ?", gone)
    reader = store.reader(MODEL)
    caught_up(reader)
    assert reader.index.entry_ids == (entry_id(2),)
    assert "is damaged" in reader.unfit[entry_id(1)]


def test_a_row_that_was_taken_out_is_missed(shelf: GalleryShelf, store: Store) -> None:
    shelf.commit(putting(shelf.trusted(), [1, 2]))
    reader = store.reader(MODEL)
    caught_up(reader)
    with shelf._file.change() as database:
        database.execute("DELETE FROM entry WHERE entry_id = ?", [entry_id(1)])
    with pytest.raises(GalleryError, match="some are gone"):
        caught_up(reader)


@pytest.mark.parametrize("seed", range(4))
def test_whatever_happens_between_slices_the_end_is_right(
    shelf: GalleryShelf, store: Store, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(reading, "SLICE", 3)
    chance = random.Random(seed)
    reader, listed, contested = store.reader(MODEL), set[int](), set[int]()
    for _ in range(60):
        numbers = [chance.randrange(25) for _ in range(chance.randint(1, 6))]
        match chance.randrange(4):
            case 0:
                shelf.commit(lifting(shelf.trusted(), numbers))
                listed, contested = listed - set(numbers), contested - set(numbers)
            case 1:
                names = tuple(entry_id(n) for n in numbers)
                shelf.commit(Step(grown(shelf.trusted(), {}), suspend=names))
                contested |= listed & set(numbers)
            case _:
                leaves = {entry_id(n): leaf(n) for n in numbers}
                puts = tuple(entry(n) for n in set(numbers))
                shelf.commit(Step(grown(shelf.trusted(), leaves), leaves, puts))
                listed, contested = listed | set(numbers), contested - set(numbers)
        for _ in range(chance.randint(0, 3)):
            reader.read(NOW)
    caught_up(reader)
    assert set(reader.index.entry_ids) == {entry_id(n) for n in listed - contested}
    assert set(reader.entries) == set(reader.index.entry_ids)
