"""The thread that looks how the machine is, once a second, and replaces one view by the next.

A thread of its own, because a card that dies can keep whoever asks it for minutes; the screening
loop only ever reads the newest view.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import structlog
from msgspec import Struct

from edge.decision import Fault
from edge.machine.card import BLOCKS, Card, read_card_of
from edge.machine.firmware import DEVICES, SENSORS, read_firmware
from edge.machine.governor import Governor
from edge.machine.judging import faults, notes
from edge.machine.opening import opened_at
from edge.machine.room import read_room
from edge.machine.view import MachineView, Note
from edge.machine.warmth import ZONES, temperature

LOOK_S = 1.0
"""Seconds between two looks."""

STALE_S = 15.0
"""Seconds after which a view says nothing of the present: a look hangs."""

CARD_EVERY = 60
"""Looks from one reading of the card to the next: its wear goes by months."""

_LOG = structlog.get_logger("machine")


@dataclass(frozen=True, slots=True)
class Sources:
    """Where to look; the folders are Linux's own, but in a test.

    Attributes:
        state: The folder that the unit keeps its list in.
        opened: See ``opening``.
        opened_seen: The same.
        zones: See ``warmth``.
        devices: See ``firmware``.
        sensors: See ``firmware``.
        blocks: See ``card``.
    """

    state: Path
    opened: Path
    opened_seen: Path
    zones: Path = ZONES
    devices: Path = DEVICES
    sensors: Path = SENSORS
    blocks: Path = BLOCKS


class Told(Struct, frozen=True):
    """What only the engine knows of its machine; see ``MachineView`` for each of them."""

    clock: str = ""
    clock_off_s: float | None = None
    lease_used: float | None = None
    accelerator: str = ""
    accelerator_missed: bool = False
    runtime: str = ""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What one look came to.

    Attributes:
        view: For everybody to show.
        faults: What keeps the unit from screening.
        at: When it was made, seconds, monotonic.
    """

    view: MachineView = field(default_factory=MachineView)
    faults: frozenset[Fault] = frozenset()
    at: float = 0.0


class Machine:
    """Looks, judges and remembers; one look after the other, by whoever calls."""

    def __init__(self, sources: Sources) -> None:
        """Remember where to look."""
        self._sources, self._governor = sources, Governor()
        self._card, self._looks = read_card_of(sources.state, sources.blocks), 0
        self._weak_before = False

    def look(self, told: Told, now: float) -> Outlook:
        """Look once.

        Args:
            told: What the engine knows.
            now: Seconds, monotonic.
        """
        view = self._read(told)
        course = self._governor.course(
            view.temperature,
            now,
            weak=bool(view.under_voltage),
            slowed=bool(view.throttled),
        )
        found = faults(view) | ({Fault.HOT} if course.hot else set())
        said = (*course.reasons, *notes(view))
        return Outlook(
            msgspec.structs.replace(view, rate_limit=course.rate, notes=said), found, now
        )

    def _read(self, told: Told) -> MachineView:
        sources = self._sources
        firmware = read_firmware(sources.devices, sources.sensors)
        room, card = read_room(sources.state), self._card_now()
        self._weak_before |= bool(firmware.under_voltage or firmware.under_voltage_before)
        known = firmware.under_voltage is not None
        return MachineView(
            read_at=time.time(),
            temperature=temperature(sources.zones),
            under_voltage=firmware.under_voltage,
            under_voltage_before=self._weak_before if known else None,
            throttled=firmware.throttled,
            throttled_before=firmware.throttled_before,
            free_bytes=room.free_bytes,
            read_only=room.read_only,
            wear=card.wear,
            written_bytes=card.written_bytes,
            up_s=time.clock_gettime(time.CLOCK_BOOTTIME),
            opened_at=opened_at(sources.opened_seen, sources.opened),
            **msgspec.structs.asdict(told),
        )

    def _card_now(self) -> Card:
        self._looks += 1
        if self._looks % CARD_EVERY == 0:
            self._card = read_card_of(self._sources.state, self._sources.blocks)
        return self._card


class MachineWatch:
    """The thread."""

    def __init__(self, sources: Sources, telling: Callable[[], Told]) -> None:
        """Look once, then go on looking.

        Args:
            sources: Where to look.
            telling: Gives what only the engine knows; must not wait.
        """
        self._machine, self._telling = Machine(sources), telling
        self._closing = threading.Event()
        self._newest = Outlook(at=time.monotonic())
        self._thread = threading.Thread(target=self._run, name="machine", daemon=True)
        self._thread.start()

    def newest(self, now: float) -> Outlook:
        """Give what is known at ``now`` (seconds, monotonic); what is stale says that it is."""
        newest = self._newest
        if now - newest.at <= STALE_S:
            return newest
        stale = msgspec.structs.replace(newest.view, notes=(*newest.view.notes, Note.UNKNOWN))
        return Outlook(stale, newest.faults, newest.at)

    def close(self) -> None:
        """Stop; a look that hangs is left to itself."""
        self._closing.set()
        self._thread.join(timeout=LOOK_S)

    def _run(self) -> None:
        while not self._closing.is_set():
            try:
                self._look()
            except Exception:  # noqa: BLE001 - the thread boundary: what is old soon says so
                _LOG.error("a look at the machine failed", code="machine-unread", exc_info=True)
            self._closing.wait(LOOK_S)

    def _look(self) -> None:
        before = self._newest.view
        self._newest = self._machine.look(self._telling(), time.monotonic())
        _say(before, self._newest.view)


def _say(before: MachineView, now: MachineView) -> None:
    """Log what is new, once; a lower rate among it."""
    if now.rate_limit is None and before.rate_limit is not None:
        _LOG.info("screens at full speed again", code="rate-full", degrees=now.temperature)
    elif now.rate_limit != before.rate_limit:
        fps, degrees = now.rate_limit, now.temperature
        _LOG.warning("screens more slowly", code="rate-lowered", fps=fps, degrees=degrees)
    for note in set(now.notes) - set(before.notes):
        _LOG.warning("needs looking at", code="machine-note", state=note.code)
