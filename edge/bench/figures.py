"""Medians, their intervals and ratios of what a clock gave. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_REPLICATES = 1000
_TAILS = (2.5, 97.5)
_MOST_ROUNDS = (5.0, 95.0)

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Timing:
    """How long something took: processor time on one thread, real time on several.

    Attributes:
        what: Its name.
        median_ms: Median, in milliseconds.
        p95_ms: What 95 % of the runs stayed below.
        quickest_ms: The quickest run: what it takes when nothing else wants the processor.
        interval_ms: 95 % interval of the median, by resampling the runs.
        runs: How often it was timed.
    """

    what: str
    median_ms: float
    p95_ms: float
    quickest_ms: float
    interval_ms: Interval
    runs: int


@dataclass(frozen=True, slots=True)
class Ratio:
    """How many times as long one thing takes as another that it took turns with in one process.

    A round times both within moments, so that what slows the machine slows both; the ratio of a
    round survives where neither time does.

    Attributes:
        times: Median of the rounds' ratios.
        interval: 95 % interval of that median, by resampling the rounds.
        spread: Within which 90 % of the rounds' ratios lay.
        quickest: The quickest run of the one over the quickest of the other.
        rounds: How many there were.
    """

    times: float
    interval: Interval
    spread: Interval
    quickest: float
    rounds: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """What takes how many times as long as what.

    Attributes:
        what: What both did.
        one: Who took ``ratio`` times as long ...
        other: ... as this one.
        threads: Threads that either was allowed.
        ratio: Of their seconds.
    """

    what: str
    one: str
    other: str
    threads: int
    ratio: Ratio


@dataclass(frozen=True, slots=True)
class NetworkTiming:
    """One network by itself.

    Attributes:
        engine: The library that ran it, and its version.
        threads: Threads it was allowed.
        file_kib: Size of its file, in KiB.
        timing: Of its runs, named by its role.
    """

    engine: str
    threads: int
    file_kib: float
    timing: Timing


@dataclass(frozen=True, slots=True)
class Journey:
    """A frame's way to what the verdict is made from.

    Attributes:
        engine: What ran: a library and its version, or another system.
        threads: Threads it was allowed.
        stages: Each stage.
        ways: From pixels to the template, and on to what it matches; none for a detector.
        faces: Faces that it found in a frame, on average: there is one.
    """

    engine: str
    threads: int
    stages: tuple[Timing, ...]
    ways: tuple[Timing, ...]
    faces: float = 1.0


@dataclass(frozen=True, slots=True)
class GalleryTiming:
    """One search of a gallery.

    Attributes:
        system: What searched.
        numbers: What the templates were kept in.
        templates: How many there were.
        threads: Threads it was allowed.
        recall: Share of the ten best that it found.
        timing: Of its runs.
    """

    system: str
    numbers: str
    templates: int
    threads: int
    recall: float
    timing: Timing


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
class Arrival:
    """Frames while a long list is read beside them, in real time.

    Attributes:
        entries: Entries on the list.
        seconds: Until all of it was compared with.
        before: Frames with nothing beside them.
        beside: Frames while it was read.
        waited_ms: The longest that one of these was kept waiting by the reading.
    """

    entries: int
    seconds: float
    before: Timing
    beside: Timing
    waited_ms: float


@dataclass(frozen=True, slots=True)
class Bench:
    """All that a benchmark found; what was not asked for is empty.

    Attributes:
        machine: Processor, cores, system.
        load: Processes that wanted a processor in the minute before it began.
        network: The embedder.
        frame: Width, height and width of the face, in pixels.
        entries: Entries in the gallery that each frame is compared with.
        networks: Each network by itself, for each library and number of threads.
        ours: The unit, one for each library and number of threads.
        peers: Other systems, the same way.
        gallery: Searches of galleries of several sizes.
        comparisons: Ratios of what took turns.
        arrival: A long list that is read while frames are screened.
        start: A cold start with a full gallery.
        left_out: What could not be timed here, and why, a line each.
    """

    machine: str
    load: float
    network: str
    frame: tuple[int, int, int]
    entries: int
    networks: tuple[NetworkTiming, ...] = ()
    ours: tuple[Journey, ...] = ()
    peers: tuple[Journey, ...] = ()
    gallery: tuple[GalleryTiming, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    arrival: Arrival | None = None
    start: ColdStart | None = None
    left_out: tuple[str, ...] = ()


def timing(what: str, seconds: Sequence[float], seed: int = 1) -> Timing:
    """Sum up runs.

    Args:
        what: What was timed.
        seconds: One number a run, at least one.
        seed: For the interval.
    """
    millis = np.asarray(seconds, np.float64) * 1000
    return Timing(
        what,
        float(np.median(millis)),
        float(np.percentile(millis, 95)),
        float(millis.min()),
        _interval(millis, seed),
        len(millis),
    )


def ratio(one: Sequence[float], other: Sequence[float], seed: int = 1) -> Ratio:
    """Divide the seconds of one by those of the other, round by round.

    Args:
        one: Seconds of each round, at least one.
        other: Seconds of the same rounds.
        seed: For the interval.

    Raises:
        ValueError: They were not timed equally often.
    """
    above, below = np.asarray(one, np.float64), np.asarray(other, np.float64)
    if above.shape != below.shape:
        raise ValueError(f"{len(above)} rounds beside {len(below)}")
    ratios = above / below
    low, high = np.percentile(ratios, _MOST_ROUNDS)
    return Ratio(
        float(np.median(ratios)),
        _interval(ratios, seed),
        (float(low), float(high)),
        float(above.min() / below.min()),
        len(ratios),
    )


def _interval(values: NDArray[np.float64], seed: int) -> Interval:
    """Give the 95 % interval of the median, by resampling."""
    places = np.random.default_rng(seed).integers(0, len(values), (_REPLICATES, len(values)))
    low, high = np.percentile(np.median(values[places], axis=1), _TAILS)
    return float(low), float(high)
