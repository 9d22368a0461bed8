"""The shelf in the gallery's file: as the shelf in RAM promises, and nothing half there."""

import random
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from edge.errors import GalleryError, GalleryLockedError
from edge.gallery.shelf import GalleryShelf
from edge.gallery.store import Store
from edge.gallery.template import unpack
from edge.keys.file import KeyFile
from simulator.ram_shelf import RamShelf
from simulator.shelf_samples import (
    NOW_MS,
    VENUE,
    entry,
    entry_id,
    grown,
    key,
    leaf,
    putting,
    record_hash,
    template,
    trusted,
)
from sync.clock import Reading
from sync.entries import DAY_S, Category, Entry, Reason
from sync.liveset import State
from sync.unit.shelf import HeldEntry, Holding, KeptRecord, StagedPage, Staging, Step

OWN = Entry("f" * 16, Category.BANNED, Reason.THEFT, NOW_MS / 1000, NOW_MS / 1000 + DAY_S)
READING = Reading(NOW_MS, 5_000, "boot 1", synchronised=True)


def opened(folder: Path, *, anew: bool = False) -> GalleryShelf:
    """The shelf in a folder, at a time that stands still."""
    provider = KeyFile(folder / "gallery.key")
    return GalleryShelf.open(folder / "gallery.db", provider, anew=anew, read=lambda: READING)


def store_of(folder: Path) -> Store:
    """What the engine and the command line open."""
    provider = KeyFile(folder / "gallery.key")
    return Store.open(folder / "gallery.db", provider, read=lambda: READING)


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[GalleryShelf]:
    """The shelf of a unit that has just joined."""
    with opened(tmp_path) as one:
        one.join(trusted())
        yield one


def holding(one: HeldEntry) -> Holding:
    return Holding(one.record_hash, one.proposal.valid_until_ms, one.contested, one.provisional)


def test_a_unit_on_its_own_believes_nobody(tmp_path: Path) -> None:
    with opened(tmp_path) as shelf:
        assert not shelf.joined
        with pytest.raises(GalleryError, match="run doorwatch join"):
            shelf.trusted()


def test_what_is_believed_and_held_survives_a_restart(tmp_path: Path, shelf: GalleryShelf) -> None:
    step = putting(shelf.trusted(), [1, 2])
    shelf.commit(step)
    with opened(tmp_path) as again:
        for one in (shelf, again):
            assert one.joined
            assert one.trusted() == step.trusted
            assert one.held() == {entry_id(n): holding(entry(n)) for n in (1, 2)}


def test_the_engine_reads_what_the_shelf_holds(tmp_path: Path, shelf: GalleryShelf) -> None:
    shelf.commit(putting(shelf.trusted(), [1]))
    with store_of(tmp_path) as store:
        ((listed, _, model_id, standing),) = store.references()
        assert (listed.entry_id, model_id) == (entry_id(1), "model-a")
        assert listed.valid_until * 1000 == entry(1).proposal.valid_until_ms
        assert (standing.scope, standing.venue_id) == ("consortium", VENUE)
        assert standing.record_hash == record_hash(1)
        assert store.photo(entry_id(1)) == entry(1).proposal.photo
        head, reached = store.head(), shelf.trusted().reached
        assert reached is not None
        assert (head.joined, head.expires_at) == (True, reached.expires_ms / 1000)


def test_without_a_head_the_list_counts_for_nothing(tmp_path: Path, shelf: GalleryShelf) -> None:
    with store_of(tmp_path) as store:
        assert store.head().expires_at == 0


def test_a_newer_version_takes_the_place_of_the_older_with_its_photo(
    tmp_path: Path, shelf: GalleryShelf
) -> None:
    shelf.commit(putting(shelf.trusted(), [1]))
    newer = entry(1, revision=2)
    leaves = {entry_id(1): leaf(1, revision=2)}
    shelf.commit(Step(grown(shelf.trusted(), leaves), leaves, (newer,)))
    with store_of(tmp_path) as store:
        assert store.photo(entry_id(1)) == newer.proposal.photo
        assert store.head().entries == len(store.references()) == 1
    assert len(shelf._file.rows("SELECT 1 FROM photo")) == 1


