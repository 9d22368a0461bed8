"""The ``doorwatch`` command: arguments in, one call, an exit status out."""

import sys
from collections.abc import Sequence

from cyclopts import App

from edge.errors import DoorwatchError

COMMANDS = App(name="doorwatch", help="Screen faces at a door, on the device itself.")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit status; a refusal is one line on standard error.

    Args:
        arguments: The words after ``doorwatch``; the process's own by default.
    """
    try:
        outcome = COMMANDS(arguments, result_action="return_value")
    except DoorwatchError as refusal:
        sys.stderr.write(f"doorwatch: {refusal}\n")
        return refusal.exit_status
    return outcome if isinstance(outcome, int) else 0
