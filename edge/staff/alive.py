"""What the page tells systemd: that it has started, and that its loop still answers browsers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from starlette.applications import Starlette

from edge.process import Notifier

BEAT_S = 5.0
"""Seconds between two words to systemd; its watchdog waits for thirty."""


@asynccontextmanager
async def alive(app: Starlette) -> AsyncIterator[None]:  # noqa: ARG001 - its signature
    """Feed the watchdog from the server's start to its end."""
    notifier = Notifier()
    beating = asyncio.create_task(_beat(notifier))
    yield
    notifier.stopping()
    beating.cancel()
    with suppress(asyncio.CancelledError):
        await beating
    notifier.close()


async def _beat(notifier: Notifier) -> None:
    while True:
        notifier.alive()
        await asyncio.sleep(BEAT_S)
