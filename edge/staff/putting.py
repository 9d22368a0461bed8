"""Put on the list from here: the page's end of it. What a manager may do, the engine decides.

Nothing is kept but the key that the engine gave for the PIN, bound to the session it was typed in.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from typing import ClassVar, NamedTuple

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from edge.door import Completion, PasserView, TonightView
from edge.errors import LinkError
from edge.staff.board import Door, local_now
from edge.staff.guard import session_of
from edge.staff.intake import read_form
from edge.staff.words import (
    CATEGORY_WORDS,
    REASON_WORDS,
    clock_time,
    day,
    plural,
    span,
    strangers,
)
from edge.until import until
from edge.web.origin import from_here, over_tls
from sync.entries import LONGEST_DAYS, Reason

OPEN_S = 290.0
"""Seconds for which a PIN opens the panel: a little less than the engine's own."""

LONGEST_CODE = 256
"""Characters of a token's code that are read."""

MONTHS = (1, 3, 6, 12)
"""Terms that are offered; each is cut to the longest that the reason admits."""


@dataclass(frozen=True, slots=True)
class Membership:
    """What a unit of a consortium needs to complete an entry.

    Attributes:
        joined: Tells whether it belongs to one.
        sign: Has an entry signed with the venue's key: entry, terms, passphrase.
        token: Gives the code of a staff token to the sync process.
    """

    joined: Callable[[], bool]
    sign: Callable[[str, Completion, str], None]
    token: Callable[[str], None]


class _Open(NamedTuple):
    """A panel that is open: the engine's key, and until when."""

    key: str
    until: float


@dataclass(frozen=True, slots=True)
class Managers:
    """The routes of the manager's panel.

    Attributes:
        door: The engine.
        membership: The consortium, where the unit may belong to one.
        clock: Gives the present moment with its time zone.
        panels: Open panels by session.
    """

    MOST: ClassVar[int] = 8

    door: Door
    membership: Membership | None = None
    clock: Callable[[], datetime] = local_now
    panels: dict[str, _Open] = field(default_factory=dict)

    def routes(self) -> list[Route]:
        """Give the routes."""
        entry = "/manager/tonight/{entry_id:str}"
        return [
            Route("/manager", self.look),
            Route("/manager/unlock", self.unlock, methods=["POST"]),
            Route("/manager/lock", self.lock, methods=["POST"]),
            Route("/manager/token", self.take_token, methods=["POST"]),
            Route("/manager/box-closed", self.close_box, methods=["POST"]),
            Route("/manager/people/{encounter:int}.jpg", self.person),
            Route("/manager/people/{encounter:int}/take", self.take, methods=["POST"]),
            Route(entry + ".jpg", self.reference),
            Route(entry + "/drop", self.drop, methods=["POST"]),
            Route(entry + "/complete", self.complete, methods=["POST"]),
        ]

    async def unlock(self, request: Request) -> Response:
        """Open the panel by the manager's PIN, which the engine checks."""
        pin = (await read_form(request)).get("pin", "")
        key = await asyncio.to_thread(self.door.unlock, pin)
        while len(self.panels) >= self.MOST:
            del self.panels[next(iter(self.panels))]
        self.panels[session_of(request).key] = _Open(key, time.monotonic() + OPEN_S)
        return JSONResponse({"seconds": OPEN_S})

    async def lock(self, request: Request) -> Response:
        """Close the panel."""
        self.panels.pop(session_of(request).key, None)
        return JSONResponse({"noted": "closed"})

    async def look(self, request: Request) -> Response:
        """Show who was there within the last minute, and the entries for tonight."""
        key, now = self._key(request), self.clock()
        passers = await asyncio.to_thread(self.door.passers, key)
        waits = await asyncio.to_thread(self.door.awaits_key)
        tonight = [] if waits else await asyncio.to_thread(self.door.tonight, key)
        state = await asyncio.to_thread(self.door.state)
        return JSONResponse(
            {
                "people": [_person(one) for one in passers],
                "tonight": [_entry(one, now) for one in tonight],
                "today": now.date().isoformat(),
                "signed": self._joined(),
                "refused": _in_the_open(request) if waits or self._joined() else "",
                "waits": waits,
                "opened": _opening(state.machine.opened_at, now),
            }
        )

    async def take_token(self, request: Request) -> Response:
        """Open a list that waits for a second share of its key, by the staff token."""
        self._key(request)
        if why := _in_the_open(request):
            raise HTTPException(403, why)
        code = (await read_form(request)).get("code", "")[:LONGEST_CODE]
        await asyncio.to_thread(self.door.token, code)
        if self.membership is not None:
            with contextlib.suppress(LinkError):  # it asks the hub by itself
                await asyncio.to_thread(self.membership.token, code)
        return JSONResponse({"noted": "open"})

    async def close_box(self, request: Request) -> Response:
        """Take back that the unit's box was opened, now that a manager has looked at it."""
        await read_form(request)
        await asyncio.to_thread(self.door.box_closed, self._key(request))
        return JSONResponse({"noted": "closed"})

    async def person(self, request: Request) -> Response:
        """Give the picture of somebody who was there a moment ago."""
        encounter = request.path_params["encounter"]
        return await _picture(partial(self.door.passer_photo, self._key(request), encounter))

    async def take(self, request: Request) -> Response:
        """Put one of them on this door's list, for tonight."""
        key, reason = self._key(request), _reason((await read_form(request)).get("reason", ""))
        encounter = request.path_params["encounter"]
        view = await asyncio.to_thread(self.door.take, key, encounter, reason)
        return JSONResponse(_entry(view, self.clock()))

    async def reference(self, request: Request) -> Response:
        """Give the picture of an entry for tonight."""
        entry_id = request.path_params["entry_id"]
        return await _picture(partial(self.door.tonight_photo, self._key(request), entry_id))

    async def drop(self, request: Request) -> Response:
        """Take an entry for tonight off again."""
        entry_id = request.path_params["entry_id"]
        await asyncio.to_thread(self.door.drop, self._key(request), entry_id)
        return JSONResponse({"noted": "taken off"})

    async def complete(self, request: Request) -> Response:
        """Make an entry for tonight an ordinary one, with its grounds."""
        key, entry_id = self._key(request), request.path_params["entry_id"]
        said = await read_form(request)
        found = await asyncio.to_thread(self.door.tonight, key)
        entry = next((one for one in found if one.entry_id == entry_id), None)
        if entry is None:
            raise HTTPException(409, "This entry is not for tonight any more.")
        terms = _terms(said, entry, self.clock())
        if self.membership is not None and self._joined():
            if why := _in_the_open(request):
                raise HTTPException(403, why)
            passphrase = said.get("passphrase", "")
            await asyncio.to_thread(self.membership.sign, entry_id, terms, passphrase)
        else:
            await asyncio.to_thread(self.door.complete, key, entry_id, terms)
        return JSONResponse({"until": terms.last_day})

    def _joined(self) -> bool:
        return self.membership is not None and self.membership.joined()

    def _key(self, request: Request) -> str:
        panel = self.panels.get(session_of(request).key)
        if panel is None or panel.until < time.monotonic():
            raise HTTPException(403, "Type the manager's PIN.")
        return panel.key


