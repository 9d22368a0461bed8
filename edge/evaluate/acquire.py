"""Photographs through the unit's own engine: templates in memory, failures counted."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from edge.errors import PhotoError
from edge.photo import read_photo
from edge.vision import Engine
from edge.vision.face import Face, Flaw, FloatArray

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")

Advance = Callable[[], None]
"""Told each time one more is done."""


@dataclass(frozen=True, slots=True, eq=False)
class Acquisition:
    """What photographs gave, in their order.

    Attributes:
        templates: float32[n, D]; zeros where there was no face.
        acquired: bool[n], whether a face was found and a template made.
        usable: bool[n], whether the face that was found would count at the door.
        unusable: How many acquired faces had each flaw; at the door they would not count.
        flawed: Acquired faces with any flaw.
        unreadable: Files that are no photographs; they count as failures to acquire.
    """

    templates: FloatArray
    acquired: NDArray[np.bool_]
    usable: NDArray[np.bool_]
    unusable: Counter[Flaw]
    flawed: int
    unreadable: int

    @property
    def failures(self) -> int:
        """Failures to acquire."""
        return int(np.sum(~self.acquired))


def acquire(
    paths: Sequence[Path], engines: Sequence[Engine], advance: Advance = lambda: None
) -> Acquisition:
    """Make a template of the person each photograph shows.

    Args:
        paths: Photographs, the person in the middle.
        engines: One for each thread that works.
        advance: Told after each photograph.
    """
    faces = list(each(paths, engines, _face_of, advance))
    templates = np.zeros((len(paths), engines[0].dimension), np.float32)
    acquired, usable = np.zeros(len(paths), np.bool_), np.zeros(len(paths), np.bool_)
    flaws: Counter[Flaw] = Counter()
    for place, face in enumerate(faces):
        if isinstance(face, Face) and face.template is not None:
            templates[place], acquired[place] = face.template, True
            usable[place] = face.quality.usable
            flaws.update(face.quality.reasons)
    flawed = int(np.sum(acquired & ~usable))
    unreadable = sum(isinstance(face, PhotoError) for face in faces)
    return Acquisition(templates, acquired, usable, flaws, flawed, unreadable)


def each(
    items: Sequence[Item],
    engines: Sequence[Engine],
    work: Callable[[Engine, Item], Outcome],
    advance: Advance = lambda: None,
) -> Iterator[Outcome]:
    """Work through items with as many threads as there are engines, in the items' order."""
    free: SimpleQueue[Engine] = SimpleQueue()
    for engine in engines:
        free.put(engine)

    def done(item: Item) -> Outcome:
        with _taken(free) as engine:
            outcome = work(engine, item)
        advance()
        return outcome

    with ThreadPoolExecutor(len(engines)) as threads:
        yield from threads.map(done, items)


@contextmanager
def _taken(free: "SimpleQueue[Engine]") -> Iterator[Engine]:
    """Hold an engine that nobody else uses."""
    engine = free.get()
    try:
        yield engine
    finally:
        free.put(engine)


def _face_of(engine: Engine, path: Path) -> Face | PhotoError | None:
    """Find the person on one photograph."""
    try:
        pixels = read_photo(path)
    except PhotoError as refusal:
        return refusal
    return subject(engine.faces(pixels), pixels.shape[1], pixels.shape[0])


def subject(faces: Sequence[Face], width: int, height: int) -> Face | None:
    """Pick the person a photograph is of: large, and near the middle.

    Args:
        faces: All faces in it.
        width: The photograph's, in pixels.
        height: The same.
    """

    def prominence(face: Face) -> float:
        x, y = face.centre
        return face.width - 2 * float(np.hypot(x - width / 2, y - height / 2))

    return max(faces, key=prominence, default=None)
