"""What stands before every route: sign-in, origin, size, and the headers of each answer."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from edge.staff.sessions import Session, Sessions

OPEN_PATHS = ("/login", "/static/")
"""All that may be asked without signing in."""

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), microphone=(), screen-wake-lock=(self)",
}
"""Put on every answer; a route that says otherwise keeps its own."""

_SAFE = {"GET", "HEAD"}


@dataclass(frozen=True, slots=True)
class Gate:
    """Who may come in.

    Attributes:
        pin_hash: Gives the hash of the PIN in force, or None where none is set.
        sessions: Who is signed in.
    """

    pin_hash: Callable[[], str | None]
    sessions: Sessions = field(default_factory=Sessions)

    def session(self, connection: HTTPConnection) -> Session | None:
        """Give the session of a request, if it has one that stands."""
        token = connection.cookies.get(cookie_name(connection))
        if token is None:
            return None
        return self.sessions.find(token, self.pin_hash(), time.monotonic())


def over_tls(connection: HTTPConnection) -> bool:
    """Tell whether the browser came by https."""
    return connection.url.scheme == "https"


def cookie_name(connection: HTTPConnection) -> str:
    """Name the session's cookie; browsers accept the prefix by https only."""
    return "__Host-doorwatch" if over_tls(connection) else "doorwatch"


def set_session(request: Request, response: Response, token: str, seconds: float) -> None:
    """Hand the session's token to the browser; no seconds takes it away."""
    response.set_cookie(
        cookie_name(request),
        token,
        max_age=int(seconds),
        path="/",
        secure=over_tls(request),
        httponly=True,
        samesite="strict",
    )


def same_origin(connection: HTTPConnection) -> bool:
    """Tell whether a request that changes something was sent by a page of ours."""
    if connection.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return False
    origin = connection.headers.get("origin", "")
    host = connection.headers.get("host", "")
    return bool(host) and urlsplit(origin).netloc.lower() == host.lower()


class Guard:
    """ASGI middleware: refuses before a route is reached, and dresses every answer."""

    def __init__(self, app: ASGIApp, gate: Gate) -> None:
        """Stand before ``app``."""
        self._app, self._gate = app, gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection; anything but HTTP and the server's own start is refused."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._serve(scope, receive, _dressed(send))

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        refusal = self._refusal(request)
        await (refusal or self._app)(scope, receive, send)

    def _refusal(self, request: Request) -> Response | None:
        if request.method not in _SAFE and not same_origin(request):
            return JSONResponse({"error": "This was not sent by this page."}, status_code=403)
        path = request.url.path
        if any(path == one or (one[-1] == "/" and path.startswith(one)) for one in OPEN_PATHS):
            return None
        request.scope["doorwatch.session"] = session = self._gate.session(request)
        if session is not None:
            return None
        if request.method in _SAFE and "text/html" in request.headers.get("accept", ""):
            return RedirectResponse("/login", status_code=303)
        return JSONResponse({"error": "Sign in first."}, status_code=401)


def _dressed(send: Send) -> Send:
    async def dressed(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("Cache-Control", "no-store")
        await send(message)

    return dressed
