"""The whole unit on the command line: its processes, looked after by this one."""

from cyclopts import App

from edge import journal
from edge.cli.configured import ConfigFile
from edge.config import Config
from edge.process import until_signalled
from edge.supervisor import processes, supervise


def register(app: App) -> None:
    """Add the command of this file."""
    app.command(run)


def run(*, config: ConfigFile = None) -> None:
    """Run a whole unit: lamp keeper, engine, page and sync, each in its own process.

    Sync, which keeps the list of a consortium, begins once the unit has joined one.

    Args:
        config: Configuration file.
    """
    journal.begin()
    places = Config.load(config).places()
    places.prepare()
    supervise(processes(str(config) if config else None, places.identity), until_signalled())
