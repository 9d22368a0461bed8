"""The pages as a process: a socket of their own, TLS, and uvicorn behind it."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from ipaddress import ip_address

import structlog
from starlette.applications import Starlette

from edge.errors import DoorwatchError
from edge.process import Notifier
from edge.web.listening import listen
from edge.web.server import run_server
from edge.web.serverfiles import ServerFiles
from sync.errors import HubError, SyncError, told
from sync.hub.hubclock import now_ms
from sync.hub.web.app import Lifespan, build_app
from sync.hub.web.office import Office

BEAT_S = 10.0
"""Seconds between two words to systemd; what is over is forgotten then."""

GRACE_S = 3
"""Seconds that requests under way are given at the end."""

_LOG = structlog.get_logger("web")

ADVICE = "stop what is there, or name another address with --listen or --port"


def serve(office: Office, host: str, port: int, files: ServerFiles | None) -> None:
    """Serve the pages of an open hub until SIGTERM or SIGINT.

    Args:
        office: The hub; it is closed at the end.
        host: Address to listen at.
        port: TCP port.
        files: Certificate and key; None serves http, which a loopback address alone may have.

    Raises:
        HubError: Plain http is asked for on an address that others can reach.
        DoorwatchError: The address is taken or not this machine's.
    """
    if files is None and not is_loopback(host):
        raise HubError(
            f"pages without TLS are for this machine alone: listen at 127.0.0.1 instead of {host}, "
            "or leave --plain out"
        )
    app = build_app(office, keeping(office))
    with listen(host, port, ADVICE) as listener:
        run_server(app, listener, files, grace_s=GRACE_S, behind_proxy=False)


def is_loopback(host: str) -> bool:
    """Tell whether only this machine reaches an address."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def keeping(office: Office) -> Lifespan:
    """Give what goes on beside the pages from the server's start to its end."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:  # noqa: ARG001 - its signature
        """Read the list, say that the pages are ready, and close the hub at the end."""
        notifier = Notifier()
        await office.ask(lambda: office.register.catch_up(_progress))
        beating = asyncio.create_task(_beat(office, notifier))
        notifier.ready()
        yield
        notifier.stopping()
        beating.cancel()
        with suppress(asyncio.CancelledError):
            await beating
        await office.close()
        notifier.close()

    return lifespan


def _progress(read: int, of: int) -> None:
    """Say that a long list is still being read."""
    _LOG.info("reading", code="list-read", entries=read, of=of)


async def tidied(office: Office) -> None:
    """Forget what is over, also while nobody asks for a page: sessions, faces, drafts.

    Raises:
        HubError: The database is busy or damaged.
    """
    office.drafts.forget_old(time.monotonic())
    office.holding.forget_done()
    await office.ask(lambda: office.accounts.tidy(now_ms()))
    await office.ask(office.register.settle)


async def _beat(office: Office, notifier: Notifier) -> None:
    while True:
        try:
            await tidied(office)
        except (SyncError, DoorwatchError) as error:  # tried again; nobody is signed out for it
            _LOG.warning("could not tidy up", code="not-tidied", why=told(error))
        await office.ask(notifier.alive)  # a worker that hangs does not feed the watchdog
        await asyncio.sleep(BEAT_S)
