"""Open-set search: who of a gallery is found, and who rings that is not in it. Pure.

FPIR and FNIR mean nothing without the gallery's size, so it stands beside each figure. A probe
in which no face was found counts: as a miss for a mated one, as silence for a non-mated one
(failure to acquire inside FNIR, as in NIST's FRTE 1:N).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.intervals import Rate, Weights, resampled, spread
from edge.vision.face import FloatArray

_BLOCK = 4096
_SILENT = -2.0


@dataclass(frozen=True, slots=True)
class Split:
    """Which image plays which part.

    Attributes:
        references: One image for each person of the gallery.
        mated: Probes of people in the gallery.
        non_mated: Probes of everyone else.
    """

    references: tuple[int, ...]
    mated: tuple[int, ...]
    non_mated: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Searches:
    """What searching a gallery gave.

    Attributes:
        gallery: Number of references, failures to enrol left out.
        failures_to_enrol: People whose reference had no face.
        mated: float32[m], score of each mated probe against its own person; -2 for a probe
            without a face, and where another entry scored higher.
        mated_person: int64[m].
        non_mated: float32[k], best score of each non-mated probe; -2 for one without a face.
        non_mated_person: int64[k].
        failures_to_acquire: Probes without a face, mated and non-mated.
    """

    gallery: int
    failures_to_enrol: int
    mated: FloatArray
    mated_person: NDArray[np.int64]
    non_mated: FloatArray
    non_mated_person: NDArray[np.int64]
    failures_to_acquire: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Identified:
    """Misses at a false positive rate.

    Attributes:
        asked_fpir: The rate asked for.
        threshold: The lowest score that counts as a candidate.
        fpir: What was realised at it.
        fnir: Misses at it, with an interval over people, the threshold being set anew each time.
        gallery: The gallery's size, without which the rates mean nothing.
    """

    asked_fpir: float
    threshold: float
    fpir: Rate
    fnir: Rate
    gallery: int


def split(person: NDArray[np.int64], gallery: int, order: Sequence[int]) -> Split | None:
    """Choose who is in the gallery.

    People with several images come first, for only they have mated probes; of each the image
    that comes first is the reference.

    Args:
        person: int64[n], the person of each image.
        gallery: People wanted.
        order: All images, shuffled by the caller.

    Returns:
        None where nobody would be left outside the gallery.
    """
    images: dict[int, list[int]] = {}
    for image in order:
        images.setdefault(int(person[image]), []).append(image)
    ranked = sorted(images.values(), key=lambda own: len(own) == 1)
    listed, others = ranked[:gallery], ranked[gallery:]
    if not others or not listed:
        return None
    return Split(
        tuple(own[0] for own in listed),
        tuple(image for own in listed for image in own[1:]),
        tuple(image for own in others for image in own),
    )


def search(
    templates: FloatArray, acquired: NDArray[np.bool_], person: NDArray[np.int64], parts: Split
) -> Searches:
    """Search every probe in the gallery.

    Args:
        templates: float32[n, D], unit length; anything where there was no face.
        acquired: bool[n], whether there was a face.
        person: int64[n].
        parts: Who plays which part.
    """
    references = np.array([i for i in parts.references if acquired[i]], np.int64)
    mated, non_mated = np.array(parts.mated, np.int64), np.array(parts.non_mated, np.int64)
    found, who = _best(templates, mated, references)
    right = acquired[mated] & (who >= 0)
    right[right] = person[references[who[right]]] == person[mated[right]]
    strangers, _ = _best(templates, non_mated, references)
    return Searches(
        len(references),
        len(parts.references) - len(references),
        np.where(right, found, np.float32(_SILENT)),
        person[mated],
        np.where(acquired[non_mated], strangers, np.float32(_SILENT)),
        person[non_mated],
        (int(np.sum(~acquired[mated])), int(np.sum(~acquired[non_mated]))),
    )


def _best(
    templates: FloatArray, probes: NDArray[np.int64], references: NDArray[np.int64]
) -> tuple[FloatArray, NDArray[np.int64]]:
    """Give each probe's best score and the place of that reference; -2 and -1 without any."""
    score = np.full(len(probes), _SILENT, np.float32)
    place = np.full(len(probes), -1, np.int64)
    if not len(references):
        return score, place
    gallery = templates[references].T
    for start in range(0, len(probes), _BLOCK):
        rows = slice(start, start + _BLOCK)
        scores = templates[probes[rows]] @ gallery
        place[rows] = scores.argmax(axis=1)
        score[rows] = scores.max(axis=1)
    return score, place


def identified(searches: Searches, fpir: float, draws: Weights) -> Identified | None:
    """Find the misses where at most ``fpir`` of the non-mated probes find a candidate.

    Args:
        searches: All searches.
        fpir: The rate asked for.
        draws: int64[replicates, people].

    Returns:
        None where there are too few non-mated probes to tell, or no mated one.
    """
    if not len(searches.mated) or len(searches.non_mated) * fpir < 1:
        return None
    descending = np.argsort(-searches.non_mated, kind="stable")
    scores, owner = searches.non_mated[descending], searches.non_mated_person[descending]
    threshold = _threshold(scores, np.ones(len(scores), np.int64), fpir)
    missed = searches.mated < threshold
    again = np.array([_missed(searches, scores, drawn[owner], drawn, fpir) for drawn in draws])
    return Identified(
        fpir,
        threshold,
        _by_person(searches.non_mated >= threshold, searches.non_mated_person, draws),
        Rate(int(missed.sum()), len(missed), spread(again)),
        searches.gallery,
    )


def _threshold(descending: FloatArray, weights: NDArray[np.int64], fpir: float) -> float:
    """Give the lowest threshold that at most the share ``fpir`` of the weights reaches."""
    reached = np.cumsum(weights)
    over = int(np.searchsorted(reached, fpir * float(reached[-1]), side="right"))
    return float(np.nextafter(descending[min(over, len(descending) - 1)], np.float32(2)))


def _missed(
    searches: Searches,
    descending: FloatArray,
    weights: NDArray[np.int64],
    drawn: Weights,
    fpir: float,
) -> float:
    """Give the share of misses among people drawn with these weights."""
    mated = drawn[searches.mated_person]
    if not weights.sum() or not mated.sum():
        return float("nan")
    threshold = _threshold(descending, weights, fpir)
    return float(mated[searches.mated < threshold].sum() / mated.sum())


def _by_person(events: NDArray[np.bool_], person: NDArray[np.int64], draws: Weights) -> Rate:
    """Give a rate of probes with an interval over their people."""
    people = draws.shape[1]
    happened = np.bincount(person, weights=events, minlength=people).astype(np.int64)
    return resampled(happened, np.bincount(person, minlength=people), draws)
