"""Key files that people bring to a command: officers' and managers', each under a passphrase."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from sync import keyfile
from sync.errors import HubError
from sync.hub.ceremony import in_force
from sync.hub.cli.asking import Passphrases
from sync.hub.service import Service
from sync.seal import SigningKey
from sync.signing import Signer
from sync.statement.root import Root, Venue

Officers = Annotated[
    list[Path] | None, Parameter(name="--officer", negative=(), consume_multiple=False)
]
"""An officer's key file; give the option once for each officer who is present."""

Manager = Annotated[Path, Parameter(name="--key")]
"""The key file of a venue's manager."""


def officers(files: Sequence[Path] | None, root: Root, phrases: Passphrases) -> list[Signer]:
    """Open the officers' key files, after a look at whose they are.

    Raises:
        HubError: They are too few, the same one twice, of another list, or do not open.
    """
    named = list(files or ())
    publics = [keyfile.public_key_of(path) for path in named]
    for path, public in zip(named, publics, strict=True):
        if public not in root.officers:
            raise HubError(f"{path} is not the key of an officer of this list: name another file")
    if len(set(publics)) < root.threshold:
        raise HubError(
            f"this takes {root.threshold} different officers: name their key files with "
            "--officer FILE, once for each"
        )
    return [keyfile.open_key_file(path, phrases.known(str(path))) for path in named]


def manager(path: Path, service: Service, phrases: Passphrases) -> tuple[Venue, Signer]:
    """Open a manager's key file and tell whose it is.

    Raises:
        HubError: No venue of this list has that key, or it does not open.
    """
    venue = whose(path, service)
    return venue, unlocked(path, venue, phrases)


def unlocked(path: Path, venue: Venue, phrases: Passphrases) -> SigningKey:
    """Open a manager's key file.

    Raises:
        KeyFileError: The passphrase is not its own.
    """
    return keyfile.open_key_file(path, phrases.known(f"{venue.name} ({path})"))


def whose(path: Path, service: Service) -> Venue:
    """Find the venue to which a manager's key file belongs; needs no passphrase.

    Raises:
        HubError: None, or not any more.
    """
    public = keyfile.public_key_of(path)
    known = {venue.key: venue for venue in service.root.venues}.get(public)
    if known is None:
        raise HubError(f"{path} is no venue's key on this list: name the manager's own key file")
    if known.until_seq:
        raise HubError(
            f"{path} was {known.name!r}'s key and does not count any more: use the new one"
        )
    return known


def venue_named(words: str, root: Root) -> Venue:
    """Find a venue by its name or id.

    Raises:
        HubError: There is none.
    """
    for venue in in_force(root):
        if words.casefold() in {venue.name.casefold(), venue.venue_id}:
            return venue
    names = ", ".join(repr(venue.name) for venue in in_force(root)) or "none yet"
    raise HubError(f"there is no venue {words!r}; there are: {names}")
