"""Puts the page together: routes, templates, static files, and what stands before them."""

from collections.abc import Callable
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates

from edge.errors import DoorwatchError
from edge.staff.alive import alive
from edge.staff.bell import Bell
from edge.staff.board import Board, Door
from edge.staff.duty import Phones
from edge.staff.guard import Gate, Guard
from edge.staff.handheld import Handheld
from edge.staff.metrics import Metrics
from edge.staff.putting import Managers, Membership
from edge.staff.screen import Screen
from edge.staff.signin import SignIn

HERE = Path(__file__).parent


def build_app(
    door: Door,
    pin_hash: Callable[[], str | None],
    membership: Membership | None = None,
    metrics: Metrics | None = None,
    given_up: Callable[[], str | None] = lambda: None,
) -> Starlette:
    """Build the staff page.

    Args:
        door: The engine, or something that answers like it.
        pin_hash: Gives the Argon2 hash of the PIN in force, or None while none is set; asked
            at each request, so a PIN set later needs no restart.
        membership: The consortium, where the unit may belong to one.
        metrics: Figures for Prometheus, where they are served.
        given_up: Tells why an engine that does not answer was given up, where it was.
    """
    gate, bell = Gate(pin_hash), Bell()
    pages = Jinja2Templates(HERE / "templates")
    routes: list[BaseRoute] = [
        *SignIn(gate, pages, bell).routes(),
        *Screen(door, Board(door, given_up=given_up), bell, gate, pages).routes(),
        *Phones(bell).routes(),
        *Handheld(door).routes(),
        *Managers(door, membership).routes(),
        *([metrics.route(door)] if metrics else []),
        Route("/worker.js", _worker),
        Mount("/static", StaticFiles(directory=HERE / "static")),
    ]
    return Starlette(
        routes=routes,
        middleware=[Middleware(Guard, gate=gate)],
        lifespan=alive,
        exception_handlers={HTTPException: _refused, DoorwatchError: _unanswered},
    )


async def _worker(request: Request) -> Response:  # noqa: ARG001 - the route's signature
    """Give the service worker from the top, so that it may speak for every page."""
    return FileResponse(HERE / "static" / "worker.js", media_type="text/javascript")


async def _refused(request: Request, error: Exception) -> Response:  # noqa: ARG001 - its signature
    """Answer a request that a route refused, in one line."""
    if not isinstance(error, HTTPException):
        raise error
    return JSONResponse({"error": error.detail}, status_code=error.status_code)


async def _unanswered(request: Request, error: Exception) -> Response:  # noqa: ARG001 - its signature
    """Answer for an engine that refused or is away, in its own line."""
    return JSONResponse({"error": str(error)}, status_code=409)
