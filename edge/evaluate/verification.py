"""One-to-one comparison: every pair of images, and how often mated ones match. Pure.

All pairs are compared in blocks, so that memory does not grow with their number. Scores of
non-mated pairs are kept as a histogram, and one by one only where thresholds can lie.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.intervals import Interval, Rate, Weights, resampled, spread
from edge.vision.face import FloatArray

BINS = 20_000
"""Cells of the non-mated histogram, over [-1, 1]."""

TAIL = 0.03
"""Share of the highest non-mated scores that is kept one by one."""

_BLOCK = 256

People = NDArray[np.int64]
"""int64[n]: the number of each image's person, counted from 0."""


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """What comparing pairs of images gave.

    Attributes:
        people: How many there are.
        images: int64[people], images of each person that were compared.
        mated: float32[m], scores of pairs of one person.
        mated_person: int64[m], that person.
        histogram: int64[BINS], non-mated scores over [-1, 1].
        tail: float32[t], the highest non-mated scores, highest first.
        tail_people: int64[t, 2], the two people of each.
    """

    people: int
    images: NDArray[np.int64]
    mated: FloatArray
    mated_person: People
    histogram: NDArray[np.int64]
    tail: FloatArray
    tail_people: NDArray[np.int64]

    @property
    def non_mated(self) -> int:
        """Number of non-mated pairs."""
        return int(self.histogram.sum())


@dataclass(frozen=True, slots=True)
class Operating:
    """The share of mated pairs that match where so few non-mated ones do.

    Attributes:
        fmr: The false match rate asked for.
        threshold: The lowest score that counts as a match.
        tmr: True match rate at it.
        interval: 95 % interval of the true match rate, threshold and all, over people.
    """

    fmr: float
    threshold: float
    tmr: float
    interval: Interval


def all_pairs(
    templates: FloatArray, person: People, advance: Callable[[float], None] = lambda _: None
) -> Scores:
    """Compare every image with every other.

    Args:
        templates: float32[n, D], unit length.
        person: int64[n].
        advance: Told the share done, 0 to 1, as it goes.
    """
    histogram = np.zeros(BINS, np.int64)
    mated, owners = [], []
    rows = max(1, len(person))
    for start, scores, one, other in _blocks(templates, person):
        same = one == other
        mated.append(scores[same])
        owners.append(one[same])
        histogram += np.bincount(_cell(scores[~same]), minlength=BINS)
        advance(start / rows / 2)
    floor = _floor(histogram)
    high, pairs = _above(templates, person, floor, advance)
    people = int(person.max()) + 1 if len(person) else 0
    return Scores(
        people,
        np.bincount(person, minlength=people),
        np.concatenate([*mated, np.zeros(0, np.float32)]),
        np.concatenate([*owners, np.zeros(0, np.int64)]),
        histogram,
        high,
        pairs,
    )


def listed_pairs(scores: FloatArray, same: NDArray[np.bool_], pairs: NDArray[np.int64]) -> Scores:
    """Take comparisons that a file asked for.

    Args:
        scores: float32[n].
        same: bool[n], whether the pair is mated.
        pairs: int64[n, 2], the two people of each.
    """
    people = int(pairs.max()) + 1 if len(pairs) else 0
    order = np.argsort(-scores[~same], kind="stable")
    return Scores(
        people,
        np.bincount(pairs.ravel(), minlength=people),
        scores[same],
        pairs[same, 0],
        np.bincount(_cell(scores[~same]), minlength=BINS),
        scores[~same][order],
        pairs[~same][order],
    )


def _blocks(
    templates: FloatArray, person: People
) -> Iterator[tuple[int, FloatArray, People, People]]:
    """Give each pair once: scores and the two people, some rows at a time."""
    for start in range(0, len(person), _BLOCK):
        rows = slice(start, start + _BLOCK)
        scores = templates[rows] @ templates[start:].T
        first, second = np.triu_indices(len(scores), 1, scores.shape[1])
        yield start, scores[first, second], person[rows][first], person[start:][second]


