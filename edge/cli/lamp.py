"""The lamp keeper's process on the command line."""

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from edge.config import Config
from edge.indicator.lamp import keep_lamps
from edge.process import Notifier, begin, until_signalled

ConfigFile = Annotated[Path | None, Parameter(name="--config")]
"""A configuration file; by default the machine's own, if there is one."""


def register(app: App) -> None:
    """Add the command of this file."""
    app.command(lamp)


def lamp(*, config: ConfigFile = None) -> None:
    """Run the lamp keeper alone: the only process that touches the pins.

    Args:
        config: Configuration file.
    """
    begin()
    stopping = until_signalled()
    settings = Config.load(config)
    places = settings.places()
    places.prepare()
    keep_lamps(settings.indicator, places.lamp_socket, stopping, Notifier().alive)