def test_an_entry_made_here_is_held_until_the_ledger_has_it(
    tmp_path: Path, shelf: GalleryShelf
) -> None:
    shelf.add_locally(entry(1), b"signed proposal")
    assert shelf.held() == {entry_id(1): holding(entry(1, provisional=True))}
    with opened(tmp_path) as again:
        assert again.submissions() == [(entry_id(1), b"signed proposal")]
    with pytest.raises(GalleryError, match="on the list already"):
        shelf.add_locally(entry(1), b"signed proposal")
    shelf.commit(putting(shelf.trusted(), [1]))
    assert shelf.submissions() == []
    assert shelf.held() == {entry_id(1): holding(entry(1))}


def test_a_submission_that_was_taken_is_forgotten_and_its_entry_stays(shelf: GalleryShelf) -> None:
    for number in (1, 2):
        shelf.add_locally(entry(number), b"wire")
    shelf.taken([entry_id(1)])
    assert shelf.submissions() == [(entry_id(2), b"wire")]
    assert set(shelf.held()) == {entry_id(1), entry_id(2)}


def test_nothing_of_a_step_is_there_that_could_not_be_carried_out(shelf: GalleryShelf) -> None:
    before = shelf.trusted()
    shelf.commit(putting(before, [1]))
    known, held = shelf.trusted(), shelf.held()
    twice = putting(known, [2, 3])
    broken = replace(twice, reports=((1, b"report"), ("x", b"not a number")))  # type: ignore[arg-type]
    with pytest.raises(GalleryError):
        shelf.commit(broken)
    assert (shelf.trusted(), shelf.held(), shelf.unheard()) == (known, held, [])


def test_a_row_that_is_damaged_is_not_held(tmp_path: Path, shelf: GalleryShelf) -> None:
    shelf.commit(putting(shelf.trusted(), [1, 2]))
    with shelf._file.change() as database:
        database.execute(
            "UPDATE entry SET details = zeroblob(540) WHERE entry_id = ?", [entry_id(1)]
        )
    with opened(tmp_path) as again:
        assert set(again.held()) == {entry_id(2)}


def test_a_row_that_was_taken_out_is_missed(shelf: GalleryShelf) -> None:
    shelf.commit(putting(shelf.trusted(), [1, 2]))
    shelf.held()
    with shelf._file.change() as database:
        database.execute("DELETE FROM entry WHERE entry_id = ?", [entry_id(1)])
    with (
        opened(shelf._file.path.parent) as again,
        pytest.raises(GalleryError, match="some are gone"),
    ):
        again.held()


def test_what_the_engine_erased_is_held_no_longer(tmp_path: Path, shelf: GalleryShelf) -> None:
    shelf.commit(putting(shelf.trusted(), [1], days=1))
    shelf.commit(putting(shelf.trusted(), [2], days=3))
    assert len(shelf.held()) == 2
    with store_of(tmp_path) as store:
        assert store.erase_over(NOW_MS / 1000 + 2 * 86_400) == 1
    assert set(shelf.held()) == {entry_id(2)}


def test_a_destroyed_gallery_is_locked_for_everybody_and_joining_opens_it(
    tmp_path: Path, shelf: GalleryShelf
) -> None:
    shelf.commit(putting(shelf.trusted(), [1]))
    with store_of(tmp_path) as engine:
        shelf.destroy()
        with pytest.raises(GalleryLockedError, match="locked by the consortium"):
            engine.revision()
        with pytest.raises(GalleryLockedError):
            engine.references()
    for ask in (shelf.trusted, shelf.held):
        with pytest.raises(GalleryError):
            ask()
    for _ in range(2):
        with pytest.raises(GalleryLockedError, match="run doorwatch join"):
            store_of(tmp_path)
        with pytest.raises(GalleryLockedError):
            opened(tmp_path)
    with opened(tmp_path, anew=True) as again:
        again.join(trusted())
        again.commit(putting(trusted(), [2]))
        assert set(again.held()) == {entry_id(2)}


