"""The lamp keeper on mock pins that write down when they change."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

from edge.config import Indicator
from edge.indicator.gpio import GpioPins, mock_factory
from edge.indicator.pattern import Levels
from edge.indicator.pins import Pressed

STUCK_S = 0.9
"""Seconds a pin that stuck high may light its lamp: hardware.md's circuit lets only edges pass."""


class WrittenPins:
    """Pins of the real kind, whose levels are read back and written to a file as they change."""

    def __init__(self, path: Path) -> None:
        wiring, factory = Indicator(pins="mock"), mock_factory()
        self._real = GpioPins(wiring, factory)
        self._lamps = [factory.pin(pin) for pin in (wiring.green, wiring.amber, wiring.red)]
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._before = ""
        self._write()

    def show(self, levels: Levels) -> None:
        """Switch them, and write down what they are then."""
        self._real.show(levels)
        self._write()

    def pressed(self) -> Pressed:
        """Nobody presses anything."""
        return self._real.pressed()

    def leave(self) -> None:
        """Leave them as a dead unit must."""
        self._real.leave()
        self._write()

    def _write(self) -> None:
        now = "".join(str(int(bool(lamp.state))) for lamp in self._lamps)
        if now != self._before:
            os.write(self._file, f"{time.monotonic():.3f} {now}\n".encode())
            self._before = now


@dataclass(frozen=True)
class Moment:
    """What was lit from one moment on."""

    at: float
    green: bool
    amber: bool
    red: bool


class LampLog:
    """What the pins did, as their file tells."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def moments(self) -> list[Moment]:
        """Give every change so far."""
        if not self._path.exists():
            return []
        lines = self._path.read_text().splitlines()
        return [
            Moment(float(at), *(bit == "1" for bit in bits)) for at, bits in map(str.split, lines)
        ]

    def green_until(self, now: float) -> float:
        """Give the last moment up to ``now`` at which the green lamp was lit; 0 for never.

        The lamp is not the pin: where no more edges come, it goes out although the pin is high.
        """
        last = 0.0
        moments = [one for one in self.moments() if one.at <= now]
        ends = [one.at for one in moments[1:]] + [now]
        for one, end in zip(moments, ends, strict=True):
            if one.green:
                last = min(end, one.at + STUCK_S)
        return last

    def greens(self, since: float) -> int:
        """Count how often green went on since a moment."""
        return sum(one.green for one in self.moments() if one.at >= since)

    def ambers(self, since: float) -> int:
        """Count how often amber went on since a moment."""
        return sum(one.amber for one in self.moments() if one.at >= since)
