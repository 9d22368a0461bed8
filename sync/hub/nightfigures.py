"""What nights add up to: how many reds were right, and how false alerts stand to the budget. Pure.

Whether a red was false only staff can say, so the figure counts those that they marked *not them*.
What nobody answered may have been either; therefore there is a second figure, in which each of
those counts as false. The truth lies between the two.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from math import sqrt

from edge.intervals import Interval, exact
from sync.hub.nights import Counts, Night

THOUSAND = 1000
"""Budgets are told in thousandths of an alert a night."""

LONG_DAYS = 62
"""A span that is longer is shown by weeks."""


MOST_EXACT = 60
"""Events whose interval is worked out exactly."""

_Z = 1.959964
"""The normal quantile of a two-sided 95 %."""


class Verdict(StrEnum):
    """How false reds stand to what the operator accepts."""

    WITHIN = "within"
    ABOVE = "above"
    OPEN = "open"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Sums:
    """Nights of doors, added up.

    Attributes:
        nights: Nights of single doors on which somebody was seen.
        counts: What was counted in them, by the words of :data:`sync.hub.nights.COUNTED`.
        budget: False reds that the operators accept in these nights; 0 where none said.
    """

    nights: int
    counts: Counts
    budget: float

    def __getitem__(self, word: str) -> int:
        """Give one count; 0 for what was never counted."""
        return self.counts.get(word, 0)

    @property
    def ambers(self) -> int:
        """Alerts that were no reds."""
        return max(0, self["alerts"] - self["reds"])

    @property
    def right(self) -> int:
        """Reds that staff confirmed: refused, or let in all the same."""
        return self["red-refused"] + self["red-let-in"]

    @property
    def wrong(self) -> int:
        """Reds that staff marked *not them*."""
        return self["red-not-them"]

    @property
    def unanswered(self) -> int:
        """Reds of which nobody said anything."""
        return max(0, self["reds"] - self.right - self.wrong)


@dataclass(frozen=True, slots=True)
class FalseReds:
    """False reds a night of one door, with the 95 % interval, and what is accepted.

    Attributes:
        value: By what staff said.
        low: Lower end.
        high: Upper end.
        most: Value if everything that nobody answered was false.
        budget: What is accepted; 0 where that is not known.
    """

    value: float
    low: float
    high: float
    most: float
    budget: float

    @property
    def verdict(self) -> Verdict:
        """Say what the figure shows, and no more than it shows."""
        if not self.budget:
            return Verdict.UNKNOWN
        if self.low > self.budget:
            return Verdict.ABOVE
        return Verdict.WITHIN if max(self.high, self.most) <= self.budget else Verdict.OPEN


def summed(nights: Iterable[Night]) -> Sums:
    """Add nights up."""
    counts, budget, seen = Counts(), 0, 0
    for night in nights:
        if not night.totals.get("encounters"):
            continue
        seen += 1
        budget += night.accepted.get("red-budget", 0)
        for word, count in night.totals.items():
            counts[word] = counts.get(word, 0) + count
    return Sums(seen, counts, budget / THOUSAND)


def false_reds(sums: Sums) -> FalseReds | None:
    """Give the false reds a night of one door; None where nobody was seen.

    Each person in front of a camera is one trial that may end in a false red: the interval is that
    of this rate, times the people of a night.
    """
    people = sums["encounters"]
    if not people:
        return None
    wrong = min(sums.wrong, people)
    low, high = _interval(wrong, people)
    return FalseReds(
        wrong / sums.nights,
        low / sums.nights,
        high / sums.nights,
        (sums.wrong + sums.unanswered) / sums.nights,
        sums.budget / sums.nights,
    )


@dataclass(frozen=True, slots=True)
class Period:
    """One bar of a plot: a night, or the nights of a week.

    Attributes:
        first: The day on which its first night began.
        last: The day on which its last night began.
        sums: What was counted in it.
    """

    first: date
    last: date
    sums: Sums


def periods(nights: Sequence[Night], first: date, last: date) -> list[Period]:
    """Put nights into bars without a gap: night by night, or week by week where there are many.

    Args:
        nights: From ``first`` on.
        first: The first night of the span.
        last: The last, which the last bar ends with.
    """
    width = 7 if (last - first).days >= LONG_DAYS else 1
    count = -(-((last - first).days + 1) // width)
    edges = [last - timedelta(days=width * back) for back in range(count - 1, -1, -1)]
    grouped: list[list[Night]] = [[] for _ in edges]
    for night in nights:
        place = count - 1 - (last - night.begins_on).days // width
        if 0 <= place < count:
            grouped[place].append(night)
    return [
        Period(max(first, end - timedelta(days=width - 1)), end, summed(group))
        for end, group in zip(edges, grouped, strict=True)
    ]


@lru_cache(maxsize=1024)
def _interval(events: int, trials: int) -> Interval:
    """Give the 95 % interval of a count; remembered, for pages are asked for again and again.

    The exact one (Clopper-Pearson) where few were counted. It costs as much as there were events,
    so of many it is Byar's (Breslow and Day 1987, 2.3.4), which is a little wider.
    """
    if events <= MOST_EXACT:
        low, high = exact(events, trials).interval
        return low * trials, high * trials
    above = events + 1
    return (
        events * (1 - 1 / (9 * events) - _Z / (3 * sqrt(events))) ** 3,
        above * (1 - 1 / (9 * above) + _Z / (3 * sqrt(above))) ** 3,
    )
