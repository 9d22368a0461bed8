"""The part of an engine that a list concerns: reads the gallery, builds the index, says when.

``python -m sync.bench.index CONFIG`` answers the sync process as the engine does, and prints one
line of JSON for each change in force. There are no camera and no networks beside it, so that what
is measured is the list's way and not how busy the door is.
"""

import sys
import threading
import time
from pathlib import Path

import msgspec
from msgspec import Struct

from edge.config import Config
from edge.curves import impostor_curve
from edge.errors import LinkError
from edge.gallery.store import Store
from edge.keys.file import KeyFile
from edge.link import LinkServer
from edge.listkeeper import ListKeeper, Measure
from edge.process import begin, until_signalled
from edge.questions import AnyQuestion, RefreshQuestion
from edge.vision.models.card import read_card
from sync.bench.people import DIMENSION, MODEL

POLL_S = 0.05


class InForce(Struct, frozen=True):
    """What is compared against from this moment on.

    Attributes:
        at: When it was first seen in force; seconds of the machine's monotonic clock.
        entries: Entries in the index.
        new: Ids that were not in it before; not told where they are very many.
    """

    at: float
    entries: int
    new: tuple[str, ...] = ()


class Watch:
    """Asks the list keeper to look, as the sync process wishes, and says what is new."""

    def __init__(self, keeper: ListKeeper) -> None:
        """Say nothing yet."""
        self._keeper = keeper
        self._known: frozenset[str] = frozenset()
        self._turn = threading.Lock()

    def answer(self, question: AnyQuestion) -> object:
        """Answer the sync process.

        Raises:
            LinkError: It asks for something else than a look at the list.
        """
        if not isinstance(question, RefreshQuestion):
            raise LinkError("there is no door here, only a list")
        sequence = self._keeper.refresh()
        self.look()
        return sequence

    def look(self) -> None:
        """Print what came into force since the last look."""
        with self._turn:
            at, entries = time.monotonic(), self._keeper.in_force.entries
            ids = frozenset(entries)
            if ids == self._known:
                return
            new, self._known = ids - self._known, ids
            told = InForce(at, len(ids), tuple(sorted(new)) if len(new) < MANY else ())
            sys.stdout.buffer.write(msgspec.json.encode(told) + b"\n")
            sys.stdout.buffer.flush()


MANY = 100


def main(config: Path) -> None:
    """Keep the index of the unit that ``config`` describes until told to stop."""
    begin()
    stopping = until_signalled()
    settings = Config.load(config)
    places = settings.places()
    places.prepare()
    curve = impostor_curve(read_card("embed"))
    measure = Measure(MODEL, curve, settings.budget, settings.decision, DIMENSION)
    keeper = ListKeeper(lambda: Store.open(places.gallery, KeyFile(places.key_file)), measure)
    watch = Watch(keeper)
    server = LinkServer(places.engine_socket, watch.answer)
    while not stopping.wait(POLL_S):
        watch.look()
    server.close()
    keeper.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
