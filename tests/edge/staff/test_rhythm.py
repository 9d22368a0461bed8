"""The page's lamps are those of the unit."""

from typing import Any

import pytest

from edge.decision import Signal, Verdict
from edge.indicator.pattern import SAFE, levels
from edge.staff.rhythm import STEP_MS, light, signal_of


def test_no_snapshot_shows_the_safe_pattern() -> None:
    assert signal_of(None) == SAFE


def test_a_fault_without_a_verdict_shows_the_safe_pattern(scene: Any) -> None:
    assert signal_of(scene.state(faults=("Something covers the camera.",))) == SAFE


def test_a_snapshot_becomes_the_signal_of_the_lamp_keeper(scene: Any) -> None:
    inside = (scene.encounter(3, verdict="STOP"), scene.encounter(4, verdict="CLEAR"))
    state = scene.state(verdict="STOP", category="banned", encounters=inside)
    assert signal_of(state) == Signal(Verdict.STOP, "banned", faults=False, encounter=3)


@pytest.mark.parametrize("verdict", [None, *Verdict])
@pytest.mark.parametrize("since_s", [0.0, 1.0, 7.35])
def test_light_is_what_the_pattern_says_at_each_step(verdict: Any, since_s: float) -> None:
    signal = Signal(verdict)
    for index, step in enumerate(light(signal, since_s)["steps"]):
        lit = levels(signal, since_s + index * STEP_MS / 1000)
        assert int(step) == lit.green + 2 * lit.amber + 4 * lit.red


def test_a_message_carries_two_seconds_of_light_and_no_more() -> None:
    carried = light(Signal(Verdict.CLEAR), 0.0)
    assert len(carried["steps"]) * carried["step_ms"] == 2000
