"""From the evidence about each person to what the door is told: the rules as a table.

Pure: values in, values out; time is a number of seconds that is passed in. Three steps, and the
words in quotation marks are those of the design:

1. :data:`TABLE` finds what the evidence about one person says; the first row that applies wins.
2. :data:`LEADS_TO` keeps a finding from softening while the same person stands there: a STOP
   stays a STOP, a candidate stays a CHECK. Green alone is never kept, only found anew.
3. "FAULT outranks all; with a STOP in force both show": a fault replaces every verdict but STOP.

``edge/DECISION.md`` shows both tables, drawn from them by ``deploy/draw_decision.py``.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from edge.errors import ConfigError
from sync.entries import Category


class Verdict(IntEnum):
    """What the door is told, in the order of severity. Idle and undecided are no verdict."""

    CLEAR = 1
    CHECK = 2
    STOP = 3
    FAULT = 4


class Fault(StrEnum):
    """Why the unit cannot honestly screen, as a sentence for staff."""

    NO_PICTURE = "The camera gives no picture: check its cable."
    FROZEN = "The camera's picture stands still: unplug the camera and plug it in again."
    BLACK = "The camera's picture is black: check the light and the lens."
    COVERED = "Something covers the camera: clear the lens."
    FLICKERING = "The camera's picture comes and goes: check its cable and the light."
    STALLED = "Screening has stalled: restart the unit if this stays."
    LAMP = "The lamps do not answer: look at the lamp keeper's log, or restart the unit."
    MODEL = "A network is missing or altered: install the release again."
    GALLERY = "The list cannot be read: call the manager."
    LOCKED = "The consortium has locked this unit: call the manager."
    WAITING = "The list is locked until the hub or a staff token opens it: call the manager."
    LIST_EXPIRED = "The list is out of date: call the manager."
    CLOCK = "The clock cannot be trusted: call the manager."
    HOT = "The unit is too hot to screen: give it shade and air."
    DISK = "The unit's disk is full or cannot be written: call the manager."
    OPENED = "The unit's box was opened: call the manager."

    @property
    def code(self) -> str:
        """The short word for the hub and for figures."""
        return self.name.lower().replace("_", "-")


def fault_of(sentence: str) -> Fault | None:
    """Find the fault that a sentence is about; its cause may follow it."""
    return next((fault for fault in Fault if sentence.startswith(fault.value)), None)


class Finding(StrEnum):
    """What the evidence about one person says, faults aside; the value is said to staff."""

    UNDECIDED = "Still looking."
    CLEAR = "Compared with the list: not on it."
    NOT_SEEN = "Face not seen: ask them to look up."
    CANDIDATE = "May be on the list: compare with the photo."
    MATCH = "On the list: compare with the photo."


VERDICT_OF: dict[Finding, Verdict | None] = {
    Finding.UNDECIDED: None,
    Finding.CLEAR: Verdict.CLEAR,
    Finding.NOT_SEEN: Verdict.CHECK,
    Finding.CANDIDATE: Verdict.CHECK,
    Finding.MATCH: Verdict.STOP,
}
"""What the door is told of each finding while the unit has no fault."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A gallery entry whose comparison score passes the lower threshold.

    Attributes:
        entry_id: The entry.
        category: How a match is shown.
        score: Cosine of fused probe and best reference, in [-1, 1].
        held_back: The entry has rung wrongly tonight: it is checked, and never stopped.
    """

    entry_id: str
    category: Category
    score: float
    held_back: bool = False


@dataclass(frozen=True, slots=True)
class Rules:
    """How much evidence a verdict takes.

    Attributes:
        check: The lower threshold on the score.
        stop: The upper threshold on the score.
        usable_for_clear: Usable, compared faces before CLEAR ("at least k").
        stop_hits: Faces of the window that must pass ``stop`` ("m of n": m).
        stop_window: Newest compared faces looked back on ("m of n": n).
        patience_s: Seconds until somebody whose face could not be compared becomes CHECK.

    Raises:
        ConfigError: No verdict could be honest under these numbers.
    """

    check: float
    stop: float
    usable_for_clear: int = 3
    stop_hits: int = 2
    stop_window: int = 5
    patience_s: float = 2.5

    def __post_init__(self) -> None:
        """Refuse numbers under which a verdict would mean nothing."""
        if not self.check <= self.stop:
            raise ConfigError(
                f"the check threshold {self.check} is above the stop threshold {self.stop}: "
                "allow more false CHECK than false STOP alerts under [budget]"
            )
        if self.usable_for_clear < 1:
            raise ConfigError("decision.usable_for_clear: at least 1, or green is not earned")
        if not 1 <= self.stop_hits <= self.stop_window:
            raise ConfigError(
                f"decision.stop_hits: from 1 to decision.stop_window ({self.stop_window})"
            )


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of one encounter.

    Attributes:
        encounter: Its number.
        seen_s: Seconds since its first face.
        compared: Usable faces that were compared against the gallery.
        recent: The best candidate of the fused template after each of the newest compared
            faces, oldest first; None where none passed the lower threshold.
    """

    encounter: int
    seen_s: float
    compared: int
    recent: tuple[Candidate | None, ...] = ()

    def best(self) -> Candidate | None:
        """Give the highest-scoring recent candidate."""
        return _best(candidate for candidate in self.recent if candidate is not None)

    def passed(self, rules: Rules) -> list[Candidate]:
        """Give the candidates of the window that passed the upper threshold."""
        window = self.recent[-rules.stop_window :]
        return [one for one in window if one is not None and one.score >= rules.stop]

    def hits(self, rules: Rules) -> list[Candidate]:
        """Give those of them whose entries may be stopped for."""
        return [one for one in self.passed(rules) if not one.held_back]

    def suspect(self, rules: Rules) -> bool:
        """Tell whether somebody on the list may stand here.

        The newest fused template knows the most; a single pass of the upper threshold counts
        too, although it is too little for a STOP.
        """
        return bool(self.passed(rules)) or (bool(self.recent) and self.recent[-1] is not None)

    def enough(self, rules: Rules) -> bool:
        """Tell whether enough usable faces were compared to judge by."""
        return self.compared >= rules.usable_for_clear

    def waited(self, rules: Rules) -> bool:
        """Tell whether patience is over."""
        return self.seen_s >= rules.patience_s


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table.

    Attributes:
        finding: What is found.
        words: When, for people.
        applies: When, for the unit.
    """

    finding: Finding
    words: str
    applies: Callable[[Evidence, Rules], bool]


TABLE: tuple[Row, ...] = (
    Row(
        Finding.MATCH,
        "the fused score passed the upper threshold on m of the last n compared faces, for "
        "entries that are not held back",
        lambda seen, rules: len(seen.hits(rules)) >= rules.stop_hits,
    ),
    Row(
        Finding.CANDIDATE,
        "it passed the upper threshold on fewer than m of them, but on one; or on any for an "
        "entry that is held back",
        lambda seen, rules: bool(seen.passed(rules)),
    ),
    Row(
        Finding.CANDIDATE,
        "the newest fused score lies between the thresholds, and k faces were compared "
        "or patience is over",
        lambda seen, rules: seen.suspect(rules) and (seen.enough(rules) or seen.waited(rules)),
    ),
    Row(
        Finding.CLEAR,
        "k faces were compared, and there is no candidate",
        lambda seen, rules: seen.enough(rules) and not seen.suspect(rules),
    ),
    Row(
        Finding.NOT_SEEN,
        "patience is over, and fewer than k faces could be compared",
        lambda seen, rules: seen.waited(rules),
    ),
    Row(Finding.UNDECIDED, "otherwise", lambda _seen, _rules: True),
)
"""What the evidence says; the first row that applies wins."""

LEADS_TO: dict[Finding, tuple[Finding, ...]] = {
    Finding.UNDECIDED: tuple(Finding),
    Finding.CLEAR: tuple(Finding),
    Finding.NOT_SEEN: (Finding.CLEAR, Finding.CANDIDATE, Finding.MATCH),
    Finding.CANDIDATE: (Finding.MATCH,),
    Finding.MATCH: (),
}
"""Which findings may follow one another within an encounter; all others leave it as it was.

