"""Searches of galleries of several sizes, beside other indexes: asked for, and summed up."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path

from edge.bench.child import BenchError, asked
from edge.bench.figures import Comparison, GalleryTiming, ratio, timing
from edge.bench.matching import MatchAnswer, Matched, MatchJob

SIZES = (1_000, 10_000, 100_000, 1_000_000)

_FLOAT_BYTES = 4
_COPIES = 4
"""Each index keeps its own copy of the templates, and building one takes another for a while."""


def searches(sizes: Iterable[int], dimension: int, threads: int, runs: int) -> MatchAnswer:
    """Have galleries searched in a process of their own, as far as they fit into memory.

    Args:
        sizes: Templates of each gallery.
        dimension: Numbers in a template.
        threads: Threads of each search.
        runs: Searches of each index.

    Raises:
        BenchError: The process failed.
    """
    wanted = sorted(set(sizes))
    most = available_bytes() // (dimension * _FLOAT_BYTES * _COPIES)
    fit = tuple(size for size in wanted if size <= most)
    job = MatchJob(sizes=fit, dimension=dimension, threads=threads, runs=runs)
    answer = asked("edge.bench.matching", job, MatchAnswer, threads)
    if answer.failure:
        raise BenchError(answer.failure)
    answer.absent += [
        f"a gallery of {size:,}: there is memory for {most:,} templates"
        for size in wanted
        if size > most
    ]
    return answer


def available_bytes(info: Path = Path("/proc/meminfo")) -> int:
    """Read how much memory could be had without swapping."""
    line = next(line for line in info.read_text().splitlines() if line.startswith("MemAvailable:"))
    return int(line.split()[1]) * 1024


def galleries(rows: Sequence[Matched], threads: int) -> list[GalleryTiming]:
    """Sum up the searches of each index."""
    return [
        GalleryTiming(
            row.system,
            row.numbers,
            row.templates,
            threads,
            row.recall,
            timing(f"search {row.templates:,}", row.seconds),
        )
        for row in rows
    ]


def ratios_of_galleries(rows: Sequence[Matched], threads: int) -> list[Comparison]:
    """Compare every index with the unit's own, which is the first of each size."""
    found = []
    for size, group in groupby(rows, lambda row: row.templates):
        ours, *others = group
        for row in others:
            name = f"{row.system}, {row.numbers}"
            times = ratio(row.seconds, ours.seconds)
            found.append(Comparison(f"search {size:,}", name, ours.system, threads, times))
    return found
