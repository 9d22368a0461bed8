"""Figures for Prometheus, beside the page."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from edge.door import DoorState, SyncView
from edge.errors import DoorwatchError
from edge.metrics import figures
from edge.staff.board import Door
from edge.web.figures import admit

PATH = "/metrics"
"""Where Prometheus asks; no PIN is asked for there."""


@dataclass(frozen=True, slots=True)
class Metrics:
    """The route of the figures.

    Attributes:
        standing: Asks the sync process; raises DoorwatchError where there is none.
        token: File of the word that whoever asks has to know; None answers this machine alone.
    """

    standing: Callable[[], SyncView]
    token: Path | None

    def route(self, door: Door) -> Route:
        """Give the route, for the figures of ``door``."""

        async def show(request: Request) -> Response:
            """Give the figures of this moment."""
            admit(request, self.token)
            state = await asyncio.to_thread(_state, door)
            standing = await asyncio.to_thread(self._standing)
            return figures(state, standing, time.time()).answer()

        return Route(PATH, show)

    def _standing(self) -> SyncView | None:
        try:
            return self.standing()
        except DoorwatchError:
            return None


def _state(door: Door) -> DoorState | None:
    try:
        return door.state()
    except DoorwatchError:
        return None
