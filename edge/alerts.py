"""Alerts that wait for a person: opened by a candidate, closed by staff or by time.

The live crop lives here, in memory, and nowhere else; it is gone once the alert is answered,
or a minute after the person has left the picture. What is opened and answered, the guard counts.
"""

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import msgspec

from edge.decision import Candidate, Verdict
from edge.door import AlertView, Answer, Ring
from edge.errors import LinkError
from edge.guard import Guard
from edge.vision.face import Face, Image
from sync.entries import Entry

KEPT_S = 60.0
"""Seconds an unanswered alert outlives its encounter."""

ANSWERED_S = 10.0
"""Seconds an answered alert stays in the list, without its crop."""

MOST_ALERTS = 20
"""Alerts kept; the oldest goes first."""

CROP_SIDE = 320
"""Pixels of the longer side of a crop."""

_AROUND = 0.5
_JPEG = (cv2.IMWRITE_JPEG_QUALITY, 85)


def score_words(score: float, *, check: float, stop: float) -> str:
    """Say a score in words that staff can act on."""
    if score >= stop + (stop - check):
        return "very strong likeness"
    if score >= stop:
        return "strong likeness"
    return "some likeness" if score >= check else "no likeness"


def crop(pixels: Image, face: Face) -> bytes:
    """Cut a face with its surroundings out of a frame (uint8[H, W, 3]), as JPEG."""
    height, width = pixels.shape[:2]
    x0, y0, x1, y1 = face.box
    reach = _AROUND * max(x1 - x0, y1 - y0)
    left, top = max(0, int(x0 - reach)), max(0, int(y0 - reach))
    right, bottom = min(width, int(x1 + reach) + 1), min(height, int(y1 + reach) + 1)
    part = pixels[top:bottom, left:right]
    if not part.size:
        return b""
    scale = min(1.0, CROP_SIDE / max(part.shape[:2]))
    small = cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return cv2.imencode(".jpg", cv2.cvtColor(small, cv2.COLOR_RGB2BGR), _JPEG)[1].tobytes()


@dataclass(frozen=True, slots=True, eq=False)
class Cause:
    """What opens an alert.

    Attributes:
        encounter: Number of the encounter.
        verdict: ``STOP`` or ``CHECK``.
        candidate: Who it may be.
        entry: The candidate's entry.
        score_words: The score in words.
        face: The newest face of the encounter.
        pixels: uint8[H, W, 3], the frame it was found in.
    """

    encounter: int
    verdict: Verdict
    candidate: Candidate
    entry: Entry
    score_words: str
    face: Face
    pixels: Image


@dataclass(slots=True)
class _Alert:
    view: AlertView
    crop: bytes
    width: float
    ended_at: float | None = None
    answered_at: float | None = None

    def over(self, at: float) -> bool:
        if self.answered_at is not None:
            return at - self.answered_at > ANSWERED_S
        return self.ended_at is not None and at - self.ended_at > KEPT_S


