"""What a clock gave, summed up: percentiles with their intervals. Pure."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

_REPLICATES = 1_000
_LOW, _HIGH = 0.025, 0.975


@dataclass(frozen=True, slots=True)
class Percentile:
    """One percentile of a number of runs.

    Attributes:
        value_ms: The percentile, milliseconds.
        low_ms: Lower end of its 95 % interval, by resampling the runs.
        high_ms: Upper end.
    """

    value_ms: float
    low_ms: float
    high_ms: float


@dataclass(frozen=True, slots=True)
class Times:
    """How long something took.

    Attributes:
        p50: Half of the runs stayed below.
        p99: 99 of 100 runs stayed below.
        most_ms: None was longer.
        runs: How often it was timed.
    """

    p50: Percentile
    p99: Percentile
    most_ms: float
    runs: int


def times(seconds: Sequence[float], seed: int = 1) -> Times:
    """Sum up runs, seconds each, at least one; ``seed`` is for the intervals."""
    p50, p99 = percentiles(seconds, (0.50, 0.99), seed)
    return Times(p50, p99, 1000 * max(seconds), len(seconds))


def percentiles(
    seconds: Sequence[float], shares: Sequence[float], seed: int = 1
) -> list[Percentile]:
    """Give percentiles of runs, seconds each, at least one; ``seed`` is for the intervals."""
    millis = sorted(1000 * one for one in seconds)
    chance = random.Random(seed)  # noqa: S311 - resampling, no secret
    resampled = [sorted(chance.choices(millis, k=len(millis))) for _ in range(_REPLICATES)]
    return [_percentile(millis, resampled, share) for share in shares]


def _percentile(
    millis: Sequence[float], resampled: Sequence[Sequence[float]], share: float
) -> Percentile:
    spread = sorted(_at(one, share) for one in resampled)
    return Percentile(_at(millis, share), _at(spread, _LOW), _at(spread, _HIGH))


def _at(ordered: Sequence[float], share: float) -> float:
    """Give the value below or at which ``share`` of all values lie."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
