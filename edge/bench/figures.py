"""Medians, their intervals and ratios of what a clock gave. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_REPLICATES = 1000
_TAILS = (2.5, 97.5)

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Timing:
    """How long something took.

    Attributes:
        what: Its name.
        median_ms: Median, in milliseconds.
        p95_ms: What 95 % of the runs stayed below.
        interval_ms: 95 % interval of the median, by resampling the runs.
        runs: How often it was timed.
    """

    what: str
    median_ms: float
    p95_ms: float
    interval_ms: Interval
    runs: int


@dataclass(frozen=True, slots=True)
class Journey:
    """A frame's way to what the verdict is made from.

    Attributes:
        engine: What ran: a library and its version.
        threads: Threads it was allowed.
        stages: Each stage.
        total: All of them.
    """

    engine: str
    threads: int
    stages: tuple[Timing, ...]
    total: Timing


@dataclass(frozen=True, slots=True)
class Comparison:
    """How much faster the unit is than a peer, on the same frames in the same run.

    Attributes:
        peer: The peer.
        threads: Threads that either was allowed.
        times: The peer's median over the unit's.
        interval: 95 % interval of it, by resampling the runs of both.
    """

    peer: str
    threads: int
    times: float
    interval: Interval


@dataclass(frozen=True, slots=True)
class ColdStart:
    """A fresh process.

    Attributes:
        seconds: From starting the process to its first screened frame.
        memory_mib: Resident memory by then, in MiB.
    """

    seconds: float
    memory_mib: float


@dataclass(frozen=True, slots=True)
class Bench:
    """All that a benchmark found.

    Attributes:
        machine: Processor, cores, system.
        network: The embedder.
        frame: Width, height and width of the face, in pixels.
        entries: Entries in the gallery that is searched.
        ours: The unit, one for each library and number of threads.
        peers: Other systems, the same way.
        comparisons: The unit's own library against each peer.
        start: A cold start with a full gallery.
    """

    machine: str
    network: str
    frame: tuple[int, int, int]
    entries: int
    ours: tuple[Journey, ...]
    peers: tuple[Journey, ...]
    comparisons: tuple[Comparison, ...]
    start: ColdStart


def timing(what: str, seconds: Sequence[float], seed: int = 1) -> Timing:
    """Sum up runs.

    Args:
        what: What was timed.
        seconds: One number a run, at least one.
        seed: For the interval.
    """
    millis = np.asarray(seconds, np.float64) * 1000
    low, high = np.percentile(_medians(millis, seed), _TAILS)
    return Timing(
        what,
        float(np.median(millis)),
        float(np.percentile(millis, 95)),
        (float(low), float(high)),
        len(millis),
    )


def compared(
    peer: str, threads: int, slow: Sequence[float], fast: Sequence[float], seed: int = 1
) -> Comparison:
    """Compare the runs of a peer with those of the unit, seconds each."""
    slower, faster = np.asarray(slow, np.float64), np.asarray(fast, np.float64)
    ratios = _medians(slower, seed) / _medians(faster, seed + 1)
    low, high = np.percentile(ratios, _TAILS)
    return Comparison(
        peer, threads, float(np.median(slower) / np.median(faster)), (float(low), float(high))
    )


def _medians(values: NDArray[np.float64], seed: int) -> NDArray[np.float64]:
    """Give the medians of resamples."""
    places = np.random.default_rng(seed).integers(0, len(values), (_REPLICATES, len(values)))
    return np.asarray(np.median(values[places], axis=1), np.float64)
