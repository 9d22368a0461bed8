"""An oscilloscope on the pins of an emulated Pi: looks from outside, all the time."""

import threading
from bisect import bisect_left
from itertools import pairwise
from operator import itemgetter
from typing import Self

from machines.emulated_pi import Lamps, lamps, seconds
from machines.guest import Guest, until

PERIOD_S = 0.008
"""Seconds of this machine between two looks; the lamp keeper sets its pins every 0.02 s."""
PAIR_S = 0.38
"""Seconds within which the second of a fault's two flashes begins: 0.3, and some for delay. A
heartbeat and a fault that begins after it are 0.4 apart."""
PATIENCE_S = 900.0
"""Seconds of this machine that anything may take, where it has much else to do."""


class Scope:
    """Samples the lamps until it is closed; all seconds are those of the Pi's clock."""

    def __init__(self, pi: Guest) -> None:
        """Begin to look."""
        self.samples: list[tuple[float, Lamps]] = []
        self._pi, self._closing = pi, threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        """Look until the end of the block."""
        self._thread.start()
        until(lambda: self.samples, 60, "look at the pins")
        return self

    def __exit__(self, *_: object) -> None:
        """Look no longer."""
        self._closing.set()
        self._thread.join()

    @property
    def now(self) -> float:
        """The moment of the newest look."""
        return self.samples[-1][0]

    def wait(self, for_s: float) -> None:
        """Wait until so many seconds have gone by on the Pi."""
        end = self.now + for_s
        until(lambda: self.now >= end, 60 * for_s, f"{for_s} s of the Pi")

    def pulses(self, since: float) -> list[float]:
        """Give the moments at which the green pin changed: what the green lamp lives on."""
        looks = pairwise(self._looks(since))
        return [at for (_, before), (at, now) in looks if before.green != now.green]

    def faults(self, since: float) -> list[float]:
        """Give the moments at which a pair of amber flashes began, which only a fault has.

        The heartbeat is amber as well, one short flash every two seconds.
        """
        looks = pairwise(self._looks(since))
        lit = [at for (_, before), (at, now) in looks if now.amber and not before.amber]
        return [first for first, second in pairwise(lit) if second - first < PAIR_S]

    def green_comes(self, limit_s: float = PATIENCE_S) -> None:
        """Wait for a green that is alive."""
        since = self.now
        until(lambda: len(self.pulses(since)) > 6, limit_s, "green")

    def fault_comes(self, since: float, limit_s: float = PATIENCE_S) -> float:
        """Wait until the lamps show a fault after ``since``; the seconds it took."""
        until(lambda: self.faults(since), limit_s, "fault on the lamps")
        return self.faults(since)[0] - since

    def pulses_ended(self, since: float) -> float:
        """Give the seconds after ``since`` at which the last pulse of green was seen."""
        return max([at - since for at in self.pulses(since)], default=0.0)

    def green_ended(self, since: float) -> float:
        """Give the seconds after ``since`` at which the green pin was last seen high."""
        return max([at - since for at, now in self._looks(since) if now.green], default=0.0)

    def _looks(self, since: float) -> list[tuple[float, Lamps]]:
        return self.samples[bisect_left(self.samples, since, key=itemgetter(0)) :]

    def _look(self) -> None:
        while not self._closing.wait(PERIOD_S):
            self.samples.append((seconds(self._pi), lamps(self._pi)))
