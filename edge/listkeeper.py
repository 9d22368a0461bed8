"""Keeps the list that is in force: opens the gallery, notices changes, builds the next index.

One thread owns the gallery's connection. What it finds stands in attributes that are replaced as
a whole, so the screening loop reads them without a lock. A long list is read in slices with
pauses between them, so that no frame waits for the interpreter longer than for one slice.
"""

import contextlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import structlog

from edge.budget import ImpostorCurve, Thresholds, thresholds
from edge.config import Budget
from edge.config import Decision as Evidence
from edge.decision import Fault, Rules
from edge.door import ListView
from edge.errors import GalleryError, GalleryLockedError, KeyAwaitedError
from edge.gallery.reader import SLICE, Reader
from edge.gallery.records import Head
from edge.gallery.store import Store
from edge.pipeline import InForce
from sync.cautions import held_back
from sync.clock import Now

if TYPE_CHECKING:
    from edge.gallery.listtime import Clock

TICK_S = 0.4
"""Seconds between two looks at the gallery, unless somebody asks for one at once."""

PAUSE_S = 0.003
"""Seconds left to the screening loop between two slices of a long list."""

STANDS_AFTER_S = 1.2
"""Seconds without a step forward after which the list is in doubt: the disk does not answer."""

DOUBTED_S = 3.0
"""Seconds for which a clock that was relied on stays in doubt: one that jumps is right at times."""

ERASE_AGAIN_S = 60.0
"""Seconds after which an erasure is tried again that the disk refused."""

REFRESH_S = 3.0
"""Seconds that whoever asks for a look waits for it at the most."""

_LOG = structlog.get_logger("list")