From CLEAR the way back is open, for a green is never kept: when the comparisons behind it do not
count any more, it has to be earned again."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about one encounter.

    Attributes:
        encounter: Its number.
        verdict: What the door is told, or None while undecided.
        candidate: Who it may be.
        why: The reason, one sentence for staff.
        finding: What the evidence said, faults aside; pass the decision on to the next one.
    """

    encounter: int
    verdict: Verdict | None
    candidate: Candidate | None
    why: str
    finding: Finding = Finding.UNDECIDED


def decide(
    evidence: Evidence, faults: frozenset[Fault], rules: Rules, before: Decision | None = None
) -> Decision:
    """Decide about one person.

    Args:
        evidence: What is known of the encounter.
        faults: What keeps the unit from screening.
        rules: How much evidence a verdict takes.
        before: The last decision about the same encounter, which this one must not soften.
    """
    finding = next(row.finding for row in TABLE if row.applies(evidence, rules))
    candidate = _candidate(finding, evidence, rules)
    if before is not None and finding not in (before.finding, *LEADS_TO[before.finding]):
        finding, candidate = before.finding, before.candidate
    if faults and finding is not Finding.MATCH:
        why = " ".join(fault.value for fault in Fault if fault in faults)
        return Decision(evidence.encounter, Verdict.FAULT, candidate, why, finding)
    return Decision(evidence.encounter, VERDICT_OF[finding], candidate, finding.value, finding)


def _candidate(finding: Finding, evidence: Evidence, rules: Rules) -> Candidate | None:
    """Name who it may be: for a STOP, somebody who may be stopped for."""
    if finding is Finding.MATCH:
        return _best(evidence.hits(rules))
    return evidence.best() if finding is Finding.CANDIDATE else None


def _best(candidates: Iterable[Candidate]) -> Candidate | None:
    """Give the one that scores highest; the entry's id breaks a tie."""
    return max(candidates, key=lambda one: (one.score, one.entry_id), default=None)


