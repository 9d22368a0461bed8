"""The page as a process: a socket of its own and uvicorn behind it."""

from collections.abc import Callable
from pathlib import Path

from starlette.applications import Starlette

from edge.config import Page
from edge.givenup import noted
from edge.link import Link
from edge.pin import PinFile
from edge.places import Places
from edge.staff.app import build_app
from edge.staff.board import Door
from edge.staff.metrics import Metrics
from edge.staff.putting import Membership
from edge.web.listening import listen
from edge.web.server import run_server
from edge.web.serverfiles import ServerFiles

SIGN_S = 15.0
"""Seconds in which an entry is signed: a passphrase is stretched on purpose."""

STANDING_S = 1.0
"""Seconds the sync process may take to say how it stands, for the figures."""

GRACE_S = 1
"""Seconds that streams are given at the end: a phone that hears nothing says so in any case."""


def serve(settings: Page, places: Places, files: ServerFiles | None = None) -> None:
    """Serve the page of the unit whose engine and PIN are at ``places``. See serve_page."""
    sync = Link(places.sync_socket, timeout_s=SIGN_S)
    membership = Membership(places.identity.exists, sync.sign, sync.token)
    pin_hash = PinFile(places.pin_file).read
    app = build_app(
        Link(places.engine_socket),
        pin_hash,
        membership,
        _metrics(settings, places),
        lambda: noted(places.given_up),
    )
    _serve(app, settings.host, settings.port, files)


def serve_page(door: Door, host: str, port: int, pin_hash: Callable[[], str | None]) -> None:
    """Serve the staff page until SIGTERM or SIGINT.

    Args:
        door: The engine, usually :class:`edge.link.Link`.
        host: Address to listen at.
        port: TCP port.
        pin_hash: Gives the Argon2 hash of the PIN in force, or None while none is set.

    Raises:
        DoorwatchError: The address is taken or not this machine's.
    """
    _serve(build_app(door, pin_hash), host, port, None)


def _metrics(settings: Page, places: Places) -> Metrics | None:
    if not settings.metrics:
        return None
    token = Path(settings.metrics_token).expanduser() if settings.metrics_token else None
    return Metrics(Link(places.sync_socket, timeout_s=STANDING_S).standing, token)


def _serve(app: Starlette, host: str, port: int, files: ServerFiles | None) -> None:
    advice = "stop what is there, or set another host or port under [page] in the configuration"
    with listen(host, port, advice) as listener:
        run_server(app, listener, files, grace_s=GRACE_S, behind_proxy=True)
