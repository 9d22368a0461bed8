"""Entering somebody at a unit that belongs to a consortium, with the venue manager's key."""

import contextlib
import getpass
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from edge.config import Config
from edge.enrolment import Reference
from edge.errors import ConsortiumError, LinkError
from edge.gallery.shelf import GalleryShelf
from edge.keys.provider import key_provider
from edge.keys.shares import gallery_keys
from edge.link import Link
from edge.syncing.identity import IdentityFolder
from edge.syncing.local import Grounds, check_manager, proposed, signed_entry
from sync.entries import Entry
from sync.keyfile import open_key_file, passphrase_in
from sync.seal import SigningKey

ENVIRONMENT = "DOORWATCH_PASSPHRASE_FILE"
"""Names a file whose first line is the passphrase, in place of ``--passphrase-file``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manager:
    """On a unit of a consortium: who enters, and what the entry rests on.

    Attributes:
        key: The venue manager's key file; needed there, and of no use elsewhere.
        passphrase_file: File whose first line opens the key; asked for by default.
        incident: Day of the incident, as 2031-01-31; today by default.
        evidence: Where the evidence is kept: a reference, not the evidence.
        declared: You declare that the person is not known to be under 18 or vulnerable, or that
            the rules for such persons were followed.
    """

    key: Path | None = None
    passphrase_file: Path | None = None
    incident: str = ""
    evidence: str = ""
    declared: bool = False

    def grounds(self, now: float) -> Grounds:
        """Give what the entry rests on; ``now`` in seconds since the epoch."""
        today = datetime.fromtimestamp(now).astimezone().date().isoformat()
        return Grounds(self.incident or today, self.evidence, self.declared)

    def signer(self) -> SigningKey:
        """Open the key.

        Raises:
            ConsortiumError: No key was given, or nobody is there to be asked.
            KeyFileError: The key or its passphrase is wrong.
        """
        if self.key is None:
            raise ConsortiumError("give the venue manager's key file with --key")
        return open_key_file(self.key, _passphrase(self.passphrase_file, os.environ))


NOBODY = Manager()
"""No manager: on a unit that belongs to no consortium."""


def enter(settings: Config, manager: Manager, entry: Entry, reference: Reference) -> None:
    """Put one person on this door's list at once, and on its way to the hub.

    Raises:
        ConsortiumError: The unit is no member, or the key is not its venue's.
        KeyFileError: The key or its passphrase is wrong.
        Refused: The entry breaks a rule of the consortium.
        GalleryError: The disk does not write.
    """
    places = settings.places()
    provider = key_provider(settings, places)
    identity, signer = IdentityFolder(places.unit, provider).load(), manager.signer()
    with GalleryShelf.open(places.gallery, gallery_keys(settings, places, provider)) as shelf:
        trusted = shelf.trusted()
        check_manager(signer, identity, trusted)
        grounds = manager.grounds(entry.created_at)
        proposal = proposed(entry, reference, grounds, identity, trusted)
        shelf.add_locally(*signed_entry(proposal, signer))
    with contextlib.suppress(LinkError):  # an engine that does not answer reads it at its start
        Link(places.engine_socket).refresh()


def _passphrase(file: Path | None, environ: Mapping[str, str]) -> str:
    named = file or (Path(environ[ENVIRONMENT]) if environ.get(ENVIRONMENT) else None)
    if named is not None:
        return passphrase_in(named)
    if not sys.stdin.isatty():
        raise ConsortiumError("nobody is here to type the passphrase: give --passphrase-file")
    return getpass.getpass("Passphrase of the key: ")