def test_nothing_readable_or_sealed_is_left_of_a_destroyed_gallery(
    tmp_path: Path, shelf: GalleryShelf
) -> None:
    shelf.commit(putting(shelf.trusted(), range(20)))
    rows = shelf._file.rows("SELECT data_key, head FROM list")[0]
    rows += shelf._file.rows("SELECT details, templates FROM entry")[3]
    rows += shelf._file.rows("SELECT sealed FROM photo")[3]
    shelf.destroy()
    raw = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert not [blob for blob in rows if blob[:16] in raw or blob[-16:] in raw]


def test_a_destroyed_key_is_cut_out_of_the_log_also_where_somebody_is_reading(
    tmp_path: Path, shelf: GalleryShelf
) -> None:
    shelf.commit(putting(shelf.trusted(), range(20)))
    wrapped = shelf._file.rows("SELECT data_key FROM list")[0][0]
    reader = sqlite3.connect(tmp_path / "gallery.db", isolation_level=None, check_same_thread=False)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM entry").fetchall()
    done = threading.Timer(0.3, lambda: (reader.execute("COMMIT"), reader.close()))
    done.start()
    shelf.destroy()
    done.join()
    assert wrapped not in b"".join(file.read_bytes() for file in tmp_path.iterdir())


def test_joining_keeps_the_entries_of_this_unit_alone_and_no_others(tmp_path: Path) -> None:
    with store_of(tmp_path) as store:
        store.add(OWN, b"\xff\xd8 own", unpack(template(9), ""), "model-a")
    with opened(tmp_path) as shelf:
        shelf.join(trusted())
        shelf.commit(putting(shelf.trusted(), [1]))
        assert set(shelf.held()) == {entry_id(1)}
        shelf.join(trusted())
        assert (shelf.held(), shelf.trusted()) == ({}, trusted())
    with store_of(tmp_path) as store:
        assert [one.entry for one in store.references()] == [OWN]


def test_on_a_joined_unit_the_list_is_changed_by_the_consortium_alone(
    tmp_path: Path, shelf: GalleryShelf
) -> None:
    shelf.commit(putting(shelf.trusted(), [1]))
    with store_of(tmp_path) as store:
        with pytest.raises(GalleryError, match="whose hub confirms the list"):
            store.affirm(NOW_MS / 1000)
        with pytest.raises(GalleryError, match="enter the person at the hub"):
            store.add(OWN, b"\xff\xd8 own", unpack(template(9), ""), "model-a")
        with pytest.raises(GalleryError, match="lift it at the hub"):
            store.lift(entry_id(1))
        assert [one.entry.entry_id for one in store.references()] == [entry_id(1)]


def test_an_entry_on_its_way_can_be_withdrawn_where_it_was_made(
    tmp_path: Path, shelf: GalleryShelf
) -> None:
    shelf.add_locally(entry(1), b"wire")
    with store_of(tmp_path) as store:
        store.lift(entry_id(1))
        assert store.references() == []
    assert (shelf.held(), shelf.submissions()) == ({}, [])


