"""What time it is by a list: on its own by the clock, as a member by signed times."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from edge.gallery.shelf import GalleryShelf
from edge.gallery.store import Store
from edge.keys.file import KeyFile
from simulator.shelf_samples import NOW_MS, entry_id, grown, putting, trusted
from sync.clock import Now, Reading
from sync.statement.policy import DAY_MS
from sync.unit.shelf import Step

YEARS_MS = 50 * 365 * DAY_MS


class Clocks:
    """The clocks of a box, moved by the test."""

    def __init__(self) -> None:
        self.reading = Reading(NOW_MS, 10_000, "boot 1", synchronised=True)

    def __call__(self) -> Reading:
        return self.reading

    def pass_by(self, ms: int) -> None:
        boot_ms, wall_ms = self.reading.boot_ms + ms, self.reading.wall_ms + ms
        self.reading = replace(self.reading, boot_ms=boot_ms, wall_ms=wall_ms)

    def set(self, **changes: object) -> None:
        self.reading = replace(self.reading, **changes)  # type: ignore[arg-type]


@pytest.fixture
def clocks() -> Clocks:
    return Clocks()


@pytest.fixture
def shelf(tmp_path: Path, clocks: Clocks) -> Iterator[GalleryShelf]:
    provider = KeyFile(tmp_path / "g.key")
    with GalleryShelf.open(tmp_path / "g.db", provider, read=clocks) as one:
        one.join(trusted())
        yield one


def store_of(folder: Path, clocks: Clocks) -> Store:
    return Store.open(folder / "g.db", KeyFile(folder / "g.key"), read=clocks)


def test_a_clock_that_stands_far_behind_is_not_to_be_trusted(
    tmp_path: Path, clocks: Clocks
) -> None:
    with store_of(tmp_path, clocks) as store:
        assert store.time() == Now(NOW_MS, trusted=True)
        clocks.set(wall_ms=NOW_MS + DAY_MS)
        assert store.time().trusted
        clocks.set(wall_ms=NOW_MS)
        assert store.time() == Now(NOW_MS + DAY_MS, trusted=False)


@pytest.mark.parametrize("leap_ms", [-YEARS_MS, -DAY_MS, 0, DAY_MS, YEARS_MS])
def test_once_a_signed_time_was_seen_no_setting_of_the_clock_moves_an_end(
    tmp_path: Path, clocks: Clocks, shelf: GalleryShelf, leap_ms: int
) -> None:
    heard_ms = shelf.trusted().floor_ms + 1_000
    shelf.commit(replace(putting(shelf.trusted(), [1], days=2), heard_ms=heard_ms))
    with store_of(tmp_path, clocks) as engine:
        clocks.set(wall_ms=NOW_MS + leap_ms)
        ends_ms = NOW_MS + 2 * DAY_MS
        clocks.pass_by(ends_ms - heard_ms - 1)
        assert engine.time() == Now(ends_ms - 1, trusted=True)
        assert engine.erase_over(engine.time().ms / 1000) == 0
        clocks.pass_by(1)
        assert engine.erase_over(engine.time().ms / 1000) == 1


def test_entries_end_on_their_second_also_when_the_lease_has_run_out(
    tmp_path: Path, clocks: Clocks, shelf: GalleryShelf
) -> None:
    shelf.commit(putting(shelf.trusted(), [1], days=59))
    clocks.pass_by(60 * DAY_MS)
    with store_of(tmp_path, clocks) as engine:
        assert engine.time().trusted
        assert engine.time().ms / 1000 > engine.head().expires_at
        assert engine.erase_over(engine.time().ms / 1000) == 1


def test_after_a_boot_an_old_signed_time_does_not_pass_for_a_new_one(
    tmp_path: Path, clocks: Clocks, shelf: GalleryShelf
) -> None:
    shelf.commit(putting(shelf.trusted(), [1]))
    clocks.set(boot_id="boot 2", boot_ms=1_000, wall_ms=NOW_MS - YEARS_MS)
    with (
        store_of(tmp_path, clocks) as engine,
        GalleryShelf.open(tmp_path / "g.db", KeyFile(tmp_path / "g.key"), read=clocks) as again,
    ):
        assert not engine.time().trusted
        known = again.trusted()
        again.commit(Step(replace(known, counter=known.counter + 1)))
        assert not engine.time().trusted
        again.commit(Step(grown(known, {}, now_ms=known.floor_ms + DAY_MS)))
        assert not engine.time().trusted
        again.commit(Step(again.trusted(), heard_ms=known.floor_ms + DAY_MS))
        assert engine.time() == Now(known.floor_ms + DAY_MS, trusted=True)


def test_the_ratchet_goes_on_between_signed_times(
    tmp_path: Path, clocks: Clocks, shelf: GalleryShelf
) -> None:
    shelf.commit(putting(shelf.trusted(), [1]))
    clocks.pass_by(10 * DAY_MS)
    with store_of(tmp_path, clocks) as engine:
        reached = engine.time()
        clocks.set(boot_id="boot 2", boot_ms=0, wall_ms=0, synchronised=False)
        assert engine.time() == Now(reached.ms, trusted=False)


def test_joining_forgets_what_an_unchecked_clock_had_said(tmp_path: Path, clocks: Clocks) -> None:
    clocks.set(wall_ms=NOW_MS + 5 * DAY_MS)
    with store_of(tmp_path, clocks) as store:
        store.time()
    provider = KeyFile(tmp_path / "g.key")
    with GalleryShelf.open(tmp_path / "g.db", provider, read=clocks) as shelf:
        shelf.join(trusted())
        with store_of(tmp_path, clocks) as store:
            assert store.time() == Now(NOW_MS, trusted=True)
        assert entry_id(1) not in shelf.held()
