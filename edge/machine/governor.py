"""How fast to screen so that the machine need not slow itself down. Pure: time is passed in.

A Raspberry Pi 4 or 5 begins to throttle at 80 degrees and cuts deep at 85 (Raspberry Pi
documentation, "Frequency management and thermal control"). What it does then nobody chose: frames
come late and in bursts. The unit steps down before that, evenly, and says so; every rate below
still shows each person who walks up several times. From 85 degrees on nothing can be promised
any more, and the door is told FAULT.
"""

from dataclasses import dataclass

from edge.machine.view import Note

STEPS = ((70.0, 15.0), (74.0, 10.0), (78.0, 6.0))
"""From so many degrees Celsius on, so many frames a second at the most."""

BACK = 4.0
"""Degrees that it must be cooler again before a step is taken back: no rate that wavers."""

HOT_FROM, HOT_UNTIL = 85.0, 80.0
"""Degrees Celsius at which screening is given up, and below which it is taken up again."""

WEAK_RATE = 10.0
"""Frames a second while the supply is too weak: less work draws less current."""

SLOWED_RATE = 6.0
"""Frames a second while the firmware has slowed the processor all the same."""

HOLD_S = 60.0
"""Seconds for which a dip of the supply counts: they last for moments and come again."""


@dataclass(frozen=True, slots=True)
class Course:
    """What to do, and why.

    Attributes:
        rate: Frames a second at the most, None for as many as come.
        hot: It is too hot to screen.
        reasons: Why the rate is what it is.
    """

    rate: float | None = None
    hot: bool = False
    reasons: tuple[Note, ...] = ()


class Governor:
    """Remembers how far it has stepped down."""

    def __init__(self) -> None:
        """Begin at full speed."""
        self._step, self._hot = 0, False
        self._weak_at = self._slowed_at = float("-inf")

    def course(
        self, temperature: float | None, now: float, *, weak: bool = False, slowed: bool = False
    ) -> Course:
        """Decide how fast to screen.

        Args:
            temperature: Degrees Celsius; where none is told, what was decided by it before holds.
            now: Seconds, monotonic.
            weak: The supply is too weak.
            slowed: The firmware slows the processor down.
        """
        if temperature is not None:
            self._step = _step(temperature, self._step)
            self._hot = temperature >= (HOT_UNTIL if self._hot else HOT_FROM)
        self._weak_at = now if weak else self._weak_at
        self._slowed_at = now if slowed else self._slowed_at
        rates = dict(self._rates(now))
        return Course(min(rates.values(), default=None), self._hot, tuple(rates))

    def _rates(self, now: float) -> list[tuple[Note, float]]:
        """Give each reason that holds, with the rate that it asks for."""
        warm = [(Note.WARM, STEPS[self._step - 1][1])] if self._step else []
        weak = [(Note.UNDER_VOLTAGE, WEAK_RATE)] if now - self._weak_at < HOLD_S else []
        slowed = [(Note.THROTTLED, SLOWED_RATE)] if now - self._slowed_at < HOLD_S else []
        return weak + warm + slowed


def _step(temperature: float, before: int) -> int:
    """Count the steps to stand on, coming from ``before``."""
    reached = sum(temperature >= limit for limit, _ in STEPS)
    held = sum(temperature > limit - BACK for limit, _ in STEPS)
    return max(reached, min(before, held))
