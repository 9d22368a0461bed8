"""What a manager says about an entry, what is wrong with it, and the proposals that come of it.

For both faces of the hub: the command line says the first problem, the pages say each beside its
field.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Literal

from edge.enrolment import Reference
from edge.errors import EnrolmentError
from edge.until import until
from sync.entries import DAY_S, REASONS_OF, Category, Reason, category_of
from sync.errors import HubError
from sync.hub.reference import light_photo, packed
from sync.statement.policy import Policy
from sync.statement.proposal import CONSORTIUM, PutProposal

UNDECLARED = (
    "say with --declared that the person is not known to be under 18 or vulnerable, or that the "
    "case was handled as your rules for such persons ask; without it nobody goes on the list"
)

LONGEST_EVIDENCE = 200
"""Characters of the reference to the evidence."""

_LAW = Policy()
"""The rules of a consortium that has shortened nothing."""


class Flaw(StrEnum):
    """What can be wrong with terms."""

    NO_DAY = "no-day"
    COMING = "coming"
    NO_TERM = "no-term"
    TOO_LONG = "too-long"
    MISFIT = "misfit"
    NO_EVIDENCE = "no-evidence"
    LONG_EVIDENCE = "long-evidence"
    UNDECLARED = "undeclared"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with terms.

    Attributes:
        field: The attribute of :class:`Terms` that has to be corrected.
        flaw: What is wrong with it.
        words: One line for a console.
    """

    field: str
    flaw: Flaw
    words: str


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

    def problems(self, now_ms: int, policy: Policy = _LAW) -> tuple[Problem, ...]:
        """Name everything that is wrong with these terms.

        Args:
            now_ms: Milliseconds since the epoch, when the entry would be made.
            policy: The rules in force; they may shorten terms.
        """
        return (
            *self._about_incident(now_ms),
            *self._about_evidence(),
            *self._about_term(now_ms, policy),
            *self._about_declaration(),
        )

    def ends_ms(self, now_ms: int, policy: Policy = _LAW) -> int:
        """Work out when the entry ends, before anybody is asked for a photo or passphrase.

        Raises:
            HubError: A term is missing or breaks a rule of the list.
        """
        for problem in self.problems(now_ms, policy):
            raise HubError(problem.words)
        return round(until(self.until, now_ms / 1000) * 1000)

    def _about_incident(self, now_ms: int) -> Iterator[Problem]:
        try:
            day = date.fromisoformat(self.incident)
        except ValueError:
            words = f"--incident {self.incident!r} is no day: write 2031-01-31"
            yield Problem("incident", Flaw.NO_DAY, words)
            return
        if day > datetime.fromtimestamp(now_ms / 1000).astimezone().date() + timedelta(days=1):
            words = f"--incident {self.incident} is still to come: give the day it happened"
            yield Problem("incident", Flaw.COMING, words)

    def _about_evidence(self) -> Iterator[Problem]:
        if len(self.evidence) > LONGEST_EVIDENCE or not self.evidence.isprintable():
            words = f"--evidence is one line of at most {LONGEST_EVIDENCE} characters"
            yield Problem("evidence", Flaw.LONG_EVIDENCE, words)
        if self.shown_as is Category.BANNED and not self.evidence.strip():
            words = "a ban needs a reference to its evidence: give --evidence"
            yield Problem("evidence", Flaw.NO_EVIDENCE, words)

    def _about_term(self, now_ms: int, policy: Policy) -> Iterator[Problem]:
        if self.reason not in REASONS_OF[self.shown_as]:
            fit = ", ".join(REASONS_OF[self.shown_as])
            words = f"reason {self.reason} does not fit category {self.shown_as}: use one of {fit}"
            yield Problem("reason", Flaw.MISFIT, words)
        try:
            days = (until(self.until, now_ms / 1000) - now_ms / 1000) / DAY_S
        except EnrolmentError as error:
            yield Problem("until", Flaw.NO_TERM, str(error))
            return
        longest = policy.longest_days(self.reason)
        if days > longest + 1:  # a term runs to the end of its last day
            words = f"{self.reason} may stand for {longest} days at most: give an earlier --until"
            yield Problem("until", Flaw.TOO_LONG, words)

    def _about_declaration(self) -> Iterator[Problem]:
        if not self.declared:
            yield Problem("declared", Flaw.UNDECLARED, UNDECLARED)

    @property
    def shown_as(self) -> Category:
        """The category that was given, or the one that the reason belongs to."""
        return self.category or category_of(self.reason)


def drafted(
    terms: Terms, reference: Reference, venue_id: str, list_id: str, now_ms: int
) -> PutProposal:
    """Make the proposal of a new entry, under a fresh id.

    Args:
        terms: What the manager said.
        reference: What enrolment made of the photos.
        venue_id: Who proposes.
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
        category=terms.shown_as,
        reason=terms.reason,
        scope=CONSORTIUM if terms.scope == "consortium" else venue_id,
        venue_id=venue_id,
        created_ms=now_ms,
        valid_until_ms=terms.ends_ms(now_ms),
        incident_on=date.fromisoformat(terms.incident).isoformat(),
        evidence=terms.evidence,
        declared=terms.declared,
        model_id=reference.model_id,
        templates=packed(reference),
        photo=light_photo(reference.photo_jpeg),
    )


def terms_of(put: PutProposal) -> Terms:
    """Give what was said about an entry; its term as the last day on which it counts."""
    last = datetime.fromtimestamp(put.valid_until_ms / 1000).astimezone() - timedelta(seconds=1)
    return Terms(
        reason=put.reason,
        incident=put.incident_on,
        until=last.date().isoformat(),
        evidence=put.evidence,
        category=put.category,
        scope="consortium" if put.scope == CONSORTIUM else "venue",
        declared=put.declared,
    )


def extended(put: PutProposal, ends: str, now_ms: int) -> PutProposal:
    """Make the next version of an entry with another end: a new decision, so a new term begins.

    Args:
        put: The version in force.
        ends: The last day or a term, as ``Terms.until``.
        now_ms: Milliseconds since the epoch.

    Raises:
        HubError: As ``Terms.ends_ms``.
    """
    until_ms = replace(terms_of(put), until=ends).ends_ms(now_ms)
    return replace(_next(put), created_ms=now_ms, valid_until_ms=until_ms)


def corrected(put: PutProposal, reason: Reason, incident: str, evidence: str) -> PutProposal:
    """Make the next version of an entry with other facts; scope and category never change."""
    day = date.fromisoformat(incident).isoformat()
    return replace(_next(put), reason=reason, incident_on=day, evidence=evidence)


def rephotographed(put: PutProposal, reference: Reference) -> PutProposal:
    """Make the next version of an entry with another reference."""
    return replace(
        _next(put),
        model_id=reference.model_id,
        templates=packed(reference),
        photo=light_photo(reference.photo_jpeg),
    )


def _next(put: PutProposal) -> PutProposal:
    return replace(put, revision=put.revision + 1, salt=secrets.token_bytes(16))
