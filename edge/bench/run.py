"""Runs a benchmark: a process for each measurement, and what their answers add up to."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from edge.bench import arrival, library
from edge.bench.alone import Answer, Job
from edge.bench.child import BenchError, asked, ran
from edge.bench.figures import (
    Arrival,
    Bench,
    ColdStart,
    Comparison,
    GalleryTiming,
    Journey,
    NetworkTiming,
)
from edge.bench.frames import FACE_PX, SIZE
from edge.bench.gallery import ENTRIES
from edge.bench.machine import machine
from edge.bench.networks import NetworksAnswer, NetworksJob, roles
from edge.bench.searches import SIZES, galleries, ratios_of_galleries, searches
from edge.bench.sums import beside_list, beside_peers, journeys, networks, ratios_of_networks
from edge.vision.models.card import read_card

COLD_STARTS = 3

Part = Literal["networks", "journey", "peers", "gallery", "list", "start"]
Say = Callable[[str], None]
"""Told what is measured next."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure.

    Attributes:
        parts: Of the benchmark.
        photo: A portrait of one person; needed by journey, peers, list and start.
        runs: Frames to screen in each set-up; rounds of networks and searches.
        peer_runs: Frames that each peer screens.
        network: The embedder.
        templates: Sizes of the galleries that are searched.
        yunet: File of OpenCV's detector.
        sface: File of OpenCV's embedder.
    """

    parts: frozenset[Part]
    photo: Path | None
    runs: int
    peer_runs: int
    network: str
    templates: tuple[int, ...] = SIZES
    yunet: Path | None = None
    sface: Path | None = None


@dataclass(slots=True)
class _Found:
    """What has been measured so far."""

    networks: list[NetworkTiming] = field(default_factory=list)
    ours: list[Journey] = field(default_factory=list)
    peers: list[Journey] = field(default_factory=list)
    gallery: list[GalleryTiming] = field(default_factory=list)
    comparisons: list[Comparison] = field(default_factory=list)
    arrival: Arrival | None = None
    start: ColdStart | None = None
    # A dictionary, since each number of threads has the same to say, and once is enough.
    left_out: dict[str, None] = field(default_factory=dict)


def benchmark(plan: Plan, say: Say = lambda _: None) -> Bench:
    """Time what the plan asks for, with every library that is here, on one thread and on all.

    Raises:
        BenchError: No library could be timed, or a file that was given is of no use.
    """
    here, absent = library.present()
    if not here:
        raise BenchError(f"nothing could be timed: {absent[0]}")
    found = _Found(left_out=dict.fromkeys(absent))
    load = os.getloadavg()[0]
    threads = sorted({1, len(os.sched_getaffinity(0))})
    if "networks" in plan.parts:
        _time_networks(plan, here, threads, found, say)
    if plan.parts & {"journey", "peers"}:
        _time_frames(plan, here, threads, found, say)
    if "gallery" in plan.parts:
        _time_gallery(plan, found, say)
    if "list" in plan.parts:
        say("frames while a list is read")
        _time_arrival(plan, found)
    if "start" in plan.parts:
        say("cold starts")
        found.start = _cold(plan)
    return _told(found, load, read_card(plan.network).model_id)


def _told(found: _Found, load: float, model_id: str) -> Bench:
    return Bench(
        machine=machine(),
        load=load,
        network=model_id,
        frame=(*SIZE, FACE_PX),
        entries=ENTRIES,
        networks=tuple(found.networks),
        ours=tuple(found.ours),
        peers=tuple(found.peers),
        gallery=tuple(found.gallery),
        comparisons=tuple(found.comparisons),
        arrival=found.arrival,
        start=found.start,
        left_out=tuple(found.left_out),
    )


def _time_networks(
    plan: Plan, here: tuple[str, ...], threads: list[int], found: _Found, say: Say
) -> None:
    for allowed in threads:
        say(f"networks, threads: {allowed}")
        job = NetworksJob(here, allowed, plan.runs, roles())
        answer = asked("edge.bench.networks", job, NetworksAnswer, allowed)
        found.networks += networks(answer.runs, allowed)
        found.comparisons += ratios_of_networks(answer.runs, allowed)
        found.left_out |= dict.fromkeys(answer.refusals)


def _time_frames(
    plan: Plan, here: tuple[str, ...], threads: list[int], found: _Found, say: Say
) -> None:
    """Time frames in each library; peers come along with the first, the unit's own."""
    for each in here if "journey" in plan.parts else here[:1]:
        for allowed in threads:
            with_peers = "peers" in plan.parts and each == here[0]
            say(f"frames on {library.named(each)}, threads: {allowed}")
            answer = _framed(plan, each, allowed, plan.peer_runs if with_peers else 0)
            if answer.failure:
                found.left_out[answer.failure] = None
                continue
            ours, peers = journeys(answer, allowed)
            found.ours.append(ours)
            found.peers += peers
            found.comparisons += beside_peers(answer, allowed)
            found.left_out |= dict.fromkeys(answer.absent)
    if not found.ours:
        raise BenchError(f"nothing could be timed: {next(reversed(found.left_out))}")


def _framed(plan: Plan, each: str, threads: int, peer_runs: int) -> Answer:
    job = Job(
        photo=str(plan.photo),
        library=each,
        threads=threads,
        runs=plan.runs,
        peer_runs=peer_runs,
        network=plan.network,
        yunet=str(plan.yunet or ""),
        sface=str(plan.sface or ""),
    )
    return asked("edge.bench.alone", job, Answer, threads)


def _time_gallery(plan: Plan, found: _Found, say: Say) -> None:
    """Time searches on one thread: the unit's index never takes more."""
    say("searches of galleries")
    dimension = read_card(plan.network).outputs[0].shape[-1]
    answer = searches(plan.templates, dimension, 1, plan.runs)
    found.gallery += galleries(answer.rows, 1)
    found.comparisons += ratios_of_galleries(answer.rows, 1)
    found.left_out |= dict.fromkeys(answer.absent)


def _time_arrival(plan: Plan, found: _Found) -> None:
    job = arrival.Job(str(plan.photo), ENTRIES, plan.runs)
    answer = asked("edge.bench.arrival", job, arrival.Answer, 1)
    if answer.failure:
        found.left_out[answer.failure] = None
    else:
        found.arrival = beside_list(answer, ENTRIES)


def _cold(plan: Plan) -> ColdStart:
    """Start cold a few times; give the median time and the largest memory.

    Raises:
        BenchError: The process failed.
    """
    seconds, sizes = [], []
    for _ in range(COLD_STARTS):
        began = time.monotonic()
        ended = ran("edge.bench.cold", (str(plan.photo),))
        if ended.returncode:
            raise BenchError("a cold start failed: try doorwatch run and read what it says")
        screened_at, resident = ended.stdout.split()
        seconds.append(float(screened_at) - began)
        sizes.append(int(resident) / 1024)
    return ColdStart(sorted(seconds)[COLD_STARTS // 2], max(sizes))
