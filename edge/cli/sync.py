"""The sync process on the command line: network, no camera, no pins."""

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from edge.config import Config
from edge.process import begin, keep_memory_private, let_others_go_first, until_signalled
from edge.syncing.daemon import keep_list

ConfigFile = Annotated[Path | None, Parameter(name="--config")]
"""A configuration file; by default the machine's own, if there is one."""


def register(app: App) -> None:
    """Add the command of this file."""
    app.command(sync)


def sync(*, config: ConfigFile = None) -> None:
    """Run the sync process alone: it keeps this unit's list as the consortium has it.

    Before the unit has joined, and after it was locked, it waits for doorwatch join.

    Args:
        config: Configuration file.
    """
    begin()
    keep_memory_private()
    let_others_go_first()
    stopping = until_signalled()
    settings = Config.load(config)
    places = settings.places()
    places.prepare()
    keep_list(settings, places, stopping)
