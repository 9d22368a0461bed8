"""``doorwatch test-indicators``: every pattern in turn, with a sentence to compare it with."""

import sys
import time
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from cyclopts import App, Parameter
from cyclopts.types import PositiveFloat

from edge.config import Config
from edge.decision import Signal, Verdict
from edge.errors import IndicatorError
from edge.indicator.gpio import GpioPins
from edge.indicator.lamp import TICK_S, open_pins
from edge.indicator.pattern import SAFE, levels
from edge.indicator.pins import Pins, Wiring
from sync.entries import Category

STEPS: tuple[tuple[Signal, str], ...] = (
    (Signal(None), "Idle: amber blips shortly every two seconds. The unit is alive."),
    (
        Signal(None, attention=True),
        "Idle, with something to see to: amber for nearly half a second, every two seconds.",
    ),
    (Signal(Verdict.CLEAR), "CLEAR: green for a second and a half, once. Let in."),
    (Signal(Verdict.CHECK), "CHECK: amber, a second on, a second off. Look again."),
    (
        Signal(Verdict.STOP, Category.BANNED),
        "STOP: red flashes fast, the buzzer beeps three times and pauses. Stop.",
    ),
    (
        Signal(Verdict.STOP, Category.SELF_EXCLUDED),
        "STOP, self-excluded: red in short flashes, no sound. Stop, quietly.",
    ),
    (
        Signal(Verdict.STOP, Category.WELFARE),
        "Welfare: amber blinks twice and rests, no sound. Call the duty manager.",
    ),
    (SAFE, "FAULT: amber flashes twice every second. The unit cannot screen."),
    (
        Signal(Verdict.STOP, Category.BANNED, faults=True),
        "STOP and FAULT together: red flashes fast, amber flashes twice every second.",
    ),
)
"""What is shown, and what staff should see."""

PATIENCE_S = 15.0
"""Seconds to press a button in."""


def register(app: App) -> None:
    """Add the command of this file."""
    app.command(show_all, name="test-indicators")


def show_all(
    *,
    config: Annotated[Path | None, Parameter(name="--config")] = None,
    pins: Literal["gpio", "console", "mock"] | None = None,
    seconds: PositiveFloat = 4.0,
) -> None:
    """Show every pattern in turn and try the buttons; the door is not screened meanwhile.

    On an installed unit the lamp keeper makes way and comes back by itself; elsewhere end
    doorwatch run first.

    Args:
        config: Configuration file.
        pins: Other pins than the configuration's; mock and console have no buttons to wait for.
        seconds: How long each pattern is shown.
    """
    wiring = Config.load(config).indicator
    if pins is not None:
        wiring = msgspec.structs.replace(wiring, pins=pins)
    opened = open_pins(wiring)
    try:
        for signal, sentence in STEPS:
            _say(sentence)
            _play(opened, signal, seconds)
        if isinstance(opened, GpioPins) and wiring.pins != "mock":
            _wait_for(opened, "acknowledge", wiring.acknowledge)
            _wait_for(opened, "test", wiring.test)
            _try_box(opened, wiring)
    finally:
        opened.leave()
    _say("Done. Amber stays on until the lamp keeper runs.")


def _play(pins: Pins, signal: Signal, seconds: float) -> None:
    began = time.monotonic()
    while (since := time.monotonic() - began) < seconds:
        pins.show(levels(signal, since))
        time.sleep(TICK_S)


def _wait_for(pins: Pins, button: str, number: int) -> None:
    """Wait for a press. Raises: IndicatorError."""
    _say(f"Press the {button} button.")
    until = time.monotonic() + PATIENCE_S
    while not getattr(pins.pressed(), button):
        if time.monotonic() > until:
            raise IndicatorError(
                f"the {button} button was not pressed in {PATIENCE_S:.0f} seconds: "
                f"if it was, check its wires from pin BCM {number} to ground"
            )
        time.sleep(TICK_S)
    _say(f"The {button} button works.")


def _try_box(pins: Pins, wiring: Wiring) -> None:
    """Say how the switch of the box stands, where there is one. Raises: IndicatorError."""
    if wiring.tamper is not None:
        stands = "open" if pins.pressed().opened else "closed"
        _say(f"The box reads as {stands} (BCM {wiring.tamper}): is that so?")


def _say(sentence: str) -> None:
    sys.stdout.write(f"\n{sentence}\n")
    sys.stdout.flush()
