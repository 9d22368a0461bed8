"""The whole unit on the command line: its processes, looked after by this one."""

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from edge import journal
from edge.config import Config
from edge.process import until_signalled
from edge.supervisor import processes, supervise

ConfigFile = Annotated[Path | None, Parameter(name="--config")]
"""A configuration file; by default the machine's own, if there is one."""


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
