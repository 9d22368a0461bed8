"""The papers that are filled and printed: sheets for advisers, doors and people."""

import textwrap
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from sync.entries import Category
from sync.hub.card import Card
from sync.hub.hubclock import now_ms
from sync.hub.papers.accuracy import WIDEST
from sync.hub.papers.particulars import missing
from sync.hub.web import downloads
from sync.hub.web.may import Act, require
from sync.hub.web.pages import html
from sync.hub.web.papersdesk import Facts, PapersDesk, VenueFacts
from sync.hub.web.qr import qr_address
from sync.hub.web.seeing import entry_id_of, seen_card
from sync.hub.web.texts import t

_OPENING = {
    Category.BANNED: "papers.letter.opening",
    Category.SELF_EXCLUDED: "papers.letter.opening_self",
    Category.WELFARE: "papers.letter.opening_welfare",
}

_NEEDED_IN_PUBLIC = frozenset({"controller", "contact"})
"""Without these nobody is shown a notice: it would not say whose it is."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """One line of a drawing.

    Attributes:
        words: The line.
        y: Millimetres from the top.
        size: Of the letters, millimetres.
        weight: Of the letters.
    """

    words: str
    y: float
    size: float
    weight: int


class PaperSheets:
    """The pages of single papers."""

    def __init__(self, desk: PapersDesk) -> None:
        """Fill from this desk."""
        self._desk = desk

    def routes(self) -> list[Route]:
        """Give the routes of its pages."""
        return [
            Route("/papers/balance", self.balance),
            Route("/papers/accuracy", self.accuracy),
            Route("/papers/agreement", self.agreement),
            Route("/papers/notice", self.notice),
            Route("/papers/sign/{venue_id}", self.sign),
            Route("/papers/sign/{venue_id}/drawing", self.drawing),
            Route("/papers/slips/{venue_id}", self.slips),
            Route("/papers/letter", self.find_letter),
            Route("/papers/letter/{entry_id}", self.letter),
            Route("/privacy", self.public),
        ]

    async def balance(self, request: Request) -> Response:
        """Show the balancing test."""
        return self._desk.sheet(
            request, "balance.html", await self._facts(request), "balancing-test"
        )

    async def accuracy(self, request: Request) -> Response:
        """Show accuracy by group."""
        facts = await self._facts(request)
        others = [one for one in facts.settings.networks if one != facts.accuracy.model_id]
        return self._desk.sheet(
            request, "accuracy.html", facts, "accuracy-by-group",
            a=facts.accuracy, others=others, widest=WIDEST,
        )  # fmt: skip

    async def agreement(self, request: Request) -> Response:
        """Show the agreement of the venues."""
        return self._desk.sheet(
            request, "agreement.html", await self._facts(request), "sharing-agreement"
        )

    async def notice(self, request: Request) -> Response:
        """Show the privacy notice, gaps included."""
        return self._desk.sheet(
            request, "notice.html", await self._facts(request), "privacy-notice"
        )

    async def public(self, request: Request) -> Response:
        """Show the privacy notice to anybody, once it says whose it is.

        Raises:
            HTTPException: 404 before that.
        """
        facts = await self._desk.facts()
        if _NEEDED_IN_PUBLIC & set(missing(facts.said)):
            raise HTTPException(404)
        return self._desk.sheet(request, "notice.html", facts, "privacy-notice")

    async def sign(self, request: Request) -> Response:
        """Show a venue's door sign."""
        facts, venue = await self._at_venue(request)
        return self._desk.sheet(request, "sign.html", facts, f"door-sign-{venue.name}", venue=venue)

    async def drawing(self, request: Request) -> Response:
        """Send a venue's door sign as a drawing of A4."""
        facts, venue = await self._at_venue(request)
        lines, code_y = _drawn(facts, venue)
        web = facts.said.notice_web
        page = html(
            request,
            "papers/sign.svg",
            lines=lines,
            code_y=code_y,
            square=qr_address(web) if web else "",
        )
        return downloads.attachment(page, f"door-sign-{venue.name}.svg", downloads.SVG)

    async def slips(self, request: Request) -> Response:
        """Show slips for people who were turned away."""
        facts, venue = await self._at_venue(request)
        return self._desk.sheet(request, "slips.html", facts, f"slips-{venue.name}", venue=venue)

    async def find_letter(self, request: Request) -> Response:
        """Lead to the letter of the entry that was typed."""
        require(request.state.person, Act.SEE_PAPERS)
        entry_id = request.query_params.get("entry", "").strip().lower()
        return RedirectResponse(f"/papers/letter/{entry_id or '-'}", status_code=303)

    async def letter(self, request: Request) -> Response:
        """Show the letter to whoever is on the list; that it was written is audited."""
        facts = await self._facts(request)
        entry_id = entry_id_of(request)
        card = await self._desk.office.ask(lambda: self._card(request, entry_id))
        if card.reason is None:
            raise HTTPException(404)
        names = {one.venue_id: one.name for one in facts.venues}
        return self._desk.sheet(
            request,
            "letter.html",
            facts,
            f"letter-{entry_id}",
            card=card,
            venue=names.get(card.venue_id, card.venue_id),
            opening=_OPENING[card.category],
            ground=dict(facts.grounds)[card.category],
        )

    def _card(self, request: Request, entry_id: str) -> Card:
        office, person = self._desk.office, request.state.person
        card = seen_card(office, person, entry_id)
        desk = office.service.desk
        with desk.change():
            desk.note(now_ms(), person.who, "letter", entry_id)
        return card

    async def _facts(self, request: Request) -> Facts:
        require(request.state.person, Act.SEE_PAPERS)
        return await self._desk.facts()

    async def _at_venue(self, request: Request) -> tuple[Facts, VenueFacts]:
        """Gather, and find the venue of the address.

        Raises:
            HTTPException: 404, there is no such venue.
        """
        facts = await self._facts(request)
        wanted = request.path_params["venue_id"]
        venue = next((one for one in facts.venues if one.venue_id == wanted), None)
        if venue is None:
            raise HTTPException(404)
        return facts, venue


def _drawn(facts: Facts, venue: VenueFacts) -> tuple[list[Drawn], float]:
    """Break the sign's words into lines of a drawing; gives them and where the code stands."""
    gap, web = t("papers.gap"), facts.said.notice_web
    y, lines = 82.0, list[Drawn]()
    for words, size, weight in (
        (t("papers.sign.title"), 13.0, 700),
        (t("papers.sign.what"), 6.4, 400),
        (t("papers.sign.kept"), 6.4, 700),
        (t("papers.sign.decide"), 6.4, 400),
        (t("papers.sign.more") if web else t("papers.sign.fault"), 6.4, 400),
    ):
        for line in textwrap.wrap(words, round(330 / size)):
            lines.append(Drawn(line, y, size, weight))
            y += size * 1.25
        y += 4
    code_y = y - 5
    y = code_y + 63
    who = t("papers.sign.who", controller=facts.said.controller or gap)
    for words, weight in (
        (web, 400), (t("papers.sign.ask", contact=facts.said.contact or gap), 400),
        (venue.name, 700), (who, 400),
    ):  # fmt: skip
        for line in textwrap.wrap(words, 64):
            lines.append(Drawn(line, y, 4.8, weight))
            y += 6.2
    return lines, code_y
