"""A unit with nothing, and a long list: how long until all of it is compared with."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from sync.bench.meter import used, waited_s
from sync.bench.rig import Rig
from sync.errors import HubError

_PATIENCE_S = 300.0

Say = Callable[[str], None]
"""Told what is done next."""


@dataclass(frozen=True, slots=True)
class ColdStart:
    """One start.

    Attributes:
        seconds: From starting the unit's processes until the whole list is in its index.
        sync_cpu_s: Processor time of its sync process.
        sync_waited_s: Seconds that process was ready to run while others had the processors.
        sync_mib: Its resident memory at the end.
        hub_cpu_s: Processor time of the hub.
        broker_cpu_s: And of the broker.
    """

    seconds: float
    sync_cpu_s: float
    sync_waited_s: float
    sync_mib: float
    hub_cpu_s: float
    broker_cpu_s: float


@dataclass(frozen=True, slots=True)
class Cold:
    """Several starts on the same list.

    Attributes:
        entries: Entries on it.
        photo_bytes: Size of each photo.
        starts: Each start, in order; the first finds a hub that has just started as well.
    """

    entries: int
    photo_bytes: int
    starts: tuple[ColdStart, ...]


def cold(entries: int, photo_bytes: int, runs: int, say: Say) -> Cold:
    """Start ``runs`` fresh units, one after the other, on a list of ``entries`` entries.

    Raises:
        HubError: One does not get the list within minutes.
    """
    with TemporaryDirectory(prefix="doorwatch-") as folder, Rig(Path(folder)) as rig:
        say(f"putting {entries:,} entries on the list")
        rig.fill(entries, photo_bytes)
        say("waiting until the hub has told them")
        rig.start()
        rig.settle()
        starts = []
        for number in range(runs):
            say(f"cold start {number + 1} of {runs}")
            starts.append(_start(rig, f"door {number}", entries))
    return Cold(entries, photo_bytes, tuple(starts))


def _start(rig: Rig, name: str, entries: int) -> ColdStart:
    with rig.door(name) as door:
        rig.settle()
        hub, broker = used(rig.hub_pid), used(rig.broker_pid)
        began = door.start()
        at = door.await_count(entries, _PATIENCE_S)
        if at is None or door.sync is None:
            raise HubError("a unit did not get the list within minutes: is the machine busy?")
        sync = used(door.sync.pid)
        return ColdStart(
            at - began,
            sync.cpu_s,
            waited_s(door.sync.pid),
            sync.memory_mib,
            used(rig.hub_pid).cpu_s - hub.cpu_s,
            used(rig.broker_pid).cpu_s - broker.cpu_s,
        )
