"""The bar of changes that wait to be published: undo, or now."""

from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sync.hub.web.intake import read_form
from sync.hub.web.pages import back, render, say
from sync.hub.web.texts import t

if TYPE_CHECKING:
    from sync.hub.web.office import Office


class Undoing:
    """Undoes and hurries what somebody's own changes wait for."""

    def __init__(self, office: "Office") -> None:
        """Work for an office."""
        self._holding = office.holding

    def routes(self) -> list[Route]:
        """Give the routes: the bar alone, and its two buttons."""
        return [
            Route("/held", self.bar),
            Route("/held/{held_id}/undo", self.undo, methods=["POST"]),
            Route("/held/{held_id}/now", self.now, methods=["POST"]),
        ]

    async def bar(self, request: Request) -> Response:
        """Show the bar again, for the live page."""
        return render(request, "held.html")

    async def undo(self, request: Request) -> Response:
        """Forget a change; nobody was told of it."""
        await read_form(request)
        held = self._holding.undo(request.path_params["held_id"], request.state.person.account_id)
        if held is None:
            say(request, t("frame.held.late"))
            return back("/")
        say(request, t("frame.held.undone", words=held.words))
        return back(held.publish.undone)

    async def now(self, request: Request) -> Response:
        """Publish a change without waiting."""
        await read_form(request)
        person = request.state.person
        held = await self._holding.publish_now(request.path_params["held_id"], person.account_id)
        return back(held.publish.shown if held else "/")
