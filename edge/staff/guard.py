"""What stands before every route: sign-in, origin, size, and the headers of each answer."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from edge.staff.sessions import Session, Sessions
from edge.web.headers import HEADERS, dressed
from edge.web.origin import SAFE, over_tls, same_origin

OPEN_PATHS = ("/login", "/static/", "/worker.js", "/metrics")
"""All that may be asked without signing in; figures ask for a word of their own."""

PAGE_HEADERS = HEADERS | {
    "Content-Security-Policy": HEADERS["Content-Security-Policy"]
    + "; manifest-src 'self'; worker-src 'self'"
}
"""Those of a page that can be installed on a phone."""


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


def session_of(request: Request) -> Session:
    """Give the session that the guard found.

    Raises:
        HTTPException: There is none; status 401.
    """
    session = request.scope["doorwatch.session"]
    if not isinstance(session, Session):
        raise HTTPException(401, "Sign in first.")
    return session


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
            await self._serve(scope, receive, dressed(send, PAGE_HEADERS))

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        refusal = self._refusal(request)
        await (refusal or self._app)(scope, receive, send)

    def _refusal(self, request: Request) -> Response | None:
        if request.method not in SAFE and not same_origin(request):
            return JSONResponse({"error": "This was not sent by this page."}, status_code=403)
        path = request.url.path
        if any(path == one or (one[-1] == "/" and path.startswith(one)) for one in OPEN_PATHS):
            return None
        request.scope["doorwatch.session"] = session = self._gate.session(request)
        if session is not None:
            return None
        if request.method in SAFE and "text/html" in request.headers.get("accept", ""):
            return RedirectResponse("/login", status_code=303)
        return JSONResponse({"error": "Sign in first."}, status_code=401)
