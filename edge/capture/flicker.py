"""Whether the picture comes and goes. Pure: what was seen and when in, yes or no out.

A stroboscope, too, makes a picture come and go, many times a second, and is no fault. What tells
the two apart is how long each side lasts: a flash is over within a frame or two, a loose cable or
a failing lamp gives a picture for a while, then none for a while.
"""

from collections import deque

STRETCH_S = 0.09
"""Seconds that picture and darkness must each last to be one coming and going: no flash does."""

RETURNS = 3
"""Returns of the picture, within ``RETURNS_WITHIN_S``, that are a flicker: 1.9 a second."""

RETURNS_WITHIN_S = 1.07
"""Seconds looked back on for them."""

LOSSES = 2
"""Losses of the whole camera, within ``LOSSES_WITHIN_S``, that are a flicker; one is none."""

LOSSES_WITHIN_S = 10.0
"""Seconds looked back on for them."""

CALM_S = 3.0
"""Seconds without another return or loss after which the picture counts as steady again."""


class Flicker:
    """Remembers how often the picture came back of late."""

    def __init__(self) -> None:
        """Start with a steady picture."""
        self._lit, self._changed_at = True, float("-inf")
        self._dark_s = 0.0
        self._returns = deque[float](maxlen=RETURNS)
        self._losses = deque[float](maxlen=LOSSES)
        self._until = float("-inf")

    def see(self, *, lit: bool, at: float) -> None:
        """Take in whether the frame taken at ``at`` (seconds, monotonic) showed anything."""
        if lit != self._lit:
            if lit:
                self._dark_s = at - self._changed_at
            self._lit, self._changed_at = lit, at
        elif lit and self._dark_s >= STRETCH_S and at - self._changed_at >= STRETCH_S:
            self._dark_s = 0.0
            self._note(self._returns, at, RETURNS_WITHIN_S)

    def lost(self, at: float) -> None:
        """Take in that the camera went away at ``at``."""
        self._note(self._losses, at, LOSSES_WITHIN_S)

    def holds(self, now: float) -> bool:
        """Tell whether the picture flickers at ``now``."""
        return now < self._until

    def _note(self, times: deque[float], at: float, within_s: float) -> None:
        times.append(at)
        often = len(times) == times.maxlen and at - times[0] <= within_s
        if often or self.holds(at):
            self._until = at + CALM_S