class AlertBook:
    """The alerts of one engine; safe to use from the screening and the answering threads."""

    def __init__(self, cool_down_s: float, clock: Callable[[], float] = time.time) -> None:
        """Start without alerts.

        Args:
            cool_down_s: Seconds in which the same entry opens no second alert.
            clock: Seconds since the epoch, for ``AlertView.opened_at``.
        """
        self._cool_down_s = cool_down_s
        self._clock = clock
        self._guard = Guard(clock())
        self._lock = threading.Lock()
        self._alerts: dict[str, _Alert] = {}
        self._last: dict[str, float] = {}
        self._answered: set[int] = set()
        self._cooled: set[int] = set()

    def consider(self, cause: Cause, at: float) -> bool:
        """Open an alert, or bring the open one of this encounter up to date.

        Args:
            cause: What was decided of whom.
            at: Seconds, monotonic.

        Returns:
            Whether a new alert was opened.
        """
        with self._lock:
            alert = self._of(cause.encounter)
            if alert is not None and self._outranked(alert, cause):
                del self._alerts[alert.view.alert_id]
                alert = None
            if alert is not None:
                self._refresh(alert, cause)
            cooling = self._cooling(cause.entry.entry_id, at)
            opened = alert is None and not cooling
            if opened:
                self._open(cause)
            elif alert is None:
                self._cooled.add(cause.encounter)
            self._last[cause.entry.entry_id] = at
            return opened

    def cooled(self, encounter: int) -> bool:
        """Tell whether an encounter opened no alert because its entry had one just before."""
        with self._lock:
            return encounter in self._cooled

    def held_back(self) -> frozenset[str]:
        """Name the entries that staff marked *not them* twice tonight: only to be checked."""
        with self._lock:
            return self._guard.held_back(self._clock())

    def hand_held(self) -> None:
        """Count a check by hand."""
        with self._lock:
            self._guard.hand_held()

    def outcomes(self) -> dict[str, int]:
        """Give what was counted, and since when (seconds since the epoch)."""
        with self._lock:
            return {"since": self._guard.since, **self._guard.totals}

    def rings(self) -> tuple[Ring, ...]:
        """Give what rang tonight, wrong ones first."""
        with self._lock:
            return self._guard.rings(self._clock())

    def answered(self, encounter: int) -> bool:
        """Tell whether staff have decided about an encounter."""
        with self._lock:
            return encounter in self._answered

    def end(self, encounter: int, at: float) -> None:
        """Note that an encounter ended at ``at`` (seconds, monotonic)."""
        with self._lock:
            alert = self._of(encounter)
            if alert is not None:
                alert.ended_at = at

    def sweep(self, at: float) -> tuple[AlertView, ...]:
        """Forget what is over at ``at`` (seconds, monotonic) and show the rest, newest first."""
        with self._lock:
            self._alerts = {k: a for k, a in self._alerts.items() if not a.over(at)}
            self._last = {k: t for k, t in self._last.items() if at - t <= self._cool_down_s}
            return tuple(alert.view for alert in reversed(self._alerts.values()))

    def answer(self, alert_id: str, answer: Answer, at: float) -> AlertView:
        """Close an alert with what staff decided; its crop is gone.

        Raises:
            LinkError: There is no such open alert.
        """
        with self._lock:
            alert = self._open_alert(alert_id)
            alert.view = msgspec.structs.replace(alert.view, answer=answer)
            alert.answered_at, alert.crop = at, b""
            self._answered.add(alert.view.encounter)
            red = alert.view.verdict == Verdict.STOP.name
            self._guard.answered(alert.view.entry_id, answer, self._clock(), red=red)
            return alert.view

    def crop(self, alert_id: str) -> bytes:
        """Give the live crop of an open alert, as JPEG. Raises: LinkError."""
        with self._lock:
            return self._open_alert(alert_id).crop

    def entry_of(self, alert_id: str) -> str:
        """Give the entry of an open alert. Raises: LinkError."""
        with self._lock:
            return self._open_alert(alert_id).view.entry_id

    def _of(self, encounter: int) -> _Alert | None:
        return next((a for a in self._alerts.values() if a.view.encounter == encounter), None)

    def _open_alert(self, alert_id: str) -> _Alert:
        alert = self._alerts.get(alert_id)
        if alert is None or alert.answered_at is not None:
            raise LinkError("this alert is not open any more")
        return alert

    def _cooling(self, entry_id: str, at: float) -> bool:
        last = self._last.get(entry_id)
        return last is not None and at - last <= self._cool_down_s

    def _open(self, cause: Cause) -> None:
        view = AlertView(
            alert_id=secrets.token_hex(8),
            encounter=cause.encounter,
            verdict=cause.verdict.name,
            category=cause.candidate.category,
            reason=cause.entry.reason,
            valid_until=cause.entry.valid_until,
            entry_id=cause.entry.entry_id,
            score=cause.candidate.score,
            score_words=cause.score_words,
            opened_at=self._clock(),
            answer=None,
            held_back=cause.candidate.held_back,
        )
        self._guard.rang(view.entry_id, view.opened_at, red=cause.verdict is Verdict.STOP)
        self._alerts[view.alert_id] = _Alert(view, crop(cause.pixels, cause.face), cause.face.width)
        while len(self._alerts) > MOST_ALERTS:
            del self._alerts[next(iter(self._alerts))]

    @staticmethod
    def _outranked(alert: _Alert, cause: Cause) -> bool:
        """Tell whether the person turned out to be somebody else, and worse."""
        return (
            alert.answered_at is None
            and cause.entry.entry_id != alert.view.entry_id
            and cause.verdict.name != alert.view.verdict
            and cause.verdict is Verdict.STOP
        )

    def _refresh(self, alert: _Alert, cause: Cause) -> None:
        alert.ended_at = None
        if alert.answered_at is not None or cause.entry.entry_id != alert.view.entry_id:
            return
        if cause.verdict is Verdict.STOP and alert.view.verdict != Verdict.STOP.name:
            self._guard.turned_red()
        alert.view = msgspec.structs.replace(
            alert.view,
            verdict=cause.verdict.name,
            score=cause.candidate.score,
            score_words=cause.score_words,
        )
        if cause.face.width > 1.2 * alert.width:
            alert.crop, alert.width = crop(cause.pixels, cause.face), cause.face.width
