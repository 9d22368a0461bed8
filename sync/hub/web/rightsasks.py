"""What a venue has to sign for a person: asked for by the office, signed or declined by a manager.

The hub cannot suspend or erase anything by itself, so an administrator without a venue's key asks
the venue whose entry it is.
"""

from starlette.exceptions import HTTPException
from starlette.requests import Request as Asked
from starlette.responses import Response
from starlette.routing import Route

from sync.errors import HubError
from sync.hub import reach
from sync.hub.hubclock import now_ms
from sync.hub.rights import remedies
from sync.hub.rights.book import Requests
from sync.hub.rights.held import venue_names
from sync.hub.rights.request import Ask, Remedy
from sync.hub.web.holding import Publish
from sync.hub.web.intake import read_form
from sync.hub.web.pages import back, render, say
from sync.hub.web.rightsdesk import RightsDesk
from sync.hub.web.seeing import Pictured, pictured, seen_card
from sync.hub.web.texts import t
from sync.statement.proposal import CONSORTIUM

_ENTRY = "{remedy}/{entry_id}"


class RightsAsks:
    """The pages on which a venue is asked, and answers."""

    def __init__(self, desk: RightsDesk) -> None:
        """Work on these requests."""
        self._desk = desk

    def routes(self) -> list[Route]:
        """Give the routes of its pages."""
        ask, sign = f"/rights/{{number:int}}/ask/{_ENTRY}", f"/rights/{{number:int}}/sign/{_ENTRY}"
        return [
            Route(ask, self.show_ask),
            Route(ask, self.ask, methods=["POST"]),
            Route(sign, self.show_sign),
            Route(sign, self.sign, methods=["POST"]),
            Route(sign.replace("/sign/", "/decline/"), self.decline, methods=["POST"]),
        ]

    async def show_ask(self, asked: Asked) -> Response:
        """Say what a venue would be asked for."""
        number, ask, venue = await self._meant(asked)
        return render(asked, "rights/ask.html", number=number, ask=ask, venue=venue)

    async def ask(self, asked: Asked) -> Response:
        """Ask a venue; somebody of that very venue signs at once."""
        await read_form(asked)
        number, ask, venue = await self._meant(asked)
        person = asked.state.person
        await self._desk.office.change(lambda: self._desk.requests.ask(number, ask, person.who))
        if person.signer is not None and person.venue_id == ask.venue_id:
            return back(f"/rights/{number}/sign/{ask.remedy}/{ask.entry_id}")
        say(asked, t("rights.ask.done", venue=venue))
        return back(f"/rights/{number}")

    async def show_sign(self, asked: Asked) -> Response:
        """Show a manager what is to be signed, and why."""
        number, ask = await self._desk.asked_of(asked)
        request = await self._desk.ask(lambda: self._desk.requests.find(number))
        shown = await self._desk.ask(lambda: self._pictured(asked, ask.entry_id))
        return render(
            asked,
            "rights/sign.html",
            number=number,
            ask=ask,
            kind=request.kind,
            shown=shown,
        )

    async def sign(self, asked: Asked) -> Response:
        """Sign: a suspension counts at once, an erasure can be undone for some seconds."""
        await read_form(asked)
        number, ask = await self._desk.asked_of(asked)
        person, office, requests = asked.state.person, self._desk.office, self._desk.requests
        if ask.remedy is Remedy.SUSPEND:
            await office.change(
                lambda: remedies.sign(requests, (number, ask), person.signer, person.who, now_ms())
            )
            say(asked, t("rights.sign.suspended", entry=ask.entry_id))
            return back("/")
        list_id = office.service.list_id
        proposal = remedies.proposal(ask.remedy, list_id, ask.entry_id, ask.venue_id, now_ms())
        after = Publish(
            together=lambda: _settle(requests, (number, ask), person.who),
            undone=f"/rights/{number}/sign/{ask.remedy}/{ask.entry_id}",
            shown="/",
        )
        words = t("rights.sign.held", entry=ask.entry_id)
        await office.hold(person, proposal.signed(person.signer), words, after)
        return back("/")

    async def decline(self, asked: Asked) -> Response:
        """Note why a venue would not sign."""
        form = await read_form(asked)
        number, ask = await self._desk.asked_of(asked)
        why, who = form.text("why"), asked.state.person.who
        if not why:
            raise HubError(t("rights.sign.why_needed"))
        await self._desk.office.change(
            lambda: remedies.decline(self._desk.requests, (number, ask), why, who, now_ms())
        )
        say(asked, t("rights.sign.declined"))
        return back("/")

    async def _meant(self, asked: Asked) -> tuple[int, Ask, str]:
        """Give the request, what a venue would be asked for, and the venue's name."""
        number, request, entry_id = await self._desk.entry_of(asked)
        remedy = next((one for one in Remedy if one == asked.path_params["remedy"]), None)
        if remedy is None or not request.open:
            raise HTTPException(404)
        venue_id, names = await self._desk.ask(lambda: self._venue(entry_id, asked))
        return number, Ask(remedy, entry_id, venue_id, now_ms()), names.get(venue_id, "")

    def _pictured(self, asked: Asked, entry_id: str) -> Pictured:
        office, person = self._desk.office, asked.state.person
        return pictured(office, person, [seen_card(office, person, entry_id)])[0]

    def _venue(self, entry_id: str, asked: Asked) -> tuple[str, dict[str, str]]:
        """Choose the venue to ask: the asker's own where its signature counts too."""
        desk, person = self._desk.office.service.desk, asked.state.person
        everywhere = reach.content(desk, entry_id).scope == CONSORTIUM
        own = everywhere and person.signer is not None
        venue_id = person.venue_id if own else remedies.venue_to_ask(desk, entry_id)
        return venue_id, venue_names(desk.root)


def _settle(requests: Requests, at: tuple[int, Ask], who: str) -> None:
    remedies.settle(requests, at, who, now_ms())
