"""The longest terms in a browser: one venue proposes them, another approves, every door obeys."""

from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sync.entries import LONGEST_DAYS, Reason
from sync.errors import HubError
from sync.hub.accounts.person import Person
from sync.hub.hubclock import now_ms
from sync.hub.longest import Shift, shifts, with_longest
from sync.hub.rights.held import venue_names
from sync.hub.web.holding import Publish
from sync.hub.web.intake import Form, read_form
from sync.hub.web.may import Act, may, require
from sync.hub.web.notices import Notice
from sync.hub.web.office import Office
from sync.hub.web.pages import back, render, say
from sync.hub.web.seeing import signer_of
from sync.hub.web.texts import t
from sync.signing import Signed, signed
from sync.statement.policy import Policy
from sync.statement.proposal import PolicyProposal, parse_proposal

POLICY = ""
"""Stands for the policy where a proposal is named by its entry."""

_PAGE = "/retention/terms"


@dataclass(frozen=True, slots=True)
class Proposed:
    """Longest terms that wait for another venue.

    Attributes:
        carried: The proposal with the signatures so far.
        venue_id: Who proposed it.
        venue: That venue's name.
        shifts: What would change.
        other: Whether it changes other rules, too.
    """

    carried: Signed
    venue_id: str
    venue: str
    shifts: tuple[Shift, ...]
    other: bool


class LongestTerms:
    """The page of longest terms."""

    def __init__(self, office: Office) -> None:
        """Work for an office."""
        self._office = office

    def routes(self) -> list[Route]:
        """Give the routes of its pages."""
        return [
            Route(_PAGE, self.show),
            Route(_PAGE, self.propose, methods=["POST"]),
            Route(f"{_PAGE}/approve", self.approve, methods=["POST"]),
            Route(f"{_PAGE}/withdraw", self.withdraw, methods=["POST"]),
        ]

    async def attention(self, person: Person) -> list[Notice]:
        """Tell a venue that another one proposes longest terms."""
        proposed = await self._office.ask(self._proposed)
        if proposed is None or not _may_approve(person, proposed):
            return []
        return [Notice("soon", t("retention.longest.notice", venue=proposed.venue), _PAGE)]

    async def show(self, request: Request) -> Response:
        """Show the longest terms, and what is proposed."""
        require(request.state.person, Act.SEE_RETENTION)
        policy = await self._office.ask(lambda: self._office.service.policy)
        typed = {reason.value: str(policy.longest_days(reason)) for reason in Reason}
        return await self._page(request, typed, {})

    async def propose(self, request: Request) -> Response:
        """Propose longest terms, in the name of a venue."""
        form = await read_form(request)
        person: Person = request.state.person
        require(person, Act.SET_POLICY)
        days, faults = _read(form)
        if faults:
            return await self._page(request, form.typed, faults, 422)
        policy = await self._office.ask(lambda: self._office.service.policy)
        wanted = with_longest(policy, days)
        if wanted == policy:
            raise HubError(t("retention.longest.same"))
        list_id = self._office.service.list_id
        proposal = PolicyProposal(list_id, person.venue_id, now_ms(), wanted)
        after = Publish(undone=_PAGE, shown=_PAGE)
        words = t("retention.longest.held")
        await self._office.hold(person, proposal.signed(signer_of(person)), words, after)
        return back(_PAGE)

    async def approve(self, request: Request) -> Response:
        """Approve what another venue proposed; it counts at once."""
        form = await read_form(request)
        person: Person = request.state.person
        proposed = await self._waiting(form)
        if not _may_approve(person, proposed):
            raise HTTPException(403)
        carried = proposed.carried
        approval = signed(carried.kind, carried.body, signer_of(person))
        await self._office.change(lambda: self._office.service.approve(approval, now_ms()))
        say(request, t("retention.longest.approved"))
        return back(_PAGE)

    async def withdraw(self, request: Request) -> Response:
        """Drop what the own venue proposed."""
        form = await read_form(request)
        person: Person = request.state.person
        proposed = await self._waiting(form)
        require(person, Act.SET_POLICY)
        if proposed.venue_id != person.venue_id:
            raise HTTPException(403)
        service, own = self._office.service, person.venue_id
        await self._office.change(lambda: service.withdraw(POLICY, person.who, now_ms(), own))
        say(request, t("retention.longest.withdrawn"))
        return back(_PAGE)

    async def _waiting(self, form: Form) -> Proposed:
        """Give the proposal that the form was shown for.

        Raises:
            HubError: Another one waits now, or none.
        """
        proposed = await self._office.ask(self._proposed)
        if proposed is None or proposed.carried.digest.hex() != form.text("digest"):
            raise HubError(t("retention.longest.gone"))
        return proposed

    async def _page(
        self, request: Request, typed: dict[str, str], faults: dict[str, str], status: int = 200
    ) -> Response:
        person = request.state.person
        proposed = await self._office.ask(self._proposed)
        return render(
            request,
            "retention/terms.html",
            status,
            typed=typed,
            faults=faults,
            longest=LONGEST_DAYS,
            proposed=proposed,
            approves=proposed is not None and _may_approve(person, proposed),
            withdraws=proposed is not None
            and may(person, Act.SET_POLICY)
            and proposed.venue_id == person.venue_id,
        )

    def _proposed(self) -> Proposed | None:
        """Give the newest proposal about the policy; None where none waits."""
        service = self._office.service
        try:
            carried = service.waiting(POLICY)
        except HubError:
            return None
        said = parse_proposal(carried.body)
        if not isinstance(said, PolicyProposal):
            return None  # what waits about no entry is about the policy
        days = {reason: said.policy.longest_days(reason) for reason in Reason}
        return Proposed(
            carried,
            said.venue_id,
            venue_names(service.root).get(said.venue_id, ""),
            shifts(service.policy, said.policy),
            other=with_longest(service.policy, days) != _plain(said.policy),
        )


def _plain(policy: Policy) -> Policy:
    """Write a policy as ``with_longest`` writes one: without limits that limit nothing."""
    return with_longest(policy, {})


def _may_approve(person: Person, proposed: Proposed) -> bool:
    return may(person, Act.APPROVE, venue_id=proposed.venue_id)


def _read(form: Form) -> tuple[dict[Reason, int], dict[str, str]]:
    """Read the days, and find what is none, or more than the software admits."""
    days = {reason: form.number(reason) for reason in Reason}
    faults = {
        reason.value: "retention.longest.fault"
        for reason, count in days.items()
        if count is None or not 1 <= count <= LONGEST_DAYS[reason]
    }
    return {reason: count for reason, count in days.items() if count is not None}, faults
