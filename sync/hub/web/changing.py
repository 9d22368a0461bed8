"""Changes of an entry in a browser: another end, other facts, off the list, in dispute, back.

What goes on the ledger waits a few seconds for "Undo", but for a dispute: that is in favour of
the person, so it goes at once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sync.hub.accounts.person import Person
from sync.hub.card import Card
from sync.hub.facts import Standing
from sync.hub.hubclock import now_ms
from sync.hub.rights.held import venue_names
from sync.hub.web.holding import Publish
from sync.hub.web.intake import read_form
from sync.hub.web.may import Act, require
from sync.hub.web.office import Office
from sync.hub.web.pages import back, render, say
from sync.hub.web.seeing import entry_id_of, seen_card, signer_of
from sync.hub.web.texts import t
from sync.statement.proposal import (
    ContestProposal,
    EntryProposal,
    ReinstateProposal,
    RemoveProposal,
    Why,
)


class Step(StrEnum):
    """What can be done to an entry with one press; also the last part of its address."""

    LIFT = "lift"
    CONTEST = "contest"
    REINSTATE = "reinstate"
    WITHDRAW = "withdraw"


_FROM: dict[Step, tuple[Standing, ...]] = {
    Step.LIFT: (Standing.LIVE, Standing.CONTESTED),
    Step.CONTEST: (Standing.LIVE,),
    Step.REINSTATE: (Standing.CONTESTED,),
}
"""How an entry has to stand for each; a withdrawal asks for a proposal that waits."""


@dataclass(frozen=True, slots=True)
class About:
    """What the page of a change says.

    Attributes:
        card: The entry.
        second: Whether another venue has to approve.
        names: The venues' names.
    """

    card: Card
    second: bool
    names: dict[str, str]


class Changing:
    """The room of changes that need no more than a yes."""

    def __init__(self, office: Office) -> None:
        """Work for an office."""
        self._office = office

    def routes(self) -> list[Route]:
        """Give the routes: a page that says what will happen, and the press, of each."""
        return [
            route
            for step in Step
            for route in (
                Route(f"/entries/{{entry_id}}/{step}", partial(self.ask, step)),
                Route(f"/entries/{{entry_id}}/{step}", partial(self.do, step), methods=["POST"]),
            )
        ]

    async def ask(self, step: Step, request: Request) -> Response:
        """Say what will happen."""
        person, entry_id = request.state.person, entry_id_of(request)
        about = await self._office.ask(lambda: self._about(person, entry_id, step))
        return render(
            request,
            "entries/confirm.html",
            step=step,
            card=about.card,
            names=about.names,
            consequences=_consequences(step, about),
        )

    async def do(self, step: Step, request: Request) -> Response:
        """Do it."""
        await read_form(request)
        person, entry_id = request.state.person, entry_id_of(request)
        about = await self._office.ask(lambda: self._about(person, entry_id, step))
        page, words = f"/entries/{entry_id}", _words(step, about.card)
        if step is Step.WITHDRAW:
            service, own = self._office.service, person.venue_id
            await self._office.change(lambda: service.withdraw(entry_id, person.who, now_ms(), own))
            say(request, words)
            return back("/entries" if about.card.standing is Standing.WAITING else page)
        made = _PROPOSALS[step](self._office.service.list_id, entry_id, person.venue_id)
        signed = made.signed(signer_of(person))
        if step is Step.CONTEST:
            await self._office.change(lambda: self._office.service.propose(signed, now_ms()))
            say(request, words)
        else:
            await self._office.hold(person, signed, words, Publish(undone=page, shown=page))
        return back(page)

    def _about(self, person: Person, entry_id: str, step: Step) -> About:
        """Read what a change is about, if this person may make it now.

        Raises:
            HTTPException: 404, 403; 409 where the entry does not stand so that it can be done.
        """
        card = seen_card(self._office, person, entry_id)
        require_step(person, card, step)
        service = self._office.service
        second = card.everywhere and card.category in service.policy.two_person
        return About(card, second, venue_names(service.root))


def require_step(person: Person, card: Card, step: Step) -> None:
    """Refuse a change that this person may not make, or that the entry does not allow now.

    Raises:
        HTTPException: 403 or 409.
    """
    if step is Step.CONTEST:
        require(person, Act.CONTEST_ENTRY, scope=card.scope)
    elif step is Step.WITHDRAW and card.asked is not None:
        require(person, Act.CHANGE_ENTRY, scope=card.scope, venue_id=card.asked.venue_id)
    else:
        require(person, Act.CHANGE_ENTRY, scope=card.scope, venue_id=card.venue_id)
    fits = card.asked is not None if step is Step.WITHDRAW else card.standing in _FROM[step]
    if not fits:
        raise HTTPException(409, t(f"entries.{step}.not_now"))


def _removal(list_id: str, entry_id: str, venue_id: str) -> EntryProposal:
    return RemoveProposal(list_id, entry_id, venue_id, Why.LIFTED, now_ms())


def _contest(list_id: str, entry_id: str, venue_id: str) -> EntryProposal:
    return ContestProposal(list_id, entry_id, venue_id, now_ms())


def _reinstatement(list_id: str, entry_id: str, venue_id: str) -> EntryProposal:
    return ReinstateProposal(list_id, entry_id, venue_id, now_ms())


_PROPOSALS: dict[Step, Callable[[str, str, str], EntryProposal]] = {
    Step.LIFT: _removal,
    Step.CONTEST: _contest,
    Step.REINSTATE: _reinstatement,
}


def _consequences(step: Step, about: About) -> list[str]:
    """Say in full sentences what will happen."""
    if step is Step.WITHDRAW:
        new = about.card.standing is Standing.WAITING
        return [t("entries.withdraw.new") if new else t("entries.withdraw.change")]
    told = [t(f"entries.{step}.first"), t(f"entries.{step}.second")]
    if step is Step.CONTEST:
        return told
    return [*told, t("entries.needs_second") if about.second else t("entries.can_undo")]


def _words(step: Step, card: Card) -> str:
    """Say in one line what was done, for the bar with "Undo"."""
    reason = t(f"words.reason.{card.reason}") if card.reason else t("entries.hollow")
    return t(f"entries.{step}.done", reason=reason)
