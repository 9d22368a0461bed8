"""False matches within groups of people at one threshold, and how unequal the groups are. Pure.

Three figures for each group, since the comparisons that score highest are partly of one person
(see ``strangers``): what is counted, undecided pairs as two people; what is left without these;
and what the group's curve says (see ``tail``), which hangs on neither.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.intervals import Interval, Rate, exact, spread
from edge.vision.models.strangers import Crowd, Group
from edge.vision.models.tail import Curves

_DRAWS = 500
_NIGHTS = 2_000


@dataclass(frozen=True, slots=True)
class GroupRate:
    """The false matches of one group.

    Attributes:
        group: Its name.
        people: How many people.
        rate: Comparisons of two of them that match, out of all, with a 95 % interval: the wider
            at either end of the one over people and the exact one over comparisons.
        settled: The rate without the undecided ones.
        curve: The rate by the group's curve.
        curve_interval: 95 % interval of that, over people.
    """

    group: str
    people: int
    rate: Rate
    settled: float
    curve: float
    curve_interval: Interval


@dataclass(frozen=True, slots=True)
class Unequal:
    """How unequal the groups are by one kind of figure.

    Attributes:
        mean: Mean of the groups' rates.
        ratio: The worst group's rate over that mean; 0 where nothing matches.
    """

    mean: float
    ratio: float


@dataclass(frozen=True, slots=True)
class Fairness:
    """False matches of every group at one threshold.

    Attributes:
        threshold: The lowest score that counts as a match.
        groups: The worst first, by their curves.
        counted: How unequal they are as counted.
        chance: What that ratio would be on average if all groups were alike and as many
            comparisons matched by chance: so much of it says nothing.
        settled: How unequal they are without the undecided pairs.
        curves: How unequal they are by their curves.
        ratio_interval: 95 % interval of the ratio by the curves, over people.
    """

    threshold: float
    groups: tuple[GroupRate, ...]
    counted: Unequal
    chance: float
    settled: Unequal
    curves: Unequal
    ratio_interval: Interval

    def line(self) -> str:
        """Say it in one line."""
        listed = "; ".join(
            f"{one.group} {_often(one.curve)} ({_often(one.curve_interval[0])} to "
            f"{_often(one.curve_interval[1])}), counted {_often(one.settled)} to "
            f"{_often(one.rate.value)}"
            for one in self.groups
        )
        low, high = self.ratio_interval
        return (
            f"score {self.threshold:.3f}; of 10,000 comparisons, by the group's curve and as "
            f"counted without and with undecided pairs: {listed}; mean {_often(self.curves.mean)}, "
            f"worst / mean {self.curves.ratio:.2f} ({low:.2f} to {high:.2f}), counted "
            f"{self.settled.ratio:.2f} and {self.counted.ratio:.2f} ({self.chance:.2f} by chance "
            "if the groups were equal)"
        )


def fairness(crowd: Crowd, curves: Curves, threshold: float, seed: int = 1) -> Fairness:
    """Count the false matches of every group at one threshold.

    Args:
        crowd: All groups.
        curves: Their curves.
        threshold: The lowest score that counts as a match.
        seed: Of the draws behind the intervals.
    """
    random = np.random.default_rng(seed)
    likely, drawn = curves.rates_at(threshold)
    rates = [
        GroupRate(
            name,
            crowd.groups[name].people,
            _rate(crowd.groups[name], threshold, random),
            crowd.groups[name].settled(threshold) / len(crowd.groups[name].scores),
            float(likely[place]),
            spread(drawn[:, place]),
        )
        for place, name in enumerate(curves.groups)
    ]
    rates.sort(key=lambda one: -one.curve)
    return Fairness(
        threshold,
        tuple(rates),
        _unequal([one.rate.value for one in rates]),
        _chance(rates, random),
        _unequal([one.settled for one in rates]),
        _unequal([one.curve for one in rates]),
        spread(drawn.max(axis=1) / drawn.mean(axis=1)),
    )


def common_threshold(curves: Curves, fmr: float) -> float:
    """Give the score at which the groups' rates, by their curves, have ``fmr`` as their mean."""
    low, high = float(curves.likely.min()), float(curves.likely.max())
    for _ in range(40):
        middle = (low + high) / 2
        often = float(curves.rates_at(middle)[0].mean()) > fmr
        low, high = (middle, high) if often else (low, middle)
    return high


def _often(rate: float) -> str:
    return f"{10_000 * rate:.1f}"


def _unequal(rates: list[float]) -> Unequal:
    mean = float(np.mean(rates))
    return Unequal(mean, max(rates) / mean if mean else 0.0)


def _rate(group: Group, threshold: float, random: np.random.Generator) -> Rate:
    """Count the comparisons of one group that match."""
    matching, total = group.passing(threshold), len(group.scores)
    low, high = exact(matching, total).interval
    if matching:
        over_people = _over_people(group.people, group.pairs[:matching], total, random)
        low, high = min(low, over_people[0]), max(high, over_people[1])
    return Rate(matching, total, (low, high))


def _over_people(
    people: int, matching: NDArray[np.int64], total: int, random: np.random.Generator
) -> Interval:
    """Draw the people again and again: a comparison weighs the product of its two people."""
    draws = random.multinomial(people, np.full(people, 1 / people), _DRAWS)
    events = draws[:, matching].prod(axis=2).sum(axis=1)
    every = (people**2 - (draws**2).sum(axis=1)) / 2
    return spread(events / np.maximum(1, every * total / (people * (people - 1) / 2)))


def _chance(rates: list[GroupRate], random: np.random.Generator) -> float:
    """Give the mean ratio of the worst to the mean among equal groups."""
    trials = np.array([one.rate.trials for one in rates])
    common = sum(one.rate.events for one in rates) / trials.sum()
    drawn = random.poisson(common * trials, (_NIGHTS, len(trials))) / trials
    mean = drawn.mean(axis=1)
    told = mean > 0
    return float(np.mean(drawn.max(axis=1)[told] / mean[told])) if told.any() else 0.0
