"""How fast the screening is, over the last seconds. Pure: times are passed in."""

from collections import deque
from statistics import median

WINDOW_S = 2.0
"""Seconds over which frames are counted."""

LATENCIES = 60
"""Frames over which the latency is taken."""


class Meter:
    """Frames a second and the median latency of late."""

    def __init__(self) -> None:
        """Start with nothing counted."""
        self._done: deque[float] = deque()
        self._latencies: deque[float] = deque(maxlen=LATENCIES)

    def count(self, taken_at: float, done_at: float) -> None:
        """Note one frame.

        Args:
            taken_at: When it was taken, seconds.
            done_at: When its screening was done, same clock.
        """
        self._done.append(done_at)
        self._latencies.append(done_at - taken_at)

    def fps(self, now: float) -> float:
        """Give the frames a second, over the last two."""
        while self._done and now - self._done[0] > WINDOW_S:
            self._done.popleft()
        return len(self._done) / WINDOW_S

    def latency_ms(self) -> float:
        """Give the median milliseconds from a frame being taken to its screening being done."""
        return median(self._latencies) * 1000 if self._latencies else 0.0
