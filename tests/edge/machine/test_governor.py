"""The unit steps down before the firmware does, comes back without wavering, and says why."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.machine.governor import (
    BACK,
    HOLD_S,
    HOT_FROM,
    HOT_UNTIL,
    SLOWED_RATE,
    STEPS,
    WEAK_RATE,
    Governor,
)
from edge.machine.view import Note

FIRMWARE_SLOWS_AT = 80.0
"""Degrees Celsius; Raspberry Pi 4 and 5."""

degrees = st.floats(-20, 110) | st.none()
looks = st.lists(st.tuples(degrees, st.booleans(), st.booleans()), max_size=60)


def rate(governor: Governor, temperature: float | None, now: float = 0.0) -> float | None:
    return governor.course(temperature, now).rate


def test_a_cool_unit_screens_all_that_comes() -> None:
    course = Governor().course(55.0, 0.0)
    assert (course.rate, course.hot, course.reasons) == (None, False, ())


def test_every_step_comes_before_the_firmware_slows_the_machine_down() -> None:
    governor, last = Governor(), float("inf")
    for limit, expected in STEPS:
        assert limit < FIRMWARE_SLOWS_AT
        assert rate(governor, limit - 0.1) in {None, last}
        assert rate(governor, limit) == expected < last
        last = expected


def test_a_step_is_taken_back_only_when_it_is_cooler_by_far() -> None:
    governor, (limit, slow) = Governor(), STEPS[0]
    assert rate(governor, limit) == slow
    assert rate(governor, limit - BACK + 0.1) == slow
    assert rate(governor, limit - BACK) is None


def test_a_temperature_that_wavers_makes_no_rate_that_does() -> None:
    governor = Governor()
    limit = STEPS[1][0]
    rates = {rate(governor, limit + wave) for wave in (0.0, -1.0, 0.5, -3.9, 0.0, -2.0)}
    assert rates == {STEPS[1][1]}


def test_too_hot_is_a_fault_until_it_is_clearly_cooler() -> None:
    governor = Governor()
    assert not governor.course(HOT_FROM - 0.1, 0.0).hot
    assert governor.course(HOT_FROM, 1.0).hot
    assert governor.course(HOT_UNTIL, 2.0).hot
    assert not governor.course(HOT_UNTIL - 0.1, 3.0).hot


def test_a_sensor_that_falls_silent_takes_nothing_back() -> None:
    governor = Governor()
    governor.course(HOT_FROM, 0.0)
    course = governor.course(None, 1.0)
    assert (course.hot, course.rate) == (True, STEPS[-1][1])


@pytest.mark.parametrize(
    ("told", "expected", "why"),
    [
        ("weak", WEAK_RATE, Note.UNDER_VOLTAGE),
        ("slowed", SLOWED_RATE, Note.THROTTLED),
    ],
)
def test_a_dip_counts_for_a_minute(told: str, expected: float, why: Note) -> None:
    governor = Governor()
    governor.course(50.0, 0.0, **{told: True})
    later = governor.course(50.0, HOLD_S - 1)
    assert (later.rate, later.reasons) == (expected, (why,))
    assert governor.course(50.0, HOLD_S).rate is None


@given(looks)
def test_a_lower_rate_always_has_a_reason_and_the_reverse(
    story: list[tuple[float | None, bool, bool]],
) -> None:
    governor = Governor()
    for second, (temperature, weak, slowed) in enumerate(story):
        course = governor.course(temperature, float(second), weak=weak, slowed=slowed)
        assert (course.rate is None) == (not course.reasons)
        assert course.rate is None or course.rate >= SLOWED_RATE


@given(looks)
def test_at_a_temperature_of_a_step_the_rate_is_never_above_it(
    story: list[tuple[float | None, bool, bool]],
) -> None:
    governor = Governor()
    for second, (temperature, weak, slowed) in enumerate(story):
        course = governor.course(temperature, float(second), weak=weak, slowed=slowed)
        allowed = [most for limit, most in STEPS if temperature and temperature >= limit]
        assert not allowed or (course.rate or 1e9) <= min(allowed)
