"""Snapshots to show."""

from collections.abc import Callable

import msgspec
import pytest

from edge.door import DoorState, EncounterView, ListView

Change = Callable[..., object]
"""Gives a snapshot or a view with other values in it."""


@pytest.fixture
def view() -> EncounterView:
    return EncounterView(
        number=1,
        verdict=None,
        why="Still looking.",
        score=None,
        entry_id=None,
        category=None,
        usable=0,
        first_frame=12,
        last_frame=12,
        seen_s=0.0,
        box=(0.4, 0.4, 0.5, 0.6),
        ended=False,
        latency_ms=0.0,
    )


@pytest.fixture
def state(view: EncounterView) -> DoorState:
    return DoorState(
        taken_at=0.0,
        frame=12,
        verdict=None,
        category=None,
        faults=(),
        encounters=(view,),
        alerts=(),
        gallery=ListView(1, 1, 3, 0.0, 86_400.0, "mobilefacenet"),
        thresholds=(0.4, 0.55),
        counts={"encounters": 1},
        fps=12.0,
        dropped=0,
        latency_ms=30.0,
        stages_ms={"detect": 4.0},
        finished=False,
    )


@pytest.fixture
def change() -> Change:
    return msgspec.structs.replace
