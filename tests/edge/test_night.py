from datetime import UTC, date, datetime, timedelta, timezone

from edge.night import night_end, night_ends_s, night_of

EAST = timezone(timedelta(hours=9))


def at(day: int, hour: int, zone: timezone = UTC) -> datetime:
    return datetime(2031, 1, day, hour, tzinfo=zone)


def test_a_night_ends_at_noon_and_noon_begins_the_next() -> None:
    assert night_end(at(31, 23)) == datetime(2031, 2, 1, 12, tzinfo=UTC)
    assert night_end(at(30, 11)) == at(30, 12)
    assert night_end(at(30, 12)) == at(31, 12)


def test_a_night_has_the_name_of_the_day_on_which_it_began() -> None:
    for moment in (at(30, 12), at(30, 23), at(31, 4), at(31, 11)):
        assert night_of(moment.timestamp(), UTC) == date(2031, 1, 30)
    assert night_of(at(31, 12).timestamp(), UTC) == date(2031, 1, 31)


def test_noon_is_that_of_the_place() -> None:
    moment = at(31, 3, EAST).timestamp()
    assert night_of(moment, EAST) == date(2031, 1, 30)
    assert night_ends_s(moment, EAST) == at(31, 12, EAST).timestamp()
