"""Virtual time: what is to happen, in order, and nothing ever waits."""

import heapq
import itertools
from collections.abc import Callable

Action = Callable[[], None]

START_MS = 1_800_000_000_000
"""When every simulated night begins, milliseconds since the epoch (January 2027)."""


class Agenda:
    """The only clock of a simulated world; time passes by doing what is due.

    Attributes:
        now_ms: Virtual time, milliseconds since the epoch.
    """

    def __init__(self, start_ms: int = START_MS) -> None:
        """Begin at ``start_ms`` with nothing to do."""
        self.now_ms = start_ms
        self._due: list[tuple[int, int, Action]] = []
        self._order = itertools.count()

    def after(self, delay_ms: int, action: Action) -> None:
        """Put ``action`` down for ``delay_ms`` from now; equal times keep their order."""
        heapq.heappush(self._due, (self.now_ms + max(0, delay_ms), next(self._order), action))

    def every(self, period_ms: int, action: Action, first_ms: int | None = None) -> None:
        """Do ``action`` again and again, first after ``first_ms`` (or one period)."""

        def again() -> None:
            action()
            self.after(period_ms, again)

        self.after(period_ms if first_ms is None else first_ms, again)

    def run(self, duration_ms: int) -> None:
        """Let ``duration_ms`` of virtual time pass."""
        end_ms = self.now_ms + duration_ms
        while self._due and self._due[0][0] <= end_ms:
            self.now_ms, _, action = heapq.heappop(self._due)
            action()
        self.now_ms = end_ms

    def run_until(self, done: Callable[[], bool], limit_ms: int) -> int | None:
        """Let time pass until ``done()``.

        Returns:
            Virtual milliseconds that it took, or None when ``limit_ms`` were not enough.
        """
        began_ms = self.now_ms
        while not done():
            if not self._due or self._due[0][0] > began_ms + limit_ms:
                return None
            self.now_ms, _, action = heapq.heappop(self._due)
            action()
        return self.now_ms - began_ms
