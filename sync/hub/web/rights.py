"""Requests of people about themselves: the log with its clock, and each request's own page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from starlette.exceptions import HTTPException
from starlette.requests import Request as Asked
from starlette.responses import Response
from starlette.routing import Route

from sync.errors import HubError
from sync.hub.accounts.person import Person, Role
from sync.hub.hubclock import day_of, now_ms
from sync.hub.rights import remedies
from sync.hub.rights.held import Held, collect, venue_names
from sync.hub.rights.request import LONGEST_WORDS, Kind, Outcome, Proof, Request, Step
from sync.hub.web.intake import Form, read_form
from sync.hub.web.may import Act, may, require
from sync.hub.web.notices import Level, Notice
from sync.hub.web.office import Office
from sync.hub.web.pages import back, render, say
from sync.hub.web.rightsasks import RightsAsks
from sync.hub.web.rightsdesk import RightsDesk, visible
from sync.hub.web.rightsfiles import RightsFiles
from sync.hub.web.rightssearch import RightsSearch
from sync.hub.web.texts import t

_FIELDS = ("kind", "received_on", "asker", "words", "proof")

_SPOKEN = frozenset({"close", "extend", "decline-suspend", "decline-erase"})
"""Steps whose words a venue may read; those of others name entries that it may not know of."""

SOON_DAYS = 10
"""An answer that is due within so many days is shown as urgent."""


@dataclass(frozen=True, slots=True)
class Line:
    """One request in the list.

    Attributes:
        number: Of the request.
        request: What it says.
        left: Days until the next thing is due; negative when it is late.
    """

    number: int
    request: Request
    left: int

    @property
    def due(self) -> date:
        """The day on which the next thing is due."""
        return min(self.request.due, self.request.acknowledge_by or self.request.due)


class Rights:
    """The room of people's requests."""

    def __init__(self, office: Office) -> None:
        """Work for an office."""
        self._desk = RightsDesk(office)
        self._parts = (
            RightsSearch(self._desk), RightsFiles(self._desk), RightsAsks(self._desk),
        )  # fmt: skip

    def routes(self) -> list[Route]:
        """Give the routes of its pages."""
        one = "/rights/{number:int}"
        return [
            Route("/rights", self.show_all),
            Route("/rights/new", self.new),
            Route("/rights/new", self.open, methods=["POST"]),
            Route(one, self.show),
            Route(f"{one}/acknowledge", self.acknowledge, methods=["POST"]),
            Route(f"{one}/identity", self.identify, methods=["POST"]),
            Route(f"{one}/extend", self.extend, methods=["POST"]),
            Route(f"{one}/close", self.close, methods=["POST"]),
            *(route for part in self._parts for route in part.routes()),
        ]

    async def attention(self, person: Person) -> list[Notice]:
        """Tell what is due, and what a venue is asked to sign."""
        if not may(person, Act.SEE_RIGHTS):
            return []
        lines = [one for one in await self._lines(person) if one.request.open]
        asks = await self._desk.ask(lambda: self._desk.requests.asked_of(person.venue_id))
        return [
            *(
                Notice(
                    "now",
                    t(f"rights.notice.{ask.remedy}", number=number),
                    f"/rights/{number}/sign/{ask.remedy}/{ask.entry_id}",
                )
                for number, ask in asks
                if person.signer is not None
            ),
            *(_due(line) for line in lines if line.left <= SOON_DAYS),
        ]

    async def show_all(self, asked: Asked) -> Response:
        """Show the log: what is open, the most urgent first, then what is closed."""
        person = asked.state.person
        require(person, Act.SEE_RIGHTS)
        lines = await self._lines(person)
        opened = sorted((one for one in lines if one.request.open), key=lambda one: one.left)
        closed = sorted(
            (one for one in lines if not one.request.open),
            key=lambda one: -one.request.closed_ms,
        )
        asks = await self._desk.ask(lambda: self._desk.requests.asked_of(person.venue_id))
        return render(
            asked,
            "rights/list.html",
            opened=opened,
            closed=closed,
            asks=asks if person.signer else [],
            soon=SOON_DAYS,
        )

    async def new(self, asked: Asked) -> Response:
        """Show the form for a new request."""
        require(asked.state.person, Act.RUN_RIGHTS)
        typed = {"received_on": str(day_of(now_ms()))}
        return _form(asked, typed, {})

    async def open(self, asked: Asked) -> Response:
        """Log a new request."""
        form = await read_form(asked)
        person = asked.state.person
        require(person, Act.RUN_RIGHTS)
        faults = _faults(form)
        if faults:
            return _form(asked, form.typed, faults, 422)
        request = Request(
            kind=form.choice("kind", Kind) or Kind.ACCESS,
            received_on=form.text("received_on"),
            asker=form.text("asker"),
            words=form.text("words"),
            proof=form.choice("proof", Proof) or Proof.NONE,
            venue_id=person.venue_id,
        )
        number = await self._desk.office.change(
            lambda: self._desk.requests.open(request, person.who, now_ms())
        )
        say(asked, t("rights.opened", number=number))
        return back(f"/rights/{number}")

    async def show(self, asked: Asked) -> Response:
        """Show one request with all that was done about it."""
        number, request = await self._desk.seen(asked)
        held = await self._desk.ask(lambda: self._collected(asked.state.person, request.entries))
        names = await self._desk.ask(lambda: venue_names(self._desk.office.service.root))
        return render(
            asked,
            "rights/show.html",
            number=number,
            asked=request,
            left=request.days_left(day_of(now_ms())),
            soon=SOON_DAYS,
            spoken=_SPOKEN if asked.state.person.role is Role.MANAGER else None,
            records=held,
            remedies=remedies.left,
            names=names,
            works=may(asked.state.person, Act.RUN_RIGHTS) and request.open,
            proofs=_proofs(),
            outcomes=[(one.value, t(f"rights.outcome.{one}")) for one in Outcome],
        )

    async def acknowledge(self, asked: Asked) -> Response:
        """Note that the person was told that the request came."""
        await read_form(asked)
        number, _ = await self._desk.worked_on(asked)
        now, who = now_ms(), asked.state.person.who
        step = Step(now, who, "acknowledge")
        await self._desk.ask(lambda: self._desk.requests.step(number, step, acknowledged_ms=now))
        return back(f"/rights/{number}")

    async def identify(self, asked: Asked) -> Response:
        """Note how it was made sure who asks."""
        form = await read_form(asked)
        number, _ = await self._desk.worked_on(asked)
        proof = form.choice("proof", Proof)
        if proof is None:
            raise HTTPException(400)
        step = Step(now_ms(), asked.state.person.who, "identify", proof)
        await self._desk.ask(lambda: self._desk.requests.step(number, step, proof=proof))
        return back(f"/rights/{number}")

    async def extend(self, asked: Asked) -> Response:
        """Take two further months, with the reason that the person is told."""
        form = await read_form(asked)
        number, _ = await self._desk.worked_on(asked)
        why = form.text("why")
        if not why:
            raise HubError(t("rights.extend.why_needed"))
        step = Step(now_ms(), asked.state.person.who, "extend", why)
        await self._desk.ask(lambda: self._desk.requests.step(number, step, extended=why))
        return back(f"/rights/{number}")

    async def close(self, asked: Asked) -> Response:
        """Note how the request ended."""
        form = await read_form(asked)
        number, request = await self._desk.worked_on(asked)
        outcome, words = form.choice("outcome", Outcome), form.text("words")
        if outcome is None or not words:
            raise HubError(t("rights.close.needed"))
        if any(ask.open for ask in request.asks):
            raise HubError(t("rights.close.asked"))
        who = asked.state.person.who
        await self._desk.office.change(
            lambda: self._desk.requests.close(number, outcome, words, who, now_ms())
        )
        say(asked, t("rights.closed", number=number))
        return back("/rights")

    async def _lines(self, person: Person) -> list[Line]:
        today = day_of(now_ms())
        every = await self._desk.ask(lambda: list(self._desk.requests.each()))
        return [
            Line(number, one, one.days_left(today)) for number, one in every if visible(person, one)
        ]

    def _collected(self, person: Person, entries: Sequence[str]) -> list[Held]:
        """Collect the entries of a request that somebody may see; the office may attach others."""
        desk = self._desk.office.service.desk
        seen = [
            entry_id
            for entry_id in entries
            if may(person, Act.SEE_ENTRY, scope=self._desk.scope_of(entry_id))
        ]
        return [collect(desk, entry_id, now_ms()) for entry_id in seen]


