"""A whole list, page by page, for a unit that is too far behind: fetched, judged, staged.

Pages come in any order, several times or not at all. What has the right digest is judged in
order and staged, a few pages to a transaction; the rest is asked for again. What is staged
survives a restart, and a newer snapshot as far as its first pages are the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync.errors import Code, Refused
from sync.snapshot import check_digests, check_manifest
from sync.unit.reading import Reading
from sync.unit.shelf import StagedPage, Staging
from sync.unit.window import WIDTH, Window

if TYPE_CHECKING:
    from collections.abc import Callable

    from sync.ledger import Ledger
    from sync.signing import Signed, Verify
    from sync.unit.channel import Message
    from sync.unit.contents import Opener
    from sync.unit.shelf import Shelf, Trusted

BATCH = 16
"""Pages that are staged in one transaction: 1 MB that a power cut may cost."""

NOTHING = Staging(b"", ())
DIGEST_SIZE = 32


class Snapshots:
    """The snapshot under way, if there is one."""

    def __init__(self, shelf: Shelf, verify: Verify, refuse: Callable[[Code], None]) -> None:
        """Stage on ``shelf``; ``resume`` goes on with what is staged there."""
        self._shelf, self._verify = shelf, verify
        self._window = Window(refuse)
        self._reading: Reading | None = None
        self._waiting: dict[int, bytes] = {}
        self._judged: list[StagedPage] = []

    @property
    def active(self) -> bool:
        """Whether a snapshot is under way; runs of records then wait for its end."""
        return self._reading is not None

    @property
    def complete(self) -> bool:
        """Whether every page is judged."""
        return self._reading is not None and self._reading.complete

    @property
    def progress(self) -> tuple[int, int]:
        """Give how many pages are judged, and of how many; (0, 0) while none is under way."""
        return (self._reading.next, len(self._reading.digests)) if self._reading else (0, 0)

    def resume(self, trusted: Trusted, opener: Opener) -> None:
        """Go on with what the shelf has staged, if it has."""
        self._waiting, self._judged = {}, []
        self._window.restart()
        staging = self._shelf.staging()
        if staging is None or not staging.manifest:
            self._reading = None
            return
        leaves = self._shelf.staged_leaves()
        self._reading = Reading(staging, leaves, trusted, opener, self._verify)

    def restart(self) -> None:
        """Ask anew for what is missing: on a new connection nothing is under way."""
        self._window.restart()

    def forget(self) -> None:
        """Give up what is staged: it was judged wrong, or by officers who are no more."""
        if self._shelf.staging() is not None:
            self._shelf.begin(NOTHING)
        self._reading, self._waiting, self._judged = None, {}, []

    def announced(self, carried: Signed, digests: bytes, trusted: Trusted, opener: Opener) -> None:
        """Take the hub's word of what a snapshot consists of; a newer one takes over.

        Raises:
            Refused: GAP, no head says yet what the newest list is; else as
                :func:`sync.snapshot.check_manifest` and ``check_digests``.
        """
        if trusted.head is None:
            raise Refused(Code.GAP, "a snapshot before any head")
        manifest = check_manifest(carried, trusted.head, trusted.ledger, trusted.root, self._verify)
        split = tuple(digests[i : i + DIGEST_SIZE] for i in range(0, len(digests), DIGEST_SIZE))
        check_digests(manifest, split)
        if self._reading is not None and manifest.seq <= self._reading.manifest.seq:
            return
        self.keep()
        self._shelf.begin(Staging(carried.encode(), split))
        self.resume(trusted, opener)

    def arrived(self, name: str, number: int, page: bytes, now_ms: int) -> None:
        """Take one page; judge the pages that now follow.

        Raises:
            Refused: MIX_AND_MATCH, not the page that the manifest names; or as
                :meth:`sync.unit.reading.Reading.read`, and the snapshot is given up.
        """
        reading = self._reading
        if reading is None or name != reading.manifest.snapshot_id:
            return  # of one that was given up, or is complete
        near = reading.next <= number < min(reading.next + WIDTH, len(reading.digests))
        if not near or number in self._waiting:
            return
        reading.check(number, page)
        self._waiting[number] = page
        self._window.arrived(number, now_ms)
        self._judge(reading)

    def requests(self, now_ms: int) -> list[Message]:
        """Ask for pages that are missing."""
        if self._reading is None:
            return []
        first, end = self._reading.next, len(self._reading.digests)
        numbers = self._window.wanted(first, end, self._waiting, now_ms)
        name = self._reading.manifest.snapshot_id
        return [("snapshot", name, tuple(numbers))] if numbers else []

    def keep(self) -> None:
        """Stage what is judged, in one transaction."""
        if self._judged:
            self._shelf.stage(self._judged)
            self._judged = []

    def ledger(self) -> Ledger:
        """Give the ledger that all pages add up to; all of them are staged then.

        Raises:
            Refused: As :meth:`sync.snapshot.Snapshot.ledger`.
        """
        if self._reading is None:
            raise Refused(Code.GAP, "there is no whole snapshot")
        made = self._reading.ledger()
        self.keep()
        return made

    def adopted(self) -> None:
        """Note that the snapshot is the list now."""
        self._reading = None

    def _judge(self, reading: Reading) -> None:
        try:
            while (page := self._waiting.pop(reading.next, None)) is not None:
                self._judged.append(reading.read(page))
        except Refused:
            self.forget()
            raise
        if len(self._judged) >= BATCH:
            self.keep()
