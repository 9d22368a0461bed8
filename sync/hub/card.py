"""What the pages show of one entry, kept in RAM: no photo, no templates. Pure.

Times are milliseconds since the epoch.
"""

from dataclasses import dataclass, field

from sync.entries import Category, Reason
from sync.hub.facts import Standing
from sync.statement.proposal import CONSORTIUM


@dataclass(frozen=True, slots=True)
class Asked:
    """What another venue is asked to do about an entry.

    Attributes:
        what: Tag of the proposal that waits: put, remove or reinstate.
        venue_id: Who proposed it.
        since_ms: Since when it waits.
        until_ms: The end that a put would give the entry; 0 for the others.
    """

    what: str
    venue_id: str
    since_ms: int
    until_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One entry that waits, counts or is contested.

    Attributes:
        entry_id: Which.
        standing: How far it has come.
        category: How a match is shown.
        reason: From the closed list; None where a restored hub lacks the content.
        scope: ``consortium``, or the id of the one venue where it counts.
        venue_id: Who proposed it; "" where a restored hub lacks the content.
        created_ms: When its term began.
        until_ms: When it ends by itself.
        incident_on: Day of the incident, YYYY-MM-DD.
        evidence: Where the evidence is kept.
        revision: Of the version in force, or of the one that waits.
        seq: Number of its newest record; 0 while it waits.
        changed_ms: When that record was appended, or since when it waits.
        templates: How many photos its reference was made of, as far as they are kept apart.
        model_id: Network that made the templates.
        asked: What waits for another venue's approval; None if nothing does.
        note: What the hub's people noted; it never leaves the hub.
        text: What a search looks through, in lower case; put together once.
    """

    entry_id: str
    standing: Standing
    category: Category
    reason: Reason | None
    scope: str
    venue_id: str
    created_ms: int
    until_ms: int
    incident_on: str
    evidence: str
    revision: int
    seq: int
    changed_ms: int
    templates: int
    model_id: str
    asked: Asked | None = None
    note: str = ""
    text: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Put the searched text together."""
        text = f"{self.entry_id} {self.evidence} {self.reason} {self.note}".casefold()
        object.__setattr__(self, "text", text)  # the way to set a field of a frozen class

    @property
    def everywhere(self) -> bool:
        """Whether it counts at every door."""
        return self.scope == CONSORTIUM