def _form(
    asked: Asked, typed: dict[str, str], faults: dict[str, str], status: int = 200
) -> Response:
    return render(
        asked,
        "rights/new.html",
        status,
        typed=dict.fromkeys(_FIELDS, "") | typed,
        faults=faults,
        kinds=[(one.value, t(f"rights.kind.{one}")) for one in Kind],
        proofs=_proofs(),
        longest=LONGEST_WORDS,
        today=str(day_of(now_ms())),
    )


def _proofs() -> list[tuple[str, str]]:
    return [(one.value, t(f"rights.proof.{one}")) for one in Proof]


def _faults(form: Form) -> dict[str, str]:
    """Find what is wrong with a new request: field to key of a sentence."""
    found = {}
    if form.choice("kind", Kind) is None:
        found["kind"] = "rights.fault.kind"
    if not form.text("asker"):
        found["asker"] = "rights.fault.asker"
    for name in ("asker", "words"):
        if len(form.text(name)) > LONGEST_WORDS:
            found[name] = "rights.fault.long"
    try:
        if date.fromisoformat(form.text("received_on")) > day_of(now_ms()):
            found["received_on"] = "rights.fault.future"
    except ValueError:
        found["received_on"] = "rights.fault.day"
    return found


def _due(line: Line) -> Notice:
    what = "late" if line.left < 0 else "due"
    count = abs(line.left)
    level: Level = "now" if line.left <= 2 else "soon"
    words = t(f"rights.notice.{what}", count=count, number=line.number)
    return Notice(level, words, f"/rights/{line.number}")
