"""The doors in a browser: how each stands, what needs attention on top, a new name, the end of one.

What a page shows is a drawing of a unit's state by its own signed word; no picture of a door or of
people ever comes here.
"""

from typing import Any, TypeAlias

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from edge.vision.models.card import read_card
from sync.errors import HubError
from sync.hub import doors
from sync.hub.accounts.person import Person
from sync.hub.doors import Door, Expected, Look, Trouble
from sync.hub.facts import Recovery
from sync.hub.hubclock import now_ms
from sync.hub.rights.held import venue_names
from sync.hub.watch import ENDING_MS
from sync.hub.web.intake import read_form
from sync.hub.web.may import Act, may, require
from sync.hub.web.notices import Notice
from sync.hub.web.office import Office
from sync.hub.web.pages import back, render, say
from sync.hub.web.texts import known, t

Read: TypeAlias = tuple[tuple[Door, ...], Recovery, int]
"""All doors, whether the hub was restored, and when its root ends."""


class Doors:
    """The room of the doors."""

    def __init__(self, office: Office) -> None:
        """Work for an office."""
        self._office = office
        self._model_id = read_card("embed").model_id

    def routes(self) -> list[Route]:
        """Give the routes of its pages."""
        return [
            Route("/doors", self.show),
            Route("/doors/rows", self.rows),
            Route("/doors/{unit_id:str}", self.one),
            Route("/doors/{unit_id:str}/state", self.state),
            Route("/doors/{unit_id:str}/name", self.rename, methods=["POST"]),
            Route("/doors/{unit_id:str}/revoke", self.ask_to_revoke),
            Route("/doors/{unit_id:str}/revoke", self.revoke, methods=["POST"]),
        ]

    async def attention(self, person: Person) -> list[Notice]:
        """Tell what is wrong with the doors that are this person's business."""
        if not may(person, Act.SEE_DOORS):
            return []
        found, recovery, ends_ms = await self._office.ask(self._read)
        return [
            *self._of_all(person, recovery, ends_ms),
            *(
                Notice(
                    "now" if one.look is Look.NOW else "soon",
                    t("doors.notice", name=one.unit.name, trouble=said(one, one.troubles[0])),
                    f"/doors/{one.unit.unit_id}",
                )
                for one in found
                if one.troubles
                and one.look in {Look.NOW, Look.SOON}
                and not one.is_new
                and is_concerned(person, one)
            ),
        ]

    async def show(self, request: Request) -> Response:
        """Show all doors, and those that are expected."""
        require(request.state.person, Act.SEE_DOORS)
        return render(request, "doors/list.html", **await self._rows(request.state.person))

    async def rows(self, request: Request) -> Response:
        """Show the doors again, for the page that is open."""
        require(request.state.person, Act.SEE_DOORS)
        return render(request, "doors/rows.html", **await self._rows(request.state.person))

    async def one(self, request: Request) -> Response:
        """Show all that is known of one door."""
        return await self._page(request, "doors/one.html")

    async def state(self, request: Request) -> Response:
        """Show how one door stands again, for the page that is open."""
        return await self._page(request, "doors/state.html")

    async def rename(self, request: Request) -> Response:
        """Call a door something else."""
        form = await read_form(request)
        person, unit_id = request.state.person, request.path_params["unit_id"]
        door = await self._found(request)
        require(person, Act.RUN_DOORS, venue_id=door.unit.venue_id)
        name, service = form.text("name"), self._office.service
        try:
            await self._office.change(lambda: service.rename(unit_id, name, person.who, now_ms()))
        except HubError:
            return await self._page(request, "doors/one.html", name, 422)
        say(request, t("doors.renamed", name=name))
        return back(f"/doors/{unit_id}")

    async def ask_to_revoke(self, request: Request) -> Response:
        """Say what will happen."""
        door = await self._found(request)
        require(request.state.person, Act.RUN_DOORS, venue_id=door.unit.venue_id)
        if door.unit.revoked_ms:
            raise HTTPException(409, t("doors.revoke.already"))
        others = await self._office.ask(self._in_force) - 1
        consequences = [
            t("doors.revoke.locked", name=door.unit.name),
            t("doors.revoke.destroyed"),
            *([t("doors.revoke.others", count=others)] if others else []),
            t("doors.revoke.final"),
        ]
        return render(request, "doors/revoke.html", door=door, consequences=consequences)

    async def revoke(self, request: Request) -> Response:
        """Lock a door out for good."""
        await read_form(request)
        door, person = await self._found(request), request.state.person
        require(person, Act.RUN_DOORS, venue_id=door.unit.venue_id)
        service, unit_id = self._office.service, door.unit.unit_id
        await self._office.change(lambda: service.revoke(unit_id, person.who, now_ms()))
        say(request, t("doors.revoke.done", name=door.unit.name))
        return back(f"/doors/{unit_id}")

    async def _page(
        self, request: Request, template: str, name: str | None = None, status: int = 200
    ) -> Response:
        """Make the page of one door, or the part of it that lives."""
        door = await self._found(request)
        runs = may(request.state.person, Act.RUN_DOORS, venue_id=door.unit.venue_id)
        venues = await self._office.ask(lambda: venue_names(self._office.service.root))
        return render(
            request,
            template,
            status,
            door=door,
            venues=venues,
            runs=runs,
            name=door.unit.name if name is None else name,
            is_wrong=status != 200,
            words=said,
            faults=fault_words,
            now=now_ms(),
        )

    async def _found(self, request: Request) -> Door:
        """Find the door of an address.

        Raises:
            HTTPException: 404, or 403.
        """
        require(request.state.person, Act.SEE_DOORS)
        unit_id, now, service = request.path_params["unit_id"], now_ms(), self._office.service
        try:
            unit = await self._office.ask(lambda: service.unit(unit_id, now))
        except HubError as error:
            raise HTTPException(404) from error
        return doors.judged(unit, self._model_id, now)

    async def _rows(self, person: Person) -> dict[str, Any]:
        """Give what the rows of the list need."""
        service = self._office.service

        def read() -> tuple[Read, tuple[Expected, ...], dict[str, str]]:
            return self._read(), doors.expected(service.desk), venue_names(service.root)

        (found, recovery, ends_ms), expected, venues = await self._office.ask(read)
        return {
            "doors": found,
            "expected": expected,
            "venues": venues,
            "words": said,
            "warnings": self._of_all(person, recovery, ends_ms),
            "now": now_ms(),
        }

    def _read(self) -> Read:
        """Read how everything stands, on the office's thread."""
        service = self._office.service
        found = doors.doors(service, self._model_id, now_ms())
        return found, service.recovery(), service.root.expires_ms

    def _in_force(self) -> int:
        return sum(1 for unit in self._office.service.desk.book.units.values() if unit.in_force)

    def _of_all(self, person: Person, recovery: Recovery, ends_ms: int) -> list[Notice]:
        """Tell what concerns every door: a restored hub that listens, a root that ends."""
        told: list[Notice] = []
        if recovery.needed:
            words = t("doors.restored", count=len(recovery.unheard))
            told.append(Notice("now", words, "/doors"))
        if may(person, Act.RUN_DOORS) and ends_ms - now_ms() < ENDING_MS:
            days = max(0, (ends_ms - now_ms()) // 86_400_000)
            told.append(Notice("soon", t("doors.root_ends", count=days), "/doors"))
        return told


def is_concerned(person: Person, door: Door) -> bool:
    """Tell whether a door is somebody's business: a manager's own, or anybody's who sees all."""
    return person.role != "manager" or door.unit.venue_id == person.venue_id


def said(door: Door, trouble: Trouble) -> str:
    """Say one trouble of a door in words."""
    unit = door.unit
    return t(
        f"doors.trouble.{trouble}",
        faults=" ".join(fault_words(code) for code in unit.faults),
        refused=", ".join(f"{code} {count}" for code, count in unit.refusals),
        degrees=door.temperature or 0,
        count=unit.behind,
        needs=" ".join(need_words(code) for code in doors.needs(unit)),
    )


def need_words(code: str) -> str:
    """Say what somebody should see to at a door; a code of a newer unit stands for itself."""
    key = f"doors.need.{code}"
    return t(key) if key in known() else t("doors.need.other", code=code)


def fault_words(code: str) -> str:
    """Say what keeps a unit from screening; a code of a newer unit stands for itself."""
    key = f"doors.fault.{code}"
    return t(key) if key in known() else t("doors.fault.other", code=code)
