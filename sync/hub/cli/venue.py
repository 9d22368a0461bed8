"""Venues on the command line: each is a manager's key that the officers vouch for."""

import secrets
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter
from rich.table import Table

from sync import keyfile
from sync.errors import HubError
from sync.hub.ceremony import in_force, sign, with_venue, with_venue_key, without_venue
from sync.hub.cli.asking import PassphraseFiles, Passphrases, confirm
from sync.hub.cli.keys import Officers, officers, venue_named
from sync.hub.cli.opening import Hub, OpenHub, changing, print_json, print_table, reading, say
from sync.hub.cli.words import count
from sync.hub.hubclock import now_ms
from sync.statement.head import Head
from sync.statement.root import Root, Venue

KeyPath = Annotated[Path, Parameter(name="--key")]
"""The manager's key file; made where it is not there yet."""


def register(app: App) -> None:
    """Add the commands of this file."""
    venue = App(name="venue", help="The venues whose managers may propose and approve.")
    venue.command(make_key, name="key")
    venue.command(add)
    venue.command(change_key, name="change-key")
    venue.command(remove)
    venue.command(list_venues, name="list")
    app.command(venue)


def make_key(file: Path, /, *, passphrase_file: PassphraseFiles = None) -> None:
    """Make a manager's key, on the manager's own machine; needs no hub.

    Args:
        file: Where the key goes.
        passphrase_file: File whose first line is the key's new passphrase.
    """
    made = keyfile.make_key_file(file, Passphrases(passphrase_file).fresh(str(file)))
    say(f"{file} is made. Its public half, for the hub: {made.public.hex()}")


def add(
    name: str,
    /,
    *,
    key: KeyPath,
    officer: Officers = None,
    hub: Hub = None,
    passphrase_file: PassphraseFiles = None,
    json: bool = False,
) -> None:
    """Add a venue: a root ceremony with two officers.

    Args:
        name: What the venue is called.
        key: The manager's key file; made where it is not there yet.
        officer: An officer's key file; once for each officer.
        hub: The hub's folder.
        passphrase_file: One for all keys, or one each: the manager's if it is made now, then the
            officers' in the order given.
        json: Print one JSON object for a script.
    """
    phrases = Passphrases(passphrase_file)
    with changing(hub) as opened:
        root = opened.service.root
        venue = Venue(secrets.token_hex(8), name, _manager_key(key, name, phrases))
        signers = officers(officer, root, phrases)
        following = with_venue(root, venue, now_ms())
        opened.service.add_root(sign(following, signers, root), now_ms())
    if json:
        print_json({"venue_id": venue.venue_id, "name": name, "root": following.version})
        return
    say(
        f"{name} may propose and approve, with {key} (venue {venue.venue_id}).",
        f"The key file goes to {name}'s manager; nobody else should have a copy.",
    )


def change_key(
    name: str,
    /,
    *,
    key: KeyPath,
    officer: Officers = None,
    hub: Hub = None,
    passphrase_file: PassphraseFiles = None,
) -> None:
    """Give a venue a new manager's key, because the old one is lost, stolen or somebody left.

    Args:
        name: The venue's name or id.
        key: The new key file; made where it is not there yet.
        officer: An officer's key file; once for each officer.
        hub: The hub's folder.
        passphrase_file: As for venue add.
    """
    phrases = Passphrases(passphrase_file)
    with changing(hub) as opened:
        root = opened.service.root
        old = venue_named(name, root)
        fresh = Venue(old.venue_id, old.name, _manager_key(key, old.name, phrases))
        signers = officers(officer, root, phrases)
        following = with_venue_key(root, fresh, _newest(opened), now_ms())
        opened.service.add_root(sign(following, signers, root), now_ms())
    say(f"{old.name} proposes and approves with {key} from now on; the old key signs nothing more.")


def remove(
    name: str,
    /,
    *,
    officer: Officers = None,
    yes: bool = False,
    hub: Hub = None,
    passphrase_file: PassphraseFiles = None,
) -> None:
    """End a venue's membership: its key signs nothing more, what it signed stays valid.

    Args:
        name: The venue's name or id.
        officer: An officer's key file; once for each officer.
        yes: Don't ask.
        hub: The hub's folder.
        passphrase_file: One for all officers, or one each.
    """
    phrases = Passphrases(passphrase_file)
    with changing(hub) as opened:
        root = opened.service.root
        venue = venue_named(name, root)
        _refuse_with_units(opened, venue)
        confirm(f"End {venue.name}'s membership?", yes=yes)
        following = without_venue(root, venue.venue_id, _newest(opened), now_ms())
        opened.service.add_root(sign(following, officers(officer, root, phrases), root), now_ms())
    say(f"{venue.name} proposes and approves nothing more.")


def list_venues(*, hub: Hub = None, json: bool = False) -> None:
    """List the venues.

    Args:
        hub: The hub's folder.
        json: Print a JSON array for a script.
    """
    with reading(hub) as opened:
        root = opened.service.root
        units = [unit.venue_id for unit in opened.service.units(now_ms()) if not unit.revoked_ms]
    doors = {venue.venue_id: units.count(venue.venue_id) for venue in in_force(root)}
    if json:
        print_json([_record(venue, doors[venue.venue_id]) for venue in in_force(root)])
        return
    print_table(_table(root, doors))
    say(f"{count(len(in_force(root)), 'venue')}.")


def _manager_key(path: Path, name: str, phrases: Passphrases) -> bytes:
    """Give the public half of a manager's key; the key is made where there is none."""
    if path.exists():
        return keyfile.public_key_of(path)
    return keyfile.make_key_file(path, phrases.fresh(f"{name}'s manager ({path})")).public


def _newest(opened: OpenHub) -> int:
    return Head.parse(opened.service.head().body).seq


def _refuse_with_units(opened: OpenHub, venue: Venue) -> None:
    """A door that belongs to nobody would go on receiving the list."""
    for unit in opened.service.units(now_ms()):
        if unit.venue_id == venue.venue_id and not unit.revoked_ms:
            raise HubError(
                f"the unit {unit.name!r} still stands at {venue.name}: revoke it first with "
                f"doorwatch-hub unit revoke {unit.unit_id}"
            )


def _record(venue: Venue, doors: int) -> dict[str, object]:
    key = venue.key.hex()
    return {"venue_id": venue.venue_id, "name": venue.name, "key": key, "units": doors}


def _table(root: Root, doors: dict[str, int]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for head in ("venue", "id", "key", "doors"):
        table.add_column(head)
    for venue in in_force(root):
        key = f"{venue.key.hex()[:16]}…"
        table.add_row(venue.name, venue.venue_id, key, str(doors[venue.venue_id]))
    return table
