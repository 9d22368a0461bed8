"""What the door shows: frozen snapshots that the panel and the staff page read.

A snapshot is replaced as a whole and never changed, so any thread or process may keep one.
Times are seconds since the Unix epoch, UTC, unless the name says otherwise.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from edge.machine.view import MachineView
from sync.entries import Reason

Answer = Literal["refused", "not them", "let in"]
"""What staff say about an alert."""

Thresholds = tuple[float, float]
"""The lower (check) and the upper (stop) threshold that are in force."""


class EncounterView(Struct, frozen=True):
    """One person in front of the camera, as the panel shows it.

    Attributes:
        number: Counts up from 1 since the engine started.
        verdict: Name of the verdict, or None while undecided.
        why: The reason of the verdict, one sentence.
        score: The best candidate's score, or None without a candidate.
        entry_id: The best candidate's entry.
        category: The best candidate's category.
        usable: Usable faces compared so far.
        first_frame: Number of the first frame with this person.
        last_frame: Number of the newest frame with this person.
        seen_s: Seconds between first and newest sight.
        box: x0, y0, x1, y1 as parts of the frame's width and height, in [0, 1].
        ended: Whether the person has left the picture.
        latency_ms: From a frame being taken to its first verdict being known; 0 before that.
        flaws: Why their face could not be compared, the most frequent reasons first.
    """

    number: int
    verdict: str | None
    why: str
    score: float | None
    entry_id: str | None
    category: str | None
    usable: int
    first_frame: int
    last_frame: int
    seen_s: float
    box: tuple[float, float, float, float]
    ended: bool
    latency_ms: float
    flaws: tuple[str, ...] = ()


class AlertView(Struct, frozen=True):
    """One alert for a person to decide.

    Attributes:
        alert_id: Random; asks for the two pictures while the alert is open.
        encounter: Number of the encounter.
        verdict: ``STOP`` or ``CHECK``.
        category: Category of the entry.
        reason: Reason code of the entry.
        valid_until: When the entry ends.
        entry_id: The entry.
        score: The fused score.
        score_words: The score in words.
        opened_at: When it was raised.
        answer: What staff said, or None while nobody has.
        held_back: The entry has rung wrongly tonight: it is checked and not stopped.
    """

    alert_id: str
    encounter: int
    verdict: str
    category: str
    reason: str
    valid_until: float
    entry_id: str
    score: float
    score_words: str
    opened_at: float
    answer: Answer | None
    held_back: bool = False


class Ring(Struct, frozen=True):
    """How often an entry rang at this door tonight.

    Attributes:
        entry_id: The entry.
        alerts: How often.
        confirmed: Of these, staff said *refused* or *let in*.
        not_them: Of these, staff said *not them*.
    """

    entry_id: str
    alerts: int
    confirmed: int
    not_them: int


class ListView(Struct, frozen=True):
    """The state of the list.

    Attributes:
        entries: Entries in force.
        templates: Reference templates compared against.
        sequence: Number of the newest change.
        issued_at: When the list was last confirmed.
        expires_at: When it stops being fresh.
        model_id: The embedder the templates belong to.
        tonight: Entries that were made at this door and are gone at noon unless completed.
    """

    entries: int
    templates: int
    sequence: int
    issued_at: float
    expires_at: float
    model_id: str
    tonight: tuple[str, ...] = ()

    def lease_used(self, now: float) -> float:
        """Give the part of its lease that is over at ``now``; above 1 it is no longer fresh."""
        return (now - self.issued_at) / max(1.0, self.expires_at - self.issued_at)


class CandidateView(Struct, frozen=True):
    """One candidate of a hand-held check.

    Attributes:
        entry_id: The entry.
        category: Its category.
        reason: Its reason code.
        valid_until: When it ends.
        score: The score.
        score_words: The score in words.
        token: Releases the reference photo once, for a few seconds.
    """

    entry_id: str
    category: str
    reason: str
    valid_until: float
    score: float
    score_words: str
    token: str


class Completion(Struct, frozen=True):
    """What makes an entry for tonight an ordinary one.

    Attributes:
        reason: Why, from the closed list.
        incident_on: Day of the incident, as 2031-01-31.
        evidence: Where the evidence is kept: a reference, not the evidence.
        last_day: The last day on which the entry counts, as 2031-01-31.
        declared: The manager declares: not known to be under 18 or vulnerable, or handled as the
            rules for such persons ask.
    """

    reason: Reason
    incident_on: str
    evidence: Annotated[str, Meta(max_length=200)]
    last_day: str
    declared: bool


class PasserView(Struct, frozen=True):
    """Somebody who was in front of the camera within the last minute, for a manager.

    Attributes:
        encounter: Number of the encounter.
        ago_s: Seconds since they were last seen.
        in_view: Whether they still stand there.
        faces: Usable faces that were seen.
        entry_id: The entry they may be of, where somebody on the list looks alike.
        claimed: They were put on the list from here.
    """

    encounter: int
    ago_s: float
    in_view: bool
    faces: int
    entry_id: str | None
    claimed: bool


class TonightView(Struct, frozen=True):
    """An entry that was made at this door and is gone at noon unless somebody completes it.

    Attributes:
        entry_id: The entry.
        category: Its category.
        reason: Its reason code.
        created_at: When it was made.
        valid_until: When it goes.
        one_in: One in so many strangers would be stopped because of it, where that is known.
        doubtful: It would ring far more often than entries do: look twice.
    """

    entry_id: str
    category: str
    reason: str
    created_at: float
    valid_until: float
    one_in: float | None = None
    doubtful: bool = False


class SyncView(Struct, frozen=True):
    """How the unit stands with its consortium, as the sync process tells it.

    Attributes:
        unit_id: This unit.
        name: What the hub calls it.
        venue: Whose door it is.
        list_id: Whose list.
        connected: There is a connection to the broker; says nothing about the hub.
        live: The hub answered a question on this connection.
        problem: Why there is no connection, one line, or nothing.
        locked: ``revoked`` or ``destroyed``, or nothing.
        seq: Newest change in force here.
        head_seq: Newest change this unit knows of; what is above ``seq`` is on its way.
        epoch: Number of the newest keys.
        held: Entries held here.
        waiting: Entries made here that the hub does not have yet.
        issued_ms: When the hub last confirmed the list in force; 0 for never.
        lease_ms: When it stops being fresh.
        pages: Pages of a snapshot that are here, and how many it has.
        refusals: What was refused since joining, by its code.
        clock_leapt: The wall clock contradicts the signed time.
        starts_until_ms: Until when the unit can be started without the hub and without a token, 0
            for not at all; None where the device's key alone opens the list.
    """

    unit_id: str
    name: str
    venue: str
    list_id: str
    connected: bool
    live: bool
    problem: str
    locked: str
    seq: int
    head_seq: int
    epoch: int
    held: int
    waiting: int
    issued_ms: int
    lease_ms: int
    pages: tuple[int, int]
    refusals: dict[str, int]
    clock_leapt: bool
    starts_until_ms: int | None = None


class DoorState(Struct, frozen=True):
    """Everything the door shows at one moment.

    Attributes:
        taken_at: When the snapshot was made.
        frame: Number of the newest screened frame.
        verdict: Name of the worst verdict in force, or None when idle.
        category: Category of the entry behind it.
        faults: Sentences for staff, one for each thing that keeps the unit from screening.
        encounters: Those in view, then the last 20 that ended, newest first.
        alerts: Those still shown, newest first.
        gallery: The list, or None while it cannot be read.
        thresholds: Check and stop threshold, or None while there is no gallery or model.
        counts: Encounters by verdict and other totals since the start.
        fps: Frames screened a second.
        dropped: Frames that a newer one replaced before they were screened.
        latency_ms: From a frame being taken to its screening being done, median of late.
        stages_ms: Milliseconds of each stage on the newest frame.
        finished: Whether a clip that does not loop has come to its end.
        outcomes: Alerts, answers and checks by hand since ``since``, which is among them.
        rings: What rang tonight, wrong ones first.
        machine: How the machine is that screens.
    """

    taken_at: float
    frame: int
    verdict: str | None
    category: str | None
    faults: tuple[str, ...]
    encounters: tuple[EncounterView, ...]
    alerts: tuple[AlertView, ...]
    gallery: ListView | None
    thresholds: Thresholds | None
    counts: dict[str, int]
    fps: float
    dropped: int
    latency_ms: float
    stages_ms: dict[str, float]
    finished: bool
    outcomes: dict[str, int] = {}
    rings: tuple[Ring, ...] = ()
    machine: MachineView = MachineView()
