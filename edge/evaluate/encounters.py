"""Encounters without a camera: faces are found once, and screened against any gallery.

The faces of each encounter are what the unit's own engine finds in degraded frames; tracker,
fusion, search and rules are the unit's own too, reached through ``edge.pipeline``.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edge.alerts import AlertBook
from edge.capture.source import Frame
from edge.decision import Candidate, Decision, Verdict
from edge.evaluate.acquire import subject
from edge.evaluate.alerts import Outcome
from edge.evaluate.degrade import walk_up
from edge.photo import read_photo
from edge.pipeline import InForce, Screening
from edge.vision import Engine
from edge.vision.face import Face, Image
from edge.vision.track import Tracker

SPACING_S = 0.4
"""Between the frames of one person: fewer frames than a door takes, as far apart as the tracker
allows, for frames that are closer say the same again."""

_NO_PIXELS: Image = np.zeros((1, 1, 3), np.uint8)


@dataclass(frozen=True, slots=True, eq=False)
class Encounter:
    """What the engine found of one person, frame by frame.

    Attributes:
        faces: The person's face in each frame, or none.
    """

    faces: tuple[tuple[Face, ...], ...]


@dataclass(frozen=True, slots=True)
class Walk:
    """One person who will walk up.

    Attributes:
        photo: What they look like.
        frames: In how many frames they are seen.
        seed: Makes their frames, together with ``number``.
        number: Which person of the night they are.
    """

    photo: Path
    frames: int
    seed: int
    number: int


def seen(engine: Engine, walk: Walk) -> Encounter:
    """Let the engine look at the frames of one person; bystanders in the photo are left out."""
    rng = np.random.default_rng([walk.seed, walk.number])
    faces: list[tuple[Face, ...]] = []
    for frame in walk_up(read_photo(walk.photo), walk.frames, rng):
        found = subject(engine.faces(frame), frame.shape[1], frame.shape[0])
        faces.append(() if found is None else (found,))
    return Encounter(tuple(faces))


class _Replay:
    """Gives the faces of an encounter frame by frame, as the engine once found them."""

    def __init__(self, encounter: Encounter) -> None:
        self._left = iter(encounter.faces)

    def faces(self, rgb: Image, *, embed: bool = True) -> list[Face]:
        """Give the faces of the next frame, whatever its pixels."""
        del rgb, embed
        return list(next(self._left))


def screened(encounter: Encounter, in_force: InForce) -> Outcome:
    """Screen one encounter against a gallery, as the pipeline of the door does.

    Where the tracker took one person for two, the worse verdict counts: it is what shows.
    """
    screening = Screening(_Replay(encounter), Tracker(), AlertBook(0.0))
    worst: Decision | None = None
    for number in range(len(encounter.faces)):
        frame = Frame(_NO_PIXELS, number * SPACING_S, number)
        for decision in screening.screen(frame, in_force, frozenset()):
            if worst is None or (decision.verdict or 0) >= (worst.verdict or 0):
                worst = decision
    return _outcome(worst, screening)


def _outcome(worst: Decision | None, screening: Screening) -> Outcome:
    tracks = screening.counts["encounters"]
    if worst is None or worst.verdict is None:
        return Outcome(None, None, tracks)
    return Outcome(worst.verdict, _who(worst.verdict, worst.candidate), tracks)


def _who(verdict: Verdict, candidate: Candidate | None) -> str | None:
    """Name the entry that an alert is about."""
    return candidate.entry_id if candidate is not None and verdict >= Verdict.CHECK else None
