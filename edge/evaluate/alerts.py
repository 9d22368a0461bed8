"""What became of the people of simulated nights: alerts promised beside alerts realised. Pure.

One trial is the passage of one person (ISO/IEC 19795-1), whatever the number of frames. Several
nights use several galleries but the same strangers; a rate over all of them has an interval over
people, the rate of each night an exact one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.decision import Verdict
from edge.intervals import Rate, Weights, exact, resampled


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one encounter ended.

    Attributes:
        verdict: The worst that was shown; None where nothing was decided.
        entry_id: Whom the alert was about, if it was about somebody.
        tracks: How many people the tracker took this one for.
    """

    verdict: Verdict | None
    entry_id: str | None
    tracks: int = 1

    @property
    def unseen(self) -> bool:
        """Whether no verdict or a CHECK came because the face could not be compared."""
        return self.verdict is None or (self.verdict is Verdict.CHECK and self.entry_id is None)


@dataclass(frozen=True, slots=True)
class Realised:
    """False alerts about some strangers.

    Attributes:
        who: "all", or the group.
        people: Strangers among them.
        first: STOP on the first night: events over people, exact interval.
        stops: STOP over all nights, interval over people.
        checks: CHECK or STOP about somebody on the list, over all nights, the same way.
        kept: Whether the promised rate of STOP lies above the lower end of both intervals.
    """

    who: str
    people: int
    first: Rate
    stops: Rate
    checks: Rate
    kept: bool


@dataclass(frozen=True, slots=True)
class Missed:
    """What happened to people on the list.

    Attributes:
        stopped: Right STOP.
        checked: Right CHECK: the right person, between the thresholds.
        not_seen: CHECK because the face could not be compared, or no verdict at all.
        wrong: An alert about somebody else on the list.
        fnir_stop: No right STOP, out of all encounters: failures to acquire inside.
        fnir_check: No right STOP or CHECK, the same way.
    """

    stopped: int
    checked: int
    not_seen: int
    wrong: int
    fnir_stop: Rate
    fnir_check: Rate


def false_alerts(
    nights: Sequence[Sequence[Outcome]], groups: Sequence[str], promised: float, draws: Weights
) -> tuple[Realised, ...]:
    """Count the false alerts over everybody, then by group.

    Args:
        nights: For each night the outcome of every stranger, in one order.
        groups: The group of each stranger; "" where unknown.
        promised: Rate of STOP that was promised, per person.
        draws: int64[replicates, strangers].
    """
    stopped = _table(nights, lambda one: one.verdict is Verdict.STOP)
    alerted = _table(nights, lambda one: one.entry_id is not None)
    members = {"all": np.ones(len(groups), np.bool_)}
    named = np.array(groups)
    members.update({group: named == group for group in sorted(set(groups)) if group})
    return tuple(
        _realised(who, stopped[:, own], alerted[:, own], promised, draws[:, own])
        for who, own in members.items()
    )


def _table(
    nights: Sequence[Sequence[Outcome]], counts: Callable[[Outcome], bool]
) -> NDArray[np.int64]:
    """Mark events: int64[nights, strangers]."""
    return np.array([[counts(one) for one in night] for night in nights], np.int64)


def _realised(
    who: str,
    stopped: NDArray[np.int64],
    alerted: NDArray[np.int64],
    promised: float,
    draws: Weights,
) -> Realised:
    nights, people = stopped.shape
    tried = np.full(people, nights, np.int64)
    first = exact(int(stopped[0].sum()), people)
    stops = resampled(stopped.sum(axis=0), tried, draws)
    checks = resampled(alerted.sum(axis=0), tried, draws)
    kept = first.interval[0] <= promised and stops.interval[0] <= promised
    return Realised(who, people, first, stops, checks, kept)


def misses(outcomes: Sequence[Outcome], expected: Sequence[str]) -> Missed:
    """Count what happened to people on the list.

    Args:
        outcomes: One for each of them, all different people.
        expected: The entry of each.
    """
    right = [one.entry_id == entry for one, entry in zip(outcomes, expected, strict=True)]
    stopped = _count(zip(outcomes, right, strict=True), Verdict.STOP)
    checked = _count(zip(outcomes, right, strict=True), Verdict.CHECK)
    wrong = sum(
        one.entry_id is not None and not own for one, own in zip(outcomes, right, strict=True)
    )
    total = len(outcomes)
    return Missed(
        stopped=stopped,
        checked=checked,
        not_seen=sum(one.unseen for one in outcomes),
        wrong=wrong,
        fnir_stop=exact(total - stopped, total),
        fnir_check=exact(total - stopped - checked, total),
    )


def _count(pairs: "zip[tuple[Outcome, bool]]", verdict: Verdict) -> int:
    return sum(right and one.verdict is verdict for one, right in pairs)


def verdicts(nights: Sequence[Sequence[Outcome]]) -> dict[str, float]:
    """Give the share of strangers shown each verdict, "not seen" and "undecided" by themselves."""
    every = [one for night in nights for one in night]
    counts = dict.fromkeys(("clear", "check", "stop", "not seen", "undecided"), 0)
    for one in every:
        counts[_name(one)] += 1
    return {name: count / max(1, len(every)) for name, count in counts.items()}


def _name(outcome: Outcome) -> str:
    if outcome.verdict is None:
        return "undecided"
    return "not seen" if outcome.unseen else outcome.verdict.name.lower()
