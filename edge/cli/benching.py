"""``doorwatch bench``: how long everything takes on this machine, and beside what."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, get_args

import msgspec
from cyclopts import App, Parameter
from rich.console import Console

from edge.bench.child import BenchError
from edge.bench.run import Part, Plan, benchmark
from edge.bench.searches import SIZES
from edge.cli.benchtables import show_bench
from edge.demo.samples import fetch_samples

Parts = Annotated[list[Part], Parameter(consume_multiple=True)]
Sizes = Annotated[tuple[int, ...], Parameter(consume_multiple=True)]

_NEEDS_PORTRAIT = {"journey", "peers", "list", "start"}


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class Setting:
    """What is timed, and how often.

    Attributes:
        photo: A portrait of one person; the demo's sample portrait by default.
        network: The embedder of the frames.
        runs: Frames in each set-up; turns of each network and index.
        peer_runs: Frames that each other system screens, which is what takes long.
        templates: Sizes of the galleries that are searched.
    """

    photo: Path | None = None
    network: str = "embed"
    runs: int = 60
    peer_runs: int = 20
    templates: Sizes = SIZES


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class Others:
    """Files of other systems, which the user brings.

    Attributes:
        yunet: OpenCV's detector, face_detection_yunet_*.onnx of its model zoo.
        sface: OpenCV's embedder, face_recognition_sface_*.onnx; needs --yunet.
    """

    yunet: Path | None = None
    sface: Path | None = None


def register(app: App) -> None:
    """Add the command of this file."""
    app.command(bench)


def bench(
    *,
    only: Parts | None = None,
    setting: Setting = Setting(),
    others: Others = Others(),
    json: bool = False,
) -> None:
    """Time the unit on this machine, on one thread and on all, beside other systems.

    What stands beside each other took turns in one process, so quote the ratios. Times on one
    thread are processor time, which holds on a busy machine; on several they are real time. The
    parts, and what they take on two processors that have nothing else to do:

    networks, 10 s: each network by itself, int8 beside float, each library beside the first.

    journey, 10 s: a frame from pixels to what the verdict is made from, stage by stage, in each
    library.

    peers, 20 s: other systems on the same frames; nearly all of it is face_recognition.

    gallery, 30 s: searches on one thread beside faiss-cpu and usearch, with their recall; nearly
    all of it is the million, which takes 4 GB of memory and is left out where there is less.

    list, 10 s: frames while a list of 10,000 entries is read beside them, in real time.

    start, 5 s: from starting a process to its first screened frame.

    What is not installed is left out, with a line about how to get it; pip install
    'doorwatch[bench]' brings most.

    Args:
        only: Parts wanted; all by default.
        setting: What is timed, and how often.
        others: Files of other systems.
        json: Print JSON.
    """
    _check(setting, others)
    errors = Console(stderr=True)
    plan = _plan(frozenset(only or get_args(Part)), setting, others, errors)
    found = benchmark(plan, lambda what: errors.print(f"timing {what}", style="dim"))
    if json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(found)).decode() + "\n")
        return
    show_bench(Console(highlight=False), found)


def _plan(parts: frozenset[Part], setting: Setting, others: Others, errors: Console) -> Plan:
    """Plan what was asked for; the sample portrait is fetched only where one is needed."""
    portrait = setting.photo
    if portrait is None and parts & _NEEDS_PORTRAIT:
        portrait = fetch_samples(Path(".demo") / "samples", errors.print).listed
    return Plan(
        parts=parts,
        photo=portrait,
        runs=setting.runs,
        peer_runs=min(setting.runs, setting.peer_runs),
        network=setting.network,
        templates=setting.templates,
        yunet=others.yunet,
        sface=others.sface,
    )


def _check(setting: Setting, others: Others) -> None:
    """Refuse what cannot be timed before the minutes it takes."""
    if min(setting.runs, setting.peer_runs, *setting.templates) < 1:
        raise BenchError("--runs, --peer-runs and --templates are at least 1")
    if others.sface is not None and others.yunet is None:
        raise BenchError("--sface needs --yunet: it makes templates of faces that YuNet found")
    for name, file in (("--yunet", others.yunet), ("--sface", others.sface)):
        if file is not None and not file.is_file():
            raise BenchError(f"{name} {str(file)!r} is no file: check the name")
