"""A draft as the list and the rules see it at this moment, with pictures for the page."""

from dataclasses import dataclass

from sync.hub.accounts.person import Person
from sync.hub.assessing import Assessment, assess
from sync.hub.drafts import Draft
from sync.hub.hubclock import now_ms
from sync.hub.rights.held import venue_names
from sync.hub.web.may import Act, may
from sync.hub.web.office import Office
from sync.hub.web.seeing import Pictured, pictured
from sync.statement.policy import Policy


@dataclass(frozen=True, slots=True)
class Likely:
    """An entry that may be of the same person, as the page shows it.

    Attributes:
        pictured: The entry with its small picture.
        percent: How alike, in hundredths.
    """

    pictured: Pictured
    percent: int


@dataclass(frozen=True, slots=True)
class Judged:
    """A draft as the list and the rules see it now.

    Attributes:
        found: What its photos come to.
        likely: The entries that may be of the same person.
        policy: The rules in force.
        names: The venues' names.
        replaced: The entry whose photo is replaced; None for a new one.
    """

    found: Assessment
    likely: list[Likely]
    policy: Policy
    names: dict[str, str]
    replaced: Pictured | None


def judge(office: Office, person: Person, draft: Draft) -> Judged:
    """Judge a draft, and note who was shown whom; on the office's thread."""
    service, register = office.service, office.register
    found = assess(
        draft, register, lambda card: may(person, Act.SEE_ENTRY, scope=card.scope), now_ms()
    )
    cards = [one.card for one in found.alike]
    replaced = register.cards().get(draft.replaces)
    shown = pictured(office, person, [*cards, *([replaced] if replaced else [])])
    return Judged(
        found=found,
        likely=[
            Likely(one, round(100 * alike.score))
            for one, alike in zip(shown, found.alike, strict=False)
        ],
        policy=service.policy,
        names=venue_names(service.root),
        replaced=shown[-1] if replaced else None,
    )
