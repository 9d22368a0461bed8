"""Each rule by which the hub turns red into amber at all doors, and each by which it does not."""

from dataclasses import replace
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from sync.hub.guarding import (
    AT_ONCE_MS,
    MOST_OF_ONE_DOOR,
    NOT_THEM,
    OFTEN,
    Rung,
    Why,
    heard,
    held_back,
    judge,
    relies_on,
)

NOW_MS = 1_900_000_000_000
QUIET = Rung("door 1", "venue 1", 0, 0, 0, 0)


def rung(door: int, venue: int = 1, **changes: int) -> Rung:
    return replace(Rung(f"door {door}", f"venue {venue}", 1, 0, 0, NOW_MS), **changes)


def test_nothing_rang_and_nothing_is_noticed() -> None:
    assert judge(()) is None
    assert judge([QUIET]) is None


def test_once_not_them_is_no_reason() -> None:
    assert judge([rung(1, not_them=1)]) is None


def test_twice_not_them_in_a_night_is_noticed_at_one_door_or_at_two() -> None:
    assert judge([rung(1, alerts=2, not_them=2)]) is Why.NOT_THEM
    assert judge([rung(1, not_them=1), rung(2, not_them=1)]) is Why.NOT_THEM


def test_twice_not_them_is_noticed_although_staff_also_confirmed_the_entry() -> None:
    assert judge([rung(1, alerts=9, confirmed=7, not_them=2)]) is Why.NOT_THEM


def test_three_doors_of_two_venues_within_minutes_are_noticed() -> None:
    doors = [rung(1), rung(2, rang_ms=NOW_MS - AT_ONCE_MS), rung(3, venue=2)]
    assert judge(doors) is Why.DOORS


def test_two_doors_within_minutes_are_not_noticed_for_people_walk_from_one_to_the_next() -> None:
    assert judge([rung(1), rung(2, venue=2)]) is None


def test_three_doors_of_one_venue_are_not_noticed_for_one_person_passes_them_all() -> None:
    assert judge([rung(1), rung(2), rung(3)]) is None


def test_three_doors_over_a_longer_time_are_not_noticed() -> None:
    doors = [rung(1), rung(2, rang_ms=NOW_MS - AT_ONCE_MS - 1), rung(3, venue=2)]
    assert judge(doors) is None


def test_a_door_that_told_of_it_late_says_nothing_about_minutes() -> None:
    assert judge([rung(1), rung(2, rang_ms=0), rung(3, venue=2)]) is None


def test_many_alerts_that_nobody_confirmed_are_noticed() -> None:
    assert judge([rung(1, alerts=OFTEN - 1)]) is None
    assert judge([rung(1, alerts=OFTEN - 2), rung(2, alerts=2)]) is Why.OFTEN


def test_one_confirmation_tonight_outweighs_any_number_of_alerts_and_doors() -> None:
    assert judge([rung(1, alerts=50), rung(2, alerts=1, confirmed=1)]) is None
    assert judge([rung(1), rung(2), rung(3, venue=2, confirmed=1), rung(4, venue=3)]) is None


def test_what_one_door_says_alone_is_known_to_be_so() -> None:
    told, other = rung(1, alerts=9, not_them=2), rung(2, alerts=3)
    assert relies_on([told, other], Why.NOT_THEM) == "door 1"
    assert relies_on([told, other], Why.OFTEN) == ""
    assert relies_on([told, QUIET], Why.OFTEN) == "door 1"


def test_one_door_alone_holds_back_few_entries_and_two_that_agree_any_number() -> None:
    alone = [(f"lie {number}", "door 1") for number in range(10)]
    agreed = [(f"entry {number}", "") for number in range(10)]
    chosen = held_back([*alone, *agreed], 256)
    assert list(chosen) == [f"lie {n}" for n in range(MOST_OF_ONE_DOOR)] + [n for n, _ in agreed]


def test_no_more_entries_are_held_back_than_a_caution_takes_the_oldest_first() -> None:
    assert list(held_back([("a", ""), ("b", ""), ("c", "")], 2)) == ["a", "b"]


def test_a_door_that_starts_anew_in_the_night_takes_nothing_back_and_adds_nothing_twice() -> None:
    before = rung(1, alerts=4, confirmed=1, not_them=1)
    after = heard(before, rung(1, alerts=1, not_them=1), known_ms=NOW_MS - 30_000)
    assert after == before
    assert judge([after]) is None


def test_an_alert_has_a_moment_only_where_the_door_was_heard_just_before() -> None:
    timely = heard(None, rung(1), known_ms=NOW_MS - 30_000)
    late = heard(None, rung(1), known_ms=NOW_MS - AT_ONCE_MS - 1)
    assert (timely.rang_ms, late.rang_ms) == (NOW_MS, 0)
    answered = heard(timely, rung(1, confirmed=1, rang_ms=NOW_MS + 60_000), known_ms=NOW_MS)
    assert answered.rang_ms == NOW_MS


numbers = st.integers(0, 3)
doors = st.lists(
    st.builds(Rung, st.uuids().map(str), st.sampled_from("abc"), st.integers(0, 9), numbers,
              st.integers(0, 1), st.integers(NOW_MS - 2 * AT_ONCE_MS, NOW_MS)),
    max_size=6,
)  # fmt: skip


@given(doors)
def test_nobody_whom_staff_confirmed_is_held_back_unless_they_also_said_not_them_twice(
    told: list[Rung],
) -> None:
    why = judge(told)
    if any(one.confirmed for one in told) and sum(one.not_them for one in told) < NOT_THEM:
        assert why is None


@given(doors, st.randoms())
def test_the_order_in_which_doors_are_heard_changes_nothing(
    told: list[Rung], chance: Random
) -> None:
    mixed = list(told)
    chance.shuffle(mixed)
    assert judge(mixed) is judge(told)
