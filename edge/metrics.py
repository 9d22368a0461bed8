"""The unit's figures for Prometheus: numbers of the unit and of its evening, none of a person."""

from importlib.metadata import version

from edge.decision import Fault, Verdict, fault_of
from edge.door import DoorState, SyncView
from edge.machine.view import MachineView, Note
from edge.web.figures import Figures

PREFIX = "doorwatch_"
"""Stands before each name."""

CLOCKS = ("hub", "network", "unproven")
"""By what the time may be told."""


def figures(state: DoorState | None, standing: SyncView | None, now: float) -> Figures:
    """Write down how the unit is.

    Args:
        state: The engine's word; None while it does not answer.
        standing: The sync process's; None where there is none, or none that answers.
        now: Seconds since the epoch.
    """
    told = Figures(PREFIX)
    told.put("info", "Version of the software.", 1, version=version("doorwatch"))
    told.put("engine_up", "The engine answers.", state is not None)
    if state is not None:
        _screening(told, state)
        _list(told, state, now)
        _machine(told, state.machine)
    if standing is not None:
        _consortium(told, standing)
    return told


def _screening(told: Figures, state: DoorState) -> None:
    told.put("screening", "Nothing keeps the unit from screening.", not state.faults)
    present = {fault_of(sentence) for sentence in state.faults}
    for fault in Fault:
        told.put("fault", "What keeps it from screening.", fault in present, fault=fault.code)
    told.put("frames_per_second", "Frames screened a second.", state.fps)
    told.put("frames_dropped", "Frames that a newer one replaced, since the start.", state.dropped)
    told.put(
        "latency_seconds", "From a frame to its screening being done.", state.latency_ms / 1000
    )
    for stage, ms in state.stages_ms.items():
        told.put("stage_seconds", "Of each stage, newest frame.", ms / 1000, stage=stage)
    for verdict in (*(one.name.lower() for one in Verdict), "undecided"):
        count = state.counts.get(verdict, 0)
        told.put("encounters", "People who left, since the start.", count, verdict=verdict)
    for name, count in state.outcomes.items():
        if name != "since":
            told.put("tonight", "Alerts and answers tonight.", count, what=name)


def _list(told: Figures, state: DoorState, now: float) -> None:
    gallery = state.gallery
    if gallery is None:
        return
    told.put("list_entries", "Entries in force.", gallery.entries)
    told.put("list_templates", "Reference templates compared against.", gallery.templates)
    told.put("list_sequence", "Number of the newest change.", gallery.sequence)
    told.put("list_age_seconds", "Since the list was confirmed.", now - gallery.issued_at)
    told.put("list_fresh_seconds", "Until it is out of date.", gallery.expires_at - now)


def _machine(told: Figures, view: MachineView) -> None:
    for note in Note:
        told.put("needs", "Somebody should see to it.", note in view.notes, what=note.code)
    told.put("temperature_celsius", "Of the warmest sensor.", view.temperature)
    told.put("under_voltage", "The supply is too weak now.", view.under_voltage)
    told.put("under_voltage_before", "It was, since the start.", view.under_voltage_before)
    told.put("throttled", "The firmware slows the processor now.", view.throttled)
    told.put("throttled_before", "It did, since the start.", view.throttled_before)
    told.put("frames_per_second_limit", "What it keeps itself to.", view.rate_limit)
    told.put("free_bytes", "Room for the list.", view.free_bytes)
    told.put("read_only", "The disk cannot be written.", view.read_only)
    wear = None if view.wear is None else view.wear / 100
    told.put("card_wear_ratio", "Part of the card's life that is used up.", wear)
    told.put("card_written_bytes", "Written since the start.", view.written_bytes)
    told.put("up_seconds", "Since the machine was switched on.", view.up_s)
    for clock in CLOCKS if view.clock else ():
        told.put("clock", "By what the time is told.", clock == view.clock, by=clock)
    told.put("clock_off_seconds", "The machine's clock is ahead.", view.clock_off_s)
    if view.accelerator:
        labels = {"accelerator": view.accelerator, "runtime": view.runtime}
        told.put("networks", "What runs them.", 1, **labels)
    told.put("box_opened", "Nobody has seen to it since.", view.opened_at is not None)


def _consortium(told: Figures, standing: SyncView) -> None:
    told.put("hub_live", "The hub answers.", standing.live)
    told.put("broker_connected", "There is a connection to it.", standing.connected)
    told.put("locked", "The consortium has locked this unit.", bool(standing.locked))
    told.put("changes_behind", "Known and not here yet.", standing.head_seq - standing.seq)
    told.put("entries_waiting", "Made here, not at the hub yet.", standing.waiting)
    told.put("refused_messages", "Since joining.", sum(standing.refusals.values()))
