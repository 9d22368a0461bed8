"""Each network by itself, in a process of its own: all of them, in all libraries, take turns.

``python -m edge.bench.networks`` takes a job as JSON on its standard input and answers with the
raw seconds of each round.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import numpy as np

from edge import runtime
from edge.bench.clock import Clock, clock_for
from edge.bench.library import named, only
from edge.errors import ModelError
from edge.vision.face import FloatArray
from edge.vision.models.card import FOLDER, read_card

BURST = 3
"""Runs in a row at each turn. The quickest counts: the first has to fetch the weights, which the
others' have pushed out of the cache, and on a busy machine any one of them may be interrupted."""

_WARM_UP = 3


class NetworksJob(msgspec.Struct):
    """What to measure.

    Attributes:
        libraries: Modules of the libraries that run networks.
        threads: Threads of each network.
        rounds: Turns of each network.
        roles: The networks.
    """

    libraries: tuple[str, ...]
    threads: int
    rounds: int
    roles: tuple[str, ...]


class NetworkRuns(msgspec.Struct):
    """One network in one library.

    Attributes:
        engine: The library and its version.
        role: The network.
        file_bytes: Size of its file.
        seconds: One number a round.
    """

    engine: str
    role: str
    file_bytes: int
    seconds: list[float]


class NetworksAnswer(msgspec.Struct):
    """What was measured.

    Attributes:
        runs: One for each network and library.
        refusals: What could not be run, a line each.
    """

    runs: list[NetworkRuns] = []
    refusals: list[str] = []


@dataclass(frozen=True, slots=True, eq=False)
class _Turn:
    """A network that is open, what it is given, and where its seconds go."""

    network: runtime.Network
    batch: FloatArray
    runs: NetworkRuns = field(compare=False)

    def take(self, clock: Clock) -> float:
        """Run it a few times in a row; give the seconds of the quickest."""
        quickest = np.inf
        for _ in range(BURST):
            start = clock()
            self.network.run(self.batch)
            quickest = min(quickest, clock() - start)
        return float(quickest)


def roles(folder: Path = FOLDER) -> tuple[str, ...]:
    """Name the networks whose files are here; a yardstick is not part of an installed unit."""
    names = sorted(path.stem for path in folder.glob("*.toml"))
    files = ((name, folder / read_card(name, folder).file) for name in names)
    return tuple(name for name, file in files if file.suffix == ".tflite" and file.is_file())


def measured(job: NetworksJob) -> NetworksAnswer:
    """Do a job in this process."""
    answer, turns = NetworksAnswer(), list[_Turn]()
    for library in job.libraries:
        for role in job.roles:
            try:
                turns.append(_opened(library, role, job.threads))
            except ModelError as error:
                answer.refusals.append(f"{role} on {named(library)}: {error}")
    answer.runs = [turn.runs for turn in turns]
    clock = clock_for(job.threads)
    for number in range(-_WARM_UP, job.rounds):
        _round(turns, number, clock)
    return answer


def _opened(library: str, role: str, threads: int) -> _Turn:
    with only(library):
        network = runtime.open_network(role, accelerator="cpu", threads=threads)
    batch = np.random.default_rng(1).uniform(-1, 1, network.card.input.shape)
    size = (FOLDER / network.card.file).stat().st_size
    return _Turn(network, batch.astype(np.float32), NetworkRuns(named(library), role, size, []))


def _round(turns: Sequence[_Turn], number: int, clock: Clock) -> None:
    """Let each network have its turn, every other time the other way round."""
    for turn in turns if number % 2 else reversed(turns):
        seconds = turn.take(clock)
        if number >= 0:
            turn.runs.seconds.append(seconds)


if __name__ == "__main__":
    found = measured(msgspec.json.decode(sys.stdin.buffer.read(), type=NetworksJob))
    sys.stdout.buffer.write(msgspec.json.encode(found))
