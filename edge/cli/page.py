"""The staff page's process on the command line."""

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from edge.config import Config
from edge.process import begin
from edge.staff.serve import serve

ConfigFile = Annotated[Path | None, Parameter(name="--config")]
"""A configuration file; by default the machine's own, if there is one."""


def register(app: App) -> None:
    """Add the command of this file."""
    app.command(page)


def page(*, config: ConfigFile = None) -> None:
    """Run the staff page alone.

    Args:
        config: Configuration file.
    """
    begin()
    settings = Config.load(config)
    serve(settings.page.host, settings.page.port, settings.places())
