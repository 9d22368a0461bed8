"""What time it is by a list: never before what was seen, and by signed time where there is one.

A unit on its own goes by its clock and a ratchet. A member of a consortium goes by the signed
times of its hub, as ``sync.clock`` tells; both keep on the disk what the next process, or the
next boot, has to know.
"""

from collections.abc import Callable
from dataclasses import dataclass

from edge.errors import GalleryError
from edge.gallery.listfile import ListFile
from sync.clock import Now, Reading, TimeKeeper

FLOOR_STEP_S = 60.0
"""The ratchet of time is written when it has moved by this much, to spare the card."""

CLOCK_SLACK_S = 300.0
"""Seconds the clock may stand behind the latest time the unit has seen before it is FAULT."""


@dataclass(frozen=True, slots=True)
class Clock:
    """What the time that a list goes by is worth.

    Attributes:
        by: ``hub`` (told since the machine was switched on), ``network`` (what keeps the
            machine's clock right says so), or ``unproven``.
        off_s: Seconds by which the machine's own clock is ahead of it.
    """

    by: str
    off_s: float


class ListTime:
    """Tells the time by one gallery."""

    def __init__(self, file: ListFile, read: Callable[[], Reading]) -> None:
        """Go by a gallery and by what the clocks say.

        Args:
            file: Keeps the ratchet and the last signed time.
            read: Reads the clocks of the box.
        """
        self._file, self._read = file, read
        self._signed = TimeKeeper()

    def now(self) -> Now:
        """Tell the time, and whether decisions may rest on it.

        Raises:
            GalleryError: The stored time is damaged.
        """
        reading = self._read()
        if self._file.head().joined:
            return self._by_signed_time(reading)
        wall = reading.wall_ms / 1000
        seen = self.floor(wall)
        return Now(round(seen * 1000), trusted=seen - wall <= CLOCK_SLACK_S)

    def clock(self) -> Clock:
        """Tell what the time is worth. Raises: GalleryError."""
        reading, now = self._read(), self.now()
        told = self._file.head().joined and self._keeper(reading).proven(reading) is not None
        by = "hub" if told else "network" if reading.synchronised else "unproven"
        return Clock(by, (reading.wall_ms - now.ms) / 1000)

    def leapt(self) -> bool:
        """Tell whether the wall clock contradicts the signed time. Raises: GalleryError."""
        reading = self._read()
        return self._keeper(reading).leapt(reading)

    def floor(self, now: float) -> float:
        """Tell the time of a unit on its own so that it never goes back, whatever its clock says.

        The ratchet is not pulled past the head's expiry by a clock that jumped ahead.

        Args:
            now: The clock, seconds since the epoch.

        Returns:
            ``now``, or the latest time seen before if the clock stands behind it.

        Raises:
            GalleryError: The stored time is damaged.
        """
        seen = self._file.floor().at
        self._raise_floor(seen, min(now, self._file.head().expires_at))
        return max(now, seen)

    def hear(self, signed_ms: int) -> None:
        """Take in a signed time that was seen just now, within a change of the file."""
        keeper = self._keeper(reading := self._read())
        keeper.hear(signed_ms, reading)
        self._file.set_floor(keeper.floor_ms / 1000, keeper.anchor)

    def begin(self, signed_ms: int) -> None:
        """Forget every time seen before, within a change: from now on signed times count."""
        self._signed = TimeKeeper()
        self._signed.hear(signed_ms, self._read())
        self._file.set_floor(signed_ms / 1000, self._signed.anchor)

    def _by_signed_time(self, reading: Reading) -> Now:
        keeper = self._keeper(reading)
        now = keeper.now(reading, round(self._file.head().expires_at * 1000))
        proven = keeper.proven(reading)
        if proven is not None:  # a clock that is believed after a boot proves nothing
            self._raise_floor(self._file.floor().at, proven / 1000)
        return now

    def _keeper(self, reading: Reading) -> TimeKeeper:
        """Give the keeper of signed time, with what other processes of this box heard."""
        kept = self._file.floor()
        self._signed.recall(round(kept.at * 1000), kept.anchor, reading)
        return self._signed

    def _raise_floor(self, seen: float, reached: float) -> None:
        """Write the ratchet if the disk lets us: a full one must not stop the screening."""
        if not self._file.writable or reached - seen < FLOOR_STEP_S:
            return
        try:
            with self._file.change():
                kept = self._file.floor()
                self._file.set_floor(max(reached, kept.at), kept.anchor)
        except GalleryError:
            return
