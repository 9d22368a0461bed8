"""Lets a network look at photographs and strangers, with progress on standard error."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import cv2
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from edge.evaluate.acquire import Acquisition, acquire
from edge.evaluate.photographs import Pairs, Photographs
from edge.evaluate.recognition import (
    Compared,
    Verification,
    compared,
    compared_pairs,
    differences,
    draws,
    verified,
)
from edge.evaluate.report import Beside
from edge.evaluate.within import Strangers, Within, within
from edge.vision import Engine, load_engine

Advance = Callable[[], None]


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """What is to be looked at, with whichever network.

    Attributes:
        shown: Photographs of people.
        pairs: The pairs to be compared, unless all are.
        strangers: People to be compared within their groups, if any.
        seed: Behind every choice by chance.
        workers: Threads that work, one a processor where it is not said.
    """

    shown: Photographs
    pairs: Pairs | None
    strangers: Strangers | None
    seed: int
    workers: int | None


@dataclass(frozen=True, slots=True, eq=False)
class Looked:
    """What one network made of it.

    Attributes:
        engines: One for each thread.
        acquisition: What the photographs gave.
        compared: Their comparisons.
        verification: The same, summed up.
        within: The strangers.
    """

    engines: list[Engine]
    acquisition: Acquisition
    compared: Compared
    verification: Verification
    within: Within | None


def looked(task: Task, network: str) -> Looked:
    """Let one network look at everybody."""
    seed, workers = task.seed, engines(network, task.workers)
    with progress(f"photographs, {network}", len(task.shown.paths)) as advance:
        acquisition = acquire(task.shown.paths, workers, advance)
    found = _compared(task, acquisition)
    verification = verified(found, seed)
    if (strangers := task.strangers) is None:
        return Looked(workers, acquisition, found, verification, None)
    with progress(f"strangers, {network}", len(strangers.photos)) as advance:
        others = acquire(strangers.photos, workers, advance)
    drawn = draws(found.scores.people, seed)
    groups = within(strangers, others, found.scores, verification.at, drawn)
    return Looked(workers, acquisition, found, verification, groups)


def beside(one: Looked, other: Looked, seed: int) -> Beside:
    """Put a second network beside the first."""
    ahead = differences(one.compared, other.compared, seed)
    return Beside(other.engines[0].model_id, other.verification, ahead, other.within)


def _compared(task: Task, acquisition: Acquisition) -> Compared:
    if task.pairs is not None:
        return compared_pairs(task.pairs, acquisition)
    with progress("comparisons", 100) as advance:
        done = 0

        def reached(share: float) -> None:
            nonlocal done
            while done < share * 100:
                advance()
                done += 1

        return compared(task.shown, acquisition, task.seed, reached)


def engines(network: str, workers: int | None) -> list[Engine]:
    """Load as many engines as threads will work, one processor each."""
    cv2.setNumThreads(1)
    threads = workers or len(os.sched_getaffinity(0))
    return [load_engine(threads=1, embedder=network) for _ in range(max(1, threads))]


@contextmanager
def progress(what: str, total: int) -> Iterator[Advance]:
    """Show a bar on standard error."""
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda: bar.advance(task)
