"""The entries as the pages need them: a card of each in RAM, brought up to date before each look.

The ledger's own order says what changed: an entry's row names its newest record, so only rows with
a higher number are opened, whichever process wrote them.
"""

from collections.abc import Mapping

from edge.enrolment import Reference
from sync.hub.card import Card
from sync.hub.desk import Desk
from sync.hub.reference import Likeness


class Register:
    """The entries of one open hub, for the thread that owns its desk."""

    def __init__(self, desk: Desk) -> None:
        """Work at an open database; nothing is read before the first question."""
        self._desk = desk

    def cards(self) -> Mapping[str, Card]:
        """Give the card of every entry that waits, counts or is contested, by entry id."""
        raise NotImplementedError

    def card(self, entry_id: str) -> Card:
        """Give one card.

        Raises:
            HubError: There is no such entry, or it is gone.
        """
        raise NotImplementedError

    def thumbnail(self, entry_id: str) -> bytes:
        """Give an entry's photo as a JPEG of at most 96 pixels; empty where it has none."""
        raise NotImplementedError

    def alike(self, reference: Reference, now_ms: int) -> tuple[Likeness, ...]:
        """Find the entries that may be of the same person, best first.

        Args:
            reference: The new one.
            now_ms: Milliseconds since the epoch; entries that are over do not count.
        """
        raise NotImplementedError
