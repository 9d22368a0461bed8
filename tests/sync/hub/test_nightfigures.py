"""What nights add up to, and that the figure against the budget claims no more than it knows."""

from datetime import date, timedelta

import pytest

from edge.intervals import exact
from sync.hub.nightfigures import MOST_EXACT, FalseReds, Verdict, false_reds, periods, summed
from sync.hub.nights import Night

FRIDAY = date(2031, 1, 31)


def night(ago: int = 0, budget: int = 1000, **totals: int) -> Night:
    told = {name.replace("_", "-"): count for name, count in totals.items()}
    return Night("u", FRIDAY - timedelta(days=ago), told, {"red-budget": budget} if budget else {})


def test_nights_are_added_up_and_those_without_anybody_are_none() -> None:
    sums = summed(
        [
            night(encounters=100, reds=5, alerts=9, red_refused=2, red_let_in=1, red_not_them=1),
            night(1, encounters=300, reds=1, alerts=3),
            night(2, encounters=0),
        ]
    )
    assert (sums.nights, sums["encounters"], sums["reds"], sums.budget) == (2, 400, 6, 2.0)
    assert (sums.right, sums.wrong, sums.unanswered, sums.ambers) == (3, 1, 2, 6)
    assert sums["temperature"] == 0


def test_false_reds_are_those_that_staff_marked_so_each_night() -> None:
    nights = [night(ago, encounters=500, reds=1, red_not_them=1) for ago in range(4)]
    found = false_reds(summed([*nights, *(night(9 + n, encounters=500) for n in range(4))]))
    assert found is not None
    assert found.value == pytest.approx(0.5)
    assert found.low < 0.5 < found.high
    assert (found.low, found.high) == pytest.approx((0.136, 1.279), abs=0.01)
    assert found.most == found.value


def test_what_nobody_answered_may_have_been_false() -> None:
    found = false_reds(summed([night(encounters=500, reds=4, red_not_them=1, red_refused=1)]))
    assert found is not None
    assert (found.value, found.most) == (pytest.approx(1.0), 3.0)


@pytest.mark.parametrize("wrong", [MOST_EXACT + 1, 150])
def test_the_interval_of_many_is_that_of_the_exact_one_but_a_little_wider(wrong: int) -> None:
    people = 100 * wrong
    found = false_reds(summed([night(encounters=people, reds=wrong, red_not_them=wrong)]))
    low, high = (end * people for end in exact(wrong, people).interval)
    assert found is not None
    assert found.low < low < found.value < high < found.high
    assert (found.low, found.high) == pytest.approx((low, high), rel=0.01)


def test_where_nobody_was_seen_nothing_is_said() -> None:
    assert false_reds(summed([])) is None


@pytest.mark.parametrize(
    ("figure", "verdict"),
    [
        (FalseReds(0.1, 0.05, 0.4, 0.1, 1.0), Verdict.WITHIN),
        (FalseReds(0.1, 0.05, 1.4, 0.1, 1.0), Verdict.OPEN),
        (FalseReds(0.1, 0.05, 0.4, 1.1, 1.0), Verdict.OPEN),
        (FalseReds(2.0, 0.9, 4.0, 2.0, 1.0), Verdict.OPEN),
        (FalseReds(2.0, 1.1, 4.0, 2.0, 1.0), Verdict.ABOVE),
        (FalseReds(0.1, 0.05, 0.4, 0.1, 0.0), Verdict.UNKNOWN),
    ],
)
def test_no_verdict_is_given_before_the_interval_allows_it(
    figure: FalseReds, verdict: Verdict
) -> None:
    assert figure.verdict is verdict


def test_a_short_span_is_shown_night_by_night_without_a_gap() -> None:
    shown = periods([night(0, encounters=1), night(3, encounters=2)], *span(14))
    assert len(shown) == 14
    assert [one.sums["encounters"] for one in shown[-4:]] == [2, 0, 0, 1]
    assert all(one.first == one.last for one in shown)


def test_a_long_span_is_shown_week_by_week_and_loses_nothing() -> None:
    nights = [night(ago, encounters=1) for ago in range(396)]
    shown = periods(nights, *span(396))
    assert len(shown) == 57
    assert sum(one.sums["encounters"] for one in shown) == 396
    assert shown[-1].last == FRIDAY
    assert (shown[0].first, shown[0].sums["encounters"]) == (span(396)[0], 4)


def span(days: int) -> tuple[date, date]:
    return FRIDAY - timedelta(days=days - 1), FRIDAY
