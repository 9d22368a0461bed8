"""Runs a benchmark: a process for each measurement, and what their answers add up to."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from edge import runtime
from edge.bench.alone import MATCH_ONE, Answer, Job, Runs
from edge.bench.figures import Bench, ColdStart, Comparison, Journey, compared, timing
from edge.bench.frames import FACE_PX, SIZE
from edge.bench.gallery import ENTRIES
from edge.bench.machine import machine
from edge.errors import DoorwatchError

COLD_STARTS = 3
_LONGEST_S = 1800
_THREAD_LIMITS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")

Say = Callable[[str], None]
"""Told what is measured next."""


class BenchError(DoorwatchError):
    """Something that cannot be timed."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure.

    Attributes:
        photo: A portrait of one person.
        runs: Frames to screen in each set-up.
        peer_runs: Frames that each peer screens.
        network: The embedder.
    """

    photo: Path
    runs: int
    peer_runs: int
    network: str


def benchmark(plan: Plan, say: Say = lambda _: None) -> Bench:
    """Time every library that is here, on one thread and on all.

    Raises:
        BenchError: No library could be timed, or the portrait is of no use.
    """
    processors = len(os.sched_getaffinity(0))
    ours: list[Journey] = []
    peers: list[Journey] = []
    comparisons: list[Comparison] = []
    model_id, refusals = "", []
    for library in runtime.LIBRARIES:
        for threads in sorted({1, processors}):
            say(f"{library.partition('.')[0]}, {threads} threads")
            answer = _answered(plan, library, threads, with_peers=not ours)
            if answer.failure:
                refusals.append(answer.failure)
                continue
            model_id = answer.model_id
            ours.append(_journey(answer.engine, threads, answer.ours))
            for name, runs in answer.peers.items():
                peers.append(_journey(name, threads, runs))
                totals = _totals(runs), _totals(answer.ours)
                comparisons.append(compared(name, threads, *totals))
    if not ours:
        raise BenchError(f"nothing could be timed: {refusals[0]}")
    say("cold starts")
    return Bench(
        machine=machine(),
        network=model_id,
        frame=(*SIZE, FACE_PX),
        entries=ENTRIES,
        ours=tuple(ours),
        peers=tuple(peers),
        comparisons=tuple(comparisons),
        start=_cold(plan.photo),
    )


def _answered(plan: Plan, library: str, threads: int, *, with_peers: bool) -> Answer:
    """Measure in a process of its own, so that nothing else's threads or memory count."""
    job = Job(
        photo=str(plan.photo),
        library=library,
        threads=threads,
        runs=plan.runs,
        peer_runs=plan.peer_runs if with_peers else 0,
        network=plan.network,
    )
    limits = dict.fromkeys(_THREAD_LIMITS, str(threads))
    ended = _child("edge.bench.alone", (), msgspec.json.encode(job), limits)
    if ended.returncode:
        lines = ended.stderr.decode(errors="replace").strip().splitlines()
        return Answer(failure=f"{library}: {lines[-1] if lines else 'it gave no reason'}")
    return msgspec.json.decode(ended.stdout, type=Answer)


def _journey(engine: str, threads: int, runs: Runs) -> Journey:
    """Sum up one set-up."""
    stages = tuple(timing(stage, taken) for stage, taken in runs.items() if stage != "total")
    return Journey(engine, threads, stages, timing("total", _totals(runs)))


def _totals(runs: Mapping[str, list[float]]) -> list[float]:
    """Give the seconds of each whole run."""
    if "total" in runs:
        return runs["total"]
    counted = [taken for stage, taken in runs.items() if stage != MATCH_ONE]
    return [sum(stages) for stages in zip(*counted, strict=True)]


def _cold(photo: Path) -> ColdStart:
    """Start cold a few times; give the median time and the largest memory.

    Raises:
        BenchError: The process failed.
    """
    seconds, sizes = [], []
    for _ in range(COLD_STARTS):
        began = time.monotonic()
        ended = _child("edge.bench.cold", (str(photo),), b"", {})
        if ended.returncode:
            raise BenchError("a cold start failed: try doorwatch run and read what it says")
        screened_at, resident = ended.stdout.split()
        seconds.append(float(screened_at) - began)
        sizes.append(int(resident) / 1024)
    return ColdStart(sorted(seconds)[COLD_STARTS // 2], max(sizes))


def _child(
    module: str, words: tuple[str, ...], given: bytes, limits: Mapping[str, str]
) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        [sys.executable, "-m", module, *words],
        input=given,
        capture_output=True,
        env={**os.environ, **limits},
        timeout=_LONGEST_S,
        check=False,
    )
