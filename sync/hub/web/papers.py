"""The room of papers: where they stand, what only people can say, the assessment and its copies."""

from typing import Any

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sync.hub.accounts.person import Person, Role
from sync.hub.hubclock import now_ms
from sync.hub.papers import copies, particulars
from sync.hub.papers.copies import REVIEW_DAYS, Assessment, Copy
from sync.hub.papers.particulars import (
    GROUNDS,
    LINES,
    LONGEST_LINE,
    LONGEST_TEXT,
    NUMBERS,
    TEXTS,
    AtVenue,
    Ground,
    Particulars,
)
from sync.hub.rights.held import venue_names
from sync.hub.web.intake import Form, read_form
from sync.hub.web.may import Act, require
from sync.hub.web.notices import Notice
from sync.hub.web.office import Office
from sync.hub.web.pages import back, render, say
from sync.hub.web.papersdesk import PapersDesk, in_words
from sync.hub.web.papersheets import PaperSheets
from sync.hub.web.texts import t
from sync.statement.policy import DAY_MS

_ASSESSMENT = "data-protection-impact-assessment"
_REVIEW_MS = REVIEW_DAYS * DAY_MS
_AT_VENUE = AtVenue.__struct_fields__


class Papers:
    """The room of papers."""

    def __init__(self, office: Office) -> None:
        """Work for an office."""
        self._office, self._desk = office, PapersDesk(office)

    def routes(self) -> list[Route]:
        """Give the routes of its pages."""
        return [
            Route("/papers", self.show),
            Route("/papers/particulars", self.ask),
            Route("/papers/particulars", self.keep, methods=["POST"]),
            Route("/papers/changes", self.changes),
            Route("/papers/assessment", self.assessment),
            Route("/papers/assessment/sign", self.ask_to_sign),
            Route("/papers/assessment/sign", self.sign, methods=["POST"]),
            Route("/papers/assessment/{number:int}", self.copy),
            *PaperSheets(self._desk).routes(),
        ]

    async def attention(self, person: Person) -> list[Notice]:
        """Tell the administrator what the papers lack, and that settings changed since."""
        if person.role is not Role.ADMINISTRATOR:
            return []
        return [
            Notice("info", t(f"papers.notice_home.{what}"), "/papers")
            for what in await self._office.ask(self._lacking)
        ]

    async def show(self, request: Request) -> Response:
        """Show every paper, and where they stand."""
        require(request.state.person, Act.SEE_PAPERS)
        facts, newest = await self._desk.facts(), await self._desk.newest()
        changed = (
            copies.weighty(copies.changes(newest[1].assessment, facts.assessment)) if newest else ()
        )
        every = await self._office.ask(lambda: list(copies.each(self._office.service.desk)))
        return render(
            request,
            "papers/index.html",
            missing=particulars.missing(facts.said),
            unseen=[one.name for one in facts.venues if not one.at.sign_on],
            venues=[(one.venue_id, one.name) for one in facts.venues],
            newest=newest[1] if newest else None,
            changed=len(changed),
            old=bool(newest and newest[1].saved_ms + _REVIEW_MS < now_ms()),
            copies=every[::-1],
        )

    async def ask(self, request: Request) -> Response:
        """Show the form for what only people can say."""
        require(request.state.person, Act.WRITE_PAPERS)
        said = await self._office.ask(lambda: particulars.read(self._office.service.desk))
        return await self._form(request, _typed(said), {})

    async def keep(self, request: Request) -> Response:
        """Keep what people said."""
        form = await read_form(request)
        person = request.state.person
        require(person, Act.WRITE_PAPERS)
        venues = [venue_id for venue_id, _ in await self._venues()]
        said, faults = _read(form, venues)
        faults |= particulars.faults(said)
        if faults:
            return await self._form(request, form.typed, faults, 422)
        desk = self._office.service.desk
        await self._office.ask(lambda: particulars.keep(desk, said, person.who, now_ms()))
        say(request, t("papers.form.saved"))
        return back("/papers")

    async def changes(self, request: Request) -> Response:
        """Show what changed since the newest signed copy."""
        require(request.state.person, Act.SEE_PAPERS)
        newest, rows = await self._changed()
        return render(request, "papers/changes.html", copy=newest, rows=rows)

    async def assessment(self, request: Request) -> Response:
        """Show the assessment as things stand now."""
        require(request.state.person, Act.SEE_PAPERS)
        newest, rows = await self._changed()
        review_ms = newest.saved_ms + _REVIEW_MS if newest else 0
        return self._desk.sheet(
            request, "assessment.html", await self._desk.facts(), _ASSESSMENT,
            number=0, copy=newest, rows=rows, review_ms=review_ms,
        )  # fmt: skip

    async def copy(self, request: Request) -> Response:
        """Show the assessment as it was signed."""
        require(request.state.person, Act.SEE_PAPERS)
        number = int(request.path_params["number"])
        facts, copy = await self._office.ask(lambda: self._desk.facts_of(number))
        return self._desk.sheet(
            request, "assessment.html", facts, f"{_ASSESSMENT}-{number}",
            number=number, copy=copy, rows=[], review_ms=copy.saved_ms + _REVIEW_MS,
        )  # fmt: skip

    async def ask_to_sign(self, request: Request) -> Response:
        """Ask who decides what about the assessment."""
        require(request.state.person, Act.WRITE_PAPERS)
        return await self._signing(request, {"signed": "", "decision": ""}, {})

    async def sign(self, request: Request) -> Response:
        """Keep a copy that somebody signs under."""
        form = await read_form(request)
        person = request.state.person
        require(person, Act.WRITE_PAPERS)
        signed, decision = form.text("signed"), form.text("decision")
        faults = {
            name: "papers.fault.long" if value else "papers.gap"
            for name, value, longest in (
                ("signed", signed, LONGEST_LINE), ("decision", decision, LONGEST_TEXT),
            )
            if not value or len(value) > longest
        }  # fmt: skip
        if faults:
            return await self._signing(request, form.typed, faults, 422)
        facts = await self._desk.facts()
        copy = Copy(
            saved_ms=now_ms(), who=person.who, signed=signed, decision=decision,
            assessment=facts.assessment,
        )  # fmt: skip
        number = await self._office.ask(lambda: copies.save(self._office.service.desk, copy))
        say(request, t("papers.dpia.decision.saved", number=number))
        return back("/papers")

    async def _changed(self) -> tuple[Copy | None, list[Any]]:
        """Give the newest copy, and in words what changed since."""
        newest = await self._desk.newest()
        if newest is None:
            return None, []
        facts = await self._desk.facts()
        names = await self._office.ask(lambda: venue_names(self._office.service.root))
        found = copies.changes(newest[1].assessment, facts.assessment)
        return newest[1], in_words(found, names)

    async def _signing(
        self, request: Request, typed: dict[str, str], faults: dict[str, str], status: int = 200
    ) -> Response:
        facts = await self._desk.facts()
        return render(request, "papers/sign_copy.html", status, f=facts, typed=typed, faults=faults)

    async def _form(
        self, request: Request, typed: dict[str, str], faults: dict[str, str], status: int = 200
    ) -> Response:
        venues = await self._venues()
        fields = (*LINES, *TEXTS, *NUMBERS, *GROUNDS)
        of_venues = tuple(f"{name}-{venue_id}" for name in _AT_VENUE for venue_id, _ in venues)
        return render(
            request,
            "papers/particulars.html",
            status,
            typed=dict.fromkeys((*fields, *of_venues), "") | typed,
            faults=faults,
            venues=venues,
            grounds=[(one.value, t(f"papers.ground.{one}")) for one in Ground],
        )

    async def _venues(self) -> list[tuple[str, str]]:
        root = await self._office.ask(lambda: self._office.service.root)
        found = ((one.venue_id, one.name) for one in root.venues if not one.until_seq)
        return sorted(found, key=lambda one: one[1])

    def _lacking(self) -> list[str]:
        """Name what is wrong with the papers as a whole."""
        desk = self._office.service.desk
        said, newest = particulars.read(desk), copies.newest(desk)
        found = ["gaps"] if particulars.missing(said) else []
        if newest is None:
            return [*found, "unsigned"]
        signed = newest[1]
        now = Assessment(
            settings=self._desk.settings(), particulars=said, counts=signed.assessment.counts
        )
        if copies.changes(signed.assessment, now):
            found.append("changed")
        if signed.saved_ms + _REVIEW_MS < now_ms():
            found.append("old")
        return found


