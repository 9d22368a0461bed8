"""A unit's shelf in RAM, with the promises of the real one, and power that can go at any moment.

Each writing method works on a copy and puts it in place by one assignment, so a cut leaves the
old state or the new one. ``shelf.cut_power(after=n)`` lets the n-th writing call from now raise
:class:`PowerCut`, before its change or just after it; whoever drives the unit then builds a new
session over the same shelf, as a restart would.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import takewhile

from sync.liveset import Leaf
from sync.unit.shelf import (
    KEPT_RECORDS,
    HeldEntry,
    Holding,
    KeptRecord,
    StagedPage,
    Staging,
    Step,
    Trusted,
)


class PowerCut(Exception):  # noqa: N818 - it is what happens to a unit, not an error of its own
    """The power went while the shelf was asked to write."""


class DestroyedError(Exception):
    """The key of this shelf is gone; nothing can be read any more."""


@dataclass(frozen=True)
class _State:
    """Everything on the disk at one moment."""

    trusted: Trusted
    leaves: Mapping[str, Leaf] = field(default_factory=dict)
    rows: Mapping[str, HeldEntry] = field(default_factory=dict)
    staging: Staging | None = None
    staged: Mapping[int, StagedPage] = field(default_factory=dict)
    reports: tuple[tuple[int, bytes], ...] = ()
    submissions: Mapping[str, bytes] = field(default_factory=dict)
    records: tuple[KeptRecord, ...] = ()


class RamShelf:
    """Keeps one unit's list; see :class:`sync.unit.shelf.Shelf` for what each method promises."""

    def __init__(self, trusted: Trusted) -> None:
        """Begin as a unit does that has just joined."""
        self._state: _State | None = _State(trusted, dict(trusted.ledger.live.items()))
        self._cut: tuple[int, bool] | None = None
        self.writes = 0
        """Writing calls so far, cut ones included."""
        self.heard_ms = 0
        """What the hub last told of the time."""

    # --- what tests do with it ----------------------------------------------------------------
    def cut_power(self, after: int, *, written: bool) -> None:
        """Let the power go at the ``after``-th writing call from now (1 is the next one).

        Args:
            after: Which call.
            written: Whether its change is still made.
        """
        self._cut = (self.writes + after, written)

    def add_locally(self, entry: HeldEntry, wire: bytes) -> None:
        """Enter somebody at the unit itself: a provisional row and its submission."""
        made = replace(entry, provisional=True, record_hash=b"")
        entry_id = entry.proposal.entry_id
        with self._write() as state:
            self._state = replace(
                state,
                rows={**state.rows, entry_id: made},
                submissions={**state.submissions, entry_id: wire},
            )

    def commit_trusted(self, **changes: object) -> None:
        """Let the unit believe something else, as tests of its beginnings want it."""
        state = self._open()
        self._state = replace(state, trusted=replace(state.trusted, **changes))  # type: ignore[arg-type]

    def lose_row(self, entry_id: str) -> None:
        """Lose the row of one entry, as a card does that wears out."""
        state = self._open()
        rows = {name: row for name, row in state.rows.items() if name != entry_id}
        self._state = replace(state, rows=rows)

    @property
    def destroyed(self) -> bool:
        """Whether a kill order was carried out."""
        return self._state is None

    def rows(self) -> dict[str, HeldEntry]:
        """Give the rows as the engine reads them; none once the key is destroyed."""
        return {} if self._state is None else dict(self._state.rows)

    def matched(self) -> set[str]:
        """Give the ids that the door compares faces with."""
        return {name for name, row in self.rows().items() if not row.contested}

    # --- the port -----------------------------------------------------------------------------
    def trusted(self) -> Trusted:
        """Give what was believed at the last commit."""
        state = self._open()
        leaves = dict(state.trusted.ledger.live.items())
        assert leaves == dict(state.leaves), "leaves do not add up to the live set"
        return state.trusted

    def held(self) -> dict[str, Holding]:
        """Give what stands in the rows."""
        return {name: _holding(row) for name, row in self._open().rows.items()}

    def commit(self, step: Step) -> None:
        """Carry out one step."""
        self.heard_ms = step.heard_ms or self.heard_ms
        with self._write() as state:
            self._state = _stepped(replace(state, leaves={**state.leaves, **step.leaves}), step)

    def staging(self) -> Staging | None:
        """Give the snapshot under way, with the pages that are here."""
        state = self._open()
        if state.staging is None:
            return None
        count = len(state.staged)
        chain = state.staged[count - 1].chain if count else b""
        return replace(state.staging, staged=count, chain=chain)

    def begin(self, staging: Staging) -> None:
        """Start to fetch a snapshot, keeping pages that are the same."""
        with self._write() as state:
            old = state.staging.digests if state.staging else ()
            pairs = zip(old, staging.digests, strict=False)
            same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
            staged = {number: page for number, page in state.staged.items() if number < same}
            self._state = replace(state, staging=staging, staged=staged)

    def stage(self, pages: Sequence[StagedPage]) -> None:
        """Keep pages out of the engine's sight."""
        with self._write() as state:
            staged = {**state.staged, **{page.number: page for page in pages}}
            assert list(staged) == list(range(len(staged))), "pages are staged in order"
            self._state = replace(state, staged=staged)

    def staged_leaves(self) -> dict[str, Leaf]:
        """Give the leaves of all staged pages."""
        return {
            name: leaf
            for page in self._open().staged.values()
            for name, leaf in page.leaves.items()
        }

    def adopt(self, step: Step) -> None:
        """Hold what is staged, then carry out the step."""
        with self._write() as state:
            staged = {
                entry.proposal.entry_id: entry
                for page in state.staged.values()
                for entry in page.put
            }
            rows = {**state.rows, **staged}
            left = {k: v for k, v in state.submissions.items() if k not in staged}
            self._state = _stepped(
                replace(
                    state,
                    leaves=dict(step.leaves),
                    rows=rows,
                    staging=None,
                    staged={},
                    submissions=left,
                    records=(),
                ),
                step,
            )

    def unheard(self) -> list[tuple[int, bytes]]:
        """Give the kept reports."""
        return list(self._open().reports)

    def heard(self, counter: int) -> None:
        """Forget a report that the hub has."""
        with self._write() as state:
            left = tuple(one for one in state.reports if one[0] != counter)
            self._state = replace(state, reports=left)

    def submissions(self) -> list[tuple[str, bytes]]:
        """Give what the hub has not taken yet."""
        return list(self._open().submissions.items())

    def taken(self, entry_ids: Sequence[str]) -> None:
        """Forget submissions that the hub has."""
        with self._write() as state:
            left = {k: v for k, v in state.submissions.items() if k not in entry_ids}
            self._state = replace(state, submissions=left)

    def records(self, from_seq: int) -> list[KeptRecord]:
        """Give the kept records from there on."""
        return [one for one in self._open().records if one.seq >= from_seq]

    def destroy(self) -> None:
        """Leave nothing."""
        with self._write():
            self._state = None

    # --- inside -------------------------------------------------------------------------------
    def _open(self) -> _State:
        if self._state is None:
            raise DestroyedError
        return self._state

    @contextmanager
    def _write(self) -> Iterator[_State]:
        """Give the state to change, and cut the power where it was asked for."""
        self.writes += 1
        at, written = self._cut or (0, False)
        due = at == self.writes
        if due and not written:
            raise PowerCut
        yield self._open()
        if due:
            raise PowerCut


