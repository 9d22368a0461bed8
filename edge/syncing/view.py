"""What ``doorwatch status`` is told by the sync process: a snapshot, replaced as a whole."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from edge.door import SyncView
from edge.errors import GalleryError, LinkError
from edge.gallery.shelf import GalleryShelf
from edge.questions import AnyQuestion, SignQuestion, StandingQuestion
from edge.syncing.identity import Identity
from sync.unit.standing import Standing

LOOK_S = 0.5
"""Seconds between two snapshots, as long as the connection stays as it is."""


@dataclass(frozen=True, slots=True)
class Line:
    """How the connection to the broker is.

    Attributes:
        connected: There is one; says nothing about the hub.
        problem: Why there is none, one line.
    """

    connected: bool = False
    problem: str = "not connected yet"


class View:
    """Keeps the snapshot, and answers with it on the socket."""

    def __init__(
        self,
        identity: Identity,
        sign: Callable[[SignQuestion], None],
        starts_until: Callable[[], int | None],
    ) -> None:
        """Tell about the unit ``identity``.

        Args:
            identity: Who it is.
            sign: Completes an entry for tonight.
            starts_until: Tells until when the unit can be started without the hub.
        """
        self._identity, self._sign, self._starts_until = identity, sign, starts_until
        self._snapshot: SyncView | None = None
        self._line, self._looked_s = Line(), 0.0

    def __call__(self, question: AnyQuestion) -> SyncView | None:
        """Answer a question on the socket. Raises: DoorwatchError."""
        if isinstance(question, SignQuestion):
            return self._sign(question)
        if not isinstance(question, StandingQuestion):
            raise LinkError("the sync process tells how it stands, and signs entries, no more")
        if self._snapshot is None:
            raise LinkError("the sync process has just been started: ask again")
        return self._snapshot

    def see(self, standing: Standing, shelf: GalleryShelf, line: Line) -> None:
        """Take a snapshot if one is due."""
        now_s = time.monotonic()
        if line != self._line or now_s - self._looked_s >= LOOK_S:
            self._line, self._looked_s = line, now_s
            self._snapshot = self._taken(standing, shelf, line)

    def _taken(self, standing: Standing, shelf: GalleryShelf, line: Line) -> SyncView:
        identity = self._identity
        try:
            waiting, leapt = len(shelf.submissions()), shelf.clock_leapt()
        except GalleryError:  # destroyed, or cannot be read just now
            waiting, leapt = 0, False
        return SyncView(
            unit_id=identity.unit_id,
            name=identity.name,
            venue=identity.venue,
            list_id=identity.list_id,
            connected=line.connected,
            live=standing.live,
            problem=line.problem,
            locked=standing.locked,
            seq=standing.seq,
            head_seq=standing.head_seq,
            epoch=standing.epoch,
            held=standing.held,
            waiting=waiting,
            issued_ms=standing.issued_ms,
            lease_ms=standing.lease_ms,
            pages=standing.pages,
            refusals=dict(standing.refusals),
            clock_leapt=leapt,
            starts_until_ms=self._starts_until(),
        )
