"""What happened in each night, from counters that only ever go on."""

from datetime import date, timedelta

import pytest

from simulator.office import Door, Office
from sync.hub import nights, words
from sync.hub.nights import KEPT_DAYS, NightBook

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


@pytest.fixture
def evening(office: Office) -> Office:
    office.now_ms += 10 * HOUR_MS
    return office


def tell(office: Office, door: Door, **counts: int) -> None:
    desk = office.service.desk
    told = {"since": office.now_ms // 1000 - 60} | {
        k.replace("_", "-"): n for k, n in counts.items()
    }
    with desk.change():
        unit = desk.book.units[door.registration.unit_id]
        words.take(
            desk,
            unit,
            door.report(office.service, counts=tuple(sorted(told.items()))),
            office.now_ms,
        )


def shown(office: Office, days: int = KEPT_DAYS) -> list[tuple[date, dict[str, int]]]:
    first = nights.tonight(office.now_ms) - timedelta(days=days)
    found = NightBook(office.service.desk).nights(first, office.now_ms)
    return [(one.begins_on, {w: n for w, n in one.totals.items() if n}) for one in found]


def test_a_night_is_what_was_added_from_report_to_report(evening: Office) -> None:
    door, night = evening.door(), nights.tonight(evening.now_ms)
    since = evening.now_ms // 1000
    for encounters in (10, 25, 25, 40):
        tell(evening, door, since=since, encounters=encounters, reds=encounters // 10)
        evening.now_ms += 30_000
    assert shown(evening) == [(night, {"encounters": 40, "reds": 4})]


def test_a_door_that_was_started_anew_loses_nothing_and_counts_nothing_twice(
    evening: Office,
) -> None:
    door, since = evening.door(), evening.now_ms // 1000
    tell(evening, door, since=since, encounters=30, clear=20)
    tell(evening, door, since=since + 500, encounters=31, clear=25)
    tell(evening, door, since=since + 500, encounters=33, clear=26)
    assert shown(evening)[0][1] == {"encounters": 63, "clear": 46}


def test_a_door_of_an_older_release_is_known_to_have_begun_anew_by_smaller_numbers(
    evening: Office,
) -> None:
    door, since = evening.door(), evening.now_ms // 1000
    tell(evening, door, since=since, encounters=30)
    tell(evening, door, since=since, encounters=4)
    assert shown(evening)[0][1] == {"encounters": 34}


def test_a_person_who_comes_back_takes_the_first_verdict_back(evening: Office) -> None:
    door, since = evening.door(), evening.now_ms // 1000
    tell(evening, door, since=since, encounters=5, check=3)
    tell(evening, door, since=since, encounters=5, check=2)
    assert shown(evening)[0][1] == {"encounters": 5, "check": 2}


def test_a_new_night_begins_at_noon_with_nothing(evening: Office) -> None:
    door, since = evening.door(), evening.now_ms // 1000
    tell(evening, door, since=since, encounters=100)
    night = nights.tonight(evening.now_ms)
    evening.now_ms += DAY_MS
    tell(evening, door, since=since, encounters=130)
    assert shown(evening) == [
        (night, {"encounters": 100}), (night + timedelta(days=1), {"encounters": 30}),
    ]  # fmt: skip


def test_a_door_whose_engine_does_not_answer_changes_nothing(evening: Office) -> None:
    door, since, desk = evening.door(), evening.now_ms // 1000, evening.service.desk
    tell(evening, door, since=since, encounters=100)
    unit = desk.book.units[door.registration.unit_id]
    with desk.change():
        words.take(desk, unit, door.report(evening.service), evening.now_ms)
    tell(evening, door, since=since, encounters=110)
    assert shown(evening)[0][1] == {"encounters": 110}


def test_what_a_door_counted_in_earlier_nights_is_not_put_to_the_one_in_which_it_joins(
    evening: Office,
) -> None:
    door, since = evening.door(), evening.now_ms // 1000 - 5 * 86_400
    tell(evening, door, since=since, encounters=4_000)
    tell(evening, door, since=since, encounters=4_010)
    assert shown(evening)[0][1] == {"encounters": 10}


def test_each_door_has_its_own_night_and_what_its_operator_accepts(evening: Office) -> None:
    first, second = evening.door(), evening.door()
    tell(evening, first, encounters=7, red_budget=250, entrants=900)
    tell(evening, second, encounters=8, red_budget=1000)
    found = NightBook(evening.service.desk).nights(date(2000, 1, 1), evening.now_ms)
    told = {one.unit_id: (one.totals["encounters"], one.accepted) for one in found}
    assert told == {
        first.registration.unit_id: (7, {"red-budget": 250, "entrants": 900}),
        second.registration.unit_id: (8, {"red-budget": 1000}),
    }


def test_words_that_say_how_something_is_are_not_added_up(evening: Office) -> None:
    door, since = evening.door(), evening.now_ms // 1000
    for degrees in (41, 55):
        tell(evening, door, since=since, encounters=1, temperature=degrees)
    assert shown(evening)[0][1] == {"encounters": 1}


def test_a_clock_that_goes_back_opens_no_night_that_is_over(evening: Office) -> None:
    door, since = evening.door(), evening.now_ms // 1000
    tell(evening, door, since=since, encounters=10)
    night = nights.tonight(evening.now_ms)
    evening.now_ms -= DAY_MS
    tell(evening, door, since=since, encounters=12)
    evening.now_ms += DAY_MS
    assert shown(evening) == [(night, {"encounters": 12})]


def test_after_thirteen_months_a_night_is_destroyed(evening: Office) -> None:
    door, desk = evening.door(), evening.service.desk
    tell(evening, door, encounters=10)
    for days, left in ((KEPT_DAYS, 1), (1, 0)):
        evening.now_ms += days * DAY_MS
        with desk.change():
            nights.tidy(desk, evening.now_ms)
        assert len(shown(evening, days=9_999)) == left


def test_nights_that_are_over_are_opened_but_once(
    evening: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    door, since = evening.door(), evening.now_ms // 1000
    for _ in range(5):
        tell(evening, door, since=since, encounters=10)
        evening.now_ms += DAY_MS
    store, book = evening.service.desk.store, NightBook(evening.service.desk)
    opened: list[object] = []
    find = store.find
    monkeypatch.setattr(store, "find", lambda *about: opened.append(about[1]) or find(*about))
    for _ in range(3):
        assert len(book.nights(date(2000, 1, 1), evening.now_ms)) == 5
    assert len(opened) == 5 + 1 + 1
