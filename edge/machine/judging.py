"""What is to be said of a machine: a table of limits, each with the words for it. Pure."""

from collections.abc import Callable

from edge.decision import Fault
from edge.machine.view import MachineView, Note

MIB = 2**20

FULL_BELOW = 8 * MIB
"""Bytes of free room below which changes of the list cannot be counted on to fit."""

SCARCE_BELOW = 256 * MIB
"""Bytes of free room below which somebody should look why."""

WORN_FROM = 90
"""Percent of a card's life."""

MOST_WRITTEN_A_DAY = 4 * 2**30
"""Bytes. A unit writes some tens of megabytes a day; a card for 30 TB lasts twenty years at this
rate, and what writes so much is a fault in itself."""

JUDGED_AFTER_S = 6 * 3600.0
"""Seconds since the start before writing is judged: a start and an upgrade write a lot."""

CLOCK_OFF_S = 300.0
"""Seconds that the machine's clock may be off before its battery or its network is looked at."""

LONG_UNCONFIRMED = 0.5
"""Part of its lease after which a list that nobody confirmed is mentioned."""

DAY_S = 86_400.0

FAULTS: dict[Fault, Callable[[MachineView], bool]] = {
    Fault.DISK: lambda one: bool(one.read_only) or _below(one.free_bytes, FULL_BELOW),
    Fault.OPENED: lambda one: one.opened_at is not None,
}
"""What keeps the unit from screening honestly. That it is too hot, ``governor`` says."""

NOTES: dict[Note, Callable[[MachineView], bool]] = {
    Note.COLD: lambda one: one.temperature is not None and one.temperature < 0,
    Note.SPACE: lambda one: _below(one.free_bytes, SCARCE_BELOW),
    Note.WORN: lambda one: one.wear is not None and one.wear >= WORN_FROM,
    Note.WRITES: lambda one: _written_a_day(one) > MOST_WRITTEN_A_DAY,
    Note.CLOCK: lambda one: abs(one.clock_off_s or 0.0) > CLOCK_OFF_S,
    Note.LIST_AGE: lambda one: (one.lease_used or 0.0) > LONG_UNCONFIRMED,
    Note.ACCELERATOR: lambda one: one.accelerator_missed,
}
"""What somebody should see to soon."""


def faults(view: MachineView) -> frozenset[Fault]:
    """Name what keeps the unit from screening."""
    return frozenset(fault for fault, holds in FAULTS.items() if holds(view))


def notes(view: MachineView) -> tuple[Note, ...]:
    """Name what somebody should see to, in the order of the table of words."""
    return tuple(note for note in Note if note in NOTES and NOTES[note](view))


def _below(value: int | None, limit: int) -> bool:
    return value is not None and value < limit


def _written_a_day(view: MachineView) -> float:
    """Give the bytes that are written in a day, once the start is long enough ago."""
    if not view.written_bytes or not view.up_s or view.up_s < JUDGED_AFTER_S:
        return 0.0
    return view.written_bytes / view.up_s * DAY_S
