"""The consortium's own rules, within those of the list. Pure."""

from dataclasses import dataclass, field
from typing import Annotated

from sync.entries import LONGEST_DAYS, Category, Reason
from sync.statement.field import Choice, Number, Row, Set
from sync.statement.part import Part

SECOND_MS = 1000
DAY_MS = 86_400_000

LONGEST_LEASE_MS = 31 * DAY_MS
"""No head counts for longer, whatever its policy says: silence has to be noticed."""


@dataclass(frozen=True, slots=True)
class Policy(Part):
    """What the venues agreed on.

    Attributes:
        two_person: Categories whose consortium-wide entries need two venues.
        max_days: (reason, days) that shorten :data:`sync.entries.LONGEST_DAYS`.
        lease_ms: For how long a head counts.
        head_every_ms: How often the hub issues one.
        report_every_ms: How often a unit reports.
        covers_per_day: Bursts without content that the hub sends among the others.
    """

    two_person: Annotated[frozenset[Category], Set(Choice(Category), len(Category))] = field(
        default=frozenset(Category)
    )
    max_days: Annotated[
        frozenset[tuple[Reason, int]], Set(Row((Choice(Reason), Number(1, 730))), len(Reason))
    ] = frozenset()
    lease_ms: Annotated[int, Number(60 * SECOND_MS, LONGEST_LEASE_MS)] = 7 * DAY_MS
    head_every_ms: Annotated[int, Number(SECOND_MS, DAY_MS)] = 60 * SECOND_MS
    report_every_ms: Annotated[int, Number(SECOND_MS, DAY_MS)] = 30 * SECOND_MS
    covers_per_day: Annotated[int, Number(0, 288)] = 24

    def longest_days(self, reason: Reason) -> int:
        """Give the most days that an entry for this reason may stand."""
        shorter = [days for named, days in self.max_days if named == reason]
        return min(LONGEST_DAYS[reason], *shorter) if shorter else LONGEST_DAYS[reason]
