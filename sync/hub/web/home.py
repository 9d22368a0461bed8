"""The first page: what needs attention, most urgent first, and the way to everything else."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sync.hub.accounts.person import Person
from sync.hub.facts import Standing
from sync.hub.hubclock import now_ms
from sync.hub.web.notices import Notice, most_urgent_first
from sync.hub.web.pages import render
from sync.hub.web.seeing import scopes_of

if TYPE_CHECKING:
    from sync.hub.web.office import Office


@runtime_checkable
class Attentive(Protocol):
    """A room that tells what needs attention."""

    async def attention(self, person: Person) -> list[Notice]:
        """Tell what needs this person's attention."""
        ...


class Home:
    """Shows the first page."""

    def __init__(self, office: "Office", rooms: Sequence[object]) -> None:
        """Work for an office, and ask these rooms, as far as they tell anything."""
        self._office = office
        self._rooms = [room for room in rooms if isinstance(room, Attentive)]

    def routes(self) -> list[Route]:
        """Give the route of the first page."""
        return [Route("/", self.show)]

    async def show(self, request: Request) -> Response:
        """Show what needs attention."""
        person = request.state.person
        # All at once: one after the other, each would wait anew for the office's one thread.
        told = await asyncio.gather(*(room.attention(person) for room in self._rooms))
        venue, figures = await self._office.ask(
            lambda: (self._office.accounts.venue_name(person.venue_id), self._figures(person))
        )
        return render(
            request,
            "home.html",
            notices=most_urgent_first(notice for room in told for notice in room),
            venue=venue,
            figures=figures,
        )

    def _figures(self, person: Person) -> list[tuple[str, int]]:
        """Count what this person sees; on the office's thread."""
        seen = self._office.register.tally(scopes_of(person))
        doors = [unit for unit in self._office.service.units(now_ms()) if not unit.revoked_ms]
        return [
            ("entries", seen[Standing.LIVE]),
            ("waiting", seen[Standing.WAITING]),
            ("contested", seen[Standing.CONTESTED]),
            ("doors", sum(1 for unit in doors if unit.heard_ms and not unit.silent)),
        ]