def _holding(row: HeldEntry) -> Holding:
    return Holding(row.record_hash, row.proposal.valid_until_ms, row.contested, row.provisional)


def _stepped(state: _State, step: Step) -> _State:
    """Carry out everything of a step but its leaves."""
    rows = {**state.rows, **{entry.proposal.entry_id: entry for entry in step.put}}
    for entry_id in step.erase:
        rows.pop(entry_id, None)
    for ids, contested in ((step.suspend, True), (step.resume, False)):
        for entry_id in ids:
            if entry_id in rows:
                rows[entry_id] = replace(rows[entry_id], contested=contested)
    put = {entry.proposal.entry_id for entry in step.put if not entry.provisional}
    gone = put.union(step.erase)
    return replace(
        state,
        trusted=step.trusted,
        rows=rows,
        reports=(*state.reports, *step.reports),
        submissions={k: v for k, v in state.submissions.items() if k not in gone},
        records=_kept((*state.records, *step.records), set(step.erase)),
    )


def _kept(records: Sequence[KeptRecord], erased: set[str]) -> tuple[KeptRecord, ...]:
    """Forget the oldest records, and what was said about erased entries."""
    return tuple(
        replace(one, content=None) if one.entry_id in erased else one
        for one in records[-KEPT_RECORDS:]
    )