def _typed(said: Particulars) -> dict[str, str]:
    """Give what was said as a form holds it."""
    plain = {name: getattr(said, name) for name in (*LINES, *TEXTS, *GROUNDS)}
    numbers = {name: str(getattr(said, name) or "") for name in NUMBERS}
    venues = {
        f"{name}-{venue_id}": getattr(at, name)
        for venue_id, at in said.venues.items()
        for name in _AT_VENUE
    }
    return {**plain, **numbers, **venues}


def _read(form: Form, venues: list[str]) -> tuple[Particulars, dict[str, str]]:
    """Read what was typed, and find what is no number.

    Raises:
        HTTPException: 400, a ground that was never offered.
    """
    faults = {name: "number" for name in NUMBERS if form.text(name) and form.number(name) is None}
    grounds = {name: form.choice(name, Ground) for name in GROUNDS}
    if None in grounds.values():
        raise HTTPException(400)
    fields: dict[str, Any] = {
        **{name: form.text(name) for name in (*LINES, *TEXTS)},
        **{name: form.number(name) or 0 for name in NUMBERS},
        **grounds,
        "venues": {venue_id: at for venue_id in venues if (at := _at(form, venue_id)) != AtVenue()},
    }
    return msgspec.structs.replace(Particulars(), **fields), faults


def _at(form: Form, venue_id: str) -> AtVenue:
    return AtVenue(**{name: form.text(f"{name}-{venue_id}") for name in _AT_VENUE})
