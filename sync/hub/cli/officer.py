"""Officers on the command line: who they are, and how a lost or stolen root key is replaced."""

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from sync import keyfile
from sync.errors import HubError
from sync.hub.ceremony import sign, with_officer
from sync.hub.cli.asking import PassphraseFiles, Passphrases, confirm
from sync.hub.cli.keys import Officers, officers
from sync.hub.cli.opening import Hub, changing, print_json, reading, say
from sync.hub.hubclock import now_ms
from sync.statement.root import Root

SHOWN = 16
"""Digits of a public key by which an officer is named."""

KeyPath = Annotated[Path, Parameter(name="--key")]
"""The new officer's key file; made where it is not there yet."""


def register(app: App) -> None:
    """Add the commands of this file."""
    officer = App(name="officer", help="The three people whose root keys the rest hangs on.")
    officer.command(list_officers, name="list")
    officer.command(replace)
    app.command(officer)


def list_officers(*, hub: Hub = None, json: bool = False) -> None:
    """List the officers' keys; each key file shows its own on its second line.

    Args:
        hub: The hub's folder.
        json: Print a JSON array for a script.
    """
    with reading(hub) as opened:
        root = opened.service.root
    if json:
        print_json([public.hex() for public in root.officers])
        return
    say(*(public.hex()[:SHOWN] for public in root.officers))
    say(f"{root.threshold} of these {len(root.officers)} are needed for every ceremony.")


def replace(
    which: str,
    /,
    *,
    key: KeyPath,
    officer: Officers = None,
    yes: bool = False,
    hub: Hub = None,
    passphrase_file: PassphraseFiles = None,
) -> None:
    """Put a new officer's key in place of one that is lost, stolen, or whose owner left.

    Do it while two are left: with only one, no venue and no hub key can ever be changed again.

    Args:
        which: The old key, by its first digits, as officer list shows it.
        key: The new key file; made where it is not there yet.
        officer: The key file of an officer who stays; once for each of the two.
        yes: Don't ask.
        hub: The hub's folder.
        passphrase_file: One for all keys, or one each: the new key's if it is made now, then the
            officers' in the order given.
    """
    phrases = Passphrases(passphrase_file)
    with changing(hub) as opened:
        root = opened.service.root
        old = _officer_named(which, root)
        confirm(f"End the root key {old.hex()[:SHOWN]}?", yes=yes)
        following = with_officer(root, old, _new_key(key, phrases), now_ms())
        signers = officers(officer, root, phrases)
        opened.service.add_root(sign(following, signers, root), now_ms())
    say(
        f"{key} is a root key from now on, and {old.hex()[:SHOWN]} counts no more.",
        "Carry the new one to its officer's own safe, and delete it here.",
    )


def _officer_named(which: str, root: Root) -> bytes:
    found = [public for public in root.officers if public.hex().startswith(which.lower())]
    if len(found) != 1 or len(which) < 4:
        raise HubError(f"{which!r} names no officer's key: doorwatch-hub officer list shows them")
    return found[0]


def _new_key(path: Path, phrases: Passphrases) -> bytes:
    if path.exists():
        return keyfile.public_key_of(path)
    return keyfile.make_key_file(path, phrases.fresh(str(path))).public
