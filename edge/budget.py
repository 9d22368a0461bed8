"""From the false alerts that a door accepts to the thresholds that keep them, and what they cost.

An encounter is one person at the door, once. Their usable faces are fused into one template that
is compared with every reference after each face, and a single look over a threshold is enough,
so the chance of a false alert is that of the *best* of many comparisons. Everything here errs to
fewer false alerts:

- The chances of all comparisons are added up (the union bound), as if no two of them ever rang
  together; the gallery counts by references, not by people.
- The successive looks at one person are all but copies of each other. They are charged as
  ``LOOKS`` independent ones: over eight degraded frames the best look of the fused template
  passed 1.1 to 1.2 times as often as one clear photograph at the rates 1e-2 and 1e-3 (466
  strangers of fairface-dev against 6,142 references, two embedders; no more than that in the
  groups that are told apart worst).
- STOP takes more than one look over its threshold; no credit is taken for that.
- The curve is that of the worst group of people, so that the budget holds for the night on which
  everybody belongs to it.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

LOOKS = 2
"""How many independent looks one encounter is charged with."""


@dataclass(frozen=True, slots=True)
class ImpostorCurve:
    """How often two different people score above a threshold, in one comparison.

    Attributes:
        rates: False-match rates, falling, in (0, 1].
        scores: The score that each rate belongs to, rising.
    """

    rates: tuple[float, ...]
    scores: tuple[float, ...]

    def __post_init__(self) -> None:
        """Refuse points that are no curve.

        Raises:
            ValueError: Too few points, unequal lengths, or not monotone.
        """
        _check_curve(self.rates[::-1], self.scores)
        if self.rates[-1] <= 0 or self.rates[0] > 1 or self.rates[-1] == self.rates[-2]:
            raise ValueError("false-match rates lie above 0 and up to 1, and fall at the end")

    def score_at(self, rate: float) -> float:
        """Give the threshold at which ``rate`` of the comparisons of different people pass.

        Between points the rate falls exponentially; past the last one it goes on falling as
        between the last two.
        """
        wanted = float(np.log(max(rate, 1e-300)))
        logs = np.log(self.rates)
        if wanted >= logs[-1]:
            return float(np.interp(-wanted, -logs, self.scores))
        return float(self.scores[-1] + (logs[-1] - wanted) / self._decay())

    def rate_at(self, score: float) -> float:
        """Give the rate of comparisons of different people that pass ``score``.

        Before the first point nothing is known, so it is 1.
        """
        if score < self.scores[0]:
            return 1.0
        logs = np.log(self.rates)
        if score <= self.scores[-1]:
            return float(np.exp(np.interp(score, self.scores, logs)))
        return float(np.exp(logs[-1] - (score - self.scores[-1]) * self._decay()))

    def _decay(self) -> float:
        """Give by how much the logarithm of the rate falls per unit of score at the end."""
        low, high = np.log(self.rates[-2]), np.log(self.rates[-1])
        return float((low - high) / (self.scores[-1] - self.scores[-2]))


@dataclass(frozen=True, slots=True)
class MatedCurve:
    """How often two images of one person score below a threshold, in one comparison.

    Attributes:
        scores: Thresholds, rising.
        misses: The share of comparisons below each, rising, in [0, 1].
    """

    scores: tuple[float, ...]
    misses: tuple[float, ...]

    def __post_init__(self) -> None:
        """Refuse points that are no curve.

        Raises:
            ValueError: Too few points, unequal lengths, or not monotone.
        """
        _check_curve(self.misses, self.scores)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The scores from which the door is told.

    Attributes:
        check: From here on: look again.
        stop: From here on: stop; never below ``check``.
    """

    check: float
    stop: float


def thresholds(
    curve: ImpostorCurve,
    *,
    gallery_size: int,
    entrants: int,
    stops_per_night: float,
    checks_per_night: float,
) -> Thresholds:
    """Work out the thresholds that keep a budget of false alerts.

    Args:
        curve: The impostor curve of the worst group.
        gallery_size: References compared with each probe (several photos count each); 0 counts
            as 1.
        entrants: Encounters a night; 0 counts as 1.
        stops_per_night: False STOP alerts a night that are accepted, above 0.
        checks_per_night: False CHECK alerts or worse that are accepted, above 0. Fewer than
            ``stops_per_night`` counts as many as that.

    Raises:
        ValueError: A budget that is not a number above 0.
    """

    def threshold(alerts: float) -> float:
        if not alerts > 0:
            raise ValueError(f"a budget of {alerts} false alerts a night cannot be kept")
        comparisons = max(1, entrants) * max(1, gallery_size) * LOOKS
        return curve.score_at(min(1.0, alerts / comparisons))

    stop = threshold(stops_per_night)
    return Thresholds(check=min(stop, threshold(checks_per_night)), stop=stop)


def expected_fnir(curve: MatedCurve, threshold: float) -> float:
    """Give the chance that somebody on the list stays below ``threshold``.

    For one usable face against one reference photo; the fusion of an encounter's faces, and
    further photos, make it smaller.
    """
    return float(np.interp(threshold, curve.scores, curve.misses, left=curve.misses[0], right=1.0))


def _check_curve(rising: tuple[float, ...], scores: tuple[float, ...]) -> None:
    """Refuse fewer than two points, unequal lengths, scores or shares that do not rise."""
    if len(scores) < 2 or len(rising) != len(scores):
        raise ValueError("a curve has at least two points, each with a score")
    if not all(a < b for a, b in pairwise(scores)):
        raise ValueError("the scores of a curve rise from point to point")
    if not all(a <= b for a, b in pairwise(rising)):
        raise ValueError("the shares of a curve go one way")
