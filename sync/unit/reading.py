"""One snapshot that is being judged, page after page in order, into pages to be staged."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from sync import canonical
from sync.errors import Code, Refused
from sync.ledger import Chain
from sync.snapshot import Snapshot
from sync.statement.head import Manifest
from sync.transfer import LARGEST_BLOB
from sync.unit.contents import pairs
from sync.unit.shelf import HeldEntry, StagedPage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sync.ledger import Ledger
    from sync.liveset import Leaf
    from sync.signing import Verify
    from sync.unit.contents import Opener
    from sync.unit.shelf import Staging, Trusted


class Reading:
    """A snapshot between its manifest and its last page."""

    def __init__(
        self,
        staging: Staging,
        leaves: Mapping[str, Leaf],
        trusted: Trusted,
        opener: Opener,
        verify: Verify,
    ) -> None:
        """Begin, or go on after the pages that are staged.

        Args:
            staging: As it lies on the shelf; its manifest was believed when it was put there.
            leaves: Of the staged pages.
            trusted: What is held; the snapshot may not take back any of it.
            opener: Opens contents.
            verify: Checks an Ed25519 signature.
        """
        self.manifest = Manifest.open(staging.manifest)[1]
        self.digests = staging.digests
        self.next = staging.staged
        """Number of the page to be judged next."""
        self._opener = opener
        self._reader = Snapshot(self.manifest, trusted.ledger, trusted.root, verify, opener.rings)
        if staging.staged:
            self._reader.resume(Chain.parse(staging.chain), leaves)

    @property
    def complete(self) -> bool:
        """Whether every page is judged."""
        return self.next == len(self.digests)

    def check(self, number: int, page: bytes) -> None:
        """Refuse bytes that are not this page.

        Raises:
            Refused: MIX_AND_MATCH.
        """
        if sha256(page).digest() != self.digests[number]:
            raise Refused(Code.MIX_AND_MATCH, f"not the page {number} that the manifest names")

    def read(self, page: bytes) -> StagedPage:
        """Judge the next page, whose digest was checked.

        Raises:
            Refused: MALFORMED, BAD_CIPHERTEXT; else as :meth:`sync.snapshot.Snapshot.add`.
        """
        items = self._opener.items(canonical.decode(page, LARGEST_BLOB))
        applied = self._reader.add(pairs(items))
        number, self.next = self.next, self.next + 1
        return StagedPage(
            number,
            self._reader.chain.encode(),
            {one.record.entry_id: one.leaf for one in applied if one.leaf is not None},
            tuple(HeldEntry(one.record_hash, one.put) for one in applied if one.put is not None),
        )

    def ledger(self) -> Ledger:
        """Give the ledger that all pages add up to.

        Raises:
            Refused: As :meth:`sync.snapshot.Snapshot.ledger`.
        """
        return self._reader.ledger()
