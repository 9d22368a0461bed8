"""Keeps the list that is in force: opens the gallery, notices changes, builds the next index.

One thread owns the gallery's connection. What it finds stands in two attributes that are
replaced as a whole, so the screening loop reads them without a lock.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from edge.budget import ImpostorCurve, Thresholds, thresholds
from edge.config import Budget
from edge.config import Decision as Evidence
from edge.decision import Fault, Rules
from edge.door import ListView
from edge.errors import GalleryError
from edge.gallery.index import Index
from edge.gallery.store import Store
from edge.pipeline import InForce

TICK_S = 0.4
"""Seconds between two looks at the gallery; a change from another process is in force within
one look and the time to build the index."""

CLOCK_SLACK_S = 300.0
"""Seconds the clock may stand behind the latest time the unit has seen before it is FAULT."""

_LOG = structlog.get_logger("list")


@dataclass(frozen=True, slots=True)
class Measure:
    """From what thresholds are worked out.

    Attributes:
        model_id: The embedder that probes are made with.
        curve: Its impostor curve, of the worst group.
        budget: The false alerts that are accepted.
        evidence: How much evidence a verdict takes.
    """

    model_id: str
    curve: ImpostorCurve
    budget: Budget
    evidence: Evidence

    def rules(self, templates: int) -> Rules:
        """Work out the rules for a gallery of so many reference templates."""
        found = thresholds(
            self.curve,
            gallery_size=templates,
            entrants=self.budget.entrants_per_night,
            stops_per_night=self.budget.stops_per_night,
            checks_per_night=self.budget.checks_per_night,
        )
        return self._rules(found)

    def _rules(self, found: Thresholds) -> Rules:
        return Rules(
            check=found.check,
            stop=found.stop,
            usable_for_clear=self.evidence.usable_for_clear,
            stop_hits=self.evidence.stop_hits,
            stop_window=self.evidence.stop_window,
            patience_s=self.evidence.patience_s,
        )


class ListKeeper:
    """The thread that keeps ``in_force`` true.

    Attributes:
        in_force: What to compare against; nothing until the gallery has been read.
        faults: What is wrong with the list or the clock.
        trouble: Why the gallery cannot be read, one line, or None.
    """

    def __init__(
        self,
        opening: Callable[[], Store],
        measure: Measure,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Start reading.

        Args:
            opening: Opens the gallery.
            measure: From what thresholds are worked out.
            clock: Seconds since the epoch.
        """
        self.in_force = InForce(measure.rules(0))
        self.faults = frozenset({Fault.GALLERY})
        self.trouble: str | None = None
        self._opening, self._measure, self._clock = opening, measure, clock
        self._store: Store | None = None
        self._revision: int | None = None
        self._next_end = float("inf")
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="list", daemon=True)
        self._thread.start()

    def photo(self, entry_id: str) -> bytes:
        """Give the reference photo (JPEG) of an entry. Raises: GalleryError."""
        with self._opening() as store:
            return store.photo(entry_id)

    def close(self) -> None:
        """Stop and close the gallery."""
        self._closing.set()
        self._thread.join(timeout=3.0)

    def _run(self) -> None:
        while not self._closing.is_set():
            try:
                self._look()
            except GalleryError as error:
                self._lose(error)
            self._closing.wait(TICK_S)
        self._shut()

    def _look(self) -> None:
        """Read the gallery again if it changed or an entry ran out, and judge head and clock."""
        if self._store is None:
            self._store = self._opening()
        clock = self._clock()
        now = self._store.floor(clock)
        if now >= self._next_end:
            _erase_over(self._store, now)
        revision = self._store.revision()
        if revision != self._revision or now >= self._next_end:
            self._read(self._store, now)
            self._revision = revision
        self.trouble = None
        self.faults = self._judge(clock, now)

    def _read(self, store: Store, now: float) -> None:
        found = [each for each in store.references() if each.entry.in_force(now)]
        head, templates = store.head(), sum(len(each.templates) for each in found)
        view = ListView(
            entries=len(found),
            templates=templates,
            sequence=head.sequence,
            issued_at=head.issued_at,
            expires_at=head.expires_at,
            model_id=self._measure.model_id,
        )
        entries = {each.entry.entry_id: each.entry for each in found}
        index = Index.build(found, self._measure.model_id)
        self.in_force = InForce(self._measure.rules(templates), index, entries, view)
        self._next_end = min((e.valid_until for e in entries.values()), default=float("inf"))
        _LOG.info("list in force", entries=view.entries, sequence=view.sequence)

    def _judge(self, clock: float, now: float) -> frozenset[Fault]:
        view = self.in_force.view
        wrong = {
            Fault.LIST_EXPIRED: view is not None and now >= view.expires_at,
            Fault.CLOCK: now - clock > CLOCK_SLACK_S,
        }
        return frozenset(fault for fault, holds in wrong.items() if holds)

    def _lose(self, error: GalleryError) -> None:
        """Keep comparing against what was read before, but say that it cannot be trusted."""
        if self.trouble != str(error):
            _LOG.error("the gallery cannot be read", reason=str(error))
        self.trouble = str(error)
        self.faults = frozenset({Fault.GALLERY})
        self._revision = None
        self._shut()

    def _shut(self) -> None:
        if self._store is not None:
            self._store.close()
            self._store = None


def _erase_over(store: Store, now: float) -> None:
    """Erase what is over; a full or read-only disk must not stop the screening."""
    try:
        store.erase_over(now)
    except GalleryError as error:
        _LOG.warning("entries that are over could not be erased", reason=str(error))
