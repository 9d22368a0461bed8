"""Who rings and when: decided in one place, for every phone."""

from typing import Any

import pytest

from edge.staff.bell import AWAKE_S, AWAY_S, ESCALATE_S, MOST_PHONES, Bell, Duty, Sound


@pytest.fixture
def bell(scene: Any) -> Bell:
    """A first and a second phone, both awake, and one open alert about a ban."""
    there = Bell()
    there.hear("one", Duty.FIRST, 0.0, audible=True)
    there.hear("two", Duty.SECOND, 0.0, audible=True)
    there.hear("desk", Duty.WATCH, 0.0, audible=True)
    there.see([scene.alert()], 0.0)
    return there


def rings(bell: Bell, now: float) -> list[Sound]:
    return [bell.ring(key, now) for key in ("one", "two", "desk", "unknown")]


def stay_awake(bell: Bell, now: float) -> None:
    bell.hear("one", Duty.FIRST, now, audible=True)
    bell.hear("two", Duty.SECOND, now, audible=True)


def test_the_first_phone_rings_at_once_and_the_second_after_twenty_seconds(bell: Bell) -> None:
    assert rings(bell, 0.0) == [Sound.LOUD, Sound.NONE, Sound.NONE, Sound.NONE]
    assert not bell.escalated(0.0)
    stay_awake(bell, ESCALATE_S)
    assert rings(bell, ESCALATE_S)[:2] == [Sound.LOUD, Sound.LOUD]
    assert bell.escalated(ESCALATE_S)


def test_an_answer_ends_the_ringing_everywhere(bell: Bell, scene: Any) -> None:
    bell.see([scene.alert(answer="refused")], 1.0)
    assert rings(bell, ESCALATE_S) == [Sound.NONE] * 4


def test_where_the_first_phone_sleeps_or_is_mute_the_second_rings_at_once(bell: Bell) -> None:
    bell.hear("two", Duty.SECOND, AWAKE_S + 0.1, audible=True)
    assert bell.ring("two", AWAKE_S + 0.1) is Sound.LOUD
    bell.hear("one", Duty.FIRST, AWAKE_S + 0.2, audible=False)
    assert bell.ring("two", AWAKE_S + 0.2) is Sound.LOUD
    bell.hear("one", Duty.FIRST, AWAKE_S + 0.3, audible=True)
    assert bell.ring("two", AWAKE_S + 0.3) is Sound.NONE


def test_somebody_on_the_way_quiets_it_for_a_minute_and_then_it_rings_again(bell: Bell) -> None:
    assert bell.on_the_way("a1", 5.0)
    assert bell.expected(6.0) == ["a1"]
    assert rings(bell, 4.0 + AWAY_S)[:2] == [Sound.NONE, Sound.NONE]
    again = 5.0 + AWAY_S
    stay_awake(bell, again)
    assert rings(bell, again)[:2] == [Sound.LOUD, Sound.NONE]
    assert bell.expected(again) == []
    stay_awake(bell, again + ESCALATE_S)
    assert rings(bell, again + ESCALATE_S)[:2] == [Sound.LOUD, Sound.LOUD]


def test_of_an_alert_that_is_gone_nobody_is_on_the_way(bell: Bell) -> None:
    assert not bell.on_the_way("another", 0.0)


@pytest.mark.parametrize(
    "said", [{"category": "self-excluded"}, {"category": "welfare"}, {"verdict": "CHECK"}]
)
def test_what_concerns_nobody_around_is_felt_and_not_heard(
    scene: Any, said: dict[str, Any]
) -> None:
    bell = Bell()
    bell.hear("one", Duty.FIRST, 0.0, audible=True)
    bell.see([scene.alert(**said)], 0.0)
    assert bell.ring("one", 0.0) is Sound.SOFT
    bell.see([scene.alert(**said), scene.alert("a2")], 0.0)
    assert bell.ring("one", 0.0) is Sound.LOUD


def test_an_alert_that_turns_from_amber_to_red_grows_loud_and_waits_no_longer(scene: Any) -> None:
    bell = Bell()
    bell.hear("two", Duty.SECOND, 0.0, audible=True)
    bell.hear("one", Duty.FIRST, 0.0, audible=True)
    bell.see([scene.alert(verdict="CHECK")], 0.0)
    bell.see([scene.alert()], 5.0)
    assert bell.ring("one", 5.0) is Sound.LOUD
    stay_awake(bell, ESCALATE_S)
    assert bell.ring("two", ESCALATE_S) is Sound.LOUD


def test_phones_are_counted_leave_and_are_not_endless(bell: Bell) -> None:
    assert (bell.awake(Duty.FIRST, 0.0), bell.duty("one")) == (1, Duty.FIRST)
    bell.leave("one")
    assert (bell.awake(Duty.FIRST, 0.0), bell.duty("one")) == (0, None)
    for number in range(MOST_PHONES):
        bell.hear(str(number), Duty.FIRST, 1.0, audible=True)
    assert bell.duty("two") is None
