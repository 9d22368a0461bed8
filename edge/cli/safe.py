"""The safe state on the command line: amber, and nobody who could change it."""

import os

import structlog
from cyclopts import App

from edge.cli.configured import ConfigFile, started
from edge.givenup import forget, note, reason
from edge.indicator.lamp import keep_lamps
from edge.process import Notifier

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
    unit = started(config)
    given_up, why = unit.places.given_up, reason(os.environ)
    _LOG.error("safe state", code="given-up", why=why)
    note(given_up, why)
    try:
        # A lamp keeper that nobody can feed: where it listens, only this user may speak.
        nobodys = given_up.with_name("s")
        keep_lamps(unit.settings.indicator, nobodys, unit.stopping, Notifier().alive)
    finally:
        forget(given_up)
