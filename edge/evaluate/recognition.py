"""Verification and identification on a set of photographs, as one report."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from edge.evaluate.acquire import Acquisition
from edge.evaluate.curve import Point, det
from edge.evaluate.identification import Identified, identified, search, split
from edge.intervals import Weights
from edge.evaluate.photographs import EvaluationError, Pairs, Photographs
from edge.evaluate.verification import (
    Operating,
    Scores,
    accuracy,
    all_pairs,
    cross_validated,
    listed_pairs,
    operating,
)

FMRS = (1e-2, 1e-3, 1e-4)
FPIRS = (1e-2, 1e-3)
REPLICATES = 500
"""Resamples of the people behind each interval."""


@dataclass(frozen=True, slots=True)
class Acquired:
    """How many photographs gave a template.

    Attributes:
        images: All of them.
        people: Whom they show.
        failures_to_acquire: Those without a face, unreadable ones included.
        unreadable: Files that are no photographs.
        not_usable: Faces that the quality gate would not let be compared at the door; here
            they are compared.
        flaws: How many of those have each flaw.
    """

    images: int
    people: int
    failures_to_acquire: int
    unreadable: int
    not_usable: int
    flaws: dict[str, int]


@dataclass(frozen=True, slots=True)
class Verification:
    """One-to-one comparison. Failures to acquire are left out and stated beside it.

    Attributes:
        mated: Pairs of one person.
        non_mated: Pairs of two people.
        accuracy: Share judged right: at the best threshold, both kinds counting alike; for a
            list of pairs at the threshold of the other folds.
        at: True match rates by false match rate.
        det: Points of the detection error trade-off curve.
    """

    mated: int
    non_mated: int
    accuracy: float
    at: tuple[Operating, ...]
    det: tuple[Point, ...] = field(repr=False, default=())


@dataclass(frozen=True, slots=True)
class Identification:
    """Open-set search. Failures to acquire count as misses.

    Attributes:
        gallery: References, one for each person.
        failures_to_enrol: People wanted in the gallery whose reference had no face.
        mated_probes: Probes of people in the gallery.
        non_mated_probes: Probes of others.
        failures_to_acquire: Mated and non-mated probes without a face.
        at: False negative rates by false positive rate.
    """

    gallery: int
    failures_to_enrol: int
    mated_probes: int
    non_mated_probes: int
    failures_to_acquire: tuple[int, int]
    at: tuple[Identified, ...]


def summed_up(photographs: Photographs, acquisition: Acquisition) -> Acquired:
    """Count what became of the photographs."""
    return Acquired(
        images=len(photographs.paths),
        people=photographs.people,
        failures_to_acquire=acquisition.failures,
        unreadable=acquisition.unreadable,
        not_usable=acquisition.flawed,
        flaws={str(flaw): count for flaw, count in sorted(acquisition.unusable.items())},
    )


def draws(people: int, seed: int) -> Weights:
    """Draw people with replacement, again and again: int64[REPLICATES, people]."""
    chances = np.full(people, 1 / people)
    return np.random.default_rng(seed).multinomial(people, chances, REPLICATES)


def verified(
    photographs: Photographs,
    acquisition: Acquisition,
    seed: int,
    advance: Callable[[float], None] = lambda _: None,
) -> Verification:
    """Compare every photograph with every other.

    Raises:
        EvaluationError: No two people, or nobody twice.
    """
    kept = acquisition.acquired
    scores = all_pairs(acquisition.templates[kept], photographs.person[kept], advance)
    return _verification(scores, accuracy, seed)


def verified_pairs(pairs: Pairs, acquisition: Acquisition, seed: int) -> Verification:
    """Compare the pairs that a file lists.

    Raises:
        EvaluationError: No mated or no non-mated pair is left.
    """
    kept = acquisition.acquired[pairs.places].all(axis=1)
    places, same = pairs.places[kept], pairs.same[kept]
    first, second = acquisition.templates[places[:, 0]], acquisition.templates[places[:, 1]]
    values = np.einsum("nd,nd->n", first, second)
    scores = listed_pairs(values, same, pairs.photographs.person[places])
    return _verification(scores, lambda _: cross_validated(values, same), seed)


def _verification(scores: Scores, accurate: Callable[[Scores], float], seed: int) -> Verification:
    if not len(scores.mated) or not scores.non_mated:
        raise EvaluationError(
            "nothing to compare: it takes two photographs of somebody, and one of somebody else"
        )
    drawn = draws(scores.people, seed)
    found = (operating(scores, fmr, drawn) for fmr in FMRS)
    at = tuple(point for point in found if point is not None)
    return Verification(len(scores.mated), scores.non_mated, accurate(scores), at, det(scores))


def searched(
    person: NDArray[np.int64], acquisition: Acquisition, gallery: int, seed: int
) -> Identification:
    """Search a seeded half of the people's other photographs in a gallery.

    Args:
        person: int64[n].
        acquisition: Their templates.
        gallery: People on the list.
        seed: Chooses them, and their references.

    Raises:
        EvaluationError: Nobody would be left outside the gallery.
    """
    order: Sequence[int] = np.random.default_rng(seed).permutation(len(person)).tolist()
    parts = split(person, gallery, order)
    if parts is None:
        raise EvaluationError(
            f"a gallery of {gallery} leaves nobody outside: ask for a smaller --gallery"
        )
    found = search(acquisition.templates, acquisition.acquired, person, parts)
    drawn = draws(int(person.max()) + 1, seed)
    rates = (identified(found, fpir, drawn) for fpir in FPIRS)
    return Identification(
        gallery=found.gallery,
        failures_to_enrol=found.failures_to_enrol,
        mated_probes=len(found.mated),
        non_mated_probes=len(found.non_mated),
        failures_to_acquire=found.failures_to_acquire,
        at=tuple(rate for rate in rates if rate is not None),
    )
