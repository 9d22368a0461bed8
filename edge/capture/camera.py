"""One camera at work: its frames, whether they are fit to be believed, and another try if not."""

import time
from collections.abc import Callable

from edge.capture.health import Blindness, Health, look
from edge.capture.source import Frame, FrameSource, Reader

REOPEN_AFTER_S = 10.0
"""Seconds of one and the same picture after which a camera is opened again, and between tries."""


class Camera:
    """A source that is read by a thread of its own, and judged by whoever takes its frames."""

    def __init__(self, opening: Callable[[], FrameSource], *, live: bool) -> None:
        """Start reading.

        Args:
            opening: Opens the source; called again after each loss.
            live: Whether a picture that stands still speaks against the source.
        """
        self._reader, self._live = Reader(opening), live
        self._health, self._losses = Health(time.monotonic()), 0
        self._reopened_at = float("-inf")

    @property
    def trouble(self) -> str | None:
        """Why there are no frames, one line, or None."""
        return self._reader.trouble

    @property
    def ended(self) -> bool:
        """Whether the source has come to its end."""
        return self._reader.ended

    @property
    def tries(self) -> int:
        """How often something was asked of the source: it grows as long as its thread works."""
        return self._reader.tries

    @property
    def dropped(self) -> int:
        """How many frames gave way to a newer one."""
        return self._reader.slot.dropped

    def take(self, wait_s: float) -> Frame | None:
        """Give the newest frame, or None if none comes within ``wait_s`` seconds."""
        return self._reader.slot.take(wait_s)

    def judge(self, frame: Frame | None) -> None:
        """Take in what was taken, also that it was nothing."""
        now = time.monotonic()
        if self._reader.losses != self._losses:
            self._losses = self._reader.losses
            self._health.lose(now)
        if frame is not None:
            self._health.see(look(frame.pixels), frame.taken_at)
            self._doubt(now)

    def blind(self, now: float) -> frozenset[Blindness]:
        """Tell what is wrong with the picture at ``now``, seconds on the monotonic clock."""
        return self._health.blind(now)

    def close(self) -> None:
        """Stop reading; waits a moment for the device to be let go."""
        self._reader.close()

    def _doubt(self, now: float) -> None:
        """Open a camera again whose picture stands still: its driver may hang behind the frames."""
        if self._live and min(self._health.frozen_s(), now - self._reopened_at) > REOPEN_AFTER_S:
            self._reopened_at = now
            self._reader.reopen()
