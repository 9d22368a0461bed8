"""Searches of galleries in a process of their own: the unit's index, faiss and usearch in turn.

``python -m edge.bench.matching`` takes a job as JSON on its standard input and answers with the
raw seconds of each search. All look for the ten best of the same templates with the same probes.
"""

import sys
from collections.abc import Sequence

import msgspec
import numpy as np

from edge.bench.clock import clock_for
from edge.bench.gallery import probes_of, templates_of
from edge.bench.indexes import Places, Searched, absent, ours, peers
from edge.gallery.index import MOST_CANDIDATES
from edge.vision.face import FloatArray

PROBES = 20
WARM_UP = 2


class MatchJob(msgspec.Struct):
    """What to measure.

    Attributes:
        sizes: Templates of each gallery, one an entry.
        dimension: Numbers in a template.
        threads: Threads of each search; those of the BLAS under numpy are the process's own.
        runs: Searches of each index.
    """

    sizes: tuple[int, ...]
    dimension: int
    threads: int
    runs: int


class Matched(msgspec.Struct):
    """One index in one size.

    Attributes:
        system: Whose index, with its version.
        numbers: What it holds: "float32" or "int8".
        templates: How many there are.
        seconds: Of each search, in the same turns for every index of this size.
        recall: Share of the ten best, by the plain product in float32, that it found.
    """

    system: str
    numbers: str
    templates: int
    seconds: list[float]
    recall: float


class MatchAnswer(msgspec.Struct):
    """What was measured.

    Attributes:
        rows: Each index in each size; the unit's own is the first of its size.
        absent: What could not be measured, a line each.
        failure: Why nothing could be; the rest is empty then.
    """

    rows: list[Matched] = []
    absent: list[str] = []
    failure: str = ""


def matched(job: MatchJob) -> MatchAnswer:
    """Do a job in this process."""
    answer = MatchAnswer(absent=absent())
    for size in job.sizes:
        templates = templates_of(size, job.dimension)
        probes = probes_of(templates, PROBES)
        best = [_best(templates, probe) for probe in probes]
        indexes = [*ours(templates), *peers(templates, job.threads)]
        seconds, recalls = _in_turn(indexes, probes, best, job)
        answer.rows += [
            Matched(one.system, one.numbers, size, taken, recall)
            for one, taken, recall in zip(indexes, seconds, recalls, strict=True)
        ]
    return answer


def _in_turn(
    indexes: Sequence[Searched], probes: FloatArray, best: Sequence[Places], job: MatchJob
) -> tuple[list[list[float]], list[float]]:
    """Search every index with one probe before the next, each time another index first.

    Returns:
        Seconds of each run, and recall, of each index.
    """
    seconds: list[list[float]] = [[] for _ in indexes]
    recalls: list[list[float]] = [[] for _ in indexes]
    clock = clock_for(job.threads)
    for run in range(-WARM_UP, job.runs):
        which = run % len(probes)
        for turn in range(len(indexes)):
            number = (run + turn) % len(indexes)
            start = clock()
            found = indexes[number].search(probes[which])
            taken = clock() - start
            if run >= 0:
                places = indexes[number].places(found)
                seconds[number].append(taken)
                recalls[number].append(float(np.isin(best[which], places).mean()))
    return seconds, [float(np.mean(shares)) for shares in recalls]


def _best(templates: FloatArray, probe: FloatArray) -> Places:
    """Find the ten best rows by the plain product, in no order."""
    scores = templates @ probe
    first = max(0, len(scores) - MOST_CANDIDATES)
    return np.argpartition(scores, first)[first:]


if __name__ == "__main__":
    asked_for = msgspec.json.decode(sys.stdin.buffer.read(), type=MatchJob)
    sys.stdout.buffer.write(msgspec.json.encode(matched(asked_for)))
