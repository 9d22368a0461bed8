"""One measurement in a process of its own: one library, so many threads, all stages.

``python -m edge.bench.alone`` takes a job as JSON on its standard input and answers with the raw
seconds of each run. The unit and its peers take turns on the same frames.
"""

import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from time import perf_counter

import cv2
import msgspec

from edge import runtime
from edge.bench.frames import frames
from edge.bench.gallery import ENTRIES, TEMPLATES, index_of
from edge.bench.peer import installed
from edge.gallery.index import Index
from edge.photo import read_photo
from edge.vision import Engine, load_engine
from edge.vision.face import Image

Runs = dict[str, list[float]]
"""Seconds of each run, by stage."""

WARM_UP = 3
MATCH = f"match {ENTRIES:,} x {TEMPLATES}"
MATCH_ONE = f"match {ENTRIES:,} x 1"


class Job(msgspec.Struct):
    """What to measure.

    Attributes:
        photo: A portrait of one person.
        library: Module of the library that runs the networks.
        threads: Threads of each network.
        runs: Frames to screen.
        peer_runs: Frames that each peer screens; 0 leaves them out.
        network: The embedder.
    """

    photo: str
    library: str
    threads: int
    runs: int
    peer_runs: int
    network: str


class Answer(msgspec.Struct):
    """What was measured.

    Attributes:
        failure: Why nothing could be; the rest is empty then.
        engine: The library and its version.
        model_id: The embedder.
        ours: The unit's runs.
        peers: The runs of each peer.
    """

    failure: str = ""
    engine: str = ""
    model_id: str = ""
    ours: Runs = {}
    peers: dict[str, Runs] = {}


def measured(job: Job) -> Answer:
    """Do a job in this process."""
    cv2.setNumThreads(job.threads)
    # This process measures one library, whichever others are installed.
    runtime.LIBRARIES = (job.library,)
    engine = load_engine("cpu", threads=job.threads, embedder=job.network)
    shown = frames(read_photo(Path(job.photo)), engine)
    if not shown:
        return Answer(failure=f"{job.photo} does not show exactly one face: give another --photo")
    once, thrice = (
        index_of(ENTRIES, each, engine.dimension, engine.model_id) for each in (1, TEMPLATES)
    )
    peers = installed(ENTRIES) if job.peer_runs else []
    ours: Runs = {}
    theirs: dict[str, Runs] = {peer.name: {} for peer in peers}
    for run in range(-WARM_UP, job.runs):
        frame = shown[run % len(shown)]
        _note(ours, run, _screened(engine, frame, once, thrice))
        if run < job.peer_runs:
            for peer in peers:
                _note(theirs[peer.name], run, peer.screen(frame))
    return Answer("", _named(job.library), engine.model_id, ours, theirs)


def _screened(engine: Engine, frame: Image, once: Index, thrice: Index) -> dict[str, float]:
    """Screen one frame; give the seconds of each stage and, as "total", of all but the last."""
    start = perf_counter()
    probe = engine.faces(frame)[0].template
    assert probe is not None  # noqa: S101 - the frames were chosen for having one
    middle = perf_counter()
    thrice.search(probe)
    end = perf_counter()
    once.search(probe)
    return {
        **engine.timings,
        MATCH: end - middle,
        "total": end - start,
        MATCH_ONE: perf_counter() - end,
    }


def _note(runs: Runs, run: int, seconds: dict[str, float]) -> None:
    """Add one run, unless it was to warm up."""
    if run >= 0:
        for stage, taken in seconds.items():
            runs.setdefault(stage, []).append(taken)


def _named(library: str) -> str:
    """Name a library with its version."""
    package = library.partition(".")[0].replace("_", "-")
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return package


if __name__ == "__main__":
    answer = measured(msgspec.json.decode(sys.stdin.buffer.read(), type=Job))
    sys.stdout.buffer.write(msgspec.json.encode(answer))
