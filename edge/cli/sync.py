"""The sync process on the command line: network, no camera, no pins."""

from cyclopts import App

from edge.cli.configured import ConfigFile, started
from edge.process import keep_memory_private, let_others_go_first
from edge.syncing.daemon import keep_list


def register(app: App) -> None:
    """Add the command of this file."""
    app.command(sync)


def sync(*, config: ConfigFile = None) -> None:
    """Run the sync process alone: it keeps this unit's list as the consortium has it.

    Before the unit has joined, and after it was locked, it waits for doorwatch join.

    Args:
        config: Configuration file.
    """
    unit = started(config)
    keep_memory_private()
    let_others_go_first()
    keep_list(unit.settings, unit.places, unit.stopping)
