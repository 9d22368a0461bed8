"""Approvals in a browser: what another venue proposes, seen whole, and signed by a second person.

The rule of two is kept by the signatures, which every door checks; the page only says it early.
"""

from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sync.errors import HubError
from sync.hub.accounts.person import Person
from sync.hub.card import Asked, Card
from sync.hub.facts import Standing
from sync.hub.hubclock import now_ms
from sync.hub.proposing import WAITING_DAYS
from sync.hub.rights.held import venue_names
from sync.hub.web.holding import Publish
from sync.hub.web.intake import read_form
from sync.hub.web.may import Act, may, require
from sync.hub.web.notices import Notice
from sync.hub.web.office import Office
from sync.hub.web.pages import back, render
from sync.hub.web.seeing import (
    Pictured,
    embedded,
    entry_id_of,
    pictured,
    scopes_of,
    seen_card,
    signer_of,
)
from sync.hub.web.texts import t
from sync.signing import Signed, signed
from sync.statement.policy import DAY_MS
from sync.statement.proposal import PutProposal, parse_proposal

MOST_SHOWN = 24
"""Proposals of each kind on the page; those that wait longest."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits, for one person.

    Attributes:
        mine: What this person may approve, the first to lapse first.
        others: What this person's venue proposed, or may only look at.
        more: How many are not shown.
        names: The venues' names.
    """

    mine: list[Pictured]
    others: list[Pictured]
    more: int
    names: dict[str, str]


@dataclass(frozen=True, slots=True)
class Proposed:
    """One proposal, for the person who is to approve it.

    Attributes:
        card: The entry as it stands, or as it would be.
        asked: What is asked for, by whom.
        waiting: The proposal itself.
        put: The version that is proposed; None unless it is one.
        before: The photo in force, as an address; "" for a new entry.
        photo: The photo that is proposed, or the one in force.
        names: The venues' names.
    """

    card: Card
    asked: Asked
    waiting: Signed
    put: PutProposal | None
    before: str
    photo: str
    names: dict[str, str]


class Approvals:
    """The room of approvals."""

    def __init__(self, office: Office) -> None:
        """Work for an office."""
        self._office = office

    def routes(self) -> list[Route]:
        """Give the routes of its pages."""
        return [
            Route("/approvals", self.show),
            Route("/entries/{entry_id}/approve", self.read),
            Route("/entries/{entry_id}/approve", self.approve, methods=["POST"]),
        ]

    async def attention(self, person: Person) -> list[Notice]:
        """Tell how many proposals wait for this person."""
        if not may(person, Act.APPROVE):
            return []
        cards = await self._office.ask(self._office.register.asked)
        count = sum(_approvable(person, card) for card in cards)
        if not count:
            return []
        return [Notice("soon", t("approvals.attention", count=count), "/approvals")]

    async def show(self, request: Request) -> Response:
        """Show what waits."""
        person = request.state.person
        require(person, Act.SEE_ENTRY)
        waiting = await self._office.ask(lambda: self._waiting(person))
        return render(
            request,
            "approvals/list.html",
            waiting=waiting,
            names=waiting.names,
            term_ms=WAITING_DAYS * DAY_MS,
            days=WAITING_DAYS,
        )

    async def read(self, request: Request) -> Response:
        """Show one proposal whole."""
        entry_id, person = entry_id_of(request), request.state.person
        proposed = await self._office.ask(lambda: self._proposed(person, entry_id))
        return render(
            request,
            "approvals/one.html",
            proposed=proposed,
            card=proposed.card,
            put=proposed.put,
            asked=proposed.asked,
            names=proposed.names,
            changed=_changed(proposed.card, proposed.put),
            new=proposed.card.standing is Standing.WAITING,
            digest=proposed.waiting.digest.hex(),
        )

    async def approve(self, request: Request) -> Response:
        """Sign what was shown, unless something else waits by now."""
        form = await read_form(request)
        entry_id, person = entry_id_of(request), request.state.person
        proposed = await self._office.ask(lambda: self._proposed(person, entry_id))
        waiting = proposed.waiting
        if form.text("digest") != waiting.digest.hex():
            raise HTTPException(409, t("approvals.changed"))
        approval = signed(waiting.kind, waiting.body, signer_of(person))
        venue = proposed.names.get(proposed.asked.venue_id, proposed.asked.venue_id)
        words = t(f"approvals.done.{proposed.asked.what}", venue=venue)
        page = f"/entries/{entry_id}"
        await self._office.hold(
            person, approval, words, Publish(undone=f"{page}/approve", shown=page)
        )
        return back("/approvals")

    def _waiting(self, person: Person) -> Waiting:
        cards, scopes = self._office.register.asked(), scopes_of(person)
        held = self._office.holding.about  # what somebody just approved asks nobody any more
        known = [card for card in cards if scopes is None or card.scope in scopes]
        seen = [card for card in known if not held(card.entry_id)]
        mine = [card for card in seen if _approvable(person, card)]
        others = [card for card in seen if not _approvable(person, card)]
        shown = [*mine[:MOST_SHOWN], *others[:MOST_SHOWN]]
        faces = {one.card.entry_id: one for one in pictured(self._office, person, shown)}
        return Waiting(
            mine=[faces[card.entry_id] for card in mine[:MOST_SHOWN]],
            others=[faces[card.entry_id] for card in others[:MOST_SHOWN]],
            more=len(seen) - len(shown),
            names=venue_names(self._office.service.root),
        )

    def _proposed(self, person: Person, entry_id: str) -> Proposed:
        """Read a proposal that this person may approve.

        Raises:
            HTTPException: 404; 403 in a sentence for the venue that proposed it; 409, none waits.
        """
        card, service = seen_card(self._office, person, entry_id), self._office.service
        names = venue_names(service.root)
        if card.asked is None:
            raise HTTPException(409, t("approvals.none_waits"))
        if card.asked.venue_id == person.venue_id:
            raise HTTPException(403, t("approvals.own", venue=names.get(person.venue_id, "")))
        require(person, Act.APPROVE, scope=card.scope, venue_id=card.asked.venue_id)
        waiting = service.waiting(entry_id)
        proposal = parse_proposal(waiting.body)
        put = proposal if isinstance(proposal, PutProposal) else None
        before = b"" if card.standing is Standing.WAITING else self._photo(person, entry_id)
        if put is not None and not before:
            service.looked([entry_id], person.who, now_ms())
        photo = embedded(put.photo if put else before)
        return Proposed(card, card.asked, waiting, put, embedded(before), photo, names)

    def _photo(self, person: Person, entry_id: str) -> bytes:
        try:
            return self._office.service.content(entry_id, person.who, now_ms()).photo
        except HubError:  # a restored hub lacks it
            return b""


def _approvable(person: Person, card: Card) -> bool:
    """Tell whether this person may approve what waits about an entry."""
    asked = card.asked
    return asked is not None and may(person, Act.APPROVE, scope=card.scope, venue_id=asked.venue_id)


def _changed(card: Card, put: PutProposal | None) -> list[str]:
    """Name the facts that a new version changes."""
    if put is None:
        return []
    pairs = {
        "reason": (card.reason, put.reason),
        "incident": (card.incident_on, put.incident_on),
        "evidence": (card.evidence, put.evidence),
        "until": (card.until_ms, put.valid_until_ms),
    }
    return [name for name, (before, after) in pairs.items() if before != after]
