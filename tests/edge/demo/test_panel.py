import io
from collections.abc import Callable
from typing import Any

import pytest
from rich.console import Console, RenderableType

from edge.demo.panel import Lamps, draw, summary
from edge.demo.truth import Appearance, Outcome, Sighting
from edge.door import DoorState, EncounterView
from edge.indicator.pattern import DARK, Levels

Change = Callable[..., Any]


def printed(what: RenderableType) -> str:
    written = io.StringIO()
    Console(file=written, width=120, force_terminal=False).print(what)
    return written.getvalue()


def test_before_the_engine_answers_the_panel_says_that_it_starts() -> None:
    assert "STARTING" in printed(draw(None, DARK, "page"))


def test_the_panel_shows_verdict_score_list_and_page(
    state: DoorState, view: EncounterView, change: Change
) -> None:
    stopped = change(view, verdict="STOP", score=0.91, why="On the list", latency_ms=33.0)
    shown = change(state, verdict="STOP", category="banned", encounters=(stopped,))
    text = printed(draw(shown, Levels(red=True), "page: http://127.0.0.1:8080"))
    for words in ("STOP", "0.91", "On the list", "33 ms", "1 entry", "0.55 stop", "127.0.0.1:8080"):
        assert words in text


def test_a_fault_is_said_in_its_own_words(state: DoorState, change: Change) -> None:
    shown = change(state, verdict="FAULT", faults=("The camera gives no picture.",))
    assert "The camera gives no picture." in printed(draw(shown, DARK, ""))


def test_the_lamps_blink_by_the_unit_s_own_pattern(state: DoorState, change: Change) -> None:
    lamps, stopped = Lamps(), change(state, verdict="STOP", category="banned")
    assert lamps.levels(stopped, 100.0).red
    assert not lamps.levels(stopped, 100.3).red
    assert lamps.levels(stopped, 100.5).red


def test_an_engine_that_is_silent_is_a_fault_on_the_panel(state: DoorState) -> None:
    lamps = Lamps()
    lamps.levels(state, 10.0)
    lit = [lamps.levels(None, 10 + step / 20) for step in range(20)]
    assert any(one.amber for one in lit)
    assert not any(one.green or one.red for one in lit)


@pytest.mark.parametrize(
    ("verdicts", "words"),
    [(["STOP"], "✓"), (["CLEAR"], "✗"), (["STOP", "STOP"], "2 times"), ([], "never seen")],
)
def test_the_summary_says_right_wrong_twice_and_never(verdicts: list[str], words: str) -> None:
    shown = Appearance("listed", "alone", "STOP", 0, ((0, 0, 1, 1),))
    seen = tuple(Sighting(n, {}, (verdict,), 0.8, 1.0, 30.0) for n, verdict in enumerate(verdicts))
    text = printed(summary((Outcome(shown, seen),), ()))
    assert words in text
    assert "doorwatch evaluate" in text
