"""What a unit states about itself: heartbeat, acknowledgement and erasure receipt. Pure."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from sync.errors import Code
from sync.statement.field import (
    MOST_SEQ,
    Choice,
    Hash,
    ListId,
    Many,
    Moment,
    Number,
    Row,
    Seq,
    ShortId,
    Truth,
    Word,
    pattern,
)
from sync.statement.part import Statement

MOST_ERASED = 40
MOST_FAULTS = 8
MOST_REFUSALS = 16
MOST_COUNTS = 40
MOST_RINGS = 40
MOST_IN_NIGHT = 65_535
"""Alerts of one entry that are counted in one night."""

_WORD = pattern("[!-~]{1,40}", "1 to 40 printable ASCII characters")
_COUNT = Number(0, MOST_SEQ)
_ENTRY = pattern("[0-9a-f]{16}", "an entry id")
_TONIGHT = Number(0, MOST_IN_NIGHT)


@dataclass(frozen=True, slots=True)
class Report(Statement):
    """A signed statement of what a unit now holds.

    Attributes:
        list_id: Whose list.
        unit_id: Who states it.
        counter: One more in each report.
        at_ms: When, by the unit's clock.
        seq: Of the last record that is in force here.
        record_hash: Its hash.
        live_root: Root over the live set after it.
        held_root: Root over the entries whose content this unit holds.
        held: How many those are.
        epoch: Whose keys it uses.
        model_id: Network at this door.
        version: Of the software.
        erased: Entries erased since the last report that was acknowledged.
        faults: What keeps it from screening.
        refusals: (code, how often) since the unit started.
        counts: (name, count): encounters, outcomes; numbers only.
        rings: (entry id, alerts, confirmed, "not them"): what rang tonight at this door, those
            that rang most; empty in a report that names erasures, which is kept as a receipt.
        destroyed: Its data key is destroyed.
    """

    TAG: ClassVar[str] = "report"
    KIND: ClassVar[str] = "report"

    list_id: ListId
    unit_id: ShortId
    counter: Seq
    at_ms: Moment
    seq: Seq
    record_hash: Hash
    live_root: Hash
    held_root: Hash
    held: Seq
    epoch: Annotated[int, Number(0, 2**32 - 1)]
    model_id: Annotated[str, pattern("[!-~]{0,40}", "up to 40 printable ASCII characters")]
    version: Word
    erased: Annotated[tuple[str, ...], Many(_ENTRY, MOST_ERASED)]
    faults: Annotated[tuple[str, ...], Many(_WORD, MOST_FAULTS)]
    refusals: Annotated[
        tuple[tuple[Code, int], ...],
        Many(Row((Choice(Code), _COUNT)), MOST_REFUSALS, ascending=True),
    ]
    counts: Annotated[
        tuple[tuple[str, int], ...], Many(Row((_WORD, _COUNT)), MOST_COUNTS, ascending=True)
    ]
    rings: Annotated[
        tuple[tuple[str, int, int, int], ...],
        Many(Row((_ENTRY, _TONIGHT, _TONIGHT, _TONIGHT)), MOST_RINGS, ascending=True),
    ]
    destroyed: Truth
