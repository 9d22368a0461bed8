"""What the lamp keeper may believe of what it is fed, and what it therefore shows.

No clock, no socket: times are seconds of one monotonic clock, passed in. The kernel's is the
same in every process of the unit, so a message can carry the moment it was sent.

Good news needs proof: only a frame newer than the last one keeps a light that is not a fault.
Bad news needs none: a message with a fault is always believed.
"""

from dataclasses import replace
from typing import Annotated

from msgspec import Meta, Struct

from edge.decision import Signal, Verdict
from edge.indicator.pattern import SAFE, Levels, lamp_test, levels

GREEN_LASTS_S = 0.6
"""Seconds a green outlives the last fresh frame."""

SILENCE_S = 1.0
"""Seconds without a fresh frame after which nothing is believed any more."""

STOP_LASTS_S = 10.0
"""Seconds a STOP shows on, beside the fault, when its feed falls silent: a crash of the engine
must not let pass whom it has just stopped, and a red nobody stands behind must end."""

OPEN_LOOKS = 5
"""Looks in a row that have to find the box open, a fiftieth of a second apart: a long wire beside
a dimmer catches more than its switch says."""

Number = Annotated[int, Meta(ge=0, lt=2**62)]


class Feed(Struct, frozen=True, tag="feed", forbid_unknown_fields=True):
    """The door's signal, as of one frame.

    Attributes:
        session: Drawn by lot at each start of the engine; its frame numbers begin anew.
        frame: Number of the newest frame that was screened.
        sent_at: When this was sent, seconds, monotonic.
        signal: What to show.
    """

    session: Number
    frame: Number
    sent_at: float
    signal: Signal


class Closed(Struct, frozen=True, tag="closed", forbid_unknown_fields=True):
    """A manager has seen to the box that was opened."""


class Try(Struct, frozen=True, tag="try", forbid_unknown_fields=True):
    """Somebody wants to see every lamp, as by the test button."""


class Quiet(Struct, frozen=True, tag="quiet", forbid_unknown_fields=True):
    """Staff quieted the buzzer on the page."""


Message = Feed | Quiet | Try | Closed
"""What the lamp keeper is told."""


class Keeper:
    """Remembers what was believed last, and shows it for as long as it may.

    Attributes:
        opened: The box was opened, and nobody has seen to it; shown as a fault.
    """

    def __init__(self, *, opened: bool = False) -> None:
        """Begin with a fault: nothing has been proved yet.

        Args:
            opened: Whether the box was opened before this process began.
        """
        self.opened, self._looks_open = opened, 0
        self._told, self._told_at = SAFE, float("-inf")
        self._session, self._frame = -1, -1
        self._shown, self._since = SAFE, 0.0
        self._newest = self._quieted = -1
        self._test_since: float | None = None

    def take(self, message: Message, now: float) -> bool:
        """Take one message in, and tell whether it was believed.

        Args:
            message: What came, well-formed.
            now: Seconds, monotonic.
        """
        if isinstance(message, Quiet):
            self.acknowledge(now)
            return True
        if isinstance(message, Try):
            self.try_lamps(now)
            return True
        if isinstance(message, Closed):
            self.opened = self.opened and self._looks_open > 0
            return not self.opened
        if not 0 <= now - message.sent_at <= SILENCE_S:
            return False
        advanced = message.session == self._session and message.frame > self._frame
        self._follow(message)
        if not (advanced or message.signal.faults):
            return False
        self._told, self._told_at = message.signal, message.sent_at
        return True

    def acknowledge(self, now: float) -> None:
        """Quiet the buzzer for the STOP that shows; the next person rings again."""
        signal = self.signal(now)
        if signal.verdict is Verdict.STOP:
            self._quieted = _number(signal)

    def watch_box(self, *, is_open: bool) -> None:
        """Look at the box's switch, many times a second; one wrong reading opens no box."""
        self._looks_open = self._looks_open + 1 if is_open else 0
        self.opened = self.opened or self._looks_open >= OPEN_LOOKS

    def try_lamps(self, now: float) -> None:
        """Begin a lamp test."""
        self._test_since = now

    def signal(self, now: float) -> Signal:
        """Say what may be shown at ``now`` (seconds, monotonic)."""
        signal = self._believed(now)
        if not self.opened:
            return signal
        return replace(signal, faults=True) if signal.verdict is Verdict.STOP else SAFE

    def levels(self, now: float) -> Levels:
        """Say what is on at ``now`` (seconds, monotonic); call it many times a second."""
        signal = self.signal(now)
        self._show(signal, now)
        tested = self._tested(signal, now)
        if tested is not None:
            return tested
        return levels(signal, now - self._since, quiet=_number(signal) <= self._quieted)

    def _believed(self, now: float) -> Signal:
        told, silent_s = self._told, now - self._told_at
        if silent_s > SILENCE_S:
            standing = told.verdict is Verdict.STOP and silent_s <= STOP_LASTS_S
            return replace(told, faults=True) if standing else SAFE
        if told.verdict is Verdict.CLEAR and silent_s > GREEN_LASTS_S:
            return Signal(None)
        return told

    def _follow(self, message: Feed) -> None:
        """Keep up with the frame numbers; those of a new engine begin where its first says."""
        if message.session != self._session:
            self._session, self._frame = message.session, message.frame
            self._newest = self._quieted = -1
        self._frame = max(self._frame, message.frame)

    def _show(self, signal: Signal, now: float) -> None:
        """Begin the rhythm anew when the light changes or somebody new is behind it."""
        if _look(signal) != _look(self._shown) or _number(signal) > self._newest:
            self._since = now
        if signal.verdict is not Verdict.STOP:
            self._quieted = -1
        self._shown, self._newest = signal, max(self._newest, _number(signal))

    def _tested(self, signal: Signal, now: float) -> Levels | None:
        """Give what a running lamp test lights: nothing during a STOP, no green during a fault."""
        if self._test_since is None or signal.verdict is Verdict.STOP:
            self._test_since = None
            return None
        step = lamp_test(now - self._test_since)
        if step is None:
            self._test_since = None
        return replace(step, green=False) if step and signal.faults else step


def _look(signal: Signal) -> Signal:
    return replace(signal, encounter=None)


def _number(signal: Signal) -> int:
    return signal.encounter or 0