@dataclass(frozen=True, slots=True)
class Measure:
    """From what thresholds are worked out.

    Attributes:
        model_id: The embedder that probes are made with.
        curve: Its impostor curve, of the worst group.
        budget: The false alerts that are accepted.
        evidence: How much evidence a verdict takes.
        dimension: Numbers in a probe; by default those of the first template on the list.
    """

    model_id: str
    curve: ImpostorCurve
    budget: Budget
    evidence: Evidence
    dimension: int | None = None

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
        trouble: Why the gallery cannot be read, one line, or None.
        clock: What the time that the list goes by is worth; None until it was read.
    """

    def __init__(self, opening: Callable[[], Store], measure: Measure) -> None:
        """Start reading.

        Args:
            opening: Opens the gallery.
            measure: From what thresholds are worked out.
        """
        self.in_force = InForce(measure.rules(0))
        self.trouble: str | None = None
        self.clock: Clock | None = None
        self._found = frozenset({Fault.GALLERY})
        self._stepped_at, self._doubted_at = time.monotonic(), float("-inf")
        self._relied = False
        self._opening, self._measure = opening, measure
        self._store: Store | None = None
        self._reader: Reader | None = None
        self._seen = Now(0, trusted=False)
        self._unerased: list[str] = []
        self._erase_at = 0.0
        self._turn = _Turn()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="list", daemon=True)
        self._thread.start()

    @property
    def faults(self) -> frozenset[Fault]:
        """What is wrong with the list or the clock; also that the look at it does not end."""
        stands = time.monotonic() - self._stepped_at > STANDS_AFTER_S
        return self._found | {Fault.GALLERY} if stands else self._found

    def photo(self, entry_id: str) -> bytes:
        """Give the reference photo (JPEG) of an entry. Raises: GalleryError."""
        with self._opening() as store:
            return store.photo(entry_id)

    def refresh(self) -> int:
        """Look at once, and tell which change of the list is in force afterwards, 0 for none.

        It waits for the look, but not for ever: while a long list is being read, what was in
        force before is what still counts.
        """
        self._turn.ask(REFRESH_S)
        view = self.in_force.view
        return 0 if view is None else view.sequence

    def close(self) -> None:
        """Stop and close the gallery."""
        self._closing.set()
        self._turn.end()
        self._thread.join(timeout=3.0)

    def _run(self) -> None:
        while not self._closing.is_set():
            self._stepped_at = time.monotonic()
            with self._turn:
                self._go_on_after(self._look)
            self._go_on_after(self._tidy)
            self._turn.rest(TICK_S)
        self._shut()

    def _go_on_after(self, step: Callable[[], None]) -> None:
        """Take a step; whatever it fails at is a fault, and the next look opens the list anew."""
        try:
            step()
        except GalleryError as error:
            self._lose(error)
        except Exception as error:  # noqa: BLE001 - the thread boundary: nobody else looks
            self._lose(GalleryError(f"the list failed in a new way: {type(error).__name__}"))

    def _look(self) -> None:
        """Read what changed, erase what is over, and judge head and clock."""
        store, reader = self._open()
        now = store.time()
        if now.ms < self._seen.ms:
            reader = self._reader = self._begin(store)
        self._seen, self.clock, seconds = now, store.clock(), now.ms / 1000
        head = self._read(reader, seconds)
        if over := reader.over(seconds):
            reader.drop(over)
            self._unerased, self._erase_at = self._unerased + over, 0.0
        if self._unerased and time.monotonic() >= self._erase_at:
            self._erase(store, seconds)
            head = self._read(reader, seconds)
        if head is not None:
            self._put_in_force(reader, head, held_back(store.caution(), now))
            self._found = self._judge(reader, head, now)

    def _tidy(self) -> None:
        """Cut the log after an erasure: our own reading may have kept its author from it."""
        if self._store is None or self._reader is None or not self._reader.erased:
            return
        self._reader.erased = False
        with contextlib.suppress(GalleryError):  # the next look says what is wrong
            self._store.tidy()

    def _erase(self, store: Store, now: float) -> None:
        """Erase what is over, little by little; a full or read-only disk stops no screening."""
        while self._unerased:
            some, rest = self._unerased[:SLICE], self._unerased[SLICE:]
            try:
                store.erase_over(now, some)
            except GalleryError as error:
                self._erase_at = time.monotonic() + ERASE_AGAIN_S
                _LOG.warning(
                    "entries that are over could not be erased",
                    code="entries-not-erased",
                    why=str(error),
                )
                return
            self._unerased, self._stepped_at = rest, time.monotonic()
            if rest:
                self._closing.wait(PAUSE_S)

    def _open(self) -> tuple[Store, Reader]:
        if self._store is None or self._reader is None:
            self._store = self._opening()
            self._reader = self._begin(self._store)
        return self._store, self._reader

    def _begin(self, store: Store) -> Reader:
        return store.reader(self._measure.model_id, self._measure.dimension)

    def _read(self, reader: Reader, now: float) -> Head | None:
        """Read all that changed, a slice at a time; None if told to stop before the end."""
        head = reader.read(now)
        while head is None and not self._closing.is_set():
            if reader.busy:
                self._closing.wait(PAUSE_S)
            head = reader.read(now)
            self._stepped_at = time.monotonic()
        return head

    def _put_in_force(self, reader: Reader, head: Head, cautioned: frozenset[str]) -> None:
        """Replace what is compared against, if it is not the same still."""
        view = ListView(
            entries=len(reader.index),
            templates=len(reader.index.templates),
            sequence=head.sequence,
            issued_at=head.issued_at,
            expires_at=head.expires_at,
            model_id=self._measure.model_id,
            tonight=tuple(sorted(reader.tonight)),
        )
        same = reader.index is self.in_force.index
        if same and (view, cautioned) == (self.in_force.view, self.in_force.cautioned):
            return
        rules = self._measure.rules(view.templates)
        self.in_force = InForce(rules, reader.index, reader.entries, view, cautioned)
        if not same:  # a new lease for the same list, once a minute, is no news
            _LOG.info(
                "list in force", code="list-in-force", entries=view.entries, sequence=view.sequence
            )

    def _judge(self, reader: Reader, head: Head, now: Now) -> frozenset[Fault]:
        """Say what is wrong, and why where it can be said."""
        self.trouble = next(iter(reader.unfit.values()), None)
        self._relied = self._relied or now.trusted
        if self._relied and not now.trusted:
            self._doubted_at = time.monotonic()
        doubted = time.monotonic() - self._doubted_at < DOUBTED_S
        wrong = {
            Fault.GALLERY: bool(reader.unfit),
            Fault.LIST_EXPIRED: now.ms / 1000 >= head.expires_at,
            Fault.CLOCK: doubted or not now.trusted,
        }
        return frozenset(fault for fault, holds in wrong.items() if holds)

    def _lose(self, error: GalleryError) -> None:
        """Keep comparing against what was read before, but say that it cannot be trusted.

        Unless the consortium took it away: then nothing of it stays in memory either.
        """
        if self.trouble != str(error):
            _LOG.error("the gallery cannot be read", code="gallery-unreadable", why=str(error))
        self.trouble = str(error)
        locked = isinstance(error, GalleryLockedError)
        # Nobody would notice the end of a caution: what is in doubt is red.
        kept = replace(self.in_force, cautioned=frozenset())
        self.in_force = InForce(self._measure.rules(0)) if locked else kept
        waits = isinstance(error, KeyAwaitedError)
        kind = Fault.LOCKED if locked else Fault.WAITING if waits else Fault.GALLERY
        self._found = frozenset({kind})
        self._shut()

    def _shut(self) -> None:
        self._reader = None
        if self._store is not None:
            store, self._store = self._store, None
            with contextlib.suppress(Exception):  # it was in trouble; the next look opens anew
                store.close()


class _Turn:
    """Wakes the thread that looks, and tells whoever asked when it has looked since."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._asked = self._begun = self._done = 0
        self._ended = False

    def ask(self, within_s: float) -> bool:
        """Ask for a look and wait until one that began afterwards is done; tell whether it is."""
        with self._changed:
            self._asked += 1
            mine = self._asked
            self._changed.notify_all()
            return self._changed.wait_for(lambda: self._done >= mine or self._ended, within_s)

    def rest(self, seconds: float) -> None:
        """Wait until somebody asks, for so long at the most."""
        with self._changed:
            self._changed.wait_for(lambda: self._asked > self._done or self._ended, seconds)

    def end(self) -> None:
        """Let nobody wait any longer."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def __enter__(self) -> None:
        with self._changed:
            self._begun = self._asked

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._done = self._begun
            self._changed.notify_all()
