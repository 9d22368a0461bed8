"""From a signal and the seconds since it began to lit lamps: every rhythm, as data.

Pure. Many of the door's staff cannot tell red from green, so no two signals share a rhythm: they
stay apart by flash alone, without colour, place or sound. Rates follow IEC 60601-1-8 (high
priority 1.4 to 2.8 flashes a second, medium 0.4 to 0.8), and stay at three flashes a second or
fewer for the sake of people with photosensitive epilepsy (WCAG 2.3.1).
"""

from bisect import bisect_right
from dataclasses import dataclass, replace
from itertools import accumulate

from edge.decision import Signal, Verdict
from sync.entries import Category

CLEAR_S = 1.5
"""Seconds a green lasts; what follows is the heartbeat."""


@dataclass(frozen=True, slots=True)
class Levels:
    """What is on at one moment."""

    green: bool = False
    amber: bool = False
    red: bool = False
    buzzer: bool = False


DARK = Levels()
"""Nothing is on."""

Rhythm = tuple[float, ...]
"""Seconds on, off, on, off …, from the start, over and over."""

NEVER: Rhythm = ()
"""Dark."""

HEARTBEAT: Rhythm = (0.06, 1.94)
"""Idle: one short blip. Amber, because green must be earned and red must alarm; a unit that
shows no blip for longer than two seconds is dead."""

ATTENTION: Rhythm = (0.4, 1.6)
"""Idle, and somebody should see to the unit soon: the heartbeat, long enough to be noticed. What
it is about stands on the page and in ``doorwatch status``."""

SLOW: Rhythm = (1.0, 1.0)
"""CHECK."""

DOUBLE_BLINK: Rhythm = (0.2, 0.2, 0.2, 1.4)
"""Welfare: two blinks and a long rest, quiet for the person's sake."""

FAULT_FLASH: Rhythm = (0.15, 0.15, 0.15, 0.55)
"""FAULT: two flashes each second, over and over."""

FAST: Rhythm = (0.2, 0.2)
"""STOP: 2.5 flashes a second."""

BRISK: Rhythm = (0.2, 0.4)
"""STOP of a self-excluded person: no sound, so the flash itself must tell it from a ban."""

BEEPS: Rhythm = (0.2, 0.2, 0.2, 0.2, 0.2, 1.0)
"""The buzzer of STOP: three beeps in step with the flash, then a pause to talk in."""


@dataclass(frozen=True, slots=True)
class Show:
    """The rhythm of each lamp and of the buzzer; green has none, it is lit once."""

    amber: Rhythm = NEVER
    red: Rhythm = NEVER
    buzzer: Rhythm = NEVER


SHOWS: dict[Verdict | None, Show] = {
    None: Show(amber=HEARTBEAT),
    Verdict.CLEAR: Show(amber=HEARTBEAT),
    Verdict.CHECK: Show(amber=SLOW),
    Verdict.STOP: Show(red=FAST, buzzer=BEEPS),
    Verdict.FAULT: Show(amber=FAULT_FLASH),
}
"""What each verdict shows; CLEAR begins with its green."""

STOPS: dict[Category, Show] = {
    Category.BANNED: SHOWS[Verdict.STOP],
    Category.SELF_EXCLUDED: Show(red=BRISK),
    Category.WELFARE: Show(amber=DOUBLE_BLINK),
}
"""What a STOP shows: "category decides how it shows"."""

TEST_STEP_S = 0.5
"""Seconds of each step of a lamp test."""

TEST_STEPS = (Levels(red=True), Levels(amber=True), Levels(green=True), Levels(buzzer=True))
"""What a lamp test tries, in this order."""

SAFE = Signal(Verdict.FAULT, faults=True)
"""What shows when nothing can be believed."""


def levels(signal: Signal, since_s: float, *, quiet: bool = False) -> Levels:
    """Say what is on.

    Args:
        signal: What the lamps are told.
        since_s: Seconds since this signal began; less than none counts as its beginning.
        quiet: Whether staff have quieted the buzzer.
    """
    at = max(0.0, since_s)
    if signal.verdict is Verdict.CLEAR and not signal.faults and at < CLEAR_S:
        return Levels(green=True)
    show = _show(signal)
    return Levels(
        amber=_on(show.amber, at),
        red=_on(show.red, at),
        buzzer=_on(show.buzzer, at) and not quiet,
    )


def lamp_test(since_s: float) -> Levels | None:
    """Give the levels of a lamp test ``since_s`` seconds after it began, or None once it is over.

    Each step lights one thing alone, which no signal does in this order.
    """
    step = int(max(0.0, since_s) / TEST_STEP_S)
    return TEST_STEPS[step] if step < len(TEST_STEPS) else None


def _show(signal: Signal) -> Show:
    """Look up what a signal shows; a fault takes the amber lamp from whatever else has it."""
    show = SHOWS[signal.verdict]
    if signal.verdict is None and signal.attention:
        show = Show(amber=ATTENTION)
    if signal.verdict is Verdict.STOP and signal.category is not None:
        show = STOPS[signal.category]
    return replace(show, amber=FAULT_FLASH) if signal.faults else show


def _on(rhythm: Rhythm, at: float) -> bool:
    """Tell whether a rhythm is in one of its on-times, ``at`` seconds after it began."""
    if not rhythm:
        return False
    # whole microseconds, so that the thousandth repetition begins as punctually as the first
    edges = tuple(accumulate(round(length * 1e6) for length in rhythm))
    return bisect_right(edges, round(at * 1e6) % edges[-1]) % 2 == 0
