"""One new entry on its way to ten, a hundred, a thousand units of one broker."""

import contextlib
import os
import queue
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Self

import msgspec

from sync.bench.crowd import Job, Reached
from sync.bench.figures import Times, times
from sync.bench.meter import Used, used
from sync.bench.rig import Rig, running
from sync.errors import HubError

LISTED = 20
"""Entries on the list before the first change that is timed."""

_PATIENCE_S = 300.0

Say = Callable[[str], None]
"""Told what is done next."""


@dataclass(frozen=True, slots=True)
class Load:
    """What one more entry costs with so many units.

    Attributes:
        units: How many.
        connected_s: Seconds until all had connected and held the list.
        last: From the entry being accepted until the last unit has it.
        each: The same for every single unit.
        hub_cpu_ms: Processor time of the hub for one entry and its confirmations.
        broker_cpu_ms: And of the broker.
        hub_cpu_ms_per_unit: The hub's, for one entry and one unit.
        hub_mib: Resident memory of the hub.
        broker_mib: And of the broker.
        lost: Connections that ended meanwhile.
    """

    units: int
    connected_s: float
    last: Times
    each: Times
    hub_cpu_ms: float
    broker_cpu_ms: float
    hub_cpu_ms_per_unit: float
    hub_mib: float
    broker_mib: float
    lost: int


def many(counts: Sequence[int], changes: int, photo_bytes: int, say: Say) -> tuple[Load, ...]:
    """Measure with each number of units, each on a hub and broker of its own.

    Raises:
        HubError: The units do not come to hold the list.
    """
    return tuple(_loaded(count, changes, photo_bytes, say) for count in counts)


def _loaded(count: int, changes: int, photo_bytes: int, say: Say) -> Load:
    with TemporaryDirectory(prefix="doorwatch-") as folder, Rig(Path(folder)) as rig:
        say(f"{count} units: registering")
        rig.fill(LISTED, photo_bytes)
        job = rig.simulated(count)
        rig.start()
        rig.settle()
        say(f"{count} units: connecting")
        began = time.monotonic()
        with Crowds(job, Path(folder)) as crowds:
            crowds.reach(rig.service.desk.book.ledger.seq)
            connected_s = time.monotonic() - began
            rig.settle()
            before = _both(rig)
            last, each = [], []
            for number in range(changes):
                say(f"{count} units: change {number + 1} of {changes}")
                accepted = rig.ban(photo_bytes)
                at = [one - accepted.at for one in crowds.reach(accepted.seq)]
                last.append(max(at))
                each += at
                rig.settle()
            lost, after = crowds.lost, _both(rig)
    hub, broker = (
        1000 * (now.cpu_s - then.cpu_s) / changes for then, now in zip(before, after, strict=True)
    )
    return Load(
        count, connected_s, times(last), times(each), hub, broker, hub / count,
        after[0].memory_mib, after[1].memory_mib, lost,
    )  # fmt: skip


def _both(rig: Rig) -> tuple[Used, Used]:
    return used(rig.hub_pid), used(rig.broker_pid)


class Crowds:
    """Simulated units, spread over as many processes as there are processors."""

    def __init__(self, job: Job, folder: Path) -> None:
        """Start nothing yet; ``folder`` takes what the processes say."""
        count = min(len(os.sched_getaffinity(0)), len(job.units))
        self._jobs = [
            msgspec.structs.replace(job, units=job.units[first::count]) for first in range(count)
        ]
        self._folder = folder
        self._stack = contextlib.ExitStack()
        self._told = [queue.Queue[Reached]() for _ in self._jobs]
        self._lost = [0] * count

    def __enter__(self) -> Self:
        """Start them all."""
        log = self._stack.enter_context((self._folder / "crowd.log").open("ab"))
        for number, job in enumerate(self._jobs):
            process = self._stack.enter_context(
                running(["sync.bench.crowd"], log, subprocess.PIPE, subprocess.PIPE)
            )
            assert process.stdin is not None  # noqa: S101 - both are pipes
            assert process.stdout is not None  # noqa: S101
            process.stdin.write(msgspec.msgpack.encode(job))
            process.stdin.close()
            given = (process.stdout, self._told[number])
            threading.Thread(target=_listen, args=given, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop them all."""
        self._stack.close()

    @property
    def lost(self) -> int:
        """Connections that ended so far."""
        return sum(self._lost)

    def reach(self, seq: int) -> list[float]:
        """Wait until every unit has a record; gives when each had it.

        Raises:
            HubError: They do not get it within minutes.
        """
        at: list[float] = []
        for number, told in enumerate(self._told):
            deadline = time.monotonic() + _PATIENCE_S
            while True:
                try:
                    reached = told.get(timeout=max(0.0, deadline - time.monotonic()))
                except queue.Empty as error:
                    raise HubError(f"not all units got record {seq} within minutes") from error
                self._lost[number] = reached.lost
                if reached.seq == seq:
                    at += reached.at
                    break
        return at


def _listen(lines: IO[bytes], told: "queue.Queue[Reached]") -> None:
    for line in lines:
        told.put(msgspec.json.decode(line, type=Reached))
