"""The ``doorwatch`` command: arguments in, one call, an exit status out."""

import importlib
import sys
from collections.abc import Sequence

from cyclopts import App, CycloptsError, Parameter

from edge.cli import usage
from edge.errors import DoorwatchError
from edge.process import keep_rights_from_children
from sync.errors import SyncError

FAMILIES: dict[str, tuple[str, ...]] = {
    "edge.cli.run": ("run",),
    "edge.cli.engine": ("engine",),
    "edge.cli.lamp": ("lamp",),
    "edge.cli.safe": ("safe",),
    "edge.cli.page": ("page", "page-certificate"),
    "edge.cli.sync": ("sync",),
    "edge.cli.join": ("join", "set-manager-key"),
    "edge.cli.token": ("token", "unlock"),
    "edge.cli.verify": ("verify",),
    "edge.cli.key": ("key",),
    "edge.cli.status": ("status", "set-pin"),
    "edge.cli.entries": ("enrol", "list", "show", "lift", "check", "affirm"),
    "edge.cli.selftest": ("self-test",),
    "edge.cli.upgrade": ("upgrade",),
    "edge.cli.indicators": ("test-indicators",),
    "edge.cli.box": ("box-closed",),
    "edge.cli.benching": ("bench",),
    "edge.cli.measure": ("evaluate",),
    "edge.cli.demo": ("demo", "demo-consortium"),
}
"""The commands of each file. Only the file of the command that was typed is loaded, so that a
process carries nothing it does not need; help loads them all."""


def commands(word: str | None = None) -> App:
    """Build the command line, or as much of it as the command ``word`` needs."""
    app = App(
        name="doorwatch",
        help="Screen faces at a door, on the device itself.",
        default_parameter=Parameter(negative=()),  # no --no-json beside --json
    )
    owners = [file for file, words in FAMILIES.items() if word in words]
    for file in owners or FAMILIES:
        importlib.import_module(file).register(app)
    return app


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit status; a refusal is one line on standard error.

    Args:
        arguments: The words after ``doorwatch``; the process's own by default.
    """
    keep_rights_from_children()
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        outcome = commands(words[0] if words else None)(
            words, result_action="return_value", exit_on_error=False, print_error=False
        )
    except CycloptsError as mistyped:
        sys.stderr.write(usage.told(mistyped, "doorwatch") + "\n")
        return usage.STATUS
    except (DoorwatchError, SyncError) as refusal:
        sys.stderr.write(f"doorwatch: {refusal}\n")
        return refusal.exit_status
    except KeyboardInterrupt:
        return 130
    return outcome if isinstance(outcome, int) else 0
