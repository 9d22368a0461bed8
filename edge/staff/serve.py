"""The page as a process: a socket of its own and uvicorn behind it."""

from collections.abc import Callable

import uvicorn

from edge.config import Places
from edge.link import Link
from edge.pin import PinFile
from edge.staff.app import build_app
from edge.staff.board import Door
from edge.staff.manager import Membership
from edge.web.listening import listen

SIGN_S = 15.0
"""Seconds in which an entry is signed: a passphrase is stretched on purpose."""

CONCURRENT = 128
"""Requests under way at once; further ones are answered 503."""


def serve(host: str, port: int, places: Places) -> None:
    """Serve the page of the unit whose engine and PIN are at ``places``. See serve_page."""
    membership = Membership(places.identity.exists, Link(places.sync_socket, timeout_s=SIGN_S).sign)
    pin_hash = PinFile(places.pin_file).read
    serve_page(Link(places.engine_socket), host, port, pin_hash, membership)


def serve_page(
    door: Door,
    host: str,
    port: int,
    pin_hash: Callable[[], str | None],
    membership: Membership | None = None,
) -> None:
    """Serve the staff page until SIGTERM or SIGINT.

    Args:
        door: The engine, usually :class:`edge.link.Link`.
        host: Address to listen at.
        port: TCP port.
        pin_hash: Gives the Argon2 hash of the PIN in force, or None while none is set.
        membership: The consortium, where the unit may belong to one.

    Raises:
        DoorwatchError: The address is taken or not this machine's.
    """
    settings = uvicorn.Config(
        build_app(door, pin_hash, membership),
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        limit_concurrency=CONCURRENT,
        timeout_graceful_shutdown=1,
    )
    advice = "stop what is there, or set another host or port under [page] in the configuration"
    with listen(host, port, advice) as listener:
        uvicorn.Server(settings).run(sockets=[listener])
