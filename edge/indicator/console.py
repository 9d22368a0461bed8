"""Lamps drawn on a terminal, for a machine without pins."""

from typing import TextIO

from edge.indicator.pattern import Levels
from edge.indicator.pins import Pressed

NAMES = ("green", "amber", "red", "buzzer")
"""From left to right."""


class ConsolePins:
    """Draws the lamps in one line of a terminal, over and over.

    Anything but a terminal gets nothing: a log full of blinking helps nobody, and the staff page
    shows the same lamps.
    """

    def __init__(self, out: TextIO) -> None:
        """Draw on ``out``."""
        self._out = out
        self._drawn: Levels | None = None

    def show(self, levels: Levels) -> None:
        """Draw ``levels`` where they differ from what is drawn."""
        if levels == self._drawn or not self._out.isatty():
            return
        lamps = (f"{'●' if getattr(levels, name) else '○'} {name}" for name in NAMES)
        self._out.write("\r" + "   ".join(lamps))
        self._out.flush()
        self._drawn = levels

    def pressed(self) -> Pressed:
        """There are no buttons."""
        return Pressed()

    def leave(self) -> None:
        """Leave amber drawn, and the line."""
        self.show(Levels(amber=True))
        if self._drawn is not None:
            self._out.write("\n")
