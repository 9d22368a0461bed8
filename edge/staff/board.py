"""The page's end of the engine: one question at a time for all the browsers that watch."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

import structlog

from edge.decision import Signal
from edge.door import (
    AlertView,
    Answer,
    CandidateView,
    Completion,
    DoorState,
    PasserView,
    TonightView,
)
from edge.errors import DoorwatchError
from edge.staff.rhythm import light, signal_of
from edge.staff.view import RECENT_REDS, View, own_faults, page_view
from sync.entries import Reason

FRESH_S = 0.15
"""Seconds for which one snapshot serves every browser."""

PATIENCE_S = 1.0
"""Seconds the engine may take before the page says that it does not answer."""

_LOG = structlog.get_logger("page")


class Door(Protocol):
    """What the page may ask of the engine; :class:`edge.link.Link` is the one in use.

    Every call may block for some seconds and raises DoorwatchError.
    """

    def state(self) -> DoorState:
        """Give the newest snapshot."""

    def crop(self, alert_id: str) -> bytes:
        """Give the live crop (JPEG) of an open alert."""

    def reference(self, alert_id: str) -> bytes:
        """Give the reference photo (JPEG) of an open alert."""

    def answer(self, alert_id: str, answer: Answer) -> None:
        """Tell what staff decided about an alert."""

    def quiet(self) -> None:
        """Quiet the buzzer."""

    def check(self, photo: bytes) -> list[CandidateView]:
        """Compare a photo: the best candidate, or none."""

    def reference_of_check(self, entry_id: str, token: str) -> bytes:
        """Give the reference photo (JPEG) of that candidate, once."""

    def unlock(self, pin: str) -> str:
        """Give the key that opens, for some minutes, what only a manager may do."""

    def passers(self, key: str) -> list[PasserView]:
        """Tell who was in front of the camera within the last minute."""

    def passer_photo(self, key: str, encounter: int) -> bytes:
        """Give the picture (JPEG) of one of them."""

    def take(self, key: str, encounter: int, reason: Reason) -> TonightView:
        """Put one of them on this door's list, for tonight."""

    def tonight(self, key: str) -> list[TonightView]:
        """Give the entries for tonight."""

    def tonight_photo(self, key: str, entry_id: str) -> bytes:
        """Give the picture (JPEG) of an entry for tonight."""

    def drop(self, key: str, entry_id: str) -> None:
        """Take an entry for tonight off again."""

    def awaits_key(self) -> bool:
        """Tell whether the list waits for a second share of its key."""

    def token(self, code: str) -> None:
        """Open the list by a staff token."""

    def box_closed(self, key: str) -> None:
        """Take back that the box was opened."""

    def complete(self, key: str, entry_id: str, said: Completion) -> None:
        """Make an entry for tonight an ordinary one."""


def local_now() -> datetime:
    """Give the present moment in the machine's time zone."""
    return datetime.now().astimezone()


class Board:
    """The newest view, asked for only while somebody watches."""

    def __init__(
        self,
        door: Door,
        clock: Callable[[], datetime] = local_now,
        given_up: Callable[[], str | None] = lambda: None,
    ) -> None:
        """Watch a door.

        Args:
            door: The engine.
            clock: Gives the present moment with its time zone.
            given_up: Tells why an engine that does not answer was given up, where it was.
        """
        self._door, self._clock, self._given_up = door, clock, given_up
        self._asking: asyncio.Task[DoorState | None] | None = None
        self._state: DoorState | None = None
        self._asked_at = float("-inf")
        self._answering = True
        self._signal: Signal | None = None
        self._since = 0.0
        self._reds: deque[str] = deque(maxlen=RECENT_REDS)

    async def view(self) -> View:
        """Give what a browser shows now."""
        if time.monotonic() - self._asked_at > FRESH_S:
            await self._refresh()
        now = self._clock()
        believed = None if own_faults(self._state, now) else self._state
        lamps = light(*self._signal_since(signal_of(believed)))
        shown = page_view(self._state, tuple(self._reds), lamps, now)
        if self._state is None and (why := self._given_up()):
            shown = shown | {"faults": (*own_faults(None, now), why)}
        return shown | {"at": round(time.monotonic() * 1000)}

    def alerts(self) -> tuple[AlertView, ...]:
        """Give the alerts of the newest snapshot; none while it cannot be believed."""
        believed = self._state if not own_faults(self._state, self._clock()) else None
        return () if believed is None else believed.alerts

    async def answer(self, alert_id: str, answer: Answer) -> None:
        """Pass on what staff decided, and count it if it was about a red.

        Raises:
            DoorwatchError: The engine does not answer, or the alert is closed already.
        """
        alerts = () if self._state is None else self._state.alerts
        await asyncio.to_thread(self._door.answer, alert_id, answer)
        if any(one.alert_id == alert_id and one.verdict == "STOP" for one in alerts):
            self._reds.append(answer)

    async def _refresh(self) -> None:
        """Ask for a snapshot; a question that hangs stays the only one until it ends."""
        asking = self._asking or asyncio.create_task(asyncio.to_thread(self._ask))
        self._asking = asking
        done, _ = await asyncio.wait({asking}, timeout=PATIENCE_S)
        if not done:
            self._note(None)
        elif self._asking is asking:
            self._asking = None
            self._note(asking.result())

    def _ask(self) -> DoorState | None:
        try:
            return self._door.state()
        except DoorwatchError:
            return None

    def _note(self, state: DoorState | None) -> None:
        answering = state is not None
        if answering != self._answering:
            if answering:
                _LOG.info("the engine answers", code="engine-answers")
            else:
                _LOG.warning("the engine does not answer", code="engine-silent")
        self._state, self._answering = state, answering
        self._asked_at = time.monotonic()

    def _signal_since(self, signal: Signal) -> tuple[Signal, float]:
        if signal != self._signal:
            self._signal, self._since = signal, time.monotonic()
        return signal, time.monotonic() - self._since
