"""The audit log in a browser: read, sieved, checked, signed by a venue, taken away as a file."""

import re
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import partial
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sync.errors import HubError
from sync.hub import auditpages
from sync.hub.accounts.person import Person
from sync.hub.auditpages import SEARCHED_AT_ONCE, Wanted
from sync.hub.facts import AuditLine
from sync.hub.hubclock import now_ms
from sync.hub.rights.held import venue_names
from sync.hub.store import Store
from sync.hub.web import downloads
from sync.hub.web.intake import read_form
from sync.hub.web.may import Act, require
from sync.hub.web.notices import Notice
from sync.hub.web.office import Office
from sync.hub.web.pages import back, render, say
from sync.hub.web.texts import t
from sync.statement.policy import DAY_MS

_ID_LENGTH = 16
_FIRST_DAY = date(1970, 1, 2)
_HASH = re.compile(r"[0-9a-f]{32,}")

SIGN_DAYS = 90
"""A venue is reminded to sign the log when its last signature is older."""


class FileKind(StrEnum):
    """In which form the log is taken away."""

    CSV = "csv"
    LINES = "jsonl"


_WRITTEN: dict[FileKind, tuple[Callable[[Iterable[AuditLine]], Iterator[str]], str]] = {
    FileKind.CSV: (auditpages.as_csv, downloads.CSV),
    FileKind.LINES: (auditpages.as_jsonl, downloads.JSON_LINES),
}


class AuditLog:
    """The room of the audit log."""

    def __init__(self, office: Office) -> None:
        """Work for an office."""
        self._office = office

    def routes(self) -> list[Route]:
        """Give the routes of its pages."""
        return [
            Route("/audit", self.show),
            Route("/audit/verify", self.verify, methods=["POST"]),
            Route("/audit/file", self.file, methods=["POST"]),
            Route("/audit/sign", self.ask_to_sign),
            Route("/audit/sign", self.sign, methods=["POST"]),
        ]

    async def attention(self, person: Person) -> list[Notice]:
        """Remind a venue that it has not signed the log for long."""
        if person.signer is None:
            return []
        signed_ms = await self._office.ask(lambda: self._signed_ms(person.venue_id))
        if now_ms() - signed_ms < SIGN_DAYS * DAY_MS:
            return []
        return [Notice("info", t("audit.unsigned", days=SIGN_DAYS), "/audit/sign")]

    async def show(self, request: Request) -> Response:
        """Show one page of the log."""
        require(request.state.person, Act.SEE_AUDIT)
        asked, before = dict(request.query_params), _whole(request.query_params.get("before", ""))
        wanted = _wanted(asked)
        store = self._office.service.desk.store
        page = await self._office.ask(lambda: auditpages.page(store, wanted, before))
        names = await self._office.ask(self._names)
        used = await self._office.ask(lambda: auditpages.words_used(store))
        signed = await self._office.ask(self._signatures)
        sieve = {name: asked.get(name, "") for name in ("words", "did", "from", "until")}
        older = urlencode({**{k: v for k, v in sieve.items() if v}, "before": page.before})
        return render(
            request,
            "audit/list.html",
            lines=await self._office.ask(lambda: self._shown(page.lines, names)),
            older=f"/audit?{older}" if page.before else "",
            first=not before,
            sieve=sieve,
            used=[("", t("audit.sieve.any")), *((word, word) for word in used)],
            signed=signed,
        )

    async def verify(self, request: Request) -> Response:
        """Check every line of the log, and the ledger against it."""
        await read_form(request)
        require(request.state.person, Act.SEE_AUDIT)
        try:
            length, chain = await self._office.ask(self._office.service.verify_audit)
        except HubError as error:
            return render(request, "audit/verified.html", trouble=str(error), length=0, chain="")
        return render(request, "audit/verified.html", trouble="", length=length, chain=chain.hex())

    async def file(self, request: Request) -> Response:
        """Send the whole log as a file; that it was taken is a line of the log."""
        form = await read_form(request)
        person = request.state.person
        require(person, Act.SEE_AUDIT)
        kind = form.choice("kind", FileKind)
        if kind is None:
            raise HTTPException(400)
        newest = await self._office.change(lambda: self._note_export(person, kind))
        name = f"audit-log-{newest}.{kind}"
        return downloads.streamed(self._parts(kind, newest), name, _WRITTEN[kind][1])

    async def ask_to_sign(self, request: Request) -> Response:
        """Show what a venue would sign."""
        person = _signing(request)
        head = await self._office.ask(lambda: self._office.service.audit_head(now_ms()))
        names = await self._office.ask(lambda: venue_names(self._office.service.root))
        return render(request, "audit/sign.html", head=head, venue=names.get(person.venue_id, ""))

    async def sign(self, request: Request) -> Response:
        """Put the venue's name under the log as it stands."""
        await read_form(request)
        person = _signing(request)
        number = await self._office.change(lambda: self._sign(person))
        say(request, t("audit.signed", number=number))
        return back("/audit" if person.role != "manager" else "/")

    def _sign(self, person: Person) -> int:
        service = self._office.service
        head = service.audit_head(now_ms())
        if person.signer is None:
            raise AssertionError("asked of nobody without a venue's key")
        service.witness(head.signed(person.signer))
        return head.number

    def _note_export(self, person: Person, kind: FileKind) -> int:
        desk = self._office.service.desk
        with desk.change():
            desk.note(now_ms(), person.who, "export", "audit log", kind)
        return desk.store.state.audited

    async def _parts(self, kind: FileKind, newest: int) -> AsyncIterator[str]:
        """Write the log in pieces, so that nobody else waits for the whole of it."""
        written, store = _WRITTEN[kind][0], self._office.service.desk.store
        for low in range(0, newest, SEARCHED_AT_ONCE):
            top = min(low + SEARCHED_AT_ONCE, newest)
            lines = await self._office.ask(partial(_read, store, low, top + 1))
            text = "".join(written(lines))
            yield text if not low or kind is FileKind.LINES else text.partition("\n")[2]

    def _shown(self, lines: Sequence[AuditLine], names: Mapping[str, str]) -> list["Shown"]:
        """Give lines as the page shows them, entries as links."""
        live = self._office.service.desk.book.ledger.live
        return [
            _shown(one, names, entry=len(one.what) == _ID_LENGTH and live.get(one.what) is not None)
            for one in lines
        ]

    def _names(self) -> dict[str, str]:
        """Give the names of venues and doors by their ids."""
        desk = self._office.service.desk
        doors = {one: unit.registration.name for one, unit in desk.book.units.items()}
        return doors | venue_names(desk.root)

    def _signatures(self) -> list[tuple[int, int, str]]:
        """Give the newest signature of each venue: line, when, its name."""
        service = self._office.service
        names = venue_names(service.root)
        found = auditpages.witnessed(service.desk.store, service.root)
        return sorted(
            ((one.number, one.at_ms, names[venue]) for venue, one in found.items()), reverse=True
        )

    def _signed_ms(self, venue_id: str) -> int:
        service = self._office.service
        found = auditpages.witnessed(service.desk.store, service.root).get(venue_id)
        return found.at_ms if found else 0


