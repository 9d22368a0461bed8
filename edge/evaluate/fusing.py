"""What more templates of one person bring: several frames, weights by quality, mirrored faces.

Everybody with two photographs walks up as the second of them, degraded frame by frame as in the
simulated nights, and is compared with the first photograph of everybody. The same people and the
same frames serve every way of making one template of them, so the differences are of the ways.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edge.evaluate.acquire import Advance, each, subject
from edge.evaluate.degrade import walk_up
from edge.evaluate.lists import Listed
from edge.evaluate.photographs import EvaluationError
from edge.evaluate.recognition import draws
from edge.evaluate.verification import Scores, drawn_anew, listed_pairs
from edge.intervals import Interval, spread
from edge.photo import read_photo
from edge.vision import Engine
from edge.vision.face import FloatArray, Image, Quality

FRAMES = 8
FMR = 1e-3


@dataclass(frozen=True, slots=True)
class Way:
    """A way to make one template of somebody's usable faces.

    Attributes:
        name: What it is called.
        frames: How many of them it takes, the first ones, or fewer where there are fewer.
        best: Take only the best of them.
        weighted: Weigh them by quality.
        mirrored: Take each face mirrored as well.
        reference: Take the reference mirrored as well, which costs nothing at the door.
    """

    name: str
    frames: int = 1
    best: bool = False
    weighted: bool = False
    mirrored: bool = False
    reference: bool = False

    @property
    def templates(self) -> int:
        """How often the embedder runs for one person at the door."""
        return self.frames * (2 if self.mirrored else 1)


WAYS = (
    Way("one frame"),
    Way("one frame, reference mirrored too", reference=True),
    Way("one frame, both mirrored too", mirrored=True, reference=True),
    Way("best of 8", frames=8, best=True),
    Way("mean of 2", frames=2),
    Way("mean of 4", frames=4),
    Way("mean of 8", frames=8),
    Way("mean of 8 by quality", frames=8, weighted=True),
    Way("mean of 8 by quality, reference mirrored too", frames=8, weighted=True, reference=True),
    Way(
        "mean of 8 by quality, both mirrored too",
        frames=8,
        weighted=True,
        mirrored=True,
        reference=True,
    ),
)
"""The first is what the others are compared with."""


@dataclass(frozen=True, slots=True)
class Fused:
    """What one way brings.

    Attributes:
        way: The way.
        people: People it was tried on.
        tmr: True match rate where the false match rate is ``FMR``.
        interval: 95 % interval of it, the threshold being set anew each time.
        ahead: By how much it is more than that of the first way.
        ahead_interval: 95 % interval of this, the same people drawn for both.
    """

    way: Way
    people: int
    tmr: float
    interval: Interval
    ahead: float
    ahead_interval: Interval


@dataclass(frozen=True, slots=True, eq=False)
class Walked:
    """What the engine found of one person.

    Attributes:
        reference: float32[2, D], the reference photo and its mirror image.
        faces: float32[k, D], the usable faces.
        mirrored: float32[k, D], their mirror images.
        quality: float32[k].
    """

    reference: FloatArray
    faces: FloatArray
    mirrored: FloatArray
    quality: FloatArray


def fused(
    people: Sequence[Listed],
    engines: Sequence[Engine],
    seed: int,
    advance: Advance = lambda: None,
) -> tuple[Fused, ...]:
    """Try every way.

    Args:
        people: Everybody with two photographs.
        engines: One for each thread.
        seed: Makes the frames, and draws people for the intervals.
        advance: Told after each person.

    Raises:
        EvaluationError: Too few people have usable faces.
    """
    numbered = list(enumerate(people))

    def walk(engine: Engine, one: tuple[int, Listed]) -> Walked | None:
        return _walked(engine, one[1], np.random.default_rng([seed, one[0]]))

    found = [one for one in each(numbered, engines, walk, advance) if one is not None]
    return compared(found, seed)


def compared(found: Sequence[Walked], seed: int) -> tuple[Fused, ...]:
    """Compare every way's templates with everybody's reference.

    Args:
        found: What was found of each person.
        seed: Draws people for the intervals.

    Raises:
        EvaluationError: Too few people.
    """
    if len(found) * (len(found) - 1) * FMR < 1:
        raise EvaluationError(f"{len(found)} people with two usable photographs are too few")
    everybody, drawn = np.ones((1, len(found)), np.int64), draws(len(found), seed)
    scores = [_scores(found, way) for way in WAYS]
    tmr = [float(drawn_anew(one, FMR, everybody)[0]) for one in scores]
    again = [drawn_anew(one, FMR, drawn) for one in scores]
    return tuple(
        Fused(
            way,
            len(found),
            tmr[place],
            spread(again[place]),
            tmr[place] - tmr[0],
            spread(again[place] - again[0]),
        )
        for place, way in enumerate(WAYS)
    )


def _walked(engine: Engine, one: Listed, rng: np.random.Generator) -> Walked | None:
    """Look at one person; None where a reference or every frame has no usable face."""
    reference = _both(engine, read_photo(one.reference))
    seen = [_both(engine, frame) for frame in walk_up(read_photo(one.probe), FRAMES, rng)]
    faces = [face for face in seen if face is not None]
    if reference is None or not faces:
        return None
    return Walked(
        np.stack(reference[:2]),
        np.stack([face for face, _, _ in faces]),
        np.stack([mirrored for _, mirrored, _ in faces]),
        np.array([quality for _, _, quality in faces], np.float32),
    )


def _both(engine: Engine, pixels: Image) -> tuple[FloatArray, FloatArray, float] | None:
    """Make templates of a usable face and of its mirror image, and tell its quality."""
    face = _template(engine, pixels)
    if face is None or not face[1].usable:
        return None
    mirrored = _template(engine, np.ascontiguousarray(pixels[:, ::-1]))
    return face[0], (mirrored or face)[0], float(face[1])


def _template(engine: Engine, pixels: Image) -> tuple[FloatArray, Quality] | None:
    """Make the template of the person a picture is of."""
    face = subject(engine.faces(pixels), pixels.shape[1], pixels.shape[0])
    return None if face is None or face.template is None else (face.template, face.quality)


def _scores(found: Sequence[Walked], way: Way) -> Scores:
    """Compare everybody, seen in one way, with the references of all."""
    references = np.stack([_unit(one.reference[: 1 + way.reference]) for one in found])
    probes = np.stack([_probe(one, way) for one in found])
    pairs = np.argwhere(np.ones((len(found), len(found)), np.bool_))
    return listed_pairs((probes @ references.T).ravel(), pairs[:, 0] == pairs[:, 1], pairs)


def _probe(one: Walked, way: Way) -> FloatArray:
    """Make one template of a person's usable faces."""
    taken = slice(0, way.frames)
    if way.best:
        best = int(np.argmax(one.quality[taken]))
        taken = slice(best, best + 1)
    weights = one.quality[taken] if way.weighted else np.ones_like(one.quality[taken])
    faces = one.faces[taken] * weights[:, None]
    if way.mirrored:
        faces = np.concatenate([faces, one.mirrored[taken] * weights[:, None]])
    return _unit(faces)


def _unit(templates: FloatArray) -> FloatArray:
    """Bring the mean of templates to unit length."""
    total = templates.sum(axis=0)
    return np.asarray(total / max(float(np.linalg.norm(total)), 1e-6), np.float32)
