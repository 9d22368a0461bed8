"""Searches of galleries of several sizes, beside other indexes: asked for, and summed up."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from edge.bench.child import BenchError, asked
from edge.bench.figures import Comparison, GalleryTiming, ratio, timing
from edge.bench.matching import MatchAnswer, Matched, MatchJob

SIZES = (1_000, 10_000, 100_000, 1_000_000)

_FLOAT_BYTES = 4
_COPIES = 6
"""A million templates of 192 numbers took five times their size: the indexes beside each other,
each with a copy of its own, and the entries of the unit's."""


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
    """Compare every other index with the unit's own of the same numbers and size."""
    unit = rows[0].system if rows else ""
    ours = {(row.templates, row.numbers): row for row in rows if row.system == unit}
    found = []
    for row in rows:
        own = ours.get((row.templates, row.numbers))
        if own is not None and own is not row:
            what = f"search {row.templates:,}, {row.numbers}"
            times = ratio(row.seconds, own.seconds)
            found.append(Comparison(what, row.system, unit, threads, times))
    return sorted(found, key=lambda one: one.one)
