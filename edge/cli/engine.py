"""The engine process on the command line: camera, networks, gallery."""

from cyclopts import App

from edge.cli.configured import ConfigFile, started
from edge.daemon import DoorEngine
from edge.process import keep_memory_private


def register(app: App) -> None:
    """Add the command of this file."""
    app.command(engine)


def engine(*, config: ConfigFile = None) -> None:
    """Run the engine alone: camera, networks, gallery.

    Args:
        config: Configuration file.
    """
    unit = started(config)
    keep_memory_private()
    DoorEngine(unit.settings, unit.places).run(unit.stopping)
