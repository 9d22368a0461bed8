"""How often strangers score alike, further out than a group's own comparisons reach.

A group of some 320 people gives 50,000 comparisons, too few for rates below one in a thousand;
and among photographs that a web crawl gave, some pairs are one person after all, which fills
exactly the end of the curve that matters. So a group says only what it can say well, the scores
at false-match rates of 1/10 and 1/100, and the shape beyond is that of the comparisons between
people of different sexes: millions, and certainly not of one person. The shape is moved and
stretched so that it fits the group's two points. It is a mixture of many kinds of pairs, which
makes its end rather too heavy than too light.

What chance did is bounded by drawing the group's people again and again: of all curves drawn,
the upper 5 % point counts, and of all groups the worst at each rate.
"""

import numpy as np
from numpy.typing import NDArray

from edge.vision.face import FloatArray

RATES = (1e-1, 3e-2, 1e-2, 3e-3, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5, 3e-6)
"""The false-match rates of the curve's points."""
_ANCHORS = (1e-1, 1e-2)
_DRAWS = 200
_BOUND = 0.95

Scores = NDArray[np.float64]


def shape(scores: FloatArray) -> Scores:
    """Read the scores at ``RATES`` off many comparisons of different people.

    Args:
        scores: float32[N], N of a million or more.

    Returns:
        float64[len(RATES)].
    """
    return np.asarray(np.quantile(scores, 1 - np.array(RATES)), dtype=np.float64)


def group_bound(templates: FloatArray, outline: Scores, seed: int = 1) -> Scores:
    """Bound a group's scores at ``RATES`` from above.

    Args:
        templates: float32[N, D], one for each person of the group.
        outline: The shape, as ``shape`` gives it.
        seed: Of the draws.

    Returns:
        float64[len(RATES)], rising.
    """
    one, other = np.triu_indices(len(templates), 1)
    scores = (templates @ templates.T)[one, other].astype(np.float64)
    order = np.argsort(-scores)
    one, other, scores = one[order], other[order], scores[order]
    random = np.random.default_rng(seed)
    drawn = []
    for _ in range(_DRAWS):
        times = np.bincount(
            random.integers(0, len(templates), len(templates)), minlength=len(templates)
        )
        drawn.append(_stretched(_at(scores, times[one] * times[other]), outline))
    return np.asarray(np.quantile(drawn, _BOUND, axis=0), dtype=np.float64)


def worst_of(bounds: dict[str, Scores]) -> Scores:
    """Take the highest score of any group at each rate."""
    return np.asarray(np.max(list(bounds.values()), axis=0), dtype=np.float64)


def _at(scores: Scores, weights: NDArray[np.int64]) -> tuple[float, float]:
    """Give the scores at the two anchors, for comparisons that count ``weights`` times."""
    passed = np.cumsum(weights) / weights.sum()
    first, second = (float(scores[np.searchsorted(passed, rate)]) for rate in _ANCHORS)
    return first, second


def _stretched(anchors: tuple[float, float], outline: Scores) -> Scores:
    """Move and stretch a shape until it passes through both anchors."""
    low, high = (outline[RATES.index(rate)] for rate in _ANCHORS)
    stretch = (anchors[1] - anchors[0]) / (high - low)
    return np.asarray(anchors[1] + (outline - high) * stretch, dtype=np.float64)
