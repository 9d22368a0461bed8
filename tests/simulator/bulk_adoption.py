"""Ten thousand entries arrive; run as ``python -m simulator.bulk_adoption``.

Arguments: the folder of a unit that has joined, model id, numbers in a template, how many. It
works as the sync process does: in windows, each on the disk before the next, at low priority.
"""

import os
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from edge.gallery.shelf import GalleryShelf
from edge.gallery.template import pack
from edge.keys.file import KeyFile
from simulator.shelf_samples import entry, grown, key, leaf
from sync.unit.shelf import StagedPage, Staging, Step

A_PAGE, A_WINDOW = 6, 32
PHOTO_BYTES = 8_000


def pages(model_id: str, dimension: int, count: int) -> Iterator[StagedPage]:
    """Make the pages of a snapshot, entries with photos of their usual size."""
    chance = np.random.default_rng(1)
    photo, now_ms = b"\xff\xd8" + chance.bytes(PHOTO_BYTES), time.time_ns() // 1_000_000
    for number, first in enumerate(range(0, count, A_PAGE)):
        numbers = range(first, min(count, first + A_PAGE))
        made = []
        for one in numbers:
            raw = chance.normal(size=(1, dimension)).astype(np.float32)
            content = entry(one, photo=photo, now_ms=now_ms)
            templates = pack(raw / np.linalg.norm(raw))
            proposal = replace(content.proposal, templates=templates, model_id=model_id)
            made.append(replace(content, proposal=proposal))
        leaves = {one.proposal.entry_id: leaf(n) for n, one in zip(numbers, made, strict=True)}
        yield StagedPage(number, b"chain", leaves, tuple(made))


def main() -> None:
    """Stage all pages and adopt them; say when each part was done, in monotonic seconds."""
    folder, model_id, dimension, count = Path(sys.argv[1]), *sys.argv[2:5]
    os.nice(10)
    made = list(pages(model_id, int(dimension), int(count)))
    with GalleryShelf.open(folder / "gallery.db", KeyFile(folder / "gallery.key")) as shelf:
        shelf.begin(Staging(b"manifest", tuple(key(str(one.number)) for one in made)))
        _say("begun")
        for first in range(0, len(made), A_WINDOW):
            shelf.stage(made[first : first + A_WINDOW])
        _say("staged")
        leaves = shelf.staged_leaves()
        shelf.adopt(Step(grown(shelf.trusted(), leaves), leaves))
        _say("adopted")


def _say(what: str) -> None:
    sys.stdout.write(f"{what} {time.monotonic()}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
