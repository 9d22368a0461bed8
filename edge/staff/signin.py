"""Signing in and out."""

import asyncio
import math
import time
from dataclasses import dataclass, field

import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.templating import Jinja2Templates

from edge.attempts import Attempts
from edge.pin import pin_matches
from edge.staff.bell import Bell
from edge.staff.guard import Gate, cookie_name, set_session
from edge.staff.intake import read_form
from edge.staff.sessions import SHIFT_S
from edge.staff.words import plural

FORM_HEADERS = {"Referrer-Policy": "same-origin"}
"""Under no-referrer a browser sends no origin with a form, and the form would be refused."""

_LOG = structlog.get_logger("page")


@dataclass(frozen=True, slots=True)
class SignIn:
    """The routes of signing in and out.

    Attributes:
        gate: Who may come in.
        pages: The templates.
        bell: Which phones ring; one that signs out does no more.
        attempts: How often a PIN was tried.
        turn: One PIN is checked at a time: each check takes 64 MiB for a moment.
    """

    gate: Gate
    pages: Jinja2Templates
    bell: Bell
    attempts: Attempts = field(default_factory=Attempts)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    def routes(self) -> list[Route]:
        """Give the routes."""
        return [
            Route("/login", self.show, methods=["GET"]),
            Route("/login", self.enter, methods=["POST"]),
            Route("/logout", self.leave, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """Show the form, or how a PIN is set."""
        if self.gate.session(request) is not None:
            return RedirectResponse("/", status_code=303)
        return self._form(request, "", 200)

    async def enter(self, request: Request) -> Response:
        """Check a PIN, and how often this client has tried."""
        pin = (await read_form(request)).get("pin", "")
        client = request.client.host if request.client else "unknown"
        async with self.turn:
            wait_s = self.attempts.wait_s(client, time.monotonic())
            if wait_s > 0:
                return self._too_often(request, wait_s)
            pin_hash = self.gate.pin_hash()
            self.attempts.count(client, time.monotonic())
            right = pin_hash is not None and await asyncio.to_thread(pin_matches, pin_hash, pin)
        if pin_hash is None or not right:
            _LOG.warning("a sign-in was refused", code="sign-in-refused", client=client)
            return self._form(request, "That is not the PIN.", 401)
        self.attempts.forgive(client)
        response = RedirectResponse("/", status_code=303)
        token = self.gate.sessions.open(pin_hash, time.monotonic())
        set_session(request, response, token, SHIFT_S)
        return response

    async def leave(self, request: Request) -> Response:
        """End the session."""
        if (session := self.gate.session(request)) is not None:
            self.bell.leave(session.key)
        self.gate.sessions.close(request.cookies.get(cookie_name(request), ""))
        response = RedirectResponse("/login", status_code=303)
        set_session(request, response, "", 0)
        return response

    def _too_often(self, request: Request, wait_s: float) -> Response:
        seconds = math.ceil(wait_s)
        trouble = f"Too many wrong PINs. Try again in {plural(seconds, 'second')}."
        response = self._form(request, trouble, 429)
        response.headers["Retry-After"] = str(seconds)
        return response

    def _form(self, request: Request, trouble: str, status: int) -> Response:
        page = "unset.html" if self.gate.pin_hash() is None else "login.html"
        return self.pages.TemplateResponse(
            request, page, {"trouble": trouble}, status_code=status, headers=FORM_HEADERS
        )
