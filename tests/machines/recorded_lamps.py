"""Runs a doorwatch command in a box and writes down what its pins, in memory, are set to.

``recorded_lamps.py lamp /run/doorwatch/lamp/levels``: one line for each change, with the seconds
of the clock that all processes of the machine share: time, green, amber, red.
"""

import sys
import time

from edge.cli.main import main
from edge.indicator import gpio
from edge.indicator.pattern import Levels

_COMMAND, _FILE = sys.argv[1:]


class RecordedPins(gpio.GpioPins):
    """Pins whose lamps are written down; the beats within a green are not."""

    _last: Levels | None = None

    def _switch(self, levels: Levels, *, green: bool) -> None:
        super()._switch(levels, green=green)
        if levels == self._last:
            return
        self._last = levels
        with open(_FILE, "a", encoding="ascii") as file:  # noqa: PTH123 - 50 times a second
            lit = (levels.green, levels.amber, levels.red)
            file.write(f"{time.monotonic():.3f} {' '.join(str(int(one)) for one in lit)}\n")


gpio.GpioPins = RecordedPins
raise SystemExit(main([_COMMAND]))
