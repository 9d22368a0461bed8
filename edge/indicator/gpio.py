"""Pins of a Raspberry Pi by gpiozero, or its mock pins on any other machine."""

from gpiozero.pins import Factory
from gpiozero.pins.mock import MockFactory

from edge.errors import IndicatorError
from edge.indicator.pattern import Levels
from edge.indicator.pins import Pressed, Wiring

BEAT = 5
"""Calls of :meth:`GpioPins.show` from one edge of the green pin to the next of its kind."""


OUTPUTS = ("green", "amber", "red", "buzzer")
BUTTONS = ("acknowledge", "test")


class GpioPins:
    """Lamps and buzzer on output pins, buttons and switch between an input pin and ground.

    Bare pins, without gpiozero's devices: those turn a pin back into an input as they are
    collected, and amber would go out just when the process that ends wants to leave it on.

    The green pin never rests high: each call is one tick of a pulse train, off for every fifth.
    Whatever stops calling stops the edges, and the missing-pulse circuit of hardware.md, which
    lets only edges through, darkens the lamp even where the kernel keeps the pin's level.
    """

    def __init__(self, wiring: Wiring, pin_factory: Factory) -> None:
        """Take the pins, everything off.

        Args:
            wiring: Which pin does what.
            pin_factory: Whose pins; gpiozero's global default is never used.

        Raises:
            IndicatorError: A pin cannot be had.
        """
        switch = () if wiring.tamper is None else ("tamper",)
        inputs = (*BUTTONS, *switch)
        numbers = [getattr(wiring, name) for name in (*OUTPUTS, *inputs)]
        if len(set(numbers)) < len(numbers):
            raise IndicatorError("[indicator] must name a pin of its own for each thing")
        try:
            self._outputs = {name: pin_factory.pin(getattr(wiring, name)) for name in OUTPUTS}
            self._inputs = {name: pin_factory.pin(getattr(wiring, name)) for name in inputs}
            for pin in self._outputs.values():
                pin.output_with_state(0)
            for pin in self._inputs.values():
                pin.input_with_pull("up")
        except Exception as error:  # lgpio raises a bare subclass of Exception
            raise IndicatorError(
                f"a pin cannot be had ({error}): is another lamp keeper running?"
            ) from error
        self._tick = 0

    def show(self, levels: Levels) -> None:
        """Switch the pins to ``levels``, and beat once where green is lit.

        Raises:
            IndicatorError: A pin does not take its level.
        """
        self._tick = (self._tick + 1) % BEAT if levels.green else 0
        self._switch(levels, green=levels.green and self._tick != 0)

    def pressed(self) -> Pressed:
        """Tell which buttons are held down, and whether the box is open.

        A button closes to ground when it is pressed; the switch of the box is closed while the
        box is, so that a wire that is cut reads as an open box.

        Raises:
            IndicatorError: A pin cannot be read.
        """
        try:
            low = {name: not pin.state for name, pin in self._inputs.items()}
        except Exception as error:  # as above
            raise IndicatorError(f"a button's pin cannot be read: {error}") from error
        return Pressed(low["acknowledge"], low["test"], opened=not low.get("tamper", True))

    def leave(self) -> None:
        """Leave amber on and everything else off; nothing takes that back."""
        self._switch(Levels(amber=True), green=False)

    def _switch(self, levels: Levels, *, green: bool) -> None:
        try:
            self._outputs["green"].state = green
            self._outputs["amber"].state = levels.amber
            self._outputs["red"].state = levels.red
            self._outputs["buzzer"].state = levels.buzzer
        except Exception as error:  # as above
            raise IndicatorError(f"a lamp's pin cannot be switched: {error}") from error


def pi_factory() -> Factory:
    """Open the pins of this Raspberry Pi.

    Raises:
        IndicatorError: There are none, or what drives them is not installed.
    """
    try:
        from gpiozero.pins.lgpio import LGPIOFactory  # noqa: PLC0415 - only a Pi has lgpio

        return LGPIOFactory()
    except ImportError as error:
        raise IndicatorError(
            "the pins need lgpio: pip install 'doorwatch[pi]', "
            'or set indicator.pins to "console" on a machine without pins'
        ) from error
    except Exception as error:  # lgpio raises a bare subclass of Exception
        raise IndicatorError(
            f"this machine gives no pins ({error}): is the user in the group gpio? "
            'Set indicator.pins to "console" on a machine without pins'
        ) from error


def mock_factory() -> Factory:
    """Make pins in memory, which take a level and do nothing."""
    return MockFactory()
