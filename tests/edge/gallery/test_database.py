"""One process may hold a file several times, beside others that come and go."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from edge.errors import GalleryError
from edge.gallery.store import Store
from edge.keys.file import KeyFile
from sync.entries import DAY_S, Category, Entry, Reason

NOW = 1_800_000_000.0
PHOTO = b"\xff\xd8 a photo"
TEMPLATE = np.eye(1, 16, dtype=np.float32)
ANOTHER = """
import importlib.util, sys
from pathlib import Path

spec = importlib.util.spec_from_file_location("tested", sys.argv[1])
tested = importlib.util.module_from_spec(spec)
spec.loader.exec_module(tested)
with tested.opened(Path(sys.argv[2])) as store:
    tested.add(store, int(sys.argv[3]))
"""


def opened(folder: Path) -> Store:
    """The gallery in a folder."""
    return Store.open(folder / "gallery.db", KeyFile(folder / "gallery.key"))


def add(store: Store, number: int) -> str:
    """Put somebody on the list."""
    entry = Entry(f"{number:016x}", Category.BANNED, Reason.THEFT, NOW, NOW + DAY_S)
    store.add(entry, PHOTO, TEMPLATE, "net")
    return entry.entry_id


def another_process_adds(folder: Path, number: int) -> None:
    """Put somebody on the list from a process that opens the file, and is the last to close it."""
    command = [sys.executable, "-c", ANOTHER, __file__, str(folder), str(number)]
    subprocess.run(command, check=True, timeout=60)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with opened(tmp_path) as one:
        yield one


def test_looking_at_a_photo_makes_nobody_deaf_to_what_others_change(
    store: Store, tmp_path: Path
) -> None:
    first = add(store, 1)
    with opened(tmp_path) as second:  # as whoever fetches a photo does
        assert second.photo(first) == PHOTO
    for number in (2, 3):
        another_process_adds(tmp_path, number)
        assert len(store.references()) == number


def test_what_is_written_after_looking_at_a_photo_is_there_for_everybody(
    store: Store, tmp_path: Path
) -> None:
    opened(tmp_path).close()
    another_process_adds(tmp_path, 1)
    add(store, 2)
    with opened(tmp_path) as fresh:
        assert len(fresh.references()) == 2


def test_a_file_that_was_cut_off_is_noticed_at_the_next_look(store: Store, tmp_path: Path) -> None:
    for number in range(40):
        add(store, number)
    store._file.forget_log()
    store.head()
    gallery = tmp_path / "gallery.db"
    with gallery.open("r+b") as file:
        file.truncate(gallery.stat().st_size // 2)
    with pytest.raises(GalleryError, match="it is damaged"):
        store.head()