@dataclass(frozen=True, slots=True)
class Signal:
    """What the lamps are told about everybody in view.

    Attributes:
        verdict: The worst verdict, or None when idle or undecided; STOP also during a fault.
        category: The category behind it, where there is a candidate.
        faults: Whether the unit has a fault, which shows beside a STOP and instead of all else.
        encounter: Number of the newest encounter behind it: a second person rings again.
        attention: Somebody should see to the unit soon; shows while it is idle.
    """

    verdict: Verdict | None
    category: Category | None = None
    faults: bool = False
    encounter: int | None = None
    attention: bool = False


_LOUDNESS = {None: 0, Category.WELFARE: 1, Category.SELF_EXCLUDED: 2, Category.BANNED: 3}


def worst(decisions: Iterable[Decision], faults: frozenset[Fault]) -> Signal:
    """Find what shows when several people are in view: "the worst verdict shows".

    Somebody still undecided holds the green of the others back: a lamp points at nobody, so a
    green must be true of everyone who stands there.

    Args:
        decisions: Those about everybody in view, in any order.
        faults: What keeps the unit from screening.
    """
    top = max(decisions, key=_severity, default=None)
    if top is not None and top.verdict is Verdict.STOP:
        return Signal(Verdict.STOP, _category(top), bool(faults), top.encounter)
    if faults or (top is not None and top.verdict is Verdict.FAULT):
        return Signal(Verdict.FAULT, None, faults=True)
    if top is None or top.verdict is None:
        return Signal(None)
    return Signal(top.verdict, _category(top), faults=False, encounter=top.encounter)


def _severity(decision: Decision) -> tuple[int, int, int]:
    """Order decisions for the lamps: a STOP first, so that a FAULT cannot hide it."""
    order = (Verdict.CLEAR, None, Verdict.CHECK, Verdict.FAULT, Verdict.STOP)
    loudness = _LOUDNESS[_category(decision)]
    return order.index(decision.verdict), loudness, decision.encounter


def _category(decision: Decision) -> Category | None:
    return decision.candidate.category if decision.candidate else None
