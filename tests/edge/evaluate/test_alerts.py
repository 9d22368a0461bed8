"""Counting what simulated nights came to."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.decision import Verdict
from edge.evaluate.alerts import Outcome, false_alerts, misses, verdicts
from edge.intervals import exact

CLEAR, RINGS = Outcome(Verdict.CLEAR, None), Outcome(Verdict.STOP, "x")
LOOK, UNSEEN = Outcome(Verdict.CHECK, "x"), Outcome(Verdict.CHECK, None)
NOTHING = Outcome(None, None)
ONCE = np.ones((5, 4), np.int64)


def test_alerts_are_counted_over_all_and_by_group() -> None:
    nights = [[RINGS, CLEAR, CLEAR, LOOK], [RINGS, CLEAR, UNSEEN, CLEAR]]
    everybody, ones, twos = false_alerts(nights, ["one", "one", "two", "two"], 1e-3, ONCE)
    assert (everybody.who, ones.who, twos.who) == ("all", "one", "two")
    assert (everybody.people, ones.people) == (4, 2)
    assert everybody.first == exact(1, 4)
    assert (everybody.stops.events, everybody.stops.trials) == (2, 8)
    assert (everybody.checks.events, twos.checks.events) == (3, 1)
    assert (ones.stops.events, twos.stops.events) == (2, 0)


def test_a_promise_is_broken_only_when_chance_cannot_explain_it() -> None:
    draws = np.random.default_rng(1).multinomial(1000, np.full(1000, 1 / 1000), 200)

    def kept(ringing: int) -> bool:
        night = [RINGS] * ringing + [CLEAR] * (1000 - ringing)
        return false_alerts([night], [""] * 1000, 1e-3, draws)[0].kept

    assert kept(0)
    assert kept(1)
    assert not kept(20)


def test_strangers_without_a_group_count_only_among_all() -> None:
    found = false_alerts([[CLEAR] * 4], ["", "", "", "g"], 1e-3, ONCE)
    assert [one.who for one in found] == ["all", "g"]


def test_each_way_of_missing_somebody_is_told_apart() -> None:
    outcomes = [RINGS, RINGS, LOOK, UNSEEN, NOTHING, CLEAR]
    missed = misses(outcomes, ["x", "y", "x", "x", "x", "x"])
    assert (missed.stopped, missed.checked, missed.not_seen, missed.wrong) == (1, 1, 2, 1)
    assert (missed.fnir_stop.events, missed.fnir_check.events) == (5, 4)
    assert missed.fnir_stop.trials == 6


def test_shares_of_verdicts_tell_not_seen_from_check() -> None:
    assert verdicts([[CLEAR, LOOK, UNSEEN, NOTHING], [RINGS, CLEAR, CLEAR, CLEAR]]) == {
        "clear": 0.5,
        "check": 0.125,
        "stop": 0.125,
        "not seen": 0.125,
        "undecided": 0.125,
    }


@given(st.lists(st.sampled_from([CLEAR, RINGS, LOOK, UNSEEN, NOTHING]), min_size=1))
def test_the_shares_add_up(night: list[Outcome]) -> None:
    assert sum(verdicts([night]).values()) == pytest.approx(1)
