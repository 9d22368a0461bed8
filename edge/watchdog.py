"""When the engine may tell systemd that it gets on: for work that was done, never for time passed.

A frame that was decoded, embedded and compared is such work. There may be none for a reason that
the lamps show and that no restart would mend: no camera, a list that is locked. Each new try is
work then, so that the engine is not started again all night; but for ten minutes at most, for a
driver that has got stuck does sometimes come back with a new process.
"""

from collections.abc import Sequence

from edge.process import Notifier

TRY_S = 45.0
"""Seconds that one try to get a frame may take: the longest wait for a camera, three times."""

TRYING_S = 600.0
"""Seconds without a compared frame after which trying counts no more."""

SCREENING = "screening"
"""What systemctl status shows, and an upgrade waits for, while frames are compared."""


class Watchdog:
    """Feeds systemd's watchdog, and says in one line how the engine is."""

    def __init__(self, notifier: Notifier, now: float) -> None:
        """Begin at ``now`` (seconds, monotonic), without having compared anything."""
        self._notifier = notifier
        self._compared_at = self._tried_at = now
        self._tries = 0
        self._said = ""

    def compared(self, now: float) -> None:
        """Take note of a frame that was compared at ``now`` (seconds, monotonic)."""
        self._compared_at = now
        self._say(SCREENING)
        self._notifier.alive()

    def ended(self) -> None:
        """Take note that a clip is over: no new start would bring more of it."""
        self._say("not screening: the clip is over")
        self._notifier.alive()

    def waited(self, now: float, tries: int, faults: Sequence[str]) -> None:
        """Take note of a turn of the loop in which nothing was compared.

        Args:
            now: Seconds, monotonic.
            tries: How often a frame was asked for so far; counts up.
            faults: What the lamps show meanwhile.
        """
        if tries != self._tries:
            self._tries, self._tried_at = tries, now
        if not faults:  # between two frames
            return
        self._say(f"not screening: {faults[0]}")
        if now - self._tried_at < TRY_S and now - self._compared_at < TRYING_S:
            self._notifier.alive()

    def _say(self, words: str) -> None:
        if words != self._said:
            self._said = words
            self._notifier.status(words)