class Twins:
    """The same calls on the gallery's shelf and on the one in RAM."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder, self.chance = folder, random.Random(seed)
        self.file = opened(folder)
        self.file.join(trusted())
        self.ram = RamShelf(trusted())
        self.next, self.report = 0, 0

    def both(self, name: str, *words: object) -> None:
        for one in (self.file, self.ram):
            getattr(one, name)(*words)

    def some(self, ids: list[str]) -> list[str]:
        return self.chance.sample(ids, min(len(ids), self.chance.randint(0, 3)))

    def step(self) -> Step:
        """A step that does a little of everything."""
        held, chance = sorted(self.ram.held()), self.chance
        numbers = [chance.randrange(30) for _ in range(chance.randint(0, 4))]
        puts = tuple(entry(n, revision=chance.randint(1, 3)) for n in sorted(set(numbers)))
        self.report += 1
        leaves = {entry_id(n): leaf(n) for n in numbers}
        erase = tuple(self.some(held))
        leaves |= {name: leaf(0, State.GONE) for name in erase}
        believed = grown(self.ram.trusted(), leaves)
        seq = believed.ledger.seq
        return Step(
            believed,
            leaves,
            puts,
            erase,
            tuple(self.some(held)),
            tuple(self.some(held)),
            ((self.report, b"report %d" % self.report),) if chance.random() < 0.3 else (),
            (KeptRecord(seq, chance.choice([*held, ""]), key(f"wire {seq}"), b"content"),),
        )

    def commit(self) -> None:
        self.both("commit", self.step())

    def begin(self) -> None:
        known = self.ram.staging()
        digests = list(known.digests if known else ())[: self.chance.randint(0, 4)]
        digests += [self.chance.randbytes(32) for _ in range(self.chance.randint(1, 4))]
        self.both("begin", Staging(self.chance.randbytes(50), tuple(digests)))

    def stage(self) -> None:
        known = self.ram.staging()
        if known is None:
            return
        last = min(len(known.digests), known.staged + self.chance.randint(1, 3))
        self.both("stage", [self.page(number) for number in range(known.staged, last)])

    def page(self, number: int) -> StagedPage:
        numbers = sorted({self.chance.randrange(30) for _ in range(4)})
        puts = tuple(entry(n, revision=4 + number, contested=n % 7 == 0) for n in numbers)
        leaves = {entry_id(n): leaf(n, revision=4 + number) for n in numbers}
        return StagedPage(number, self.chance.randbytes(20), leaves, puts)

    def adopt(self) -> None:
        if self.ram.staging() is None:
            return
        leaves = self.ram.staged_leaves()
        believed = grown(trusted(), leaves)
        self.both("adopt", Step(believed, leaves, erase=tuple(self.some(sorted(leaves)))))

    def add_locally(self) -> None:
        self.next += 1
        self.both("add_locally", entry(1000 + self.next, provisional=True), b"wire %d" % self.next)

    def taken(self) -> None:
        self.both("taken", self.some([name for name, _ in self.ram.submissions()]))

    def heard(self) -> None:
        self.both("heard", self.chance.randint(0, self.report + 1))

    def restart(self) -> None:
        self.file.close()
        self.file = opened(self.folder)

    def agree(self) -> None:
        """See that both give the same answers, and that the engine reads what is held."""
        for name in ("trusted", "held", "staging", "staged_leaves", "unheard", "submissions"):
            assert getattr(self.file, name)() == getattr(self.ram, name)(), name
        assert self.file.records(0) == self.ram.records(0)
        with store_of(self.folder) as store:
            read = {one.entry.entry_id: one for one in store.references()}
            rows = self.ram.rows()
            assert {name for name, one in read.items() if not one.standing.contested} == (
                self.ram.matched()
            )
            assert all(store.photo(name) == rows[name].proposal.photo for name in rows)
        staged = self.file._file.rows("SELECT count(*) FROM staged_entry")[0][0]
        assert self.file._file.rows("SELECT count(*) FROM photo") == [(staged + len(rows),)]


@pytest.mark.parametrize("seed", range(6))
def test_the_shelf_does_as_the_one_in_ram(tmp_path: Path, seed: int) -> None:
    twins = Twins(tmp_path, seed)
    moves = [twins.commit] * 4 + [twins.begin] + [twins.stage] * 4 + [twins.adopt]
    moves += [twins.add_locally, twins.taken, twins.heard, twins.restart]
    for _ in range(60):
        twins.chance.choice(moves)()
        twins.agree()
    twins.file.close()
