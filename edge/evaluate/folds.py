"""Accuracy as Labeled Faces in the Wild reports it: judged at the threshold of other folds. Pure.

Each of ten folds is judged at the threshold that is best on the other nine (Huang et al., 2007,
"image-restricted"). Where all pairs are compared, the folds are made of people, so that nobody
is in two of them, and mated and non-mated pairs count alike, as in the original list.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.vision.face import FloatArray

FOLDS = 10


@dataclass(frozen=True, slots=True)
class Accuracy:
    """A share of pairs judged right.

    Attributes:
        value: Mean over the folds.
        error: Standard error of that mean.
    """

    value: float
    error: float


@dataclass(frozen=True, slots=True, eq=False)
class _Fold:
    """Scores of one fold's pairs, rising."""

    mated: FloatArray
    non_mated: FloatArray

    def right(self, threshold: float) -> float:
        """Give the share judged right, both kinds counting alike."""
        missed = np.searchsorted(self.mated, threshold) / len(self.mated)
        rejected = np.searchsorted(self.non_mated, threshold) / len(self.non_mated)
        return float(1 - missed + rejected) / 2


def by_people(templates: FloatArray, person: NDArray[np.int64], seed: int) -> Accuracy:
    """Judge every pair within ten folds of people.

    Args:
        templates: float32[n, D], unit length.
        person: int64[n].
        seed: Puts the people into folds.

    Returns:
        Not a number where no two folds hold pairs of both kinds.
    """
    names, place = np.unique(person, return_inverse=True)
    fold = np.random.default_rng(seed).permutation(len(names))[place] % FOLDS
    folds = [_fold(templates[fold == one], person[fold == one]) for one in range(FOLDS)]
    folds = [one for one in folds if len(one.mated) and len(one.non_mated)]
    if len(folds) < 2:
        return Accuracy(float("nan"), float("nan"))
    return _mean(
        [judged.right(_best([one for one in folds if one is not judged])) for judged in folds]
    )


def by_list(scores: FloatArray, same: NDArray[np.bool_], folds: int = FOLDS) -> Accuracy:
    """Judge a list of pairs whose folds follow one another, as in LFW's own file.

    Args:
        scores: float32[n], in the file's order.
        same: bool[n], whether the pair is mated.
        folds: Number of folds.
    """
    right = []
    for fold in np.array_split(np.arange(len(scores)), min(folds, max(2, len(scores)))):
        others = np.setdiff1d(np.arange(len(scores)), fold)
        threshold = _best_threshold(scores[others], same[others])
        right.append(float(np.mean((scores[fold] >= threshold) == same[fold])))
    return _mean(right)


def _mean(right: list[float]) -> Accuracy:
    return Accuracy(float(np.mean(right)), float(np.std(right, ddof=1) / np.sqrt(len(right))))


def _fold(templates: FloatArray, person: NDArray[np.int64]) -> _Fold:
    """Compare everything within one fold."""
    one, other = np.triu_indices(len(person), 1)
    scores, same = (templates @ templates.T)[one, other], person[one] == person[other]
    return _Fold(np.sort(scores[same]), np.sort(scores[~same]))


def _best(folds: list[_Fold]) -> float:
    """Give the threshold at which most is judged right in all of some folds."""
    mated = np.sort(np.concatenate([fold.mated for fold in folds]))
    non_mated = np.sort(np.concatenate([fold.non_mated for fold in folds]))
    missed = np.arange(len(mated)) / len(mated)
    below = np.searchsorted(non_mated, mated)
    best = int(np.argmax(below / len(non_mated) - missed))
    # Half-way down to the next non-mated score: both kinds of unseen pairs have some room.
    return float(mated[best] + non_mated[max(0, int(below[best]) - 1)]) / 2


def _best_threshold(scores: FloatArray, same: NDArray[np.bool_]) -> float:
    """Give the score at which most pairs are judged right."""
    order = np.argsort(-scores, kind="stable")
    falling = scores[order]
    gained = np.cumsum(np.where(same[order], 1, -1))
    # Equal scores fall on the same side: only the last of them is a threshold.
    gained[:-1][falling[:-1] == falling[1:]] = 0
    best = int(np.argmax(gained))
    return float(falling[best]) if gained[best] > 0 else 2.0
