"""What stands before every route: who asks, whether our own page sent it, what answers carry.

ASVS 3.4 (cookies), 4.2.2 (forged requests), 14.4 (headers).
"""

import hmac
import re
import secrets
from collections.abc import Awaitable
from hashlib import sha256
from typing import Any, Protocol
from urllib.parse import quote

import structlog
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from edge.web.headers import HEADERS, dressed
from edge.web.origin import SAFE, over_tls, same_origin
from sync.hub.accounts.sessions import Session
from sync.hub.web.texts import t


class Find(Protocol):
    """Gives the session of a cookie's token, if it stands."""

    def __call__(self, token: str, *, active: bool) -> Awaitable[Session | None]:
        """Find it; ``active``: somebody did something, which keeps it open."""
        ...


_FILES, _WELCOME = "/static/", "/welcome/"
_PAGE = re.compile("[a-z-]{1,16}", re.ASCII)

OPEN_PATHS = ("/sign-in", "/sign-in/", _WELCOME, "/privacy", _FILES, "/metrics")
"""All that may be asked without signing in; one that ends in a stroke opens what is below it.
Figures ask for a word of their own."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "media-src 'self' blob:; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
"""Content security policy: nothing inline, nothing from elsewhere."""

ANSWERS = HEADERS | {
    "Content-Security-Policy": POLICY,
    # With no-referrer a browser sends forms with "Origin: null", which proves nothing.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=()",
}
LONGEST_PATH = 512
"""Characters of an address; ours are far shorter, and a number of thousands of digits is none."""

_OVER_TLS = {"Strict-Transport-Security": "max-age=31536000"}

_LOG = structlog.get_logger("pages")


_NOBODY = {"session": None, "person": None, "token": "", "csrf": ""}


class Guard:
    """ASGI middleware: refuses before a route is reached, and dresses every answer.

    Afterwards ``request.state`` has ``person`` (None on open paths), ``session``, ``token`` (of
    the session's cookie; "" without one), ``csrf`` (what forms carry) and ``csrf_of``, which
    gives that of another token.
    """

    def __init__(self, app: ASGIApp, find: Find) -> None:
        """Stand before ``app``; ``find`` tells who asks."""
        self._app, self._find = app, find
        self._secret = secrets.token_bytes(32)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection; anything but HTTP and the server's own start is refused."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            request = Request(scope)
            headers = ANSWERS | _OVER_TLS if over_tls(request) else ANSWERS
            await self._serve(request, receive, dressed(send, headers))

    async def _serve(self, request: Request, receive: Receive, send: Send) -> None:
        state: dict[str, Any] = request.scope.setdefault("state", {})
        if request.url.path.startswith(_FILES):  # the same for everybody: nobody is looked up
            state |= _NOBODY
            await self._app(request.scope, receive, send)
            return
        state |= await self._known(request)
        visitor = state.pop("visitor")
        if visitor:
            send = _with_cookie(send, _cookie(request, visitor_cookie(request), visitor))
        await (_refusal(request) or self._app)(request.scope, receive, send)

    async def _known(self, request: Request) -> dict[str, Any]:
        """Find out who asks; a stranger is given a cookie of his own, for the token of forms."""
        token = request.cookies.get(session_cookie(request), "")
        # A live row asks by itself every second or two: that must keep nobody signed in.
        active = request.headers.get("hx-request") != "true" or request.method not in SAFE
        session = await self._find(token, active=active) if token else None
        held = token if session else request.cookies.get(visitor_cookie(request), "")
        fresh = "" if held else secrets.token_urlsafe(32)
        return {
            "session": session,
            "person": session.person if session else None,
            "token": token if session else "",
            "csrf": self._form_token(held or fresh),
            "csrf_of": self._form_token,
            "visitor": fresh,
        }

    def _form_token(self, token: str) -> str:
        """Give what forms carry for the holder of a cookie."""
        return hmac.new(self._secret, token.encode(), sha256).hexdigest()


def session_cookie(connection: HTTPConnection) -> str:
    """Name the session's cookie; browsers accept the prefix by https only."""
    return "__Host-doorwatch" if over_tls(connection) else "doorwatch"


def visitor_cookie(connection: HTTPConnection) -> str:
    """Name the cookie of somebody who is not signed in; it holds nothing but chance."""
    return "__Host-visitor" if over_tls(connection) else "visitor"


def set_session(request: Request, response: Response, token: str) -> None:
    """Hand a session's token to the browser, for as long as that is open."""
    response.headers.append("set-cookie", _cookie(request, session_cookie(request), token))


def clear_session(request: Request, response: Response) -> None:
    """Take the session's token from the browser."""
    gone = _cookie(request, session_cookie(request), "") + "; Max-Age=0"
    response.headers.append("set-cookie", gone)


def path_to_log(request: Request) -> str:
    """Give the kind of page alone: the rest of a path has ids of entries, and links are secrets."""
    first, slash, rest = request.url.path.removeprefix("/").partition("/")
    kind = first if _PAGE.fullmatch(first) else "…"
    return f"/{kind}{slash}{'…' if rest else ''}"


def _refusal(request: Request) -> Response | None:
    if len(request.url.path) > LONGEST_PATH:
        return PlainTextResponse(t("frame.refused.address"), status_code=414)
    if request.method not in SAFE and not same_origin(request):
        _LOG.warning(
            "refused a form that another site sent", code="foreign-form", path=path_to_log(request)
        )
        return PlainTextResponse(t("frame.refused.elsewhere"), status_code=403)
    if request.state.person is not None or _open(request.url.path):
        return None
    if "hx-request" in request.headers:  # a live row of a page whose session is over
        return Response(status_code=401, headers={"HX-Redirect": "/sign-in"})
    if request.method in SAFE:
        return RedirectResponse(f"/sign-in?then={quote(request.url.path)}", status_code=303)
    return PlainTextResponse(t("frame.refused.stranger"), status_code=401)


def _open(path: str) -> bool:
    return any(path == one or (one[-1] == "/" and path.startswith(one)) for one in OPEN_PATHS)


def _cookie(connection: HTTPConnection, name: str, value: str) -> str:
    secure = "; Secure" if over_tls(connection) else ""
    return f"{name}={value}; Path=/; HttpOnly; SameSite=Strict{secure}"


def _with_cookie(send: Send, cookie: str) -> Send:
    async def setting(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).append("set-cookie", cookie)
        await send(message)

    return setting
