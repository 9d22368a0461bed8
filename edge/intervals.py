"""How sure a rate is: exact binomial intervals, and resampling whole people. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, lgamma, log, log1p

import numpy as np
from numpy.typing import NDArray

LEVEL = 0.95
"""Share of intervals that hold the true rate."""

_HALVINGS = 60

Interval = tuple[float, float]
"""Lower and upper end."""

Weights = NDArray[np.int64]
"""int64[replicates, people]: how often each person was drawn in each resample."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate that was observed, and where the true one lies.

    Attributes:
        events: What was counted.
        trials: Out of how many.
        interval: 95 % interval.
    """

    events: int
    trials: int
    interval: Interval

    @property
    def value(self) -> float:
        """The observed rate; 0 where nothing was tried."""
        return self.events / self.trials if self.trials else 0.0


def exact(events: int, trials: int) -> Rate:
    """Give a rate with its exact (Clopper-Pearson) binomial interval.

    Args:
        events: 0 to ``trials``.
        trials: Independent trials.

    Raises:
        ValueError: The counts are impossible.
    """
    if not 0 <= events <= trials:
        raise ValueError(f"{events} events in {trials} trials cannot be")
    tail = (1 - LEVEL) / 2
    lower, upper = 0.0, 1.0
    if events:
        lower = _crossing(lambda rate: 1 - at_most(events - 1, trials, rate) < tail)
    if events < trials:
        upper = _crossing(lambda rate: at_most(events, trials, rate) > tail)
    return Rate(events, trials, (lower, upper))


def at_most(events: int, trials: int, rate: float) -> float:
    """Give the chance of ``events`` or fewer in ``trials`` at a true ``rate``."""
    if rate <= 0 or events >= trials:
        return 1.0
    if rate >= 1:
        return 0.0
    hit, miss = log(rate), log1p(-rate)
    return min(
        1.0, sum(exp(_ways(k, trials) + k * hit + (trials - k) * miss) for k in range(events + 1))
    )


def _ways(chosen: int, of: int) -> float:
    """Logarithm of a binomial coefficient."""
    return lgamma(of + 1) - lgamma(chosen + 1) - lgamma(of - chosen + 1)


def _crossing(still_below: Callable[[float], bool]) -> float:
    """Find by bisection the rate in [0, 1] up to which something holds."""
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if still_below(middle) else (low, middle)
    return (low + high) / 2


def spread(replicates: NDArray[np.float64]) -> Interval:
    """Give the percentile interval of a bootstrap.

    Args:
        replicates: float64[replicates]; those that are not a number count for nothing.

    Returns:
        The interval, or (0, 1) where no replicate says anything.
    """
    known = replicates[~np.isnan(replicates)]
    if not len(known):
        return 0.0, 1.0
    tail = 50 * (1 - LEVEL)
    low, high = np.percentile(known, [tail, 100 - tail])
    return float(low), float(high)


def resampled(events: NDArray[np.int64], trials: NDArray[np.int64], draws: Weights) -> Rate:
    """Give a rate whose interval comes from resampling people.

    Several trials of one person are not independent (ISO/IEC 19795-1): people are drawn, not
    trials. Where nobody or everybody had an event resampling says nothing; the exact interval
    for as many trials as there are people stands instead.

    Args:
        events: int64[people], events of each person.
        trials: int64[people], trials of each person.
        draws: int64[replicates, people].
    """
    happened, tried = int(events.sum()), int(trials.sum())
    if happened in (0, tried):
        people = int(np.count_nonzero(trials))
        return Rate(happened, tried, exact(people if happened else 0, people).interval)
    with np.errstate(invalid="ignore", divide="ignore"):
        return Rate(happened, tried, spread((draws @ events) / (draws @ trials)))
