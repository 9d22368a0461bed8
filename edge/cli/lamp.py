"""The lamp keeper's process on the command line."""

from cyclopts import App

from edge.cli.configured import ConfigFile, started
from edge.indicator.lamp import keep_lamps
from edge.process import Notifier


def register(app: App) -> None:
    """Add the command of this file."""
    app.command(lamp)


def lamp(*, config: ConfigFile = None) -> None:
    """Run the lamp keeper alone: the only process that touches the pins.

    Args:
        config: Configuration file.
    """
    unit = started(config)
    keep_lamps(unit.settings.indicator, unit.places.lamp_socket, unit.stopping, Notifier().alive)