def _opening(at: float | None, now: datetime) -> str:
    """Say when the box was opened; nothing where it was not."""
    if at is None:
        return ""
    when = day(datetime.fromtimestamp(at, now.tzinfo))
    return f"The unit's box was opened on {when} {clock_time(at, now)}."


def _in_the_open(request: Request) -> str:
    """Say why no secret is taken: others in the network could read it (ASVS 9.1.1)."""
    if from_here(request) or over_tls(request):
        return ""
    return "Secrets are taken by https only: run doorwatch page-certificate on the unit."


def _reason(text: str) -> Reason:
    if text not in list(Reason):
        raise HTTPException(400, "Choose a reason.")
    return Reason(text)


def _terms(said: dict[str, str], entry: TonightView, now: datetime) -> Completion:
    """Read what a manager typed; the engine judges whether it is enough."""
    reason, months = _reason(said.get("reason", "")), said.get("months", "")
    if months not in {str(one) for one in MONTHS}:
        raise HTTPException(400, "Choose how long.")
    return Completion(
        reason=reason,
        incident_on=said.get("incident", ""),
        evidence=said.get("evidence", "")[:200],
        last_day=_last_day(int(months), reason, entry, now).isoformat(),
        declared=said.get("declared") == "yes",
    )


def _last_day(months: int, reason: Reason, entry: TonightView, now: datetime) -> date:
    """Give the last day of a term, at most the longest that the reason admits."""
    wanted = datetime.fromtimestamp(until(f"{months}m", now.timestamp()), now.tzinfo).date()
    began = datetime.fromtimestamp(entry.created_at, now.tzinfo).date()
    return min(wanted, began + timedelta(days=LONGEST_DAYS[reason]))


def _person(one: PasserView) -> dict[str, object]:
    ago = "here now" if one.in_view else f"{plural(int(one.ago_s), 'second')} ago"
    listed = "May be on the list already." if one.entry_id else ""
    return {
        "number": one.encounter,
        "line": f"Person {one.encounter}, {ago}",
        "seen": f"{plural(one.faces, 'good view')} of the face",
        "listed": "Put on the list a moment ago." if one.claimed else listed,
        "claimed": one.claimed,
        "photo": f"/manager/people/{one.encounter}.jpg",
    }


def _entry(one: TonightView, now: datetime) -> dict[str, object]:
    return {
        "id": one.entry_id,
        "category": CATEGORY_WORDS.get(one.category, one.category),
        "reason": one.reason,
        "words": REASON_WORDS.get(one.reason, one.reason),
        "since": clock_time(one.created_at, now),
        "until": f"Gone {clock_time(one.valid_until, now)}, in "
        f"{span(one.valid_until - now.timestamp())}, unless completed.",
        "rings": _rings(one),
        "doubtful": one.doubtful,
        "photo": f"/manager/tonight/{one.entry_id}.jpg",
    }


def _rings(one: TonightView) -> str:
    if one.one_in is None:
        return ""
    rest = ": far too often. Take it off unless you are sure." if one.doubtful else "."
    return f"Of strangers {strangers(one.one_in)} would be stopped as well{rest}"


async def _picture(ask: Callable[[], bytes]) -> Response:
    return Response(await asyncio.to_thread(ask), media_type="image/jpeg")
