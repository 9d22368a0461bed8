"""The files that a person is given: all that is held on them, and the proof that it is gone."""

from enum import StrEnum
from typing import Any

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request as Asked
from starlette.responses import Response
from starlette.routing import Route

from sync.hub.hubclock import now_ms
from sync.hub.papers import particulars
from sync.hub.papers.particulars import Particulars
from sync.hub.rights import export
from sync.hub.rights.export import Shortened
from sync.hub.rights.held import Held, collect, signing_keys
from sync.hub.rights.request import Step
from sync.hub.web import downloads
from sync.hub.web.intake import read_form
from sync.hub.web.pages import html, render
from sync.hub.web.rightsdesk import RightsDesk
from sync.hub.web.seeing import embedded
from sync.hub.web.stylesheet import paper_style
from sync.hub.web.texts import known, t

ABOUT = ("purpose", "ground", "recipients", "term", "source", "automated", "rights", "complain")
"""What GDPR Article 15(1) asks to be told besides the copy."""


class As(StrEnum):
    """In which form a file is taken."""

    HTML = "html"
    JSON = "json"


class RightsFiles:
    """The pages from which files are taken."""

    def __init__(self, desk: RightsDesk) -> None:
        """Work on these requests."""
        self._desk = desk

    def routes(self) -> list[Route]:
        """Give the routes of its pages."""
        copy = "/rights/{number:int}/copy/{entry_id}"
        return [
            Route(copy, self.show),
            Route(copy, self.copy, methods=["POST"]),
            Route("/rights/{number:int}/proof/{entry_id}", self.proof, methods=["POST"]),
        ]

    async def show(self, asked: Asked) -> Response:
        """Show the free words, for taking out what speaks of other people."""
        number, request, entry_id = await self._desk.entry_of(asked)
        held = await self._desk.ask(lambda: self._collect(entry_id))
        return render(asked, "rights/copy.html", number=number, asked=request, record=held)

    async def copy(self, asked: Asked) -> Response:
        """Send all that is held on the person of an entry, as one file."""
        form = await read_form(asked)
        number, _, entry_id = await self._desk.entry_of(asked)
        kind = form.choice("kind", As)
        if kind is None:
            raise HTTPException(400)
        held = await self._desk.ask(lambda: self._collect(entry_id, history=True))
        said = await self._desk.ask(lambda: particulars.read(self._desk.office.service.desk))
        before = (held.put.evidence if held.put else "", held.note)
        after = (form.text("evidence"), form.text("note"))
        shortened = Shortened(*after, left_out=before != after)
        about = _about(said)
        data = export.as_data(held, shortened, about, now_ms())
        await self._note(asked, number, "copy", f"{entry_id} as {kind}")
        name = f"held-on-request-{number}.{kind}"
        if kind is As.JSON:
            return downloads.attachment(export.as_json(data), name, downloads.JSON)
        page = self._page(
            asked,
            "rights/file.html",
            data,
            record=held,
            shortened=shortened,
            about=about,
            told=_told,
            picture=embedded(held.put.photo if held.put else b""),
        )
        return downloads.attachment(page, name, downloads.HTML)

    async def proof(self, asked: Asked) -> Response:
        """Send the doors' signed words that an entry is erased, and how to check them."""
        form = await read_form(asked)
        number, _, entry_id = await self._desk.entry_of(asked)
        kind = form.choice("kind", As)
        if kind is None:
            raise HTTPException(400)
        held = await self._desk.ask(lambda: self._collect(entry_id))
        desk = self._desk.office.service.desk
        keys = await self._desk.ask(lambda: signing_keys(desk, held.receipts))
        said = await self._desk.ask(lambda: particulars.read(desk))
        data = export.proof(held, keys, now_ms())
        await self._note(asked, number, "proof", f"{entry_id} as {kind}")
        name = f"erased-on-request-{number}.{kind}"
        if kind is As.JSON:
            return downloads.attachment(export.as_json(data), name, downloads.JSON)
        page = self._page(asked, "rights/proof.html", data, record=held, keys=keys, said=said)
        return downloads.attachment(page, name, downloads.HTML)

    def _page(self, asked: Asked, template: str, data: dict[str, Any], **context: Any) -> str:
        """Make a file that needs nothing else: its look, its photo and its data are in it."""
        return html(
            asked,
            template,
            style=paper_style(),
            data=_in_page(export.as_json(data)),
            consortium=self._desk.office.config.name,
            made_ms=now_ms(),
            **context,
        )

    def _collect(self, entry_id: str, *, history: bool = False) -> Held:
        return collect(self._desk.office.service.desk, entry_id, now_ms(), history=history)

    async def _note(self, asked: Asked, number: int, did: str, words: str) -> None:
        step = Step(now_ms(), asked.state.person.who, did, words)
        requests = self._desk.requests
        request = await self._desk.ask(lambda: requests.find(number))
        if request.open:
            await self._desk.office.change(lambda: requests.step(number, step))
            return
        desk = self._desk.office.service.desk

        def note() -> None:
            with desk.change():
                desk.note(step.at_ms, step.who, f"request-{did}", f"request {number}")

        await self._desk.office.change(note)


def _about(said: Particulars) -> dict[str, str]:
    values = {
        "controller": said.controller or t("papers.gap"),
        "contact": said.contact or t("papers.gap"),
        "authority": said.authority or t("papers.gap"),
        "web": said.authority_web,
    }
    return {name: t(f"rights.file.about.{name}", **values) for name in ABOUT}


def _told(did: str) -> str:
    """Say what was done; a word of the log for which there is no sentence stands as it is."""
    key = f"rights.did.{did}"
    return t(key) if key in known() else did


def _in_page(json: bytes) -> Markup:
    """Write JSON so that nothing in it can end the element around it."""
    text = json.decode()
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)  # noqa: S704 - made harmless in the line above
