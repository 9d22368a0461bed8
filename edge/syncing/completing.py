"""An entry for tonight becomes one of the venue: signed with its manager's key that lies here.

The sync process does it, for it knows the consortium. The key is closed by the manager's
passphrase, which is typed on the door's page, used once, and kept nowhere.
"""

import contextlib
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

import structlog

from edge.attempts import Attempts
from edge.door import Completion
from edge.errors import ConsortiumError, LinkError
from edge.gallery.keys import KeyProvider
from edge.gallery.shelf import GalleryShelf
from edge.gallery.tonight import TonightShelf, completed
from edge.link import Link
from edge.places import Places
from edge.questions import SignQuestion
from edge.syncing.identity import Identity
from edge.syncing.local import Grounds, check_manager, proposed, signed_entry
from sync.errors import SyncError
from sync.keyfile import open_key_file
from sync.seal import SigningKey
from sync.unit.shelf import Trusted

_CLIENT = "page"
_LOG = structlog.get_logger("sync")


@dataclass(frozen=True, slots=True)
class Completing:
    """Completes entries for tonight at a unit of a consortium.

    Attributes:
        identity: Who this unit is.
        places: Its files.
        provider: Gives the key of its gallery.
        attempts: How often a passphrase was tried.
        clock: Gives seconds, monotonic.
        turn: One passphrase is tried at a time: each takes 64 MiB for a moment.
    """

    identity: Identity
    places: Places
    provider: KeyProvider
    attempts: Attempts = field(default_factory=Attempts)
    clock: Callable[[], float] = time.monotonic
    turn: Lock = field(default_factory=Lock)

    def __call__(self, question: SignQuestion) -> None:
        """Complete one entry: in force under the venue's name, and on its way to the hub.

        Raises:
            ConsortiumError: The key is missing, not that of this venue, or not opened; or the
                consortium's rules are broken.
            GalleryError: A rule of the list is broken, or the disk does not write.
        """
        try:
            signer = self._signer(question.passphrase)
            self._complete(question.entry_id, question.said, signer)
        except SyncError as error:
            raise ConsortiumError(str(error)) from error
        _LOG.info("completed on the door's page", code="entry-completed")
        with contextlib.suppress(LinkError):  # an engine that does not answer reads it by itself
            Link(self.places.engine_socket).refresh()

    def _signer(self, passphrase: str) -> SigningKey:
        if not self.places.manager_key.exists():
            raise ConsortiumError(
                "the venue manager's key is not on this unit: run doorwatch set-manager-key"
            )
        with self.turn:
            wait_s = self.attempts.wait_s(_CLIENT, self.clock())
            if wait_s > 0:
                raise ConsortiumError(
                    f"too many wrong passphrases: try again in {math.ceil(wait_s)} seconds"
                )
            self.attempts.count(_CLIENT, self.clock())
            signer = open_key_file(self.places.manager_key, passphrase)
            self.attempts.forgive(_CLIENT)
        return signer

    def _complete(self, entry_id: str, said: Completion, signer: SigningKey) -> None:
        trusted = self._trusted()
        check_manager(signer, self.identity, trusted)
        with TonightShelf.open(self.places.gallery, self.provider) as shelf:
            kept, now = shelf.kept(entry_id), shelf.time().ms / 1000
            entry = completed(kept.entry, said, now)
            grounds = Grounds(said.incident_on, said.evidence.strip(), said.declared)
            proposal = proposed(entry, kept, grounds, self.identity, trusted)
            shelf.hand_over(*signed_entry(proposal, signer))

    def _trusted(self) -> Trusted:
        with GalleryShelf.open(self.places.gallery, self.provider) as shelf:
            return shelf.trusted()
