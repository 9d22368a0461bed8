"""Says in the log, once for each change, how the units and the ledger are; never a name. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from sync.hub.facts import UnitFacts
from sync.statement.head import Head
from sync.statement.root import Root

PATIENCE_MS = 10_000
"""A unit that lacks a change for less than this is as it should be."""

ENDING_MS = 60 * 86_400_000
"""How long before its end a root is worth a warning."""

FINE = frozenset({"level", "expected", "destroyed"})


@dataclass(frozen=True, slots=True)
class Remark:
    """One line for the log.

    Attributes:
        fine: Whether it is as it should be.
        code: Its name in the log, see deploy/logs.md.
        event: What it is about.
        fields: The rest of the line.
    """

    fine: bool
    code: str
    event: str
    fields: dict[str, str | int]


@dataclass(slots=True)
class Watch:
    """Remembers what was said last about each unit, and about the ledger."""

    _states: dict[str, str] = field(default_factory=dict)
    _behind: dict[str, int] = field(default_factory=dict)
    _seq: int | None = None
    _ends: bool = False

    def trust(self, root: Root, now_ms: int) -> list[Remark]:
        """Warn once that the root ends within two months: then no door believes the hub.

        Args:
            root: The newest root.
            now_ms: Milliseconds since the epoch.
        """
        ends = root.expires_ms - now_ms < ENDING_MS
        said, self._ends = self._ends, ends
        days = max(0, (root.expires_ms - now_ms) // 86_400_000)
        if said or not ends:
            return []
        event = "root ends: doorwatch-hub rotate-key renews it"
        return [Remark(fine=False, code="root-ends", event=event, fields={"days_left": days})]

    def look(self, units: Iterable[UnitFacts], head: Head, now_ms: int) -> list[Remark]:
        """Give what is worth a line since the last look.

        Args:
            units: All units.
            head: The ledger's newest state.
            now_ms: Milliseconds since the epoch.
        """
        remarks = [] if self._seq in (None, head.seq) else [_appended(head)]
        self._seq = head.seq
        for unit in units:
            state = self._state(unit, now_ms)
            if self._states.get(unit.unit_id) != state:
                self._states[unit.unit_id] = state
                remarks.append(_changed(unit, state))
        return remarks

    def _state(self, unit: UnitFacts, now_ms: int) -> str:
        """Name the one thing that matters most about a unit."""
        if unit.revoked_ms:
            return "destroyed" if unit.destroyed_ms else "revoked"
        if not unit.heard_ms:
            return "expected"
        if not unit.agrees:
            return "disagrees"
        if unit.silent:
            return "silent"
        if unit.faults:
            return "fault"
        return "behind" if self._is_late(unit, now_ms) else "level"

    def _is_late(self, unit: UnitFacts, now_ms: int) -> bool:
        if not unit.behind:
            self._behind.pop(unit.unit_id, None)
            return False
        return now_ms - self._behind.setdefault(unit.unit_id, now_ms) >= PATIENCE_MS


def _changed(unit: UnitFacts, state: str) -> Remark:
    fields: dict[str, str | int] = {"unit": unit.unit_id, "state": state, "record": unit.seq}
    return Remark(state in FINE, "unit-state", "unit", fields)


def _appended(head: Head) -> Remark:
    fields: dict[str, str | int] = {"record": head.seq, "epoch": head.epoch}
    return Remark(fine=True, code="record-appended", event="ledger", fields=fields)
