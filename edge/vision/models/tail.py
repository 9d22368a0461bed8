"""How often two people of one group score alike, further out than the group itself can tell.

A group of 260 people gives 33,000 comparisons: 330 of them at a false-match rate of 1e-2, three
at 1e-4, none where a list of a hundred is searched. And what scores highest among photographs
from the web is mostly one person after all: 6 of 10,000 such comparisons, which fills exactly
the end of the curve that thresholds depend on. Whoever takes those out by looking decides the
curve by looking.

So a group says only what it can say well, its scores at the rates 1e-1 and 1e-2, and how the
curve goes on from there is read off millions of comparisons of women and men, which are
certainly of two people. The assumption is that the curves of any two groups of people have one
shape once place and width are taken out. Tried on three networks: of 2.9 million comparisons of
one sex and different groups, 0.8 to 1.0 times as many as predicted passed at rates from 1e-3 to
1e-4; of those within groups, freed of what looks like one person, 0.5 to 1.0 times as many.

Beyond ``_EDGE``, or where fewer than ``_SEEN`` comparisons are left, the curve goes on as an
exponential with the mean excess of what lies past it. Scores are bounded, and the observed curves
bend down from that line, so it errs to higher scores.

What chance did is bounded by drawing the people of every group again and again, shape and all:
of all curves drawn the upper 5 % point counts. That is wide, for all comparisons of one person
are drawn together.

Random halves of fairface-dev's people were tried against each other: the likely score of one
half for a rate of 1e-3 to 1e-5 was passed in the other half 0.5 to 1.0 times as often as that
where undecided pairs are left out, the bound 0.2 to 0.6 times.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.errors import ModelError
from edge.vision.models.strangers import Crowd

RATES = (1e-1, 3e-2, 1e-2, 3e-3, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5, 1e-6)
"""The false-match rates of the curves' points."""
_ANCHORS = (1e-1, 1e-2)
_EDGE = 3e-5
_SEEN = 50
_FEWEST = 5_000
_LEAST = 30
_DRAWS = 200
_BOUND = 0.95

Scores = NDArray[np.float64]
Times = Mapping[str, NDArray[np.int64]]
"""How often each person of each group counts."""


@dataclass(frozen=True, slots=True, eq=False)
class Curves:
    """The curve of each group.

    Attributes:
        groups: Their names.
        likely: float64[groups, RATES], the most likely score at each rate, rising.
        drawn: float64[draws, groups, RATES], the curves of resampled people.
    """

    groups: tuple[str, ...]
    likely: Scores
    drawn: Scores

    @property
    def bounds(self) -> Scores:
        """Scores that lie above the true ones with 95 % certainty, float64[groups, RATES]."""
        return np.asarray(np.quantile(self.drawn, _BOUND, axis=0), np.float64)

    def worst(self, fmr: float, *, bound: bool) -> tuple[str, float]:
        """Give the group whose score at a rate is highest, and that score.

        Of bounds that hold for each group with 95 % certainty, the highest holds with as much
        for the group that is worst in truth, whichever it is.

        Args:
            fmr: One of ``RATES``.
            bound: Of the bounds, or of the likely scores.
        """
        scores = (self.bounds if bound else self.likely)[:, RATES.index(fmr)]
        place = int(np.argmax(scores))
        return self.groups[place], float(scores[place])

    def rates_at(self, threshold: float) -> tuple[Scores, Scores]:
        """Give the rate at which each group passes a score.

        Returns:
            float64[groups], the likely rates, and float64[draws, groups], those of resampled
            people; within the ends of ``RATES``.
        """
        logs = np.log(RATES)

        def rate(scores: Scores) -> float:
            return float(np.exp(np.interp(threshold, scores, logs)))

        flat = [rate(scores) for scores in self.drawn.reshape(-1, len(RATES))]
        likely = np.array([rate(scores) for scores in self.likely])
        return likely, np.reshape(flat, self.drawn.shape[:2])


def enough(crowd: Crowd) -> bool:
    """Tell whether there are enough people to say anything about rare false matches."""
    compared = sum(cell.total for cell in crowd.apart)
    return compared >= _FEWEST and all(one.people >= _LEAST for one in crowd.groups.values())


