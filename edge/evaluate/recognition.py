"""Verification and identification on a set of photographs, as one report."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from edge.evaluate.acquire import Acquisition
from edge.evaluate.curve import Point, det
from edge.evaluate.folds import Accuracy, by_list, by_people
from edge.evaluate.identification import Identified, identified, search, split
from edge.evaluate.photographs import EvaluationError, Pairs, Photographs
from edge.evaluate.verification import (
    Operating,
    Scores,
    all_pairs,
    drawn_anew,
    listed_pairs,
    operating,
)
from edge.intervals import Interval, Weights, spread

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
        accuracy: Share judged right at the threshold of other folds.
        at: True match rates by false match rate.
        det: Points of the detection error trade-off curve.
    """

    mated: int
    non_mated: int
    accuracy: Accuracy
    at: tuple[Operating, ...]
    det: tuple[Point, ...] = field(repr=False, default=())


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """The comparisons behind a verification.

    Attributes:
        scores: Every one of them.
        accuracy: Share judged right at the threshold of other folds.
    """

    scores: Scores
    accuracy: Accuracy


@dataclass(frozen=True, slots=True)
class Difference:
    """How much more one network matches than another at one false match rate.

    Attributes:
        fmr: The false match rate, which each network has at a threshold of its own.
        tmr: True match rate of the one less that of the other.
        interval: 95 % interval of the difference, the same people drawn for both.
    """

    fmr: float
    tmr: float
    interval: Interval


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


def compared(
    photographs: Photographs,
    acquisition: Acquisition,
    seed: int,
    advance: Callable[[float], None] = lambda _: None,
) -> Compared:
    """Compare every photograph with every other.

    Raises:
        EvaluationError: No two people, or nobody twice.
    """
    kept = acquisition.acquired
    templates, person = acquisition.templates[kept], photographs.person[kept]
    scores = all_pairs(templates, person, advance)
    return _compared(scores, lambda: by_people(templates, person, seed))


def compared_pairs(pairs: Pairs, acquisition: Acquisition) -> Compared:
    """Compare the pairs that a file lists.

    Raises:
        EvaluationError: No mated or no non-mated pair is left.
    """
    kept = acquisition.acquired[pairs.places].all(axis=1)
    places, same = pairs.places[kept], pairs.same[kept]
    first, second = acquisition.templates[places[:, 0]], acquisition.templates[places[:, 1]]
    values = np.einsum("nd,nd->n", first, second)
    scores = listed_pairs(values, same, pairs.photographs.person[places])
    return _compared(scores, lambda: by_list(values, same))


def _compared(scores: Scores, accurate: Callable[[], Accuracy]) -> Compared:
    if not len(scores.mated) or not scores.non_mated:
        raise EvaluationError(
            "nothing to compare: it takes two photographs of somebody, and one of somebody else"
        )
    return Compared(scores, accurate())


def verified(found: Compared, seed: int) -> Verification:
    """Sum comparisons up."""
    scores, drawn = found.scores, draws(found.scores.people, seed)
    points = (operating(scores, fmr, drawn) for fmr in FMRS)
    at = tuple(point for point in points if point is not None)
    return Verification(len(scores.mated), scores.non_mated, found.accuracy, at, det(scores))


def differences(one: Compared, other: Compared, seed: int) -> tuple[Difference, ...]:
    """Compare what two networks make of the same photographs, drawing the same people for both."""
    drawn = draws(one.scores.people, seed)
    both = [
        (operating(one.scores, fmr, drawn), operating(other.scores, fmr, drawn)) for fmr in FMRS
    ]
    return tuple(
        Difference(
            first.fmr,
            first.tmr - second.tmr,
            spread(
                drawn_anew(one.scores, first.fmr, drawn)
                - drawn_anew(other.scores, first.fmr, drawn)
            ),
        )
        for first, second in both
        if first is not None and second is not None
    )


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
