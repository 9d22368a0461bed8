"""Joining a consortium on the command line."""

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter
from rich.console import Console
from rich.prompt import Confirm

from edge.cli.listing import print_json
from edge.config import Config
from edge.errors import NotConfirmedError
from edge.gallery.keys import KeyFile
from edge.syncing.identity import IdentityFolder
from edge.syncing.membership import become_member
from sync.invitation import Invitation

ConfigFile = Annotated[Path | None, Parameter(name="--config")]
"""A configuration file; by default the machine's own, if there is one."""

_LONGEST = 2_048


def register(app: App) -> None:
    """Add the command of this file."""
    app.command(join)


def join(
    invitation: str, /, *, yes: bool = False, json: bool = False, config: ConfigFile = None
) -> None:
    """Join a consortium: from then on its hub keeps this unit's list.

    Args:
        invitation: The string from the hub's administrator (DW1-…), or - to read it from
            standard input, so that it stands in no history.
        yes: Don't ask, also where the unit belongs to a consortium already.
        json: Print one JSON object for a script.
        config: Configuration file.
    """
    text = sys.stdin.read(_LONGEST) if invitation == "-" else invitation
    invited = Invitation.of_text(text)
    places = Config.load(config).places()
    places.prepare()
    provider = KeyFile(places.key_file)
    if IdentityFolder(places.unit, provider).joined and not yes:
        _confirm()
    identity = become_member(invited, places, provider)
    if json:
        print_json({"unit_id": identity.unit_id, "list_id": identity.list_id})
        return
    sys.stdout.write(
        f"This unit is {identity.name!r} ({identity.unit_id}) at {identity.venue}, on list "
        f"{identity.list_id[:8]}.\nThe list comes as soon as the sync process runs: doorwatch run "
        "starts it by itself; under systemd it runs already.\n"
        "doorwatch status shows how far it is.\n"
    )


def _confirm() -> None:
    """Ask on a terminal; elsewhere only --yes goes on."""
    question = "This unit belongs to a consortium already; what that put here is erased. Join anew?"
    if not sys.stdin.isatty():
        raise NotConfirmedError(f"{question} Nothing was changed: say so with --yes")
    if not Confirm.ask(question, default=False, console=Console(stderr=True)):
        raise NotConfirmedError("nothing was changed")
