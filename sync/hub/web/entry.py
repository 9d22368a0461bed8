"""One entry in a browser: photo, terms, what happened, which doors have it, receipts, the note."""

import json
from dataclasses import asdict, dataclass
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sync.errors import HubError
from sync.hub import notes
from sync.hub.accounts.person import Person
from sync.hub.alarms import AlarmRow
from sync.hub.card import Card
from sync.hub.facts import EntryFacts, Reach, Receipt, Standing
from sync.hub.history import Step
from sync.hub.hubclock import now_ms
from sync.hub.rights.held import venue_names
from sync.hub.web import downloads
from sync.hub.web.intake import read_form
from sync.hub.web.may import Act, may, require
from sync.hub.web.office import Office
from sync.hub.web.pages import Faults, back, render, say
from sync.hub.web.seeing import embedded, entry_id_of, seen_card
from sync.hub.web.texts import t


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page of one entry shows.

    Attributes:
        facts: How it stands on the ledger.
        card: What it says; None for one that is gone.
        photo: A ``data:`` address; "" where there is none.
        steps: What happened to it.
        reached: Which doors confirmed its newest change; none while it waits.
        receipts: What doors signed after it was erased.
        names: The venues' names.
        alarmed: Whether the alarm guard noticed it and nobody has looked yet.
    """

    facts: EntryFacts
    card: Card | None
    photo: str
    steps: tuple[Step, ...]
    reached: tuple[Reach, ...]
    receipts: tuple[Receipt, ...]
    names: dict[str, str]
    alarmed: bool


class Entry:
    """The room of one entry."""

    def __init__(self, office: Office) -> None:
        """Work for an office."""
        self._office = office

    def routes(self) -> list[Route]:
        """Give the routes of its pages."""
        return [
            Route("/entries/{entry_id}", self.show),
            Route("/entries/{entry_id}/photo.jpg", self.photo),
            Route("/entries/{entry_id}/reach", self.reach),
            Route("/entries/{entry_id}/receipts", self.receipts),
            Route("/entries/{entry_id}/note", self.note, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """Show all of one entry, also of one that is gone."""
        return await self._page(request, {}, None)

    async def photo(self, request: Request) -> Response:
        """Send the photo as it is kept."""
        entry_id, person = entry_id_of(request), request.state.person
        content = await self._office.ask(lambda: self._photo(person, entry_id))
        if not content:
            raise HTTPException(404)
        return Response(content, media_type="image/jpeg")

    async def reach(self, request: Request) -> Response:
        """Show the live row again; the whole page where the entry or its receipts have changed."""
        entry_id, person = entry_id_of(request), request.state.person
        facts = await self._office.ask(lambda: self._facts(person, entry_id))
        reached = await self._office.ask(lambda: self._reached(facts))
        live = self._live(facts, reached)
        response = render(request, "entries/reach.html", **live)
        shown = {"seq": str(facts.seq)}
        if facts.standing is Standing.GONE:
            shown["signed"] = str(live["confirmed"])
        if dict(request.query_params) != shown:
            response.headers["HX-Refresh"] = "true"
        return response

    async def receipts(self, request: Request) -> Response:
        """Send the receipts as a file: anybody with the doors' keys can check them."""
        entry_id, person = entry_id_of(request), request.state.person
        await self._office.ask(lambda: self._facts(person, entry_id))
        signed = await self._office.ask(lambda: self._office.service.receipts(entry_id))
        rows = [asdict(one) | {"wire": one.wire.hex()} for one in signed]
        name = f"receipts-{entry_id}.json"
        return downloads.attachment(json.dumps(rows, indent=1), name, downloads.JSON)

    async def note(self, request: Request) -> Response:
        """Keep the note; it stays at the hub."""
        entry_id, person = entry_id_of(request), request.state.person
        form = await read_form(request)
        words = form.text("note").replace("\r\n", "\n")
        try:
            await self._office.ask(lambda: self._write_note(person, entry_id, words))
        except HubError:
            return await self._page(request, {"note": "entries.note.wrong"}, words)
        say(request, t("entries.note.kept"))
        return back(f"/entries/{entry_id}")

    async def _page(self, request: Request, faults: Faults, typed: str | None) -> Response:
        entry_id, person = entry_id_of(request), request.state.person
        shown = await self._office.ask(lambda: self._read(person, entry_id))
        live = self._live(shown.facts, shown.reached)
        card = shown.card
        return render(
            request,
            "entries/one.html" if card else "entries/gone.html",
            422 if faults else 200,
            shown=shown,
            card=card,
            names=shown.names,
            doors={one.unit_id: one.name for one in shown.reached},
            faults=faults,
            note=card.note if card and typed is None else typed,
            longest_note=notes.LONGEST_NOTE,
            acts=_acts(person, card) if card and not live["coming"] else [],
            **live,
        )

    def _read(self, person: Person, entry_id: str) -> Shown:
        service = self._office.service
        facts = self._facts(person, entry_id)
        alarm = service.desk.store.find("alarm", entry_id, AlarmRow)
        return Shown(
            facts=facts,
            card=self._office.register.cards().get(entry_id),
            photo=embedded(self._looked_at(person, entry_id)),
            steps=service.history(entry_id),
            reached=self._reached(facts),
            receipts=service.receipts(entry_id),
            names=venue_names(service.root),
            alarmed=alarm is not None and alarm.stands,
        )

    def _facts(self, person: Person, entry_id: str) -> EntryFacts:
        """Tell how an entry stands that this person may know of.

        Raises:
            HTTPException: 404.
        """
        try:
            facts = self._office.service.entry(entry_id)
        except HubError as error:
            raise HTTPException(404) from error
        scope = facts.ring.partition("/")[0]
        if not scope or not may(person, Act.SEE_ENTRY, scope=scope):
            raise HTTPException(404)
        return facts

    def _looked_at(self, person: Person, entry_id: str) -> bytes:
        try:
            return self._office.service.content(entry_id, person.who, now_ms()).photo
        except HubError:  # it is gone, or a restored hub lacks it
            return b""

    def _photo(self, person: Person, entry_id: str) -> bytes:
        seen_card(self._office, person, entry_id)
        return self._office.service.content(entry_id, person.who, now_ms()).photo

    def _write_note(self, person: Person, entry_id: str, words: str) -> None:
        card = seen_card(self._office, person, entry_id)
        require(person, Act.CHANGE_ENTRY, scope=card.scope, venue_id=card.venue_id)
        notes.write(self._office.service.desk, entry_id, words, person.who, now_ms())

    def _reached(self, facts: EntryFacts) -> tuple[Reach, ...]:
        if facts.standing is Standing.WAITING:
            return ()
        return self._office.service.reach(facts.entry_id, now_ms())

    def _live(self, facts: EntryFacts, reached: tuple[Reach, ...]) -> dict[str, Any]:
        """Give what the live row needs."""
        held = self._office.holding.about(facts.entry_id)
        return {
            "facts": facts,
            "reached": reached,
            "confirmed": sum(one.confirmed_ms is not None for one in reached),
            "coming": held,
            "going_on": held is not None or any(one.confirmed_ms is None for one in reached),
            "now": now_ms(),
        }


def _acts(person: Person, card: Card) -> list[str]:
    """Name what this person may do with an entry now, as the last part of an address."""
    mine = may(person, Act.CHANGE_ENTRY, scope=card.scope, venue_id=card.venue_id)
    can_contest = may(person, Act.CONTEST_ENTRY, scope=card.scope)
    acts = []
    if card.asked is not None:
        asked_by = card.asked.venue_id
        acts += ["approve"] * may(person, Act.APPROVE, scope=card.scope, venue_id=asked_by)
        acts += ["withdraw"] * may(person, Act.CHANGE_ENTRY, venue_id=asked_by)
    if card.standing is Standing.LIVE:
        acts += ["extend", "correct", "photo", "lift"] * mine + ["contest"] * can_contest
    elif card.standing is Standing.CONTESTED:
        acts += ["reinstate", "lift"] * mine
    return acts
