"""What time it is on a box without a trusted clock. Pure: readings are passed in.

Three sources, in the order in which they are believed:

1. The time that the hub told since this boot, in answer to a question of this unit's own, carried
   on by ``CLOCK_BOOTTIME``, which no one can set. A told time is never later than the moment it
   is seen, so of all that were seen the one that puts now latest is the closest. Whatever the
   wall clock says is then of no account. Times in heads do not count here: a head can be held
   back for days, and whoever has the hub's key alone could issue one a little ahead of another.
2. After a boot, until a time is told: the wall clock, if it is synchronised, not before the
   floor, and not after the end of the list's lease. The reading that was believed first is
   carried on in the same way, so that a later jump moves nothing.
3. Otherwise the floor, which is the latest told time of all (or the time this program was
   made), carried on since the first reading; it is not trusted, and the door shows FAULT.

The floor only rises. Being a lower bound, it ends no entry early, and whoever sets the clock
back gains no day for an entry. A crystal that is off by 50 millionths is 4 minutes off after 60
days without any contact; within that, entries end on their second.
"""

from dataclasses import dataclass

BUILT_MS = 1_782_864_000_000
"""2026-07-01: no unit that runs this program lives before that day."""

LEAP_MS = 300_000
"""Five minutes. A wall clock that is off by more is worth an alarm; and by so much, and what a poor
crystal loses, all told times of one boot together may move the clock on from the first of them:
an honest hub corrects what was late on its way, a hub in wrong hands hurries no ban to its end."""

DRIFT = 1_000
"""A crystal worse than one part in so many is broken."""


@dataclass(frozen=True, slots=True)
class Now:
    """The time, in milliseconds since the epoch, and whether decisions may rest on it."""

    ms: int
    trusted: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """What the clocks of the box say at one moment.

    Attributes:
        wall_ms: CLOCK_REALTIME, milliseconds since the epoch.
        boot_ms: CLOCK_BOOTTIME, milliseconds since the boot, sleep included.
        boot_id: Random name of this boot.
        synchronised: The kernel holds the wall clock for synchronised.
    """

    wall_ms: int
    boot_ms: int
    boot_id: str
    synchronised: bool


@dataclass(frozen=True, slots=True)
class Anchor:
    """A time and the moment of a boot it belongs to; kept on the disk, for other processes.

    Attributes:
        time_ms: Milliseconds since the epoch.
        boot_ms: CLOCK_BOOTTIME at that time.
        boot_id: Of which boot.
        since_ms: CLOCK_BOOTTIME at the first time told in this boot.
        moved_ms: How far later ones have moved the clock on.
    """

    time_ms: int
    boot_ms: int
    boot_id: str
    since_ms: int = 0
    moved_ms: int = 0

    def carried(self, reading: Reading) -> int | None:
        """Give the time at a later reading of the same boot, None where that says nothing."""
        if reading.boot_id != self.boot_id or reading.boot_ms < self.boot_ms:
            return None
        return self.time_ms + reading.boot_ms - self.boot_ms


class TimeKeeper:
    """Keeps the time of one process.

    ``floor_ms`` and ``anchor`` are what has to be on the disk for the next one.
    """

    def __init__(self, floor_ms: int = BUILT_MS, anchor: Anchor | None = None) -> None:
        """Begin with what the disk knows: the latest told time, and the anchor to it."""
        self.floor_ms = floor_ms
        self.anchor = anchor
        self._wall: Anchor | None = None
        self._first: Anchor | None = None

    def hear(self, told_ms: int, reading: Reading) -> None:
        """Take in a time that the hub told just now; one that is too far ahead is passed over."""
        at, known = reading.boot_ms, self.proven(reading)
        if self.anchor is None or known is None:
            self.anchor = Anchor(told_ms, at, reading.boot_id, since_ms=at)
        elif told_ms > known:
            since_ms, moved_ms = self.anchor.since_ms, self.anchor.moved_ms + told_ms - known
            if moved_ms > LEAP_MS + (at - since_ms) // DRIFT:
                return
            self.anchor = Anchor(told_ms, at, reading.boot_id, since_ms, moved_ms)
        self.floor_ms = max(self.floor_ms, told_ms)

    def recall(self, floor_ms: int, anchor: Anchor | None, reading: Reading) -> None:
        """Take in what another process of this box kept on the disk."""
        self.floor_ms = max(self.floor_ms, floor_ms)
        theirs = anchor.carried(reading) if anchor else None
        known = self.proven(reading)
        if theirs is not None and (known is None or theirs > known):
            self.anchor = anchor

    def now(self, reading: Reading, lease_until_ms: int = 0) -> Now:
        """Tell the time.

        Args:
            reading: Of this moment.
            lease_until_ms: When the newest head expires; a wall clock beyond is not believed.
        """
        told = self.proven(reading)
        if told is not None:
            return Now(max(told, self.floor_ms), trusted=True)
        believed = self._believed(reading, lease_until_ms)
        if believed is not None:
            return Now(max(believed, self.floor_ms), trusted=True)
        return Now(self._waited(reading), trusted=False)

    def leapt(self, reading: Reading) -> bool:
        """Tell whether the wall clock contradicts the told time: worth an alarm, no more."""
        told = self.proven(reading)
        return told is not None and abs(reading.wall_ms - told) > LEAP_MS

    def proven(self, reading: Reading) -> int | None:
        """Give the time by what the hub told in this boot; None before the first of them.

        Only this may raise the floor on the disk: a wall clock, though believed, proves nothing.
        """
        return self.anchor.carried(reading) if self.anchor else None

    def _believed(self, reading: Reading, lease_until_ms: int) -> int | None:
        """Give the time by the first wall clock reading of this boot that could be believed."""
        carried = self._wall.carried(reading) if self._wall else None
        if carried is not None:
            return carried
        if reading.synchronised and self.floor_ms <= reading.wall_ms <= lease_until_ms:
            self._wall = Anchor(reading.wall_ms, reading.boot_ms, reading.boot_id)
            return reading.wall_ms
        return None

    def _waited(self, reading: Reading) -> int:
        """Give the floor plus the time since it was first read: now is not before that."""
        carried = self._first.carried(reading) if self._first else None
        if carried is None or carried < self.floor_ms:
            self._first = Anchor(self.floor_ms, reading.boot_ms, reading.boot_id)
            return self.floor_ms
        return carried
