"""One request of a person: what it asks for, what was done about it. Values without behaviour.

Days are written YYYY-MM-DD; moments are milliseconds since the epoch.
"""

from datetime import date
from enum import StrEnum

from msgspec import Struct

from sync.hub.rights.calendar import acknowledged_by, due_on

LONGEST_WORDS = 600
"""Characters of what somebody asks, of how to reach them, and of a step's words."""

MOST_ENTRIES = 8
"""Entries that one request may be about."""


class Kind(StrEnum):
    """What a person asks for. The article of the GDPR stands behind each."""

    CHECK = "check"  # 15(1): am I on it?
    ACCESS = "access"  # 15: a copy of all that is held
    RECTIFY = "rectify"  # 16
    ERASE = "erase"  # 17
    RESTRICT = "restrict"  # 18
    OBJECT = "object"  # 21
    COMPLAINT = "complaint"  # 77, and section 164A of the Data Protection Act 2018


class Proof(StrEnum):
    """How it was made sure that the one who asks is the one whom it is about (Article 12(6))."""

    NONE = "none"
    IN_PERSON = "in-person"
    DOCUMENT = "document"
    PHOTO = "photo"
    AGENT = "agent"


class Remedy(StrEnum):
    """What a venue may be asked to sign for a person."""

    SUSPEND = "suspend"
    ERASE = "erase"


class Outcome(StrEnum):
    """How a request ended."""

    NOTHING_HELD = "nothing-held"
    GIVEN = "given"
    DONE = "done"
    PARTLY = "partly"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Ask(Struct, frozen=True, array_like=True):
    """Something that a venue was asked to sign, since the hub cannot.

    Attributes:
        remedy: What it is asked for.
        entry_id: About which entry.
        venue_id: Which venue.
        asked_ms: Since when it is asked.
        signed_ms: When it signed; 0 before.
        declined: Why it would not; "" otherwise.
    """

    remedy: Remedy
    entry_id: str
    venue_id: str
    asked_ms: int
    signed_ms: int = 0
    declined: str = ""

    @property
    def open(self) -> bool:
        """Whether the venue has still to say something."""
        return not self.signed_ms and not self.declined


class Step(Struct, frozen=True, array_like=True):
    """One thing that was done about a request.

    Attributes:
        at_ms: When.
        who: By whom, as in the audit log.
        did: One word.
        words: What else there is to say; destroyed with the person's own words.
    """

    at_ms: int
    who: str
    did: str
    words: str = ""


class Request(Struct, frozen=True, array_like=True):
    """One request.

    Attributes:
        kind: What it asks for.
        received_on: The day it came, which starts the clock.
        asker: How to reach the person; destroyed some time after the end.
        words: What they say; destroyed likewise.
        proof: How it was made sure who asks.
        venue_id: Where it came in; "" for the consortium's office.
        entries: Entries found to be about this person.
        asks: What venues were asked to sign.
        steps: What was done, oldest first.
        extended: Why two further months are taken; "" for none.
        acknowledged_ms: When the person was told that it came; 0 before.
        outcome: How it ended; None while it is open.
        closed_ms: When it ended; 0 while it is open.
        forgotten: Whether the person's words and address are destroyed.
    """

    kind: Kind
    received_on: str
    asker: str
    words: str = ""
    proof: Proof = Proof.NONE
    venue_id: str = ""
    entries: tuple[str, ...] = ()
    asks: tuple[Ask, ...] = ()
    steps: tuple[Step, ...] = ()
    extended: str = ""
    acknowledged_ms: int = 0
    outcome: Outcome | None = None
    closed_ms: int = 0
    forgotten: bool = False

    @property
    def open(self) -> bool:
        """Whether it still waits for its answer."""
        return self.outcome is None

    @property
    def due(self) -> date:
        """The last day for the answer."""
        return due_on(date.fromisoformat(self.received_on), extended=bool(self.extended))

    @property
    def acknowledge_by(self) -> date | None:
        """The last day to acknowledge it; None where that was done, or nobody asks for it."""
        if self.kind is not Kind.COMPLAINT or self.acknowledged_ms or not self.open:
            return None
        return acknowledged_by(date.fromisoformat(self.received_on))

    def days_left(self, today: date) -> int:
        """Tell how many days are left for what is due next; negative when it is late."""
        return (min(self.due, self.acknowledge_by or self.due) - today).days
