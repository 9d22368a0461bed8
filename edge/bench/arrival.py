"""Frames while a long list is read beside them: how long the one keeps the other waiting.

``python -m edge.bench.arrival`` takes a job as JSON on its standard input and answers with JSON.
The list is on the disk before; the thread that reads it is the unit's own.
"""

import sys
import threading
import time
from contextlib import closing
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import structlog

from edge.alerts import AlertBook
from edge.bench.frames import frames
from edge.bench.gallery import TEMPLATES, templates_of
from edge.capture.source import Frame
from edge.config import Budget, Decision
from edge.curves import impostor_curve
from edge.daemon import SWITCH_S
from edge.errors import DoorwatchError
from edge.gallery.draft import drafted
from edge.gallery.listfile import ListFile
from edge.gallery.records import Details
from edge.gallery.rows import sealed_entry
from edge.gallery.store import Store
from edge.gallery.template import pack
from edge.keys.file import KeyFile
from edge.listkeeper import ListKeeper, Measure
from edge.photo import read_photo
from edge.pipeline import InForce, Screening
from edge.vision import Engine, load_engine
from edge.vision.face import FloatArray, Image
from edge.vision.models.card import read_card
from edge.vision.track import Tracker
from sync.entries import Category, Reason

WARM_UP = 3
LONGEST_S = 120.0
_TERM_S = 30 * 86_400.0
_PHOTO = b"\xff\xd8" + bytes(8_000)


class Job(msgspec.Struct):
    """What to measure.

    Attributes:
        photo: A portrait of one person.
        entries: Entries on the list, with so many templates each as a good reference has.
        runs: Frames to screen before the list is read.
    """

    photo: str
    entries: int
    runs: int


class Screened(msgspec.Struct):
    """One frame, in seconds.

    Attributes:
        real_s: From taking it to its verdict.
        waited_s: Of these, neither at work nor behind other processes for a processor: for the
            interpreter or a lock, which only the list's thread may hold.
    """

    real_s: float
    waited_s: float


class Answer(msgspec.Struct):
    """What was measured.

    Attributes:
        failure: Why nothing could be; the rest is empty then.
        before: Frames with nothing beside them.
        beside: Frames while the list was read.
        seconds: From the first look at the list until all of it was compared with.
    """

    failure: str = ""
    before: list[Screened] = []
    beside: list[Screened] = []
    seconds: float = 0.0


class _Door:
    """Screens one frame after the other against what its list keeper has in force."""

    def __init__(self, engine: Engine, shown: list[Image], listed: InForce) -> None:
        self._screening = Screening(engine.watch(), Tracker(), AlertBook(0.0))
        self._shown, self._numbers = shown, count()
        self.listed = listed

    def screened(self) -> Screened:
        """Screen the next frame."""
        number, (ran, queued), began = next(self._numbers), _scheduled(), time.monotonic()
        frame = Frame(self._shown[number % len(self._shown)], began, number)
        self._screening.screen(frame, self.listed, frozenset())
        after, real_s = _scheduled(), time.monotonic() - began
        return Screened(real_s, max(0.0, real_s - (after[0] - ran) - (after[1] - queued)))


def measured(job: Job) -> Answer:
    """Do a job in this process."""
    sys.setswitchinterval(SWITCH_S)
    try:
        engine = load_engine("cpu", 1)
        shown = frames(read_photo(Path(job.photo)), engine)
    except DoorwatchError as error:
        return Answer(failure=f"frames beside a list: {error}")
    if not shown:
        return Answer(failure=f"{job.photo} does not show exactly one face: give another --photo")
    curve = impostor_curve(read_card("embed"))
    measure = Measure(engine.model_id, curve, Budget(), Decision(), engine.dimension)
    door = _Door(engine, shown, InForce(measure.rules(0)))
    with TemporaryDirectory(prefix="doorwatch-") as folder:
        path, keys = Path(folder) / "gallery.db", KeyFile(Path(folder) / "gallery.key")
        _fill(path, keys, measure.model_id, templates_of(job.entries * TEMPLATES, engine.dimension))
        before = [door.screened() for _ in range(-WARM_UP, job.runs)][WARM_UP:]
        with closing(ListKeeper(lambda: Store.open(path, keys), measure)) as keeper:
            return _beside(door, keeper, job, before)


def _beside(door: _Door, keeper: ListKeeper, job: Job, before: list[Screened]) -> Answer:
    """Screen until the whole list is compared with."""
    beside: list[Screened] = []
    began = time.monotonic()
    while len(keeper.in_force.entries) < job.entries:
        door.listed = keeper.in_force
        beside.append(door.screened())
        if time.monotonic() - began > LONGEST_S:
            return Answer(failure=f"the list was not read in {LONGEST_S:.0f} s: {keeper.trouble}")
    return Answer("", before, beside, time.monotonic() - began)


def _fill(path: Path, keys: KeyFile, model_id: str, templates: FloatArray) -> None:
    """Put people on a new list whose templates are nobody's."""
    now, each = time.time(), templates.reshape(-1, TEMPLATES, templates.shape[1])
    details = Details(Category.BANNED, Reason.THEFT, now, now + _TERM_S, model_id)
    with closing(ListFile(path, keys, now, _TERM_S)) as file, drafted(file) as draft:
        for number, rows in enumerate(each):
            draft.add(sealed_entry(file, f"{number:016x}", details, pack(rows), _PHOTO))
        draft.issue(issued_at=now, expires_at=now + _TERM_S)


def _scheduled() -> tuple[float, float]:
    """Tell for how many seconds this thread has run, and was ready to but had no processor."""
    told = Path(f"/proc/self/task/{threading.get_native_id()}/schedstat").read_text("utf-8")
    ran, queued, _ = (int(word) for word in told.split())
    return ran / 1e9, queued / 1e9


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    answer = measured(msgspec.json.decode(sys.stdin.buffer.read(), type=Job))
    sys.stdout.buffer.write(msgspec.json.encode(answer))
