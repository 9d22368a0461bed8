"""Which entries ring wrongly tonight, as the hub sees it from all doors. Pure.

It favours the people on the list: an entry that it names is shown as CHECK, never as STOP, until
the night is over. It takes nobody off and puts nobody on, so the hub's key alone may sign it; what
a stolen one can do with it is bounded by number and by time.
"""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from sync.statement.field import ListId, Many, Moment, pattern
from sync.statement.part import Statement

MOST_CAUTIONED = 256
"""Entries in one caution: far more than ever ring wrongly in one night."""

LONGEST_CAUTION_MS = 26 * 3_600_000
"""A night from noon to noon, also the one in which the clocks go back, and a little more."""


@dataclass(frozen=True, slots=True)
class Caution(Statement):
    """The entries that are only to be checked for now; each replaces the one before wholly.

    Attributes:
        list_id: Whose list.
        entries: Ids of the entries, ascending; none lifts the one before.
        issued_ms: When the hub said it; the newest counts.
        until_ms: When it is over by itself: the noon that ends the night.
    """

    TAG: ClassVar[str] = "caution"
    KIND: ClassVar[str] = "caution"
    LARGEST: ClassVar[int] = 8192

    list_id: ListId
    entries: Annotated[
        tuple[str, ...],
        Many(pattern("[0-9a-f]{16}", "an entry id"), MOST_CAUTIONED, ascending=True),
    ]
    issued_ms: Moment
    until_ms: Moment
