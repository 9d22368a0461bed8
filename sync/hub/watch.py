"""Says in the log, once for each change, how the units and the ledger are; never a name."""

from collections.abc import Iterable

import structlog

from sync.hub.facts import UnitFacts
from sync.statement.head import Head

_LOG = structlog.get_logger("hub")


class Watch:
    """Remembers what was said last about each unit, and about the ledger."""

    def __init__(self) -> None:
        """Begin without having said anything."""
        self._states: dict[str, str] = {}
        self._seq: int | None = None

    def look(self, units: Iterable[UnitFacts], head: Head) -> None:
        """Log what is different from the last look."""
        if self._seq is not None and head.seq != self._seq:
            _LOG.info("ledger", record=head.seq, epoch=head.epoch)
        self._seq = head.seq
        for unit in units:
            state = _state(unit)
            if self._states.get(unit.unit_id) != state:
                self._states[unit.unit_id] = state
                level = _LOG.info if state in _FINE else _LOG.warning
                level("unit", unit=unit.unit_id, state=state, record=unit.seq)


_FINE = {"level", "behind", "expected", "destroyed"}


def _state(unit: UnitFacts) -> str:
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
    return "behind" if unit.behind else "level"
