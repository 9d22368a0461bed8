"""From the raw seconds that a process answers with to medians and ratios. Pure."""

from collections.abc import Iterator, Sequence

from edge.bench import arrival
from edge.bench.alone import TO_MATCH, TO_TEMPLATE, Answer, PeerRuns, Runs
from edge.bench.figures import (
    Arrival,
    Comparison,
    Journey,
    NetworkTiming,
    ratio,
    timing,
)
from edge.bench.networks import NetworkRuns

SHARED = ("detect", "embed")
"""Stages that mean the same at the unit and at its peers."""

_KIB = 1024


def networks(runs: Sequence[NetworkRuns], threads: int) -> list[NetworkTiming]:
    """Sum up each network by itself."""
    return [
        NetworkTiming(one.engine, threads, one.file_bytes / _KIB, timing(one.role, one.seconds))
        for one in runs
    ]


def beside_list(answer: arrival.Answer, entries: int) -> Arrival:
    """Sum up the frames before a list was read and beside it."""
    return Arrival(
        entries,
        answer.seconds,
        timing("before", [one.real_s for one in answer.before]),
        timing("beside", [one.real_s for one in answer.beside]),
        1000 * max(one.waited_s for one in answer.beside),
    )


def ratios_of_networks(runs: Sequence[NetworkRuns], threads: int) -> list[Comparison]:
    """Compare what a unit runs with its yardsticks, and each further library with the first.

    The yardstick of "embed" is "embed-float": a role that goes on behind a hyphen.
    """
    pairs = [(one, other) for one in runs for other in runs]
    yardsticks = [
        Comparison(
            f"network, {one.engine}",
            one.role,
            other.role,
            threads,
            ratio(one.seconds, other.seconds),
        )
        for one, other in pairs
        if other.engine == one.engine and other.role.startswith(f"{one.role}-")
    ]
    libraries = [
        Comparison(one.role, one.engine, other.engine, threads, ratio(one.seconds, other.seconds))
        for one, other in pairs
        if one.role == other.role and one.engine != other.engine == runs[0].engine
    ]
    return yardsticks + libraries


def journeys(answer: Answer, threads: int) -> tuple[Journey, list[Journey]]:
    """Sum up the frames that the unit screened, and those of each peer."""
    ours = _journey(answer.engine, threads, answer.ours, 1.0)
    return ours, [
        _journey(peer.name, threads, {**peer.seconds, **_ways(peer)}, _faces(peer))
        for peer in answer.peers
    ]


def beside_peers(answer: Answer, threads: int) -> list[Comparison]:
    """Compare each peer with the unit on the same frames: shared stages, and the whole way."""
    return [
        Comparison(what, peer.name, "doorwatch", threads, ratio(theirs, ours[: len(theirs)]))
        for peer in answer.peers
        for what, theirs, ours in _shared(peer, answer.ours)
    ]


def _shared(peer: PeerRuns, ours: Runs) -> Iterator[tuple[str, list[float], list[float]]]:
    """Give what can be compared: name, seconds of the peer, seconds of the unit."""
    for stage in SHARED:
        if stage in peer.seconds:
            yield stage, peer.seconds[stage], ours[stage]
    for way, seconds in _ways(peer).items():
        yield way, seconds, ours[way]


def _ways(peer: PeerRuns) -> Runs:
    """Add a peer's stages up to the template and to the match, where it goes as far."""
    stages = peer.seconds
    before = {name: taken for name, taken in stages.items() if name != "match"}
    ways = {TO_TEMPLATE: ("embed", before), TO_MATCH: ("match", stages)}
    return {
        way: [sum(run) for run in zip(*counted.values(), strict=True)]
        for way, (last, counted) in ways.items()
        if last in stages
    }


def _faces(peer: PeerRuns) -> float:
    return peer.faces / len(next(iter(peer.seconds.values())))


def _journey(engine: str, threads: int, runs: Runs, faces: float) -> Journey:
    """Sum up one set-up."""
    timings = [timing(name, seconds) for name, seconds in runs.items()]
    ways = tuple(one for one in timings if one.what in (TO_TEMPLATE, TO_MATCH))
    return Journey(engine, threads, tuple(one for one in timings if one not in ways), ways, faces)
