"""The hand-held check on the page: a reason first, then one photo, at most one candidate.

Nothing is kept: the photo passes through memory, and of a candidate only the right to see its
reference photo stays, once and for a few seconds.
"""

import asyncio
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from edge.attempts import CHECKS, CHECKS_WITHIN_S, Allowance
from edge.door import CandidateView
from edge.staff.board import Door, local_now
from edge.staff.guard import session_of
from edge.staff.intake import LARGEST_PHOTO
from edge.staff.sessions import Session
from edge.staff.view import candidate_view
from edge.staff.words import CHECK_REASONS, span
from edge.web.body import read_body

SHOWN_S = 20
"""Seconds for which a candidate is shown."""

_LOG = structlog.get_logger("page")


@dataclass(frozen=True, slots=True)
class _Release:
    """The right to see one reference photo."""

    owner: str
    candidate: CandidateView
    until: float


@dataclass(frozen=True, slots=True)
class Handheld:
    """The routes of the hand-held check.

    Attributes:
        door: The engine.
        clock: Gives the present moment with its time zone.
        allowance: How many checks are left: refused here first; the engine counts by itself.
        turn: One photo is compared at a time.
        releases: Reference photos that may be asked for now.
    """

    door: Door
    clock: Callable[[], datetime] = local_now
    allowance: Allowance = field(default_factory=lambda: Allowance(CHECKS, CHECKS_WITHIN_S))
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    releases: dict[str, _Release] = field(default_factory=dict)

    def routes(self) -> list[Route]:
        """Give the routes."""
        return [
            Route("/check", self.check, methods=["POST"]),
            Route("/check/{release:str}/reference.jpg", self.reference),
        ]

    async def check(self, request: Request) -> Response:
        """Compare a photo; the reason stands in the address, the photo is the body."""
        reason = request.query_params.get("reason", "")
        if reason not in CHECK_REASONS:
            raise HTTPException(400, "Choose a reason first.")
        photo = await read_body(request, LARGEST_PHOTO)
        async with self.turn:
            self._spend()
            found = await asyncio.to_thread(self.door.check, photo)
        _LOG.info("hand-held check", code="hand-held-check", candidates=len(found[:1]))
        answer = self._shown(found[0], session_of(request)) if found else None
        left = self.allowance.left(time.monotonic())
        return JSONResponse({"candidate": answer, "left": left})

    async def reference(self, request: Request) -> Response:
        """Give the reference photo of a candidate, once, to the session that found it."""
        release = self.releases.pop(request.path_params["release"], None)
        if (
            release is None
            or release.owner != session_of(request).key
            or time.monotonic() > release.until
        ):
            raise HTTPException(404, "This photo is not shown any more.")
        candidate = release.candidate
        photo = await asyncio.to_thread(
            self.door.reference_of_check, candidate.entry_id, candidate.token
        )
        return Response(photo, media_type="image/jpeg")

    def _spend(self) -> None:
        if self.allowance.left(time.monotonic()) <= 0:
            raise HTTPException(
                429, f"No checks left: {CHECKS} in {span(CHECKS_WITHIN_S)} is the most."
            )
        self.allowance.use(time.monotonic())

    def _shown(self, candidate: CandidateView, session: Session) -> dict[str, object]:
        now, release = time.monotonic(), secrets.token_urlsafe(16)
        for old in [key for key, one in self.releases.items() if one.until < now]:
            del self.releases[old]
        self.releases[release] = _Release(session.key, candidate, now + SHOWN_S)
        return candidate_view(candidate, self.clock()) | {
            "photo": f"/check/{release}/reference.jpg",
            "seconds": SHOWN_S,
        }