def curves(crowd: Crowd, seed: int = 1) -> Curves:
    """Work out the curve of every group.

    Args:
        crowd: The groups, of which some come as women and men.
        seed: Of the draws.

    Raises:
        ModelError: Too few comparisons.
    """
    if not enough(crowd):
        raise ModelError(
            f"too few people to say anything about rare false matches: it takes {_LEAST} of every "
            f"group, and {_FEWEST:,} comparisons of women and men, such as 75 of each"
        )
    random = np.random.default_rng(seed)
    people = {name: group.people for name, group in crowd.groups.items()}
    once = {name: np.ones(count, np.int64) for name, count in people.items()}
    drawn = [
        _curves(crowd, {name: _times(count, random) for name, count in people.items()})
        for _ in range(_DRAWS)
    ]
    return Curves(tuple(people), _curves(crowd, once), np.array(drawn))


def _times(people: int, random: np.random.Generator) -> NDArray[np.int64]:
    """Draw as many people as there are, with replacement: how often each was drawn."""
    return np.bincount(random.integers(0, people, people), minlength=people)


def _curves(crowd: Crowd, times: Times) -> Scores:
    """Give float64[groups, RATES]: the shape, put through each group's anchors."""
    outline = _shape(crowd, times)
    drawn = [
        _anchored(group.scores, _weights(group.pairs, times[name], times[name]))
        for name, group in crowd.groups.items()
    ]
    low = np.array([[one.low] for one in drawn])
    high = np.array([[one.high] for one in drawn])
    return np.asarray(low + (high - low) * outline, np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class _Anchored:
    """Comparisons as they were drawn.

    Attributes:
        low: Their score at the first anchor.
        high: Their score at the second.
        beyond: float64[k], what lies past the first anchor, 0 there and 1 at the second.
        weights: int64[k], how often each counts.
        total: How many comparisons they count for in all.
    """

    low: float
    high: float
    beyond: Scores
    weights: NDArray[np.int64]
    total: int


def _weights(
    pairs: NDArray[np.int64], first: NDArray[np.int64], second: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Give how often each comparison counts where each person counts so many times."""
    return first[pairs[:, 0]] * second[pairs[:, 1]]


def _anchored(scores: Scores, weights: NDArray[np.int64], total: int | None = None) -> _Anchored:
    """Take comparisons, falling, which count so many times; ``total`` with those left out."""
    passed = np.cumsum(weights)
    total = int(passed[-1]) if total is None else total
    # The last place: a draw of few people may leave less than the first anchor's share.
    ends = [min(int(np.searchsorted(passed, rate * total)), len(scores) - 1) for rate in _ANCHORS]
    low, high = (float(scores[end]) for end in ends)
    beyond = (scores[: ends[0]] - low) / (high - low)
    return _Anchored(low, high, beyond, weights[: ends[0]], total)


def _shape(crowd: Crowd, times: Times) -> Scores:
    """Read the shape at ``RATES`` off women and men: 0 and 1 at the anchors."""
    cells = []
    for cell in crowd.apart:
        first, second = times[cell.first], times[cell.second]
        weights = _weights(cell.pairs, first, second)
        cells.append(_anchored(cell.scores, weights, int(first.sum() * second.sum())))
    beyond = np.concatenate([cell.beyond for cell in cells])
    order = np.argsort(-beyond)
    weights = np.concatenate([cell.weights for cell in cells])[order]
    return _read(beyond[order], weights, sum(cell.total for cell in cells))


def _read(beyond: Scores, weights: NDArray[np.int64], total: int) -> Scores:
    """Read the scores at ``RATES`` off comparisons, falling, and go on where they end."""
    share = np.cumsum(weights) / total
    within = [rate for rate in RATES if rate >= max(_EDGE, _SEEN / total)]
    # The last place: what rounding leaves of the first anchor's own rate.
    places = np.minimum(np.searchsorted(share, within), len(beyond) - 1)
    past = slice(0, int(places[-1]) + 1)
    excess = float(np.average(beyond[past] - beyond[places[-1]], weights=weights[past]))
    further = beyond[places[-1]] + excess * np.log(within[-1] / np.array(RATES[len(within) :]))
    return np.concatenate([beyond[places], further])
