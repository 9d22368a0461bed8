"""Puts the hub's pages together: the rooms, the guard before them, and the page of refusals."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from http import HTTPStatus
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from edge.errors import DoorwatchError
from sync.errors import SyncError, told
from sync.hub.web.account import OwnAccount
from sync.hub.web.add import Add
from sync.hub.web.approvals import Approvals
from sync.hub.web.auditlog import AuditLog
from sync.hub.web.changing import Changing
from sync.hub.web.doors import Doors
from sync.hub.web.editing import Editing
from sync.hub.web.entries import Entries
from sync.hub.web.entry import Entry
from sync.hub.web.guard import ANSWERS, Guard, path_to_log
from sync.hub.web.home import Home
from sync.hub.web.invitations import Invitations
from sync.hub.web.longestterms import LongestTerms
from sync.hub.web.metrics import Metrics
from sync.hub.web.nights import Nights
from sync.hub.web.office import Office
from sync.hub.web.pages import render
from sync.hub.web.papers import Papers
from sync.hub.web.retention import Retention
from sync.hub.web.rights import Rights
from sync.hub.web.signin import SignIn
from sync.hub.web.texts import t
from sync.hub.web.undoing import Undoing
from sync.hub.web.users import Users
from sync.hub.web.welcome import Welcoming

Lifespan: TypeAlias = Callable[[Starlette], AbstractAsyncContextManager[None]]

_SAID = {400, 401, 403, 404, 405, 413, 429}
"""Refusals with a sentence of their own."""

STATIC = Path(__file__).parent / "static"

_LOG = structlog.get_logger("pages")


class _Static(StaticFiles):
    """Files that are the same for everybody: browsers may keep them for five minutes."""

    def file_response(self, *arguments: Any, **named: Any) -> Response:
        answer = super().file_response(*arguments, **named)
        answer.headers["Cache-Control"] = "max-age=300"
        return answer


class Room(Protocol):
    """A part of the hub with pages of its own."""

    def __init__(self, office: Office) -> None:
        """Work for an office."""
        ...

    def routes(self) -> list[Route]:
        """Give the routes of its pages."""
        ...


ROOMS: tuple[type[Room], ...] = (
    Undoing,
    Add,
    Entries,
    Entry,
    Changing,
    Editing,
    Approvals,
    Invitations,
    Doors,
    Nights,
    AuditLog,
    Retention,
    LongestTerms,
    Rights,
    Papers,
    SignIn,
    Welcoming,
    OwnAccount,
    Users,
    Metrics,
)
"""Every room but the first page, which shows what the others want attention for."""


def build_app(office: Office, lifespan: Lifespan | None = None) -> Starlette:
    """Build the pages of an open hub.

    Args:
        office: The hub.
        lifespan: What goes on beside the pages from the server's start to its end.
    """
    rooms = [room(office) for room in ROOMS]
    routes: list[BaseRoute] = [
        *Home(office, rooms).routes(),
        *(route for room in rooms for route in room.routes()),
        Mount("/static", _Static(directory=STATIC)),
    ]
    app = Starlette(
        routes=routes,
        middleware=[Middleware(Guard, find=office.session)],
        exception_handlers={
            HTTPException: _refused,
            SyncError: _unable,
            DoorwatchError: _unable,
            Exception: _broken,
        },
        lifespan=lifespan,
    )
    app.state.office, app.state.said = office, {}
    return app


async def _refused(request: Request, error: Exception) -> Response:
    """Answer a request that a route refused, in one line."""
    if not isinstance(error, HTTPException):
        raise error
    if error.status_code == HTTPStatus.FORBIDDEN:
        person = request.state.person
        account = person.account_id if person else ""
        _LOG.warning("refused", code="page-refused", account=account, path=path_to_log(request))
    own = error.detail != HTTPStatus(error.status_code).phrase
    code = error.status_code if error.status_code in _SAID else HTTPStatus.BAD_REQUEST
    words = error.detail if own else t(f"frame.refused.{code}")
    return render(request, "error.html", error.status_code, words=words)


async def _unable(request: Request, error: Exception) -> Response:
    """Answer where the hub refused or cannot, in its own line."""
    return render(request, "error.html", 409, words=told(error))


async def _broken(request: Request, error: Exception) -> Response:  # noqa: ARG001 - its signature
    """Answer where this program is at fault, without a word of what happened (ASVS 7.4.1).

    The server logs it. This stands outside of the guard, so it dresses itself.
    """
    return PlainTextResponse(t("frame.refused.500"), 500, headers=ANSWERS)
