"""One measurement in a process of its own: one library, so many threads, all stages.

``python -m edge.bench.alone`` takes a job as JSON on its standard input and answers with the raw
seconds of each run. The unit and its peers take turns on the same frames.
"""

import sys
from pathlib import Path

import cv2
import msgspec

from edge.bench.clock import Clock, clock_for
from edge.bench.frames import frames
from edge.bench.gallery import ENTRIES, TEMPLATES, index_of
from edge.bench.library import named, only
from edge.bench.peer import Peer
from edge.bench.peers import installed
from edge.errors import DoorwatchError
from edge.gallery.index import Index
from edge.photo import read_photo
from edge.vision import Engine, load_engine
from edge.vision.face import Image

Runs = dict[str, list[float]]
"""Seconds of each run, by stage."""

WARM_UP = 3
TO_TEMPLATE = "pixels to template"
TO_MATCH = "pixels to match"
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
        yunet: File of OpenCV's detector, "" without.
        sface: File of OpenCV's embedder, "" without.
    """

    photo: str
    library: str
    threads: int
    runs: int
    peer_runs: int
    network: str
    yunet: str = ""
    sface: str = ""


class PeerRuns(msgspec.Struct):
    """What one peer took.

    Attributes:
        name: The peer.
        seconds: Of each run, by stage.
        faces: Faces that it found in all runs together.
    """

    name: str
    seconds: Runs = {}
    faces: int = 0


class Answer(msgspec.Struct):
    """What was measured.

    Attributes:
        failure: Why nothing could be; the rest is empty then.
        engine: The library and its version.
        model_id: The embedder.
        ours: The unit's runs.
        peers: The runs of each peer.
        absent: Peers that are not here, a line each.
    """

    failure: str = ""
    engine: str = ""
    model_id: str = ""
    ours: Runs = {}
    peers: list[PeerRuns] = []
    absent: list[str] = []


def measured(job: Job) -> Answer:
    """Do a job in this process."""
    cv2.setNumThreads(job.threads)
    try:
        with only(job.library):
            engine = load_engine(
                "cpu", job.threads, embedder=job.network, clock=clock_for(job.threads)
            )
        shown = frames(read_photo(Path(job.photo)), engine)
        peers, absent = installed(ENTRIES, job.yunet, job.sface) if job.peer_runs else ([], [])
    except DoorwatchError as error:
        return Answer(failure=f"{named(job.library)}: {error}")
    if not shown:
        return Answer(failure=f"{job.photo} does not show exactly one face: give another --photo")
    answer = Answer("", named(job.library), engine.model_id, absent=absent)
    answer.peers = [PeerRuns(peer.name) for peer in peers]
    _run(job, engine, shown, peers, answer)
    return answer


def _run(job: Job, engine: Engine, shown: list[Image], peers: list[Peer], answer: Answer) -> None:
    """Show each frame to the unit, then to every peer."""
    once, thrice = (
        index_of(ENTRIES, each, engine.dimension, engine.model_id) for each in (1, TEMPLATES)
    )
    clock = clock_for(job.threads)
    for run in range(-WARM_UP, job.runs):
        frame = shown[run % len(shown)]
        _note(answer.ours, run, _screened(engine, frame, (once, thrice), clock))
        for peer, runs in zip(peers, answer.peers, strict=True):
            if run < job.peer_runs:
                screened = peer.screen(frame, clock)
                _note(runs.seconds, run, screened.seconds)
                runs.faces += screened.faces if run >= 0 else 0


def _screened(
    engine: Engine, frame: Image, indexes: tuple[Index, Index], clock: Clock
) -> dict[str, float]:
    """Screen one frame; give the seconds of each stage and of both ways."""
    once, thrice = indexes
    start = clock()
    probe = engine.faces(frame)[0].template
    assert probe is not None  # noqa: S101 - the frames were chosen for having one
    middle = clock()
    thrice.search(probe)
    end = clock()
    once.search(probe)
    return {
        **engine.timings,
        MATCH: end - middle,
        MATCH_ONE: clock() - end,
        TO_TEMPLATE: middle - start,
        TO_MATCH: end - start,
    }


def _note(runs: Runs, run: int, seconds: dict[str, float]) -> None:
    """Add one run, unless it was to warm up."""
    if run >= 0:
        for stage, taken in seconds.items():
            runs.setdefault(stage, []).append(taken)


if __name__ == "__main__":
    answer = measured(msgspec.json.decode(sys.stdin.buffer.read(), type=Job))
    sys.stdout.buffer.write(msgspec.json.encode(answer))
