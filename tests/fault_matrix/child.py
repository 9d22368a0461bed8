"""``python -m fault_matrix.child ROLE CONFIG FOLDER``: one process of a unit under fault.

The processes are those of ``edge.cli``; patched is what stands at their rims, nothing inside.
"""

import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

import edge.cli.engine
import edge.cli.lamp
import edge.cli.run
import edge.daemon
import edge.indicator.lamp
import edge.listkeeper
import edge.machine.watch
import edge.pipeline
import edge.runtime
import edge.vision.detect
import edge.vision.embed
from edge import answers
from edge.errors import ModelError
from edge.supervisor import SILENT_S, Child
from edge.vision.models.card import FOLDER
from fault_matrix.lamps import WrittenPins
from fault_matrix.scene import Scene
from fault_matrix.switches import Switches

YEAR_S = 365 * 86_400.0

STAGES: dict[str, tuple[Any, str]] = {
    "detect": (edge.vision.detect.Finder, "find"),
    "embed": (edge.vision.embed.Embedder, "template"),
    "match": (edge.pipeline.InForce, "best"),
    "decide": (edge.pipeline, "decide"),
    "feed": (edge.daemon.LampFeed, "send"),
    "link": (answers.Answers, "__call__"),
    "list": (edge.listkeeper.ListKeeper, "_look"),
    "loop": (edge.daemon.DoorEngine, "_step"),
}
"""Where each stage can be made to hang, fail or slow down."""


def engine(config: Path, folder: Path) -> None:
    """Run the engine with a made-up camera and all switches."""
    switches = Switches(folder / "switches")
    for stage, (owner, name) in STAGES.items():
        setattr(owner, name, switches.gate(stage, getattr(owner, name)))
    pictures = folder.parent / "pictures.npy"
    edge.daemon.open_source = lambda *_, **__: Scene(pictures, switches)
    _lie_about_files(switches)
    _lie_about_answers(switches)
    _lie_about_time(switches)
    zones = folder / "zones"
    edge.daemon.Sources = partial(edge.machine.watch.Sources, zones=zones)  # type: ignore[misc]
    edge.cli.engine.engine(config=config)


def lamp(config: Path, folder: Path) -> None:
    """Run the lamp keeper on pins that write down when they change."""
    edge.indicator.lamp.open_pins = lambda _: WrittenPins(folder / "lamps")
    edge.cli.lamp.lamp(config=config)


def unit(config: Path, folder: Path) -> None:
    """Run ``doorwatch run`` with these two as its children."""

    def command(role: str) -> tuple[str, ...]:
        return (sys.executable, "-m", __spec__.name, role, str(config), str(folder))

    children = tuple(
        Child(role, command(role), silent_s=SILENT_S[role]) for role in ("lamp", "engine")
    )
    edge.cli.run.processes = lambda *_: children
    edge.cli.run.run(config=config)


def _lie_about_files(switches: Switches) -> None:
    """Have files of networks be missing, or be others, while their switch says so."""
    real = Path.read_bytes

    def read_bytes(path: Path) -> bytes:
        told = switches.value(f"file {path.name}") if path.parent == FOLDER else None
        if told == "missing":
            raise FileNotFoundError(2, "No such file or directory")
        return real(Path(told) if told else path)

    Path.read_bytes = read_bytes  # type: ignore[method-assign]


def _lie_about_answers(switches: Switches) -> None:
    """Have the embedder answer nonsense while the switch says so."""
    real, kept = edge.runtime.Network.run, dict[str, tuple[Any, ...]]()

    def run(network: edge.runtime.Network, batch: Any) -> tuple[Any, ...]:
        told = switches.value("answers") if network.card.role == "embed" else None
        if told == "fail":
            raise ModelError("the network embed.tflite failed while it ran: the device is gone")
        answer = real(network, batch)
        if told == "nan":
            return tuple(np.full_like(one, np.nan) for one in answer)
        return kept.setdefault("same", answer) if told == "same" else answer

    edge.runtime.Network.run = run  # type: ignore[method-assign]


def _lie_about_time(switches: Switches) -> None:
    """Have the wall clock be off while the switch says so; the others run on."""
    real = time.time_ns

    def time_ns() -> int:
        told = switches.value("clock")
        if told == "1970":
            return time.monotonic_ns()
        if told == "jumping":
            return real() - round(YEAR_S * 1e9) * (time.monotonic_ns() // 500_000_000 % 2)
        return real() + round(float(told or 0) * 1e9)

    time.time_ns = time_ns
    time.time = lambda: time_ns() / 1e9


if __name__ == "__main__":
    role, config_file, unit_folder = sys.argv[1:]
    {"engine": engine, "lamp": lamp, "unit": unit}[role](Path(config_file), Path(unit_folder))
