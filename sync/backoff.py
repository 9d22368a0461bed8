"""How long to wait before the next try: longer each time, and never all at the same moment.

Pure: randomness is passed in.
"""

from collections.abc import Callable

FIRST_S = 0.25
LONGEST_S = 3.0
"""Units have to be back within ten seconds of a healed network, a connection's time included."""

STEADY_S = 10.0
"""A connection that stood this long was a good one; a shorter one counts as a failed try."""


class Backoff:
    """Waits drawn evenly from nothing to a bound that doubles ("full jitter")."""

    def __init__(
        self, uniform: Callable[[float, float], float], longest_s: float = LONGEST_S
    ) -> None:
        """Begin without a failure; ``uniform`` draws a float between its two arguments."""
        self._uniform = uniform
        self._longest_s = longest_s
        self._failures = 0

    def failed(self) -> float:
        """Note one more failure and give how long to wait, seconds."""
        bound = min(self._longest_s, FIRST_S * 2.0 ** min(self._failures, 16))
        self._failures += 1
        return self._uniform(0.0, bound)

    def stood(self, seconds: float) -> None:
        """Note that a connection stood for ``seconds`` before it ended."""
        if seconds >= STEADY_S:
            self._failures = 0
