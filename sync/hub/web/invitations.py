"""Invitations of doors in a browser: one string and its QR code, shown once."""

from dataclasses import dataclass
from enum import StrEnum

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sync.errors import HubError
from sync.hub import doors
from sync.hub.accounts.person import Person
from sync.hub.ceremony import in_force
from sync.hub.hubclock import now_ms
from sync.hub.inviting import invitation
from sync.hub.membership import LONGEST_NAME
from sync.hub.web.intake import Form, read_form
from sync.hub.web.may import Act, may, require
from sync.hub.web.office import Office
from sync.hub.web.pages import Faults, render
from sync.hub.web.qr import qr_address
from sync.hub.web.texts import t

HOUR_MS = 3_600_000


class Term(StrEnum):
    """For how many hours an invitation may be used."""

    TWO_HOURS = "2"
    TWO_DAYS = "48"
    A_WEEK = "168"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a door is to stand, and what it is called.

    Attributes:
        unit_id: Of a unit that is invited again; "" for a new one.
        venue_id: The venue.
        name: The name.
    """

    unit_id: str
    venue_id: str
    name: str


class Invitations:
    """The room of invitations."""

    def __init__(self, office: Office) -> None:
        """Work for an office."""
        self._office = office

    def routes(self) -> list[Route]:
        """Give the routes of its pages."""
        return [
            Route("/doors/invite", self.ask),
            Route("/doors/invite", self.invite, methods=["POST"]),
            Route("/doors/{unit_id:str}/invite", self.ask_again),
            Route("/doors/{unit_id:str}/invite", self.again, methods=["POST"]),
        ]

    async def ask(self, request: Request) -> Response:
        """Ask where the new door will stand."""
        return await self._form(request, {}, {})

    async def invite(self, request: Request) -> Response:
        """Expect a new door, and show its invitation."""
        form = await read_form(request)
        venues = await self._office.ask(lambda: self._venues(request.state.person))
        faults = _faults(form, dict(venues))
        if faults:
            return await self._form(request, form.typed, faults)
        venue_id = form.text("venue")
        require(request.state.person, Act.RUN_DOORS, venue_id=venue_id)
        place = Place("", venue_id, form.text("name") or dict(venues)[venue_id])
        return await self._invited(request, place, form)

    async def ask_again(self, request: Request) -> Response:
        """Say what a new invitation of the same door means."""
        place = await self._place(request)
        return render(request, "doors/again.html", place=place, terms=_terms())

    async def again(self, request: Request) -> Response:
        """Expect the same door again, and show its new invitation."""
        form = await read_form(request)
        return await self._invited(request, await self._place(request), form)

    async def _form(self, request: Request, typed: dict[str, str], faults: Faults) -> Response:
        person = request.state.person
        require(person, Act.RUN_DOORS, venue_id=person.venue_id)
        venues = await self._office.ask(lambda: self._venues(person))
        return render(
            request,
            "doors/invite.html",
            422 if faults else 200,
            venues=venues,
            terms=_terms(),
            typed={"venue": person.venue_id, "name": "", "hours": Term.TWO_DAYS} | typed,
            faults=faults,
            longest=LONGEST_NAME,
        )

    async def _invited(self, request: Request, place: Place, form: Form) -> Response:
        """Expect a door and show the string; it is never shown again."""
        hours, who = form.choice("hours", Term) or Term.TWO_DAYS, request.state.person.who
        expires_ms = now_ms() + int(hours) * HOUR_MS
        text = await self._office.change(lambda: self._expect(place, expires_ms, who))
        return render(
            request,
            "doors/invited.html",
            name=place.name,
            text=text,
            qr=qr_address(text),
            expires_ms=expires_ms,
        )

    def _expect(self, place: Place, expires_ms: int, who: str) -> str:
        """Note whom to expect and put the string together, or neither."""
        office, now = self._office, now_ms()
        service = office.service
        with service.together():
            if place.unit_id:
                unit_id = place.unit_id
                secret = service.reinvite(unit_id, expires_ms, who, now)
            else:
                unit_id, secret = service.invite(place.venue_id, place.name, expires_ms, who, now)
            hub = (office.places, office.config, service)
            return invitation(hub, unit_id, secret, expires_ms)

    def _venues(self, person: Person) -> list[tuple[str, str]]:
        """Give the venues where this person may put a door."""
        return [
            (venue.venue_id, venue.name)
            for venue in in_force(self._office.service.root)
            if may(person, Act.RUN_DOORS, venue_id=venue.venue_id)
        ]

    async def _place(self, request: Request) -> Place:
        """Find a door that may be invited again.

        Raises:
            HTTPException: 404, 403, or 409 for one in force.
        """
        place = await self._office.ask(lambda: self._known(request.path_params["unit_id"]))
        if place is None:
            raise HTTPException(404)
        require(request.state.person, Act.RUN_DOORS, venue_id=place.venue_id)
        return place

    def _known(self, unit_id: str) -> Place | None:
        """Find a door that is expected or revoked.

        Raises:
            HTTPException: 409 where it is in force.
        """
        service = self._office.service
        for one in doors.expected(service.desk):
            if one.unit_id == unit_id:
                return Place(unit_id, one.venue_id, one.name)
        try:
            unit = service.unit(unit_id, now_ms())
        except HubError:
            return None
        if not unit.revoked_ms:
            raise HTTPException(409, t("doors.again.in_force"))
        return Place(unit_id, unit.venue_id, unit.name)


def _faults(form: Form, venues: dict[str, str]) -> Faults:
    """Say which fields of a new invitation are wrong."""
    faults: Faults = {}
    if form.text("venue") not in venues:
        faults["venue"] = "doors.invite.no_venue"
    name = form.text("name")
    if len(name) > LONGEST_NAME or not name.isprintable():
        faults["name"] = "doors.name.wrong"
    if form.choice("hours", Term) is None:
        faults["hours"] = "doors.invite.no_hours"
    return faults


def _terms() -> list[tuple[str, str]]:
    return [(term.value, t(f"doors.invite.hours.{term.value}")) for term in Term]
