from collections.abc import Iterator
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.decision import Signal, Verdict
from edge.indicator.pattern import (
    CLEAR_S,
    HEARTBEAT,
    SAFE,
    TEST_STEP_S,
    TEST_STEPS,
    Levels,
    lamp_test,
    levels,
)
from sync.entries import Category

STEP_S = 0.02
WINDOW_S = 2.0

SIGNALS = {
    "idle": Signal(None),
    "attention": Signal(None, attention=True),
    "clear": Signal(Verdict.CLEAR),
    "check": Signal(Verdict.CHECK),
    "welfare": Signal(Verdict.STOP, Category.WELFARE),
    "self-excluded": Signal(Verdict.STOP, Category.SELF_EXCLUDED),
    "stop": Signal(Verdict.STOP, Category.BANNED),
    "fault": SAFE,
    "stop and fault": Signal(Verdict.STOP, Category.BANNED, faults=True),
    "self-excluded and fault": Signal(Verdict.STOP, Category.SELF_EXCLUDED, faults=True),
}
signals = st.builds(
    Signal,
    st.none() | st.sampled_from(Verdict),
    st.none() | st.sampled_from(Category),
    st.booleans(),
)


def moments(start_s: float = 0.0, length_s: float = WINDOW_S) -> Iterator[float]:
    return (start_s + STEP_S * step for step in range(round(length_s / STEP_S)))


def any_light(signal: Signal, start_s: float) -> list[bool]:
    """What somebody sees who sees neither colour nor place, and hears nothing."""
    window = (levels(signal, at) for at in moments(start_s))
    return [one.green or one.amber or one.red for one in window]


def flashes(lit: list[bool]) -> int:
    return sum(after and not before for before, after in pairwise([False, *lit]))


def lamp(signal: Signal, name: str, start_s: float = 0.0, length_s: float = WINDOW_S) -> list[bool]:
    return [getattr(levels(signal, at), name) for at in moments(start_s, length_s)]


@pytest.mark.parametrize(("one", "other"), list(combinations(SIGNALS, 2)))
def test_two_signals_never_share_a_rhythm(one: str, other: str) -> None:
    """Whenever one looks, two seconds of light alone tell them apart by 15 % or more."""
    starts = [0.0] if "clear" in (one, other) else [0.1 * step for step in range(40)]
    for start_s in starts:
        seen = zip(any_light(SIGNALS[one], 0.0), any_light(SIGNALS[other], start_s), strict=True)
        differing = sum(a != b for a, b in seen) * STEP_S / WINDOW_S
        assert differing >= 0.15, f"{one} and {other} look alike from {start_s:.1f} s on"


def test_green_is_lit_once_and_gives_way_to_the_heartbeat() -> None:
    green = lamp(SIGNALS["clear"], "green", length_s=6.0)
    assert flashes(green) == 1
    assert sum(green) * STEP_S == pytest.approx(CLEAR_S)
    later = [levels(SIGNALS["clear"], at) for at in moments(CLEAR_S, 4.0)]
    assert later == [levels(SIGNALS["idle"], at) for at in moments(CLEAR_S, 4.0)]


def test_the_heartbeat_is_one_short_blip_every_two_seconds() -> None:
    amber = lamp(SIGNALS["idle"], "amber", length_s=10.0)
    assert flashes(amber) == 5
    assert sum(amber) * STEP_S == pytest.approx(5 * HEARTBEAT[0])


def test_check_pulses_slowly_and_stop_flashes_fast() -> None:
    assert flashes(lamp(SIGNALS["check"], "amber", length_s=10.0)) == 5
    assert flashes(lamp(SIGNALS["stop"], "red", length_s=10.0)) == 25


def test_only_a_ban_makes_a_sound() -> None:
    audible = {name for name, signal in SIGNALS.items() if any(lamp(signal, "buzzer"))}
    assert audible == {"stop", "stop and fault"}


def test_a_quieted_buzzer_leaves_the_red_flashing() -> None:
    at = list(moments())
    quiet = [levels(SIGNALS["stop"], moment, quiet=True) for moment in at]
    assert not any(one.buzzer for one in quiet)
    assert [one.red for one in quiet] == lamp(SIGNALS["stop"], "red")


def test_stop_and_fault_both_show_on_lamps_of_their_own() -> None:
    both = SIGNALS["stop and fault"]
    assert lamp(both, "red") == lamp(SIGNALS["stop"], "red")
    assert lamp(both, "amber") == lamp(SIGNALS["fault"], "amber")


def test_a_fault_takes_the_amber_of_a_welfare_signal() -> None:
    faulty = Signal(Verdict.STOP, Category.WELFARE, faults=True)
    assert lamp(faulty, "amber") == lamp(SIGNALS["fault"], "amber")


def test_a_stop_without_a_category_is_as_loud_as_a_ban() -> None:
    unknown = Signal(Verdict.STOP)
    assert [levels(unknown, at) for at in moments()] == [
        levels(SIGNALS["stop"], at) for at in moments()
    ]


@pytest.mark.parametrize("name", SIGNALS)
def test_no_lamp_flashes_more_than_three_times_in_any_second(name: str) -> None:
    for colour in ("green", "amber", "red"):
        lit = lamp(SIGNALS[name], colour, length_s=6.0)
        rises = [index for index, (a, b) in enumerate(pairwise([False, *lit])) if b and not a]
        for rise in rises:
            assert sum(rise <= other < rise + 1 / STEP_S for other in rises) <= 3


@given(signals, st.floats(0, 1e6))
def test_green_is_lit_for_a_faultless_clear_and_nothing_else(signal: Signal, at: float) -> None:
    if levels(signal, at).green:
        assert signal.verdict is Verdict.CLEAR
        assert not signal.faults
        assert at < CLEAR_S


@given(signals)
def test_every_signal_gives_light_within_two_seconds_of_any_moment(signal: Signal) -> None:
    for start_s in (0.0, 0.7, 123.4):
        assert any(any_light(signal, start_s))


@given(signals)
def test_a_clock_that_ran_backwards_shows_the_beginning(signal: Signal) -> None:
    assert levels(signal, -5.0) == levels(signal, 0.0)


def test_a_rhythm_does_not_drift() -> None:
    night_s = 12 * 3600.0
    for name in ("idle", "check", "welfare"):
        assert lamp(SIGNALS[name], "amber", night_s) == lamp(SIGNALS[name], "amber")


def test_a_lamp_test_tries_each_thing_alone_and_ends() -> None:
    tried = [lamp_test((step + 0.5) * TEST_STEP_S) for step in range(5)]
    assert tried == [
        Levels(red=True), Levels(amber=True), Levels(green=True), Levels(buzzer=True), None,
    ]  # fmt: skip
    assert lamp_test(-1.0) == TEST_STEPS[0]
