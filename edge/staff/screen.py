"""The door's screen: the page, its stream, the pictures of open alerts, and staff's answers."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import get_args

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.templating import Jinja2Templates

from edge.door import Answer
from edge.staff.bell import Bell
from edge.staff.board import Board, Door
from edge.staff.guard import Gate
from edge.staff.intake import read_form
from edge.staff.putting import MONTHS
from edge.staff.view import bell_view
from edge.staff.words import CHECK_REASONS, DUTY_WORDS, GROUNDS

TICK_S = 0.2
"""Seconds between two messages to a browser; each is a sign of life as well."""

MOST_STREAMS = 16
"""Browsers that may watch at once."""


@dataclass(slots=True)
class Screen:
    """The routes of the door's screen.

    Attributes:
        door: The engine.
        board: The newest view of it.
        bell: Which phones ring.
        gate: Who may come in; a stream ends with its session.
        pages: The templates.
        streams: Browsers watching now.
    """

    door: Door
    board: Board
    bell: Bell
    gate: Gate
    pages: Jinja2Templates
    streams: int = 0

    def routes(self) -> list[Route]:
        """Give the routes."""
        return [
            Route("/", self.show),
            Route("/events", self.events),
            Route("/alerts/{alert_id:str}/crop.jpg", self.crop),
            Route("/alerts/{alert_id:str}/reference.jpg", self.reference),
            Route("/alerts/{alert_id:str}/answer", self.answer, methods=["POST"]),
            Route("/quiet", self.quiet, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """Show the page; it is empty until the stream fills it."""
        said = {
            "reasons": CHECK_REASONS,
            "grounds": GROUNDS,
            "duties": DUTY_WORDS,
            "months": MONTHS,
        }
        return self.pages.TemplateResponse(request, "door.html", said)

    async def events(self, request: Request) -> Response:
        """Stream the view, several times a second (server-sent events)."""
        if self.streams >= MOST_STREAMS:
            raise HTTPException(503, "Too many screens are open: close one.")
        return StreamingResponse(
            self._messages(request),
            media_type="text/event-stream",
            headers={"X-Accel-Buffering": "no"},
        )

    async def crop(self, request: Request) -> Response:
        """Give the live crop of an open alert."""
        return await _picture(self.door.crop, request.path_params["alert_id"])

    async def reference(self, request: Request) -> Response:
        """Give the reference photo of an open alert."""
        return await _picture(self.door.reference, request.path_params["alert_id"])

    async def answer(self, request: Request) -> Response:
        """Take what staff decided about an alert."""
        said = (await read_form(request)).get("answer", "")
        for answer in get_args(Answer):
            if said == answer:
                await self.board.answer(request.path_params["alert_id"], answer)
                return JSONResponse({"noted": answer})
        raise HTTPException(400, "Answer with refused, not them or let in.")

    async def quiet(self, request: Request) -> Response:  # noqa: ARG002 - the route's signature
        """Quiet the buzzer."""
        await asyncio.to_thread(self.door.quiet)
        return JSONResponse({"noted": "quiet"})

    async def _messages(self, request: Request) -> AsyncIterator[str]:
        self.streams += 1
        try:
            while (session := self.gate.session(request)) is not None:
                view = await self.board.view()
                self.bell.see(self.board.alerts(), time.monotonic())
                said = view | {"bell": bell_view(self.bell, session.key, time.monotonic())}
                yield f"data: {json.dumps(said, ensure_ascii=False)}\n\n"
                await asyncio.sleep(TICK_S)
            yield "event: signed-out\ndata: \n\n"
        finally:
            self.streams -= 1


async def _picture(ask: Callable[[str], bytes], alert_id: str) -> Response:
    return Response(await asyncio.to_thread(ask, alert_id), media_type="image/jpeg")
