"""``python -m fault_matrix.disk_worker KIND CALL HOW FOLDER SWITCH``: a list whose disk fails.

The same changes are made over and over, each time on a fresh copy of the same list; the first
time the first write (or sync, or read) fails, the next time the second, until none is left that
could. After each the disk is sound again and the list is looked through.
"""

import json
import shutil
import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from edge.errors import GalleryError
from edge.gallery.shelf import GalleryShelf
from edge.gallery.store import Store
from edge.keys.file import KeyFile
from simulator.shelf_samples import entry_id, lifting, putting, trusted
from sync.clock import Reading
from sync.entries import DAY_S, Category, Entry, Reason
from sync.liveset import State

NOW = 1_800_000_000.0
PHOTO = b"\xff\xd8" + bytes(9_000)
MOST = 1000
CALM = 25
"""Times in a row that nothing was refused, after which no call is left that could fail."""
Deed = Callable[[], None]


def still() -> Reading:
    """A clock that stands."""
    return Reading(round(NOW * 1000), 0, "boot", synchronised=True)


class Books:
    """What must be on a list, and what may or may not: a change that was refused can be either."""

    def __init__(self, listed: Collection[str] = ()) -> None:
        self.listed, self.doubtful = set(listed), set[str]()

    @contextmanager
    def came(self, *names: str) -> Iterator[None]:
        """Note that some come, or may have come if that is refused."""
        self.doubtful |= set(names)
        yield
        self.listed |= set(names)
        self.doubtful -= set(names)

    @contextmanager
    def went(self, name: str) -> Iterator[None]:
        """Note that somebody goes, or may have gone if that is refused."""
        self.doubtful |= {name}
        yield
        self.listed -= {name}
        self.doubtful -= {name}

    def wrong(self, found: set[str], damaged: list[tuple[str, str]]) -> str:
        """Say in what a list differs from what it must be."""
        wrong = (found ^ self.listed) - self.doubtful
        return f"{wrong} {damaged}" if wrong or damaged else ""


class OwnList:
    """The list of a unit on its own."""

    def __init__(self, folder: Path, books: Books) -> None:
        self._file, self._key = folder / "gallery.db", KeyFile(folder / "gallery.key")
        self._books = books

    def prepare(self) -> None:
        """Make it, with a few people on it."""
        for number in range(4):
            self._add(number)

    def deeds(self) -> Iterator[Deed]:
        """Give what is done to it."""
        yield lambda: self._add(10)
        yield lambda: self._lift(1)
        yield self._affirm
        yield lambda: self._add(11)
        yield lambda: self._lift(2)

    def wrong(self) -> str:
        """Say what is wrong with it."""
        with self._open() as store:
            found = {one.entry.entry_id for one in store.references()}
            return self._books.wrong(found, store.damaged())

    def _open(self) -> Store:
        return Store.open(self._file, self._key, read=still)

    def _add(self, number: int) -> None:
        one = Entry(f"{number:016x}", Category.BANNED, Reason.THEFT, NOW, NOW + DAY_S)
        with self._books.came(one.entry_id), self._open() as store:
            store.add(one, PHOTO, np.eye(2, 32, dtype=np.float32), "net")

    def _lift(self, number: int) -> None:
        with self._books.went(f"{number:016x}"), self._open() as store:
            store.lift(f"{number:016x}")

    def _affirm(self) -> None:
        with self._open() as store:
            store.affirm(NOW + 5)


class MembersList:
    """The list of a member of a consortium."""

    def __init__(self, folder: Path, books: Books) -> None:
        self._file, self._key = folder / "gallery.db", KeyFile(folder / "gallery.key")
        self._books = books

    def prepare(self) -> None:
        """Join, and hear of a few people."""
        with self._open() as shelf:
            shelf.join(trusted())
        self._put(1, 2, 3)

    def deeds(self) -> Iterator[Deed]:
        """Give what its hub tells it."""
        yield lambda: self._put(10, 11)
        yield lambda: self._lift(1)
        yield lambda: self._put(12)
        yield lambda: self._lift(2)

    def wrong(self) -> str:
        """Say what is wrong with it, also by the ledger it believes."""
        with self._open() as shelf:
            held, live = set(shelf.held()), shelf.trusted().ledger.live.items()
            believed = {name for name, one in live if one.state is not State.GONE}
            if held != believed:
                return f"held {held}, believed {believed}"
            return self._books.wrong(held, shelf.damaged())

    def _open(self) -> GalleryShelf:
        return GalleryShelf.open(self._file, self._key, read=still)

    def _put(self, *numbers: int) -> None:
        with self._books.came(*map(entry_id, numbers)), self._open() as shelf:
            shelf.commit(putting(shelf.trusted(), numbers))

    def _lift(self, number: int) -> None:
        with self._books.went(entry_id(number)), self._open() as shelf:
            shelf.commit(lifting(shelf.trusted(), [number]))


KINDS = {"own": OwnList, "member": MembersList}


def changed(one: OwnList | MembersList) -> list[str]:
    """Do all that is done to a list; give what was refused."""
    refused = []
    for deed in one.deeds():
        try:
            deed()
        except GalleryError as refusal:
            refused.append(str(refusal))
    return refused


def main(kind: str, call: str, how: str, folder: Path, switch: Path) -> None:
    """Fail the first call, the second, and so on; say what came of each."""
    books = Books()
    KINDS[kind](folder / "first", books).prepare()
    number = calm = 0
    while calm < CALM and number < MOST:
        number += 1
        work = folder / "work"
        shutil.copytree(folder / "first", work)
        one = KINDS[kind](work, Books(books.listed))
        switch.write_text(f"{call} {number} {how}")
        refused = changed(one)
        switch.unlink()
        print(json.dumps({"wrong": one.wrong(), "refused": refused}), flush=True)
        shutil.rmtree(work)
        calm = 0 if refused else calm + 1


if __name__ == "__main__":
    main(*sys.argv[1:4], *map(Path, sys.argv[4:]))
