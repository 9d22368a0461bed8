"""Nights at a club door as its camera sees them, cell by cell: darkness, strobe, haze, crowds.

Made are the reduced pictures that ``edge.capture.health`` looks at, with the light, the camera's
own exposure and the sensor's noise behind them; what is kept is what the health is told. Nothing
here was measured at a real door: the levels are meant to be worse than one.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.capture.health import REDUCED, Sight, look

FPS = 10
SHUTTER_S = 0.03
WIDE, HIGH = REDUCED
LEAST_GAIN, MOST_GAIN = 0.02, 16.0
"""Of the camera's own exposure: a short shutter in bright light, amplification in the dark."""

READ_NOISE, SHOT_NOISE = 0.25, 0.12
"""Standard deviations in a cell at gain 1: of nothing, and per root of luma. A cell is the mean of
64 pixels, which takes seven eighths of a sensor's noise away."""

DARKEST = 0.015
"""The least light of an hour, as a part of what the camera wants at gain 1: a door that is lit by
an exit sign."""

Cells = NDArray[np.float32]


@dataclass
class Light:
    """What lights the door at the moment.

    Attributes:
        ambient: Steady light, as a part of what the camera wants at gain 1.
        strobe_hz: Flashes a second, 0 for none.
        flash: Light of a flash that the shutter catches.
        wash_hz: Changes of coloured light a second.
        haze: Part of the picture that is lit haze.
    """

    ambient: float
    strobe_hz: float = 0.0
    flash: float = 1.0
    wash_hz: float = 0.0
    haze: float = 0.0

    def at(self, now: float) -> float:
        """Give the light that one opening of the shutter catches."""
        lit = self.ambient * (1 + 0.7 * np.sin(2 * np.pi * self.wash_hz * now))
        if self.strobe_hz and now * self.strobe_hz % 1 < SHUTTER_S * self.strobe_hz:
            lit += self.flash
        return float(lit)


class Night:
    """One door through hours of a night, seen by one camera."""

    def __init__(self, seed: int) -> None:
        self._chance = np.random.default_rng(seed)
        self._noise = self._chance.normal(size=(64, HIGH, WIDE)).astype(np.float32)
        self._door = self._painted(30)
        self._gain, self._now = 1.0, 0.0
        self._crowd: list[tuple[Cells, float, float]] = []

    def hours(self, hours: float) -> Iterator[tuple[float, Cells]]:
        """Give moments, and what the camera sees then (luma, 0 to 255)."""
        end = self._now + hours * 3600
        while self._now < end:
            light, until = self._next_light(), self._now + self._chance.uniform(4, 90)
            self._meet()
            while self._now < min(until, end):
                self._now += 1 / FPS
                yield self._now, self.exposed(light)

    def exposed(self, light: Light) -> Cells:
        """Take one picture, and let the camera follow the light."""
        scene = self._scene() * light.at(self._now) * 130
        scene += light.haze * (130 * light.at(self._now) * 0.8 - scene)
        seen = scene * self._gain
        wanted = 110 / max(float(seen.mean()), 1e-3)
        noise = self._noise[self._chance.integers(64)]
        deviation = READ_NOISE * self._gain + SHOT_NOISE * np.sqrt(seen * self._gain)
        self._gain = float(np.clip(self._gain * wanted**0.12, LEAST_GAIN, MOST_GAIN))
        return np.clip(seen + noise * deviation, 0, 255)

    def _next_light(self) -> Light:
        chance = self._chance
        light = Light(float(DARKEST * (1 / DARKEST) ** chance.random()))
        kind = chance.random()
        if kind < 0.35:
            light.strobe_hz = float(chance.uniform(1, 14))
            light.flash = float(chance.uniform(0.3, 4))
        elif kind < 0.6:
            light.wash_hz = float(chance.uniform(0.1, 2.5))
        if chance.random() < 0.4:
            light.haze = float(chance.uniform(0.2, 0.85))
        return light

    def _meet(self) -> None:
        """Let some people walk about, a few of them close to the lens."""
        self._crowd = [
            (
                self._painted(8)[
                    : self._chance.integers(30, HIGH), : self._chance.integers(10, 60)
                ],
                float(self._chance.uniform(0, 6)),
                float(self._chance.uniform(0.02, 0.3)),
            )
            for _ in range(self._chance.integers(0, 5))
        ]

    def _scene(self) -> Cells:
        """Give what there is to see, as reflectances."""
        seen = self._door.copy()
        for person, phase, hertz in self._crowd:
            high, wide = person.shape
            left = round(
                (WIDE - wide) * (0.5 + 0.5 * np.sin(phase + 2 * np.pi * hertz * self._now))
            )
            seen[HIGH - high :, left : left + wide] = person
        return seen

    def _painted(self, things: int) -> Cells:
        """Paint surfaces of some reflectances, one over the other, softly."""
        painted = np.full((HIGH, WIDE), 0.35, np.float32)
        for _ in range(things):
            x, y = self._chance.integers(0, WIDE - 4), self._chance.integers(0, HIGH - 4)
            wide, high = self._chance.integers(3, 60), self._chance.integers(3, 50)
            painted[y : y + high, x : x + wide] = self._chance.uniform(0.05, 1.0)
        return cv2.GaussianBlur(painted, (3, 3), 0).astype(np.float32)


def sight(cells: Cells) -> Sight:
    """Have the health look at a picture."""
    return look(np.repeat(cells.astype(np.uint8)[..., None], 3, axis=2))


def capped(night: Night, light: Light) -> Cells:
    """What a camera sees in the dark of a lens that is capped."""
    return night.exposed(Light(0.0002 * light.ambient))


def covered(night: Night, light: Light, chance: np.random.Generator) -> Cells:
    """What a camera sees of a hand: light that shines through, without an edge."""
    seen = night.exposed(light)
    shade = np.linspace(0.8, 1.2, WIDE, dtype=np.float32)[None] * max(float(seen.mean()), 24.0)
    return np.clip(shade + chance.normal(0, 1.0, (HIGH, WIDE)), 0, 255).astype(np.float32)