@dataclass(frozen=True, slots=True)
class Shown:
    """A line as a page shows it: names for ids, and hashes cut short.

    Attributes:
        number: Of the line.
        at_ms: When.
        who: By name.
        did: What was done.
        what: To what.
        entry: Whether that is the id of an entry.
        detail: The rest.
    """

    number: int
    at_ms: int
    who: str
    did: str
    what: str
    entry: bool
    detail: str


def _shown(line: AuditLine, names: Mapping[str, str], *, entry: bool) -> Shown:
    who = " + ".join(names.get(one, one) for one in line.who.split("+"))
    what = names.get(line.what, _short(line.what))
    return Shown(line.number, line.at_ms, who, line.did, what, entry, _short(line.detail))


def _short(words: str) -> str:
    return _HASH.sub(lambda found: f"{found[0][:8]}…", words)


def _read(store: Store, low: int, top: int) -> list[AuditLine]:
    return list(auditpages.lines(store, low, top))


def _signing(request: Request) -> Person:
    """Give who asks, who must hold a venue's key.

    Raises:
        HTTPException: 403.
    """
    person: Person = request.state.person
    if person.signer is None:
        raise HTTPException(403)
    return person


def _wanted(asked: dict[str, str]) -> Wanted:
    """Read what somebody looks for; what is no day counts as none."""
    start, end = _day(asked.get("from", "")), _day(asked.get("until", ""))
    return Wanted(
        words=asked.get("words", "").strip()[:80],
        did=asked.get("did", "")[:40],
        from_ms=_midnight(start) if start else 0,
        until_ms=_midnight(end + timedelta(1)) if end else 0,
    )


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if _FIRST_DAY <= day < date.max else None


def _midnight(day: date) -> int:
    return round(datetime.combine(day, time()).astimezone().timestamp() * 1000)


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0
