"""What the unit believes and holds, in RAM beside its shelf: both change by one step, or neither.

The order is always the same: the shelf commits, the engine is told and swaps its index, and only
then goes out the signed statement of what is now in force.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from sync.liveset import State
from sync.unit.records import over
from sync.unit.shelf import Holding, Step, Trusted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sync.clock import Now
    from sync.errors import Code
    from sync.unit.channel import Message
    from sync.unit.reports import Reporter, Written
    from sync.unit.shelf import HeldEntry, Shelf

Notify: TypeAlias = Callable[[], None]
"""Tells the engine that rows or lease changed; returns when its new index is in force."""


class Books:
    """The one place through which trusted state and rows change."""

    def __init__(self, shelf: Shelf, notify: Notify, reporter: Reporter) -> None:
        """Read what ``shelf`` holds."""
        self._shelf, self._notify, self._reporter = shelf, notify, reporter
        self.trusted: Trusted = shelf.trusted()
        self.held: dict[str, Holding] = shelf.held()
        self.refusals: Counter[str] = Counter(dict(self.trusted.refusals))

    def refuse(self, code: Code) -> None:
        """Count a refusal; it is written down and reported with the next step."""
        self.refusals[code.value] += 1

    def believe(self, trusted: Trusted) -> None:
        """Commit what changes no row: a head, a root, a key box, a caution."""
        before = self.trusted
        fresher = (trusted.reached, trusted.caution) != (before.reached, before.caution)
        trusted = replace(trusted, refusals=self._counted())
        self._shelf.commit(Step(trusted))
        self.trusted = trusted
        if fresher:
            self._notify()

    def hear(self, hub_ms: int) -> None:
        """Keep the hub's time, told in answer to this unit's own question just now."""
        self._shelf.commit(Step(self.trusted, heard_ms=hub_ms))

    def apply(self, step: Step, now: Now) -> list[Message]:
        """Commit a step that changes ledger or rows; give the reports of it."""
        reports = self._carry_out(step, _after(self.held, step), now, self._shelf.commit)
        self._notify()
        return reports

    def adopt(self, step: Step, staged: Mapping[str, Holding], now: Now) -> list[Message]:
        """Commit a step that makes a staged snapshot the list; give the reports of it."""
        held = _after({**self.held, **staged}, step)
        reports = self._carry_out(step, held, now, self._shelf.adopt)
        self._notify()
        return reports

    def report(self, now: Now) -> list[Message]:
        """Say that the unit is there, and what it holds."""
        return self._carry_out(Step(self.trusted), self.held, now, self._shelf.commit)

    def destroy(self, now: Now) -> Written:
        """Leave nothing of the list; give the last report, which says so."""
        last = self._reporter.last(self.trusted, now)
        self._shelf.destroy()
        self.held = {}
        self._notify()
        return last

    def notice(self, entry_ids: Iterable[str]) -> None:
        """Read the rows again if one of these is new: another process entered somebody."""
        if any(entry_id not in self.held for entry_id in entry_ids):
            self.held = self._shelf.held()

    def ended(self, now: Now) -> tuple[str, ...]:
        """Give the ids of the entries here whose own term is over."""
        return tuple(name for name, one in self.held.items() if over(one.until_ms, now))

    def lacking(self, rings: frozenset[str], now: Now) -> bool:
        """Tell whether an entry that this unit could open is not in its rows.

        So it is when a damaged row was dropped, or when a key box brought a new ring.
        """
        trusted, held = self.trusted, self.held
        return any(
            name not in held
            and leaf.ring in rings
            and leaf.state is not State.GONE
            and name not in trusted.ahead
            and not over(leaf.not_after_ms, now)
            for name, leaf in trusted.ledger.live.items()
        )

    def _carry_out(
        self,
        step: Step,
        held: dict[str, Holding],
        now: Now,
        write: Callable[[Step], None],
    ) -> list[Message]:
        """Sign what will be true, commit both together; only then is it believed here."""
        trusted = replace(step.trusted, refusals=self._counted())
        written = self._reporter.write(trusted, held, now, step.erase)
        trusted = replace(trusted, counter=written[-1].counter)
        receipts = tuple((one.counter, one.wire) for one in written if one.receipt)
        write(replace(step, trusted=trusted, reports=receipts))
        self.trusted, self.held = trusted, held
        return [("report", one.wire) for one in written]

    def _counted(self) -> tuple[tuple[str, int], ...]:
        return tuple(sorted(self.refusals.items()))


def _after(held: Mapping[str, Holding], step: Step) -> dict[str, Holding]:
    """Give the rows after a step, as the shelf will have them."""
    after = {**held, **{one.proposal.entry_id: _holding(one) for one in step.put}}
    for entry_id in step.erase:
        after.pop(entry_id, None)
    for ids, contested in ((step.suspend, True), (step.resume, False)):
        for entry_id in ids:
            if entry_id in after:
                after[entry_id] = replace(after[entry_id], contested=contested)
    return after


def _holding(entry: HeldEntry) -> Holding:
    return Holding(
        entry.record_hash, entry.proposal.valid_until_ms, entry.contested, entry.provisional
    )
