"""What the door says about itself in its reports to the hub: numbers and codes, never a face."""

import re
import time
from collections.abc import Callable
from importlib.metadata import version

import msgspec

from edge.config import Budget
from edge.decision import fault_of
from edge.door import DoorState
from edge.errors import LinkError
from edge.installed import Installed, installed
from edge.machine.view import MachineView
from sync.unit.reports import Condition

KEPT_S = 2.0
"""Seconds for which the engine's answer counts, so that a burst of reports asks but once."""

THOUSAND = 1000
"""Budgets are told in thousandths of an alert a night: reports hold whole numbers."""

NO_ENGINE = "no-engine"
"""The fault that is reported when the engine does not answer."""

_UNFIT = re.compile(r"[^!-~]+")
NOTE = "note."
"""Before the short word of what somebody should see to soon, among the counts."""

WENT_BACK = "went-back"
"""The short word of an upgrade that did not come up, after ``NOTE``."""

MIB = 2**20
_LONGEST = 40


class DoorReport:
    """Asks the engine how the door is, at most every few seconds."""

    def __init__(
        self,
        state: Callable[[], DoorState],
        budget: Budget,
        clock: Callable[[], float] = time.monotonic,
        warmth: Callable[[], float | None] = lambda: None,
    ) -> None:
        """Ask by ``state``, tell of ``budget`` as well.

        Args:
            state: Asks the engine.
            budget: What false alerts the door accepts.
            clock: Gives seconds.
            warmth: Gives the machine's temperature in degrees Celsius, where it tells.
        """
        self._state, self._clock, self._warmth = state, clock, warmth
        self._accepted = {
            "red-budget": round(THOUSAND * budget.stops_per_night),
            "check-budget": round(THOUSAND * budget.checks_per_night),
            "entrants": budget.entrants_per_night,
        }
        self._asked_s = float("-inf")
        self._kept = Condition()
        self._version = version("doorwatch")

    def __call__(self) -> Condition:
        """Give the condition of the door."""
        now = self._clock()
        if now - self._asked_s >= KEPT_S:
            self._asked_s, self._kept = now, self._asked()
        return self._kept

    def _asked(self) -> Condition:
        degrees = self._warmth()
        warmth = {} if degrees is None else {"temperature": max(0, round(degrees))}
        try:
            state = self._state()
        except LinkError:
            counts = tuple(warmth.items())
            return Condition(version=self._version, faults=(NO_ENGINE,), counts=counts)
        machine = warmth | _machine(state.machine) | _software(installed())
        told = state.counts | state.outcomes | self._accepted | machine
        return Condition(
            model_id=_word(state.gallery.model_id) if state.gallery else "",
            version=self._version,
            faults=tuple(_code(sentence) for sentence in state.faults),
            counts=tuple((_word(name), max(0, count)) for name, count in told.items()),
            rings=tuple(msgspec.structs.astuple(one) for one in state.rings),
        )


def _machine(view: MachineView) -> dict[str, int]:
    """Tell the machine in whole numbers; what it does not know is left out."""
    told = {
        "wear": view.wear,
        "free-mib": None if view.free_bytes is None else view.free_bytes // MIB,
        "fps-limit": None if view.rate_limit is None else round(view.rate_limit),
    }
    known = {name: number for name, number in told.items() if number is not None}
    return known | {NOTE + note.code: 1 for note in view.notes}


def _software(software: Installed) -> dict[str, int]:
    """Tell of an upgrade that did not come up, until one does."""
    return {NOTE + WENT_BACK: 1} if software.outcome and software.outcome.returned else {}


def _code(sentence: str) -> str:
    fault = fault_of(sentence)
    return fault.code if fault else "other"


def _word(name: str) -> str:
    """Make a short printable word of a name."""
    return _UNFIT.sub("-", name)[:_LONGEST]
