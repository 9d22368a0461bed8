"""The gallery on a disk that is full, read-only, or pulled out in the middle of it all."""

import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from edge.errors import GalleryError
from edge.gallery.store import Store
from edge.keys.file import KeyFile
from sync.clock import Reading
from sync.entries import DAY_S, Category, Entry, Reason

NOW = 1_800_000_000.0
PHOTO = b"\xff\xd8" + bytes(20_000)
TEMPLATES = np.eye(3, 192, dtype=np.float32)
KILLS = 36


def person(number: int) -> Entry:
    """An entry."""
    return Entry(f"{number:016x}", Category.BANNED, Reason.THEFT, NOW, NOW + DAY_S)


def opened(folder: Path) -> Store:
    """The gallery in a folder."""
    still = Reading(round(NOW * 1000), 0, "boot", synchronised=True)
    return Store.open(folder / "gallery.db", KeyFile(folder / "gallery.key"), read=lambda: still)


def mounted(folder: Path, *options: str) -> None:
    """Mount a small disk in memory, where this may be done."""
    command = ["mount", "-t", "tmpfs", *options, "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("mounting a small disk needs root")


PREAMBLE = """
    import resource, sys
    from importlib.util import module_from_spec, spec_from_file_location
    from pathlib import Path

    spec = spec_from_file_location("tested", sys.argv[1])
    tested = module_from_spec(spec)
    spec.loader.exec_module(tested)
    store = tested.opened(Path(sys.argv[2]))
"""
FILLING = """
    resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, 600_000))
    print(*tested.filled(store))
"""
ADDING = """
    number = int(sys.argv[3])
    while True:
        store.add(tested.person(number), tested.PHOTO, tested.TEMPLATES, "net")
        print(number, flush=True)
        if number % 3 == 0:
            store.lift(tested.person(number).entry_id)
            print(-number, flush=True)
        number += 1
"""


def child(script: str, folder: Path, *words: str) -> subprocess.Popen[str]:
    """Start a process of its own on the gallery in a folder."""
    text = textwrap.dedent(PREAMBLE) + textwrap.dedent(script)
    command = [sys.executable, "-c", text, __file__, str(folder), *words]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one megabyte."""
    mounted(tmp_path, "-o", "size=1m")
    yield tmp_path
    subprocess.run(["umount", "-l", str(tmp_path)], check=True)


def filled(store: Store) -> tuple[int, str]:
    """Add people until the disk refuses one: how many it took, and what was said."""
    for number in range(1000):
        try:
            store.add(person(number), PHOTO, TEMPLATES, "net")
        except GalleryError as refusal:
            return number, str(refusal)
    return 1000, "the disk never filled up"


def test_on_a_full_disk_nothing_is_lost_and_nothing_half_there(small_disk: Path) -> None:
    with opened(small_disk) as store:
        count, refusal = filled(store)
        assert count > 5
        assert refusal.endswith("the disk is full: make room and try again; nothing was changed")
        assert len(store.references()) == store.head().entries == count
        assert store._time.floor(NOW + DAY_S) == NOW + DAY_S
        for entry in store.entries(NOW):
            assert store.photo(entry.entry_id) == PHOTO
    with opened(small_disk) as again:
        assert len(again.references()) == count


def test_on_a_disk_that_is_full_for_one_file_nothing_is_lost(tmp_path: Path) -> None:
    taken = child(FILLING, tmp_path).communicate(timeout=60)[0]
    count, refusal = taken.rstrip("\n").split(" ", 1)
    assert "nothing was changed" in refusal
    with opened(tmp_path) as store:
        assert len(store.references()) == int(count) > 5


def test_on_a_read_only_disk_the_list_is_read_and_every_change_refused(small_disk: Path) -> None:
    with opened(small_disk) as store:
        store.add(person(1), PHOTO, TEMPLATES, "net")
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with opened(small_disk) as store:
        assert not store.writable
        assert store.entries(NOW) == (person(1),)
        assert store.photo(person(1).entry_id) == PHOTO
        assert store._time.floor(NOW + 1000) == NOW + 1000
        changes = (
            lambda: store.add(person(2), PHOTO, TEMPLATES, "net"),
            lambda: store.lift(person(1).entry_id),
            lambda: store.affirm(NOW),
        )
        for change in changes:
            with pytest.raises(GalleryError, match="the disk is read-only"):
                change()


def test_a_read_only_disk_without_a_gallery_is_one_line(small_disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(GalleryError, match="Read-only file system"):
        opened(small_disk)


@pytest.mark.slow
def test_no_entry_is_lost_or_half_there_after_a_kill_at_any_moment(tmp_path: Path) -> None:
    there: set[int] = set()
    moments = np.random.default_rng(5).uniform(0.0, 0.1, KILLS)
    for turn, moment in enumerate(moments, 1):
        first = turn * 100_000
        running = child(ADDING, tmp_path, str(first))
        assert running.stdout
        running.stdout.readline()
        time.sleep(float(moment))
        running.kill()
        lines = running.communicate()[0].splitlines(keepends=True)
        said = {first} | {int(line) for line in lines if line.endswith("\n")}
        there = after_a_kill(tmp_path, there, said)
    assert len(there) > KILLS


def after_a_kill(folder: Path, before: set[int], said: set[int]) -> set[int]:
    """See that all that was said to be done is done, and nothing is half there."""
    lifted = {-number for number in said if number < 0}
    with opened(folder) as store:
        there = {int(entry.entry_id, 16) for entry, *_ in store.references()}
        assert all(store.photo(person(number).entry_id) == PHOTO for number in there - before)
    assert before <= there
    assert not lifted & there
    # The last one may have been lifted already, but not yet said so.
    lost = {number for number in said if number > 0} - lifted - there
    assert lost <= {number for number in said if number % 3 == 0 and number == max(said)}
    # And the last one may be there already, but not yet said so.
    assert len(there - before - said) <= 1
    return there


@pytest.mark.slow
def test_a_kill_while_the_gallery_is_being_made_leaves_one_that_can_be_made(
    tmp_path: Path,
) -> None:
    for moment in np.linspace(0.2, 0.7, 8):
        folder = tmp_path / f"{moment:.3f}"
        running = child(ADDING, folder, "1")
        time.sleep(float(moment))
        running.kill()
        running.communicate()
        with opened(folder) as store:
            assert store.head().entries == len(store.references())


def test_processes_that_open_a_new_gallery_at_once_all_get_it(tmp_path: Path) -> None:
    def opened(number: int) -> int:
        folder = tmp_path / str(number // 4)
        with Store.open(folder / "g.db", KeyFile(folder / "g.key")) as store:
            return len(store.entries(0.0))

    for number in range(40):
        (tmp_path / str(number)).mkdir()
    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(opened, range(160))) == 0
