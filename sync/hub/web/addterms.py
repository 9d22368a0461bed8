"""The words of a new entry as the form sends them: made into terms, each mistake by its field."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from edge.until import until
from sync.entries import DAY_S, REASONS_OF, Category, Reason, category_of
from sync.errors import HubError
from sync.hub import notes
from sync.hub.assessing import Assessment
from sync.hub.drafts import Draft
from sync.hub.terms import Terms
from sync.hub.web.pages import Faults
from sync.statement.policy import DAY_MS, Policy

SPANS = ("1m", "3m", "6m", "12m")
"""What can be chosen for a term; it never exceeds what the reason allows."""

VENUE, CONSORTIUM = "venue", "consortium"

ABOUT_PHOTOS = ("poor", "other")
"""What somebody ticks about these very photos; others ask again."""

FIELDS = (
    *("reason", "incident", "evidence", "until", "scope", "note", "declared"),
    *("looked", "alike", *ABOUT_PHOTOS),
)
"""What is kept of the form; ``looked`` names the entries that the page showed beside the photo."""


@dataclass(frozen=True, slots=True)
class Span:
    """A term that can be chosen.

    Attributes:
        code: As the form sends it.
        days: How long it is from today.
        ends_ms: When it ends, milliseconds since the epoch.
    """

    code: str
    days: int
    ends_ms: int


def spans(now_ms: int) -> list[Span]:
    """Give the terms that can be chosen, with their ends."""
    ends = [(code, until(code, now_ms / 1000)) for code in SPANS]
    return [
        Span(code, round((end - now_ms / 1000) / DAY_S), round(end * 1000)) for code, end in ends
    ]


def typed_of(form: Mapping[str, str]) -> dict[str, str]:
    """Take what belongs to the words of an entry from a form."""
    return {name: form[name] for name in FIELDS if name in form}


def reason_of(typed: Mapping[str, str]) -> Reason | None:
    """Give the reason that was chosen."""
    try:
        return Reason(typed.get("reason", ""))
    except ValueError:
        return None


def terms_of(typed: Mapping[str, str], reason: Reason, policy: Policy, now_ms: int) -> Terms:
    """Make terms of what was typed; a span that the reason does not allow becomes its longest."""
    chosen = next((one for one in spans(now_ms) if one.code == typed.get("until")), None)
    longest = policy.longest_days(reason)
    ends = "" if chosen is None else chosen.code if chosen.days <= longest else f"{longest}d"
    return Terms(
        reason=reason,
        incident=typed.get("incident", "").strip(),
        until=ends,
        evidence=typed.get("evidence", "").strip(),
        category=category_of(reason),
        scope="consortium" if typed.get("scope") == CONSORTIUM else "venue",
        declared="declared" in typed,
    )


def faults_of_words(typed: Mapping[str, str], policy: Policy, now_ms: int) -> Faults:
    """Find every mistake in the words of an entry."""
    reason = reason_of(typed)
    # Without a reason the other fields are judged as for a ban, which asks for most.
    terms = terms_of(typed, reason or Reason.VIOLENCE, policy, now_ms)
    faults = {
        one.field: f"words.flaw.{one.flaw}" for one in reversed(terms.problems(now_ms, policy))
    }
    if reason is None:
        faults["reason"] = "add.fault.reason"
    if typed.get("until") not in SPANS:
        faults["until"] = "add.fault.until"
    if typed.get("scope") not in {VENUE, CONSORTIUM}:
        faults["scope"] = "add.fault.scope"
    try:
        notes.check(typed.get("note", ""))
    except HubError:
        faults["note"] = "add.fault.note"
    return {name: faults[name] for name in FIELDS if name in faults}


def faults_of_photos(draft: Draft, found: Assessment) -> Faults:
    """Find what is wrong with the photos, and what somebody has to look at first."""
    faults: Faults = {}
    if found.mixed:
        faults["photos"] = "add.fault.mixed"
    elif draft.undecided:
        faults["photos"] = "add.fault.undecided"
    elif found.reference is None:
        faults["photos"] = "add.fault.photo"
    if found.alike and not looked_at(draft, found):
        faults["alike"] = "add.fault.alike"
    if found.poor and "poor" not in draft.typed:
        faults["poor"] = "add.fault.poor"
    if found.other and "other" not in draft.typed:
        faults["other"] = "add.fault.other"
    return faults


def looked_at(draft: Draft, found: Assessment) -> bool:
    """Tell whether somebody said of all that look alike, not of fewer, that it was looked at."""
    shown = set(draft.typed.get("looked", "").split())
    return "alike" in draft.typed and {one.card.entry_id for one in found.alike} <= shown


def reasons(policy: Policy, now_ms: int) -> dict[Category, list[tuple[Reason, int, int]]]:
    """Give the reasons of each category, with the most days each allows and when those end."""
    return {
        category: [
            (reason, days, now_ms + days * DAY_MS)
            for reason, days in ((one, policy.longest_days(one)) for one in among)
        ]
        for category, among in REASONS_OF.items()
    }


def today(now_ms: int) -> str:
    """Give the hub's present day, YYYY-MM-DD."""
    return datetime.fromtimestamp(now_ms / 1000).astimezone().date().isoformat()
