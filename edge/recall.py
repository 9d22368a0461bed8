"""Who was in front of the camera within the last minute, in memory and nowhere else.

It is there so that a manager can put somebody on the list who has just hit a guest: of each
encounter the best face that could be compared, and a small picture of it. It is kept only where
a manager's PIN is set, for a minute, of eight people at most, and given to nobody without that
PIN. Nothing of it is ever written.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from edge.alerts import crop
from edge.door import PasserView
from edge.errors import LinkError
from edge.vision.face import Face, FloatArray, Image
from edge.vision.track import Track

KEPT_S = 60.0
"""Seconds after the last sight of somebody at which nothing of them is left."""

MOST = 8
"""People remembered; whoever was last seen longest ago goes first."""

ASK_S = 1.0
"""Seconds between two looks at whether anybody is to be remembered at all."""

_BETTER = 1.02
_GONE = "nothing of this person is left: only the last minute is remembered"


@dataclass(frozen=True, slots=True, eq=False)
class Passer:
    """One person of the last minute.

    Attributes:
        track: The encounter: number, times, fused template.
        face: Its best face.
        picture: JPEG of that face and its surroundings.
        in_view: Whether they still stand there.
        entry_id: The entry they may be of, or None.
        claimed: Somebody has put them on the list from here.
    """

    track: Track
    face: Face
    picture: bytes
    in_view: bool = True
    entry_id: str | None = None
    claimed: bool = False

    def templates(self) -> FloatArray:
        """Give what a reference is made of: the fused template, and that of the best face.

        Returns:
            float32[n, D], rows of unit length; one row where both are the same.
        """
        best, fused = self.face.template, self.track.fused
        found = [one for one in (best, fused) if one is not None]
        return np.stack(found[: self.track.usable]).astype(np.float32)


class Recall:
    """The last minute; safe to use from the screening and the answering threads."""

    def __init__(self, wanted: Callable[[], bool]) -> None:
        """Remember nobody yet.

        Args:
            wanted: Tells whether anybody is to be remembered; asked about once a second.
        """
        self._wanted, self._on, self._asked_at = wanted, False, float("-inf")
        self._lock = threading.Lock()
        self._passers: dict[int, Passer] = {}

    def see(self, track: Track, pixels: Image, entry_id: str | None) -> None:
        """Take what the newest frame shows of somebody.

        Args:
            track: The encounter; its face is from this frame.
            pixels: uint8[H, W, 3], the frame.
            entry_id: The entry they may be of, or None.
        """
        face = track.face
        if not self._on or face.template is None or not face.quality.usable:
            return
        known = self._passers.get(track.number)
        better = known is None or face.quality > _BETTER * known.face.quality
        picture = crop(pixels, face) if better else b""
        with self._lock:
            now = self._passers.pop(track.number, None) or Passer(track, face, picture)
            if better:
                now = replace(now, face=face, picture=picture)
            self._passers[track.number] = replace(now, track=track, entry_id=entry_id, in_view=True)
            while len(self._passers) > MOST:
                del self._passers[next(iter(self._passers))]

    def part(self, encounter: int) -> None:
        """Note that somebody has left the picture."""
        with self._lock:
            gone = self._passers.get(encounter)
            if gone is not None:
                self._passers[encounter] = replace(gone, in_view=False)

    def sweep(self, at: float) -> None:
        """Forget whoever was last seen a minute before ``at`` (seconds, monotonic)."""
        if at - self._asked_at >= ASK_S:
            self._on, self._asked_at = self._wanted(), at
        with self._lock:
            self._passers = {
                number: one
                for number, one in self._passers.items()
                if self._on and at - one.track.last_seen <= KEPT_S
            }

    def views(self, at: float) -> tuple[PasserView, ...]:
        """Say who there was, whoever was seen last first; ``at`` in seconds, monotonic."""
        with self._lock:
            return tuple(_view(one, at) for one in reversed(self._passers.values()))

    def passer(self, encounter: int) -> Passer:
        """Give one of them. Raises: LinkError, where nothing is left."""
        with self._lock:
            found = self._passers.get(encounter)
        if found is None:
            raise LinkError(_GONE)
        return found

    def claim(self, encounter: int) -> Passer:
        """Give one of them to be put on the list, once.

        Raises:
            LinkError: Nothing of them is left, or somebody else was first.
        """
        with self._lock:
            found = self._passers.get(encounter)
            if found is None:
                raise LinkError(_GONE)
            if found.claimed:
                raise LinkError("this person was put on the list a moment ago")
            self._passers[encounter] = replace(found, claimed=True)
            return found

    def release(self, encounter: int) -> None:
        """Let somebody be put on the list after all: it did not come to that."""
        with self._lock:
            if (found := self._passers.get(encounter)) is not None:
                self._passers[encounter] = replace(found, claimed=False)


def _view(one: Passer, at: float) -> PasserView:
    return PasserView(
        encounter=one.track.number,
        ago_s=max(0.0, at - one.track.last_seen),
        in_view=one.in_view,
        faces=one.track.usable,
        entry_id=one.entry_id,
        claimed=one.claimed,
    )
