"""A unit's shelf that notes each commit for the checker, and can die at any call."""

from collections.abc import Callable, Sequence

from simulator.history import Committed, Destroyed, History
from simulator.ram_shelf import RamShelf
from sync.signing import digest
from sync.statement.proposal import KIND
from sync.unit.shelf import HeldEntry, StagedPage, Staging, Step, Trusted


class Killed(BaseException):
    """The process was killed here; nothing but the simulator catches this."""


class Fuse:
    """Kills at one of the next calls, before or after its effect."""

    def __init__(self) -> None:
        """Burn nothing until armed."""
        self._left = -1

    def arm(self, calls: int) -> None:
        """Kill at the ``calls``-th call from now, 0 for the next one; -1 for never."""
        self._left = calls

    def burn(self) -> None:
        """Be called.

        Raises:
            Killed: This was the call.
        """
        if self._left == 0:
            self._left = -1
            raise Killed
        self._left = max(self._left - 1, -1)


class WatchedShelf(RamShelf):
    """A shelf in RAM whose every commit is noted, whatever the session asked for.

    Attributes:
        fuse: Kills the unit at one of the next writing calls.
    """

    def __init__(
        self, trusted: Trusted, unit: str, history: History, now: Callable[[], tuple[int, int]]
    ) -> None:
        """Note commits of ``unit``; ``now`` gives true and believed time, milliseconds."""
        super().__init__(trusted)
        self._unit, self._history, self._now = unit, history, now
        self._before: dict[str, HeldEntry] = {}
        self.fuse = Fuse()

    def add_locally(self, entry: HeldEntry, wire: bytes) -> None:
        """Enter somebody at the door itself."""
        super().add_locally(entry, wire)
        self._note()

    def commit(self, step: Step) -> None:
        """Carry out and note."""
        self.fuse.burn()
        super().commit(step)
        self._note()
        self.fuse.burn()

    def begin(self, staging: Staging) -> None:
        """Start to stage."""
        self.fuse.burn()
        super().begin(staging)
        self.fuse.burn()

    def stage(self, pages: Sequence[StagedPage]) -> None:
        """Stage."""
        self.fuse.burn()
        super().stage(pages)
        self.fuse.burn()

    def adopt(self, step: Step) -> None:
        """Adopt and note."""
        self.fuse.burn()
        super().adopt(step)
        self._note()
        self.fuse.burn()

    def heard(self, counter: int) -> None:
        """Forget reports."""
        self.fuse.burn()
        super().heard(counter)
        self.fuse.burn()

    def taken(self, entry_ids: Sequence[str]) -> None:
        """Forget submissions."""
        self.fuse.burn()
        super().taken(entry_ids)
        self.fuse.burn()

    def destroy(self) -> None:
        """Destroy and note."""
        self.fuse.burn()
        super().destroy()
        self._history.note(Destroyed(self._now()[0], self._unit))
        self.fuse.burn()

    def _note(self) -> None:
        """Note what is believed now, and how the rows differ from before."""
        trusted, before, rows = self.trusted(), self._before, self.rows()
        changed = [row for name, row in rows.items() if before.get(name) is not row]
        at_ms, now_ms = self._now()
        head = trusted.head
        self._history.note(
            Committed(
                at_ms,
                self._unit,
                now_ms,
                trusted.ledger.seq,
                trusted.ledger.hash,
                trusted.ledger.epoch,
                trusted.ledger.live.root,
                trusted.root.version,
                trusted.root.hub_key,
                trusted.ledger.chain.confirmed,
                head.issued_ms if head else 0,
                head.expires_ms - head.issued_ms if head else 0,
                {row.proposal.entry_id: proposal_digest(row) for row in changed},
                frozenset(row.proposal.entry_id for row in changed if row.contested),
                frozenset(row.proposal.entry_id for row in changed if row.provisional),
                tuple(before.keys() - rows.keys()),
                (trusted.caution.issued_ms, trusted.caution.entries) if trusted.caution else None,
            )
        )
        self._before = rows


def proposal_digest(row: HeldEntry) -> bytes:
    """Name the proposal that people signed."""
    return digest(KIND, row.proposal.encode())
