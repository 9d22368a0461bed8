"""The ``doorwatch-hub`` command: arguments in, one call, an exit status out."""

import importlib
import sys
from collections.abc import Sequence

from cyclopts import App, CycloptsError, Parameter

from edge.cli import usage
from edge.errors import DoorwatchError
from edge.process import keep_rights_from_children
from sync.errors import SyncError, told

FAMILIES: dict[str, str] = {
    "init": "sync.hub.cli.init",
    "run": "sync.hub.cli.run",
    "web": "sync.hub.cli.web",
    "user": "sync.hub.cli.user",
    "officer": "sync.hub.cli.officer",
    "venue": "sync.hub.cli.venue",
    "unit": "sync.hub.cli.unit",
    "entry": "sync.hub.cli.entry",
    "alarm": "sync.hub.cli.alarm",
    "policy": "sync.hub.cli.policy",
    "audit": "sync.hub.cli.audit",
    "backup": "sync.hub.cli.backup",
    "drill": "sync.hub.cli.backup",
    "restore": "sync.hub.cli.backup",
    "resume": "sync.hub.cli.backup",
    "rotate-key": "sync.hub.cli.rotate",
    "rotate-data-key": "sync.hub.cli.rotate",
    "upgrade": "edge.cli.upgrade",
    "bench": "sync.bench.command",
    "demo": "sync.hub.cli.demo",
}
"""The file of each command's first word. Only the one that was typed is loaded; help loads all."""


def commands(word: str | None = None) -> App:
    """Build the command line, or as much of it as the command ``word`` needs."""
    app = App(
        name="doorwatch-hub",
        help="Keep one list for all doors of a consortium.",
        default_parameter=Parameter(negative=()),  # no --no-json beside --json
    )
    files = [FAMILIES[word]] if word in FAMILIES else dict.fromkeys(FAMILIES.values())
    for file in files:
        importlib.import_module(file).register(app)
    return app


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit status; a refusal is one line on standard error.

    Args:
        arguments: The words after ``doorwatch-hub``; the process's own by default.
    """
    keep_rights_from_children()
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        outcome = commands(words[0] if words else None)(
            words, result_action="return_value", exit_on_error=False, print_error=False
        )
    except CycloptsError as mistyped:
        sys.stderr.write(usage.told(mistyped, "doorwatch-hub") + "\n")
        return usage.STATUS
    except (SyncError, DoorwatchError) as refusal:
        sys.stderr.write(f"doorwatch-hub: {told(refusal)}\n")
        return getattr(refusal, "exit_status", 1)
    except KeyboardInterrupt:
        return 130
    return outcome if isinstance(outcome, int) else 0
