"""What a manager says about a new entry, and the proposal that it becomes."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from edge.cli.until import until
from edge.enrolment import Reference
from sync.entries import Category, Entry, EntryRefusedError, Reason, category_of, check_entry
from sync.errors import HubError
from sync.hub.reference import light_photo, packed
from sync.statement.proposal import CONSORTIUM, PutProposal
from sync.statement.root import Venue

UNDECLARED = (
    "say with --declared that the person is not known to be under 18 or vulnerable, or that the "
    "case was handled as your rules for such persons ask; without it nobody goes on the list"
)

LONGEST_EVIDENCE = 200
"""Characters of the reference to the evidence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Why, where and until when somebody goes on the list.

    Attributes:
        reason: Why: a code of the closed list.
        incident: The day of the incident, as 2031-01-31.
        until: The last day, as 2031-01-31, or a term: 30d, 6w, 6m, 1y.
        evidence: Where the evidence is kept; a reference such as "incident book 212", no names.
        category: How a match is shown at the door; by default what the reason belongs to.
        scope: consortium for every door (a second venue approves), venue for this one's alone.
        declared: The person is not known to be under 18 or vulnerable, or the case was handled
            as the rules for such persons ask.
    """

    reason: Reason
    incident: str
    until: str
    evidence: str = ""
    category: Category | None = None
    scope: Literal["consortium", "venue"] = "consortium"
    declared: bool = False

    def ends_ms(self, now_ms: int) -> int:
        """Work out when the entry ends, before anybody is asked for a photo or passphrase.

        Raises:
            EnrolmentError: The term is no term.
            HubError: It breaks a rule of the list, or the declaration is missing.
        """
        self._check_words(now_ms)
        ends = until(self.until, now_ms / 1000)
        entry = Entry("0" * 16, self._category, self.reason, now_ms / 1000, ends)
        try:
            check_entry(entry)
        except EntryRefusedError as error:
            raise HubError(str(error)) from error
        if self._category is Category.BANNED and not self.evidence:
            raise HubError("a ban needs a reference to its evidence: give --evidence")
        if not self.declared:
            raise HubError(UNDECLARED)
        return round(ends * 1000)

    def _check_words(self, now_ms: int) -> None:
        try:
            day = date.fromisoformat(self.incident)
        except ValueError as error:
            raise HubError(f"--incident {self.incident!r} is no day: write 2031-01-31") from error
        if day > datetime.fromtimestamp(now_ms / 1000).astimezone().date() + timedelta(days=1):
            raise HubError(f"--incident {self.incident} is still to come: give the day it happened")
        if len(self.evidence) > LONGEST_EVIDENCE or not self.evidence.isprintable():
            raise HubError(f"--evidence is one line of at most {LONGEST_EVIDENCE} characters")

    @property
    def _category(self) -> Category:
        return self.category or category_of(self.reason)


def drafted(
    terms: Terms, reference: Reference, venue: Venue, list_id: str, now_ms: int
) -> PutProposal:
    """Make the proposal of a new entry, under a fresh id.

    Args:
        terms: What the manager said.
        reference: What enrolment made of the photos.
        venue: Who proposes.
        list_id: Whose list.
        now_ms: Milliseconds since the epoch.

    Raises:
        HubError: As ``Terms.ends_ms``.
    """
    return PutProposal(
        list_id=list_id,
        entry_id=secrets.token_hex(8),
        revision=1,
        salt=secrets.token_bytes(16),
        category=terms.category or category_of(terms.reason),
        reason=terms.reason,
        scope=CONSORTIUM if terms.scope == "consortium" else venue.venue_id,
        venue_id=venue.venue_id,
        created_ms=now_ms,
        valid_until_ms=terms.ends_ms(now_ms),
        incident_on=date.fromisoformat(terms.incident).isoformat(),
        evidence=terms.evidence,
        declared=terms.declared,
        model_id=reference.model_id,
        templates=packed(reference),
        photo=light_photo(reference.photo_jpeg),
    )
