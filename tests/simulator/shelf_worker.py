"""A unit's shelf at work until somebody kills it; run as ``python -m simulator.shelf_worker``.

For each line ``folder seed`` on standard input a child is forked that changes the shelf in that
folder without end, and says after each change what is true from then on. The next line kills it.
"""

import os
import random
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from edge.gallery.shelf import GalleryShelf
from edge.keys.file import KeyFile
from simulator.shelf_samples import entry, entry_id, grown, key, leaf
from sync.ledger import Ledger
from sync.liveset import Leaf, LiveSet, State
from sync.unit.shelf import KeptRecord, StagedPage, Staging, Step

PEOPLE = 40


def opened(folder: Path) -> GalleryShelf:
    """Open the shelf in a folder."""
    return GalleryShelf.open(folder / "gallery.db", KeyFile(folder / "gallery.key"))


class Worker:
    """Changes one shelf at random, always by whole and honest steps."""

    def __init__(self, shelf: GalleryShelf, seed: int) -> None:
        """Take a shelf that has joined."""
        self.shelf, self.chance = shelf, random.Random(seed)
        self.made = seed * 1_000_000

    def work(self, say: Callable[[str], None]) -> None:
        """Change it without end."""
        moves = [self.commit] * 6 + [self.snapshot] + [self.enter, self.report]
        while True:
            self.chance.choice(moves)()
            chain = self.shelf.trusted().ledger.chain
            say(f"{chain.seq} {self.shelf.trusted().counter}")

    def commit(self) -> None:
        """Put some on the list, take some off, contest some."""
        known, chance = self.shelf.trusted(), self.chance
        live = [n for n in range(PEOPLE) if self._stands(n)]
        gone = set(chance.sample(live, min(len(live), chance.randint(0, 2))))
        came = {chance.randrange(PEOPLE) for _ in range(chance.randint(1, 4))} - gone
        contested = set(chance.sample(live, min(len(live), 1))) - gone - came
        revision = chance.randint(1, 9)
        leaves = {entry_id(n): leaf(n, revision=revision) for n in came}
        leaves |= {entry_id(n): self._contested(n) for n in contested}
        leaves |= {entry_id(n): leaf(n, State.GONE) for n in gone}
        believed = grown(known, leaves)
        record = KeptRecord(believed.ledger.seq, entry_id(min(came, default=0)), key("w"), b"c")
        self.shelf.commit(
            Step(
                believed,
                leaves,
                tuple(entry(n, revision=revision) for n in sorted(came)),
                tuple(entry_id(n) for n in gone),
                tuple(entry_id(n) for n in contested),
                reports=((believed.counter, b"report"),) if gone else (),
                records=(record,),
            )
        )

    def snapshot(self) -> None:
        """Fetch a snapshot page by page and adopt it."""
        chance, pages = self.chance, self.chance.randint(2, 5)
        wanted = chance.sample(range(PEOPLE), 3 * pages)
        self.shelf.begin(
            Staging(key("manifest"), tuple(chance.randbytes(32) for _ in range(pages)))
        )
        for number in range(pages):
            mine = wanted[3 * number : 3 * number + 3]
            leaves = {entry_id(n): leaf(n, revision=7) for n in mine}
            put = tuple(entry(n, revision=7) for n in mine)
            self.shelf.stage([StagedPage(number, b"chain", leaves, put)])
        self._adopt()

    def _adopt(self) -> None:
        leaves = self.shelf.staged_leaves()
        known = grown(self.shelf.trusted(), {})
        believed = replace(known, ledger=Ledger(known.ledger.chain, LiveSet.of(leaves)))
        held = self.shelf.held().items()
        dropped = [name for name, one in held if name not in leaves and not one.provisional]
        self.shelf.adopt(Step(believed, leaves, erase=tuple(dropped)))

    def enter(self) -> None:
        """Enter somebody at the door, or hear that the hub has them."""
        self.made += 1
        self.shelf.add_locally(entry(self.made, provisional=True), b"wire")
        waiting = [name for name, _ in self.shelf.submissions()]
        self.shelf.taken(waiting[:-3])

    def report(self) -> None:
        """Send a report, and hear that another was heard."""
        known = self.shelf.trusted()
        self.shelf.commit(Step(replace(known, counter=known.counter + 1)))
        for number, _ in self.shelf.unheard()[:-2]:
            self.shelf.heard(number)

    def _stands(self, number: int) -> bool:
        found = self.shelf.trusted().ledger.live.get(entry_id(number))
        return found is not None and found.state is State.LIVE

    def _contested(self, number: int) -> Leaf:
        found = self.shelf.trusted().ledger.live.get(entry_id(number))
        assert found is not None
        return replace(found, state=State.CONTESTED)


def main() -> None:
    """Fork a worker for each line, and kill the one before."""
    child = 0
    for line in sys.stdin:
        if child:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            sys.stdout.write("killed\n")
            sys.stdout.flush()
            child = 0
        folder, _, seed = line.strip().rpartition(" ")
        if folder:
            child = os.fork()
            if not child:
                Worker(opened(Path(folder)), int(seed)).work(_say)


def _say(line: str) -> None:
    os.write(1, line.encode() + b"\n")


if __name__ == "__main__":
    main()
