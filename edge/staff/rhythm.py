"""The lamps of the page blink as those of the unit do: by the very same function.

Each message carries the light of the next two seconds and no more, so a page that gets no
messages runs out of light by itself, as the unit's own green does.
"""

from typing import Any

from edge.decision import Signal, Verdict
from edge.door import DoorState
from edge.indicator.pattern import SAFE, levels
from sync.entries import Category

STEP_MS = 50
"""Milliseconds between two samples of light."""

STEPS = 40
"""Samples in one message."""


def signal_of(state: DoorState | None) -> Signal:
    """Give what the lamp keeper is told in this state; None is a fault."""
    if state is None:
        return SAFE
    if state.verdict is None:
        return SAFE if state.faults else Signal(None, attention=bool(state.machine.notes))
    same = (e.number for e in state.encounters if not e.ended and e.verdict == state.verdict)
    return Signal(
        Verdict[state.verdict],
        None if state.category is None else Category(state.category),
        bool(state.faults),
        max(same, default=None),
    )


def light(signal: Signal, since_s: float) -> dict[str, Any]:
    """Sample the lamps from ``since_s`` seconds after the signal began.

    Returns:
        ``step_ms``, and ``steps``: one digit for each sample, green 1 + amber 2 + red 4.
    """
    moments = (since_s + index * STEP_MS / 1000 for index in range(STEPS))
    return {"step_ms": STEP_MS, "steps": "".join(_digit(signal, at) for at in moments)}


def _digit(signal: Signal, at: float) -> str:
    lit = levels(signal, at, quiet=True)
    return str(int(bool(lit.green)) + 2 * bool(lit.amber) + 4 * bool(lit.red))
