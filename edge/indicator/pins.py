"""What the lamp keeper asks of pins, whatever they are, and how they are wired."""

from dataclasses import dataclass
from typing import Protocol

from edge.indicator.pattern import Levels


class Wiring(Protocol):
    """Which pin does what, by BCM number; the section ``[indicator]`` of the configuration."""

    @property
    def pins(self) -> str:
        """``gpio``, ``mock``, ``console``, or ``auto``."""
        ...

    @property
    def green(self) -> int:
        """Lamp of CLEAR."""
        ...

    @property
    def amber(self) -> int:
        """Lamp of CHECK and FAULT."""
        ...

    @property
    def red(self) -> int:
        """Lamp of STOP."""
        ...

    @property
    def buzzer(self) -> int:
        """Sounder of STOP."""
        ...

    @property
    def acknowledge(self) -> int:
        """Button that quiets the buzzer."""
        ...

    @property
    def test(self) -> int:
        """Button that tries every lamp."""
        ...

    @property
    def tamper(self) -> int | None:
        """Switch that opens with the box; None where none is fitted."""
        ...


@dataclass(frozen=True, slots=True)
class Pressed:
    """Which buttons are held down, and whether the box is open."""

    acknowledge: bool = False
    test: bool = False
    opened: bool = False


class Pins(Protocol):
    """Three lamps, a buzzer, two buttons, and the switch of the box."""

    def show(self, levels: Levels) -> None:
        """Switch to ``levels``. Raises: IndicatorError."""
        ...

    def pressed(self) -> Pressed:
        """Tell which buttons are held down, and whether the box is open. Raises: IndicatorError."""
        ...

    def leave(self) -> None:
        """Leave the lamps as a dead unit must: amber on, everything else off."""
        ...
