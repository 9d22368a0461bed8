"""The engine process on the command line: camera, networks, gallery."""

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from edge.config import Config
from edge.daemon import DoorEngine
from edge.process import begin, keep_memory_private, until_signalled

ConfigFile = Annotated[Path | None, Parameter(name="--config")]
"""A configuration file; by default the machine's own, if there is one."""


def register(app: App) -> None:
    """Add the command of this file."""
    app.command(engine)


def engine(*, config: ConfigFile = None) -> None:
    """Run the engine alone: camera, networks, gallery.

    Args:
        config: Configuration file.
    """
    begin()
    keep_memory_private()
    stopping = until_signalled()
    settings = Config.load(config)
    places = settings.places()
    places.prepare()
    DoorEngine(settings, places).run(stopping)
