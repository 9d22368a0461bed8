"""The first page: what needs attention, most urgent first, and the way to everything else."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sync.hub.accounts.person import Person
from sync.hub.web.notices import Notice, most_urgent_first
from sync.hub.web.pages import render


@runtime_checkable
class Attentive(Protocol):
    """A room that tells what needs attention."""

    async def attention(self, person: Person) -> list[Notice]:
        """Tell what needs this person's attention."""
        ...


class Home:
    """Shows the first page."""

    def __init__(self, rooms: Sequence[object]) -> None:
        """Ask these rooms, as far as they tell anything."""
        self._rooms = [room for room in rooms if isinstance(room, Attentive)]

    def routes(self) -> list[Route]:
        """Give the route of the first page."""
        return [Route("/", self.show)]

    async def show(self, request: Request) -> Response:
        """Show what needs attention."""
        person = request.state.person
        notices = [notice for room in self._rooms for notice in await room.attention(person)]
        return render(request, "home.html", notices=most_urgent_first(notices))
