"""Am I on it? A person's own photo is compared with the list and then forgotten.

The photo is decoded by the examining process, held in memory for one request, and is on no disk;
the log keeps that somebody looked, and how many entries were alike (UK GDPR, article 15).
"""

import asyncio

from starlette.requests import Request as Asked
from starlette.responses import Response
from starlette.routing import Route

from edge.enrolment import Reference, joined
from edge.errors import EnrolmentError, PhotoError
from sync.hub.accounts.person import Person, Role
from sync.hub.examining.findings import Examined, FoundFace
from sync.hub.hubclock import now_ms
from sync.hub.rights.held import venue_names
from sync.hub.rights.request import Request, Step
from sync.hub.web.intake import read_form
from sync.hub.web.may import Act, may, require
from sync.hub.web.pages import back, render
from sync.hub.web.rightsdesk import RightsDesk
from sync.hub.web.seeing import Pictured, embedded, pictured
from sync.hub.web.texts import t

MOST_SHOWN = 4
"""Entries that one search shows: an answer, not a way to leaf through the list."""


MOST_SEARCHES = 5
"""Searches of one request: enough for a better photo, too few to look for many people."""


class RightsSearch:
    """The pages on which entries are found for a request."""

    def __init__(self, desk: RightsDesk) -> None:
        """Work on these requests."""
        self._desk = desk

    def routes(self) -> list[Route]:
        """Give the routes of its pages."""
        one = "/rights/{number:int}"
        return [
            Route(f"{one}/search", self.search, methods=["POST"]),
            Route(f"{one}/attach", self.attach, methods=["POST"]),
            Route(f"{one}/detach", self.detach, methods=["POST"]),
        ]

    async def search(self, asked: Asked) -> Response:
        """Compare somebody's photos with the list."""
        form = await read_form(asked)
        number, request = await self._desk.worked_on(asked)
        person = asked.state.person
        trouble, sent, found = "", "", list[Pictured]()
        try:
            _refuse_many(request)
            reference = await self._reference(form.files("photos"))
        except (PhotoError, EnrolmentError) as error:
            trouble = str(error)
        else:
            sent = embedded(reference.photo_jpeg)
            found = await self._desk.ask(lambda: self._alike(reference, person))
            step = Step(
                now_ms(), person.who, "search", " ".join(one.card.entry_id for one in found)
            )
            await self._desk.ask(lambda: self._desk.requests.step(number, step))
        names = await self._desk.ask(lambda: venue_names(self._desk.office.service.root))
        return render(
            asked,
            "rights/found.html",
            422 if trouble else 200,
            number=number,
            entries=request.entries,
            sent=sent,
            found=found,
            trouble=trouble,
            names=names,
            partly=person.role is Role.MANAGER,
        )

    async def attach(self, asked: Asked) -> Response:
        """Note that an entry is about the person who asks."""
        form = await read_form(asked)
        number, _ = await self._desk.worked_on(asked)
        person, entry_id = asked.state.person, form.text("entry_id").lower()
        scope = await self._desk.ask(lambda: self._desk.scope_of(entry_id))
        require(person, Act.SEE_ENTRY, scope=scope)
        await self._desk.office.change(
            lambda: self._desk.requests.attach(number, entry_id, person.who, now_ms())
        )
        return back(f"/rights/{number}")

    async def detach(self, asked: Asked) -> Response:
        """Note that an entry is about somebody else after all."""
        form = await read_form(asked)
        number, _ = await self._desk.worked_on(asked)
        who, entry_id = asked.state.person.who, form.text("entry_id")
        await self._desk.office.change(
            lambda: self._desk.requests.detach(number, entry_id, who, now_ms())
        )
        return back(f"/rights/{number}")

    async def _reference(self, photos: list[bytes]) -> Reference:
        """Make a reference of photos in the examining process.

        Raises:
            PhotoError: There is none, or one of them cannot be compared.
        """
        if not photos:
            raise PhotoError(t("rights.search.none"))
        examiner = self._desk.office.examiner
        examined = [await asyncio.to_thread(examiner.examine, one) for one in photos]
        faces = [_only_face(one, number) for number, one in enumerate(examined, 1)]
        return joined([one.portrait() for one in faces], examined[0].model_id)

    def _alike(self, reference: Reference, person: Person) -> list[Pictured]:
        """Find entries that this person may see, the most alike first; the look is audited."""
        register = self._desk.office.register
        cards = [register.card(one.entry_id) for one in register.alike(reference, now_ms())]
        seen = [card for card in cards if may(person, Act.SEE_ENTRY, scope=card.scope)]
        return pictured(self._desk.office, person, seen[:MOST_SHOWN])


def _refuse_many(request: Request) -> None:
    """Refuse to search for one request again and again.

    Raises:
        PhotoError: It was done often enough.
    """
    if sum(step.did == "search" for step in request.steps) >= MOST_SEARCHES:
        raise PhotoError(t("rights.search.often", count=MOST_SEARCHES))


def _only_face(examined: Examined, number: int) -> FoundFace:
    """Give the one face of a photo.

    Raises:
        PhotoError: There is none, there are several, or it cannot be compared.
    """
    faces = [face for face in examined.faces if not face.background]
    if not faces:
        raise PhotoError(t("rights.search.nobody", number=number))
    if len(faces) > 1:
        raise PhotoError(t("rights.search.several", number=number, count=len(faces)))
    if not faces[0].usable:
        raise PhotoError(t("rights.search.unfit", number=number))
    return faces[0]
