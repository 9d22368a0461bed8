"""Joining a consortium on the command line."""

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter
from rich.console import Console
from rich.prompt import Confirm

from edge.cli.configured import ConfigFile
from edge.cli.listing import print_json
from edge.cli.token import read_code
from edge.config import Config
from edge.errors import ConfigError, NotConfirmedError
from edge.installed import by_installer
from edge.keys.provider import key_provider
from edge.keys.shares import gallery_keys
from edge.syncing.identity import IdentityFolder
from edge.syncing.membership import become_member
from sync.authority import write_private
from sync.invitation import Invitation
from sync.keyfile import public_key_of

_LONGEST = 2_048


def register(app: App) -> None:
    """Add the command of this file."""
    app.command(join)
    app.command(set_manager_key, name="set-manager-key")


def join(
    invitation: Annotated[str, Parameter(allow_leading_hyphen=True)],
    /,
    *,
    yes: bool = False,
    codes: Path | None = None,
    json: bool = False,
    config: ConfigFile = None,
) -> None:
    """Join a consortium: from then on its hub keeps this unit's list.

    Args:
        invitation: The string from the hub's administrator (DW1-…), or - to read it from
            standard input, so that it stands in no history.
        yes: Don't ask, also where the unit belongs to a consortium already.
        codes: File with the staff token, where the list that is here waits for a second share.
        json: Print one JSON object for a script.
        config: Configuration file.
    """
    text = _typed() if invitation == "-" else invitation
    invited = Invitation.of_text(text)
    settings = Config.load(config)
    places = settings.places()
    places.prepare()
    provider = key_provider(settings, places)
    if IdentityFolder(places.unit, provider).joined and not yes:
        _confirm()
    keys = gallery_keys(settings, places, provider)
    if codes is not None:
        keys.take_token(read_code(codes))
    identity = become_member(invited, places, provider, keys)
    if json:
        print_json({"unit_id": identity.unit_id, "list_id": identity.list_id})
        return
    sys.stdout.write(
        f"This unit is {identity.name!r} ({identity.unit_id}) at {identity.venue}, on list "
        f"{identity.list_id[:8]}.\n{_what_comes()}\n"
    )


def _what_comes() -> str:
    """Say how the list gets here."""
    if by_installer():
        return "The list comes by itself: sudo doorwatch status shows how far it is."
    return "The list comes while doorwatch run runs: doorwatch status shows how far it is."


def _typed() -> str:
    """Read the invitation: on a terminal one line that is asked for, else all there is."""
    if not sys.stdin.isatty():
        return sys.stdin.read(_LONGEST)
    sys.stderr.write("Paste the invitation (DW1-…), then Enter: ")
    sys.stderr.flush()
    return sys.stdin.readline(_LONGEST)


def _confirm() -> None:
    """Ask on a terminal; elsewhere only --yes goes on."""
    question = "This unit belongs to a consortium already; what that put here is erased. Join anew?"
    if not sys.stdin.isatty():
        raise NotConfirmedError(f"{question} Nothing was changed: say so with --yes")
    if not Confirm.ask(question, default=False, console=Console(stderr=True)):
        raise NotConfirmedError("nothing was changed")


def set_manager_key(key: Path, /, *, config: ConfigFile = None) -> None:
    """Lay the venue manager's key on a unit of a consortium, closed by its passphrase.

    With it, and its passphrase typed on the page, a person who was put on the list from here
    becomes an entry of the venue.

    Args:
        key: The key file of the venue's manager.
        config: Configuration file.
    """
    places = Config.load(config).places()
    places.prepare()
    public_key_of(key)  # says in one line what is wrong with the file
    try:
        write_private(places.manager_key, key.read_bytes())
    except OSError as error:
        raise ConfigError(f"cannot write {places.manager_key}: {error.strerror}") from error
    sys.stdout.write(f"the venue manager's key lies in {places.manager_key}, closed as before\n")
