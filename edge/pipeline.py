"""One frame through all steps: faces, encounters, comparison, decision, and what the door shows.

Nothing here opens a file or a socket. An encounter that ends leaves numbers behind, for the
panel; its templates are dropped at once here, by the tracker within seconds, and within a minute
where a manager may put somebody on the list from here.
"""

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from edge.alerts import AlertBook, Cause, score_words
from edge.capture.source import Frame
from edge.decision import Candidate, Decision, Evidence, Fault, Rules, Verdict, decide
from edge.door import EncounterView, ListView
from edge.gallery.index import Index
from edge.recall import Recall
from edge.vision.face import Face, FloatArray, Image
from edge.vision.track import Track, Tracker
from sync.entries import Entry

ENDED_KEPT = 20
"""Ended encounters that the panel still shows."""

FLAWS_SAID = 2
"""Reasons that are given why somebody's face could not be compared."""

ALERTING = frozenset({Verdict.CHECK, Verdict.STOP})
"""Verdicts that ask a person to decide, where there is a candidate."""

Box = tuple[float, float, float, float]


class Seeing(Protocol):
    """What finds the faces of a stream: ``edge.vision.Watch``."""

    def faces(self, rgb: Image, *, embed: bool = True) -> list[Face]:
        """Find the faces of the next frame."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class InForce:
    """What is compared against; replaced as a whole when the list changes.

    Attributes:
        rules: The thresholds and how much evidence a verdict takes.
        index: The references, or None while there is no gallery: nothing is compared then.
        entries: The entries in force, by id.
        view: The list's state, for the panel.
        cautioned: Entries that the hub holds back tonight.
    """

    rules: Rules
    index: Index | None = None
    entries: Mapping[str, Entry] = field(default_factory=dict)
    view: ListView | None = None
    cautioned: frozenset[str] = frozenset()

    def best(self, probe: FloatArray, held_back: frozenset[str] = frozenset()) -> Candidate | None:
        """Find the best candidate for a fused probe, if any.

        An entry that is held back hides no other that the same face would be stopped for.

        Args:
            probe: float32[D], unit length.
            held_back: Entries that ring wrongly tonight.
        """
        if self.index is None:
            return None
        first = next(iter(self.index.search(probe, threshold=self.rules.check, limit=1)), None)
        if first is None or first.entry_id not in held_back:
            return first
        limit = 1 + len(held_back)
        others = self.index.search(probe, threshold=self.rules.stop, limit=limit)
        stopped = (one for one in others if one.entry_id not in held_back)
        return next(stopped, replace(first, held_back=True))


@dataclass(slots=True)
class _Encounter:
    """One person, in view or just gone, and the evidence so far."""

    track: Track
    first_frame: int
    last_frame: int
    taken_at: float
    box: Box = (0.0, 0.0, 0.0, 0.0)
    recent: deque[Candidate | None] = field(default_factory=deque)
    compared: int = 0
    usable: int = 0
    decision: Decision | None = None
    latency_ms: float = 0.0
    flaws: Counter[str] = field(default_factory=Counter)

    def evidence(self) -> Evidence:
        return Evidence(
            encounter=self.track.number,
            seen_s=self.track.last_seen - self.track.first_seen,
            compared=self.compared,
            recent=tuple(self.recent),
        )

    def follow(self, track: Track, frame: Frame) -> None:
        self.track = track
        if track.last_seen == frame.taken_at:
            self.last_frame, self.taken_at = frame.number, frame.taken_at
            self.box = _relative(track.face.box, frame.pixels)
            self.flaws.update(track.face.quality.reasons)

    def forget_templates(self) -> None:
        self.track = replace(self.track, fused=None, face=replace(self.track.face, template=None))


class Screening:
    """Screens the frames of one camera.

    Attributes:
        counts: Ended encounters by verdict, and all that began.
    """

    def __init__(
        self, seeing: Seeing, tracker: Tracker, alerts: AlertBook, recall: Recall | None = None
    ) -> None:
        """Put the parts together; no encounter is known yet.

        Args:
            seeing: Finds the faces.
            tracker: Joins them into encounters.
            alerts: Where candidates are reported.
            recall: Remembers the last minute for a manager, if anything does.
        """
        self.counts: Counter[str] = Counter()
        self._seeing = seeing
        self._tracker = tracker
        self._alerts, self._recall = alerts, recall
        self._open: dict[int, _Encounter] = {}
        self._left: dict[int, _Encounter] = {}

    def screen(
        self, frame: Frame, in_force: InForce, faults: frozenset[Fault]
    ) -> tuple[Decision, ...]:
        """Take one frame through all steps and decide about everybody in view.

        Args:
            frame: The newest frame.
            in_force: What to compare against.
            faults: What keeps the unit from screening, this frame.

        Returns:
            The decisions that the lamps must show: those that staff have answered are left out.
        """
        faces = self._seeing.faces(frame.pixels)
        tracks = self._tracker.update(faces, frame.taken_at)
        in_view = [track for track in tracks if not track.lost]
        held_back = in_force.cautioned | self._alerts.held_back()
        self._part({track.number for track in in_view}, frame.taken_at)
        for track in in_view:
            encounter = self._meet(track, frame)
            encounter.follow(track, frame)
            _compare(encounter, in_force, held_back)
            encounter.decision = decide(
                encounter.evidence(), faults, in_force.rules, encounter.decision
            )
            self._report(encounter, frame, in_force)
            self._remember(encounter, frame)
        return tuple(
            encounter.decision
            for number, encounter in self._open.items()
            if encounter.decision is not None and not self._alerts.answered(number)
        )

    def settle(self, now: float) -> None:
        """Note the latency of encounters that just got their first verdict.

        Args:
            now: Seconds, monotonic, when the lamps were told.
        """
        for encounter in self._open.values():
            decided = encounter.decision is not None and encounter.decision.verdict is not None
            if decided and not encounter.latency_ms:
                encounter.latency_ms = (now - encounter.taken_at) * 1000

    def finish(self, at: float) -> None:
        """End every encounter at ``at`` (seconds, monotonic): the clip is over."""
        self._part(set(), at)

    def views(self) -> tuple[EncounterView, ...]:
        """Show the encounters in view, then those that ended, newest first."""
        in_view = [_view(encounter, ended=False) for encounter in self._open.values()]
        left = [_view(encounter, ended=True) for encounter in self._left.values()]
        return (*reversed(in_view), *reversed(left))

    def _meet(self, track: Track, frame: Frame) -> _Encounter:
        """Find the encounter of a track, also of one that had been lost, or begin it."""
        returned = self._left.pop(track.number, None)
        if returned is not None:
            self.counts[_counted(returned)] -= 1
            self._open[track.number] = returned
        if track.number not in self._open:
            self.counts["encounters"] += 1
            begun = _Encounter(track, frame.number, frame.number, frame.taken_at)
            self._open[track.number] = begun
        return self._open[track.number]

    def _report(self, encounter: _Encounter, frame: Frame, in_force: InForce) -> None:
        """Open or refresh the alert of a candidate that this frame shows."""
        decision, track = encounter.decision, encounter.track
        if decision is None or decision.candidate is None or track.last_seen != frame.taken_at:
            return
        entry = in_force.entries.get(decision.candidate.entry_id)
        if entry is None or decision.verdict not in ALERTING:
            return
        rules, score = in_force.rules, decision.candidate.score
        cause = Cause(
            encounter=track.number,
            verdict=decision.verdict,
            candidate=decision.candidate,
            entry=entry,
            score_words=score_words(score, check=rules.check, stop=rules.stop),
            face=track.face,
            pixels=frame.pixels,
        )
        self._alerts.consider(cause, frame.taken_at)

    def _remember(self, encounter: _Encounter, frame: Frame) -> None:
        """Keep what a manager may need within the next minute."""
        if self._recall is not None and encounter.track.last_seen == frame.taken_at:
            candidate = encounter.decision.candidate if encounter.decision else None
            entry_id = candidate.entry_id if candidate else None
            self._recall.see(encounter.track, frame.pixels, entry_id)

    def _part(self, present: set[int], at: float) -> None:
        """Close the encounters of those who are gone; their templates are dropped."""
        for number in [n for n in self._open if n not in present]:
            gone = self._open.pop(number)
            gone.forget_templates()
            self.counts[_counted(gone)] += 1
            self._left[number] = gone
            self._alerts.end(number, at)
            if self._recall is not None:
                self._recall.part(number)
        while len(self._left) > ENDED_KEPT:
            del self._left[next(iter(self._left))]


def _compare(encounter: _Encounter, in_force: InForce, held_back: frozenset[str]) -> None:
    """Search with the fused template if a usable face was added to it in this frame."""
    track = encounter.track
    added = track.usable > encounter.usable
    encounter.usable = track.usable
    if not added or track.fused is None or in_force.index is None:
        return
    encounter.compared += 1
    encounter.recent.append(in_force.best(track.fused, held_back))
    while len(encounter.recent) > in_force.rules.stop_window:
        encounter.recent.popleft()


def _counted(encounter: _Encounter) -> str:
    """Name the count an ended encounter goes to."""
    verdict = encounter.decision.verdict if encounter.decision else None
    return verdict.name.lower() if verdict else "undecided"


def _view(encounter: _Encounter, *, ended: bool) -> EncounterView:
    track, decision = encounter.track, encounter.decision
    candidate = decision.candidate if decision else None
    return EncounterView(
        number=track.number,
        verdict=decision.verdict.name if decision and decision.verdict else None,
        why=decision.why if decision else "",
        score=candidate.score if candidate else None,
        entry_id=candidate.entry_id if candidate else None,
        category=candidate.category if candidate else None,
        usable=track.usable,
        first_frame=encounter.first_frame,
        last_frame=encounter.last_frame,
        seen_s=track.last_seen - track.first_seen,
        box=encounter.box,
        ended=ended,
        latency_ms=encounter.latency_ms,
        flaws=tuple(flaw for flaw, _ in encounter.flaws.most_common(FLAWS_SAID)),
    )


def _relative(box: Box, pixels: Image) -> Box:
    """Give a box in pixels as parts of the frame, cut off at its edges."""
    height, width = pixels.shape[:2]
    x0, y0, x1, y1 = box
    return (_part_of(x0, width), _part_of(y0, height), _part_of(x1, width), _part_of(y1, height))


def _part_of(value: float, whole: int) -> float:
    return min(1.0, max(0.0, value / whole))
