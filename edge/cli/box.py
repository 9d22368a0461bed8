"""``doorwatch box-closed``: a manager has seen to the box that was opened."""

import getpass
import sys
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from edge.config import Config
from edge.link import Link


def register(app: App) -> None:
    """Add the command of this file."""
    app.command(box_closed, name="box-closed")


def box_closed(*, config: Annotated[Path | None, Parameter(name="--config")] = None) -> None:
    """Say that you have looked into the opened box and closed it; the unit screens again.

    The manager's PIN is asked for, or read from standard input.

    Args:
        config: Configuration file.
    """
    link = Link(Config.load(config).places().engine_socket)
    asked = getpass.getpass("Manager's PIN: ") if sys.stdin.isatty() else sys.stdin.readline()
    link.box_closed(link.unlock(asked.strip()))
    sys.stdout.write("The box counts as closed; the unit screens again in a moment.\n")
