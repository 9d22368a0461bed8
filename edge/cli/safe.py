"""The safe state on the command line: amber, and nobody who could change it."""

import os
from pathlib import Path
from typing import Annotated

import structlog
from cyclopts import App, Parameter

from edge.config import Config
from edge.givenup import forget, note, reason
from edge.indicator.lamp import keep_lamps
from edge.process import Notifier, begin, until_signalled

ConfigFile = Annotated[Path | None, Parameter(name="--config")]
"""A configuration file; by default the machine's own, if there is one."""

_LOG = structlog.get_logger("safe")


def register(app: App) -> None:
    """Add the command of this file."""
    app.command(safe)


def safe(*, config: ConfigFile = None) -> None:
    """Show FAULT until told to end, in place of a part of the unit that does not stay up.

    systemd starts it; doorwatch status and the staff page tell why.

    Args:
        config: Configuration file.
    """
    begin()
    stopping = until_signalled()
    settings = Config.load(config)
    places = settings.places()
    places.prepare()
    why = reason(os.environ)
    _LOG.error("safe state", code="given-up", why=why)
    note(places.given_up, why)
    try:
        # A lamp keeper that nobody can feed: where it listens, only this user may speak.
        keep_lamps(settings.indicator, places.given_up.with_name("s"), stopping, Notifier().alive)
    finally:
        forget(places.given_up)