def _above(
    templates: FloatArray, person: People, floor: float, advance: Callable[[float], None]
) -> tuple[FloatArray, NDArray[np.int64]]:
    """Collect the non-mated pairs that score at least ``floor``, highest first."""
    high, pairs = [np.zeros(0, np.float32)], [np.zeros((0, 2), np.int64)]
    for start, scores, one, other in _blocks(templates, person):
        kept = (one != other) & (scores >= floor)
        high.append(scores[kept])
        pairs.append(np.stack([one[kept], other[kept]], axis=1))
        advance(0.5 + start / len(person) / 2)
    scores, people = np.concatenate(high), np.concatenate(pairs)
    order = np.argsort(-scores, kind="stable")
    return scores[order], people[order]


def _cell(scores: FloatArray) -> NDArray[np.int64]:
    """Give the histogram's cell of each score."""
    return np.clip((scores + 1) / 2 * BINS, 0, BINS - 1).astype(np.int64)


def _floor(histogram: NDArray[np.int64]) -> float:
    """Give a score that the highest share ``TAIL`` of all non-mated pairs reaches."""
    reached = np.cumsum(histogram[::-1])[::-1]
    cells = np.flatnonzero(reached >= max(1.0, TAIL * float(histogram.sum())))
    return float(cells[-1]) / BINS * 2 - 1 if len(cells) else -1.0


def operating(scores: Scores, fmr: float, draws: Weights) -> Operating | None:
    """Find the true match rate where the false match rate is at most ``fmr``.

    Args:
        scores: All comparisons.
        fmr: At most ``TAIL``.
        draws: int64[replicates, people], for the interval.

    Returns:
        None where there are no mated pairs, or too few non-mated ones to tell.
    """
    if not len(scores.mated) or scores.non_mated * fmr < 1:
        return None
    threshold = _threshold(scores.tail, np.ones(len(scores.tail)), scores.non_mated * fmr)
    tmr = float(np.mean(scores.mated >= threshold))
    return Operating(fmr, threshold, tmr, spread(drawn_anew(scores, fmr, draws)))


def drawn_anew(scores: Scores, fmr: float, draws: Weights) -> NDArray[np.float64]:
    """Give the true match rate in each resample of the people, the threshold set anew.

    Args:
        scores: All comparisons.
        fmr: At most ``TAIL``.
        draws: int64[replicates, people].
    """
    return np.array([_resample(scores, fmr, drawn) for drawn in draws])


def at_threshold(scores: Scores, threshold: float, draws: Weights) -> Rate:
    """Give the true match rate at a threshold that comes from elsewhere.

    Args:
        scores: All comparisons.
        threshold: The lowest score that counts as a match.
        draws: int64[replicates, people], for the interval.
    """
    people = draws.shape[1]
    matched = np.bincount(scores.mated_person, scores.mated >= threshold, minlength=people)
    tried = np.bincount(scores.mated_person, minlength=people)
    return resampled(matched.astype(np.int64), tried, draws)


def _threshold(tail: FloatArray, weights: NDArray[np.float64], allowed: float) -> float:
    """Give the lowest threshold that at most ``allowed`` of the weighted tail reaches."""
    over = int(np.searchsorted(np.cumsum(weights), allowed, side="right"))
    if over >= len(tail):
        return float(tail[-1])
    return float(np.nextafter(tail[over], np.float32(2)))


def _resample(scores: Scores, fmr: float, drawn: NDArray[np.int64]) -> float:
    """Give the true match rate among people drawn with these weights.

    A pair of two people weighs the product of theirs; a person drawn twice is never compared
    with themself as if they were two.
    """
    weights = drawn[scores.tail_people].prod(axis=1).astype(np.float64)
    total = float(weights.sum())
    if len(weights) < scores.non_mated:
        images = (drawn * scores.images).astype(np.float64)
        total = (images.sum() ** 2 - (images**2).sum()) / 2
    threshold = _threshold(scores.tail, weights, total * fmr)
    weight = drawn[scores.mated_person]
    return float(weight[scores.mated >= threshold].sum() / weight.sum()) if weight.sum() else np.nan


def rates(scores: Scores) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give FMR and FNMR, float64[BINS] each, at the lower edge of each histogram cell."""
    mated = np.bincount(_cell(scores.mated), minlength=BINS)
    below = np.concatenate([[0], np.cumsum(mated)[:-1]])
    reached = np.cumsum(scores.histogram[::-1])[::-1]
    return reached / max(1, scores.non_mated), below / max(1, len(scores.mated))
