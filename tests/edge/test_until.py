"""Dates as people type them."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.errors import EnrolmentError
from edge.until import day, until

NOW = datetime(2030, 8, 31, 23, 30).astimezone().timestamp()


def local(*parts: int) -> float:
    """A local moment, in seconds since the epoch."""
    return datetime(*parts).astimezone().timestamp()  # type: ignore[arg-type]  # year, month, …


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("2030-08-31", (2030, 9, 1)),
        (" 2030-09-01 ", (2030, 9, 2)),
        ("2030-12-31", (2031, 1, 1)),
        ("1d", (2030, 9, 1, 23, 30)),
        ("30D", (2030, 9, 30, 23, 30)),
        ("2 w", (2030, 9, 14, 23, 30)),
        ("1m", (2030, 9, 30, 23, 30)),
        ("6m", (2031, 2, 28, 23, 30)),
        ("4m", (2030, 12, 31, 23, 30)),
        ("18m", (2032, 2, 29, 23, 30)),
        ("1y", (2031, 8, 31, 23, 30)),
    ],
)
def test_a_date_counts_to_its_end_and_a_term_from_now(text: str, ends: tuple[int, ...]) -> None:
    # A change of the clocks in between moves a term by an hour at most.
    assert abs(until(text, NOW) - local(*ends)) <= 3600


@pytest.mark.parametrize(
    "text",
    ["", "soon", "30", "d", "-3d", "2030-13-01", "2030-02-30", "9999-12-31", "9999y", "1.5d"],
)
def test_what_is_no_date_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(EnrolmentError, match=r"no date.*2031-01-31.*30d"):
        until(text, NOW)


@pytest.mark.parametrize("text", ["2030-08-30", "1999-01-01", "0d"])
def test_a_date_that_is_over_is_refused(text: str) -> None:
    with pytest.raises(EnrolmentError, match="over already"):
        until(text, NOW)


@given(st.text(max_size=12))
def test_any_text_is_a_date_or_refused(text: str) -> None:
    try:
        found = until(text, NOW)
    except EnrolmentError:
        return
    assert found > NOW


def test_a_moment_is_said_in_local_time() -> None:
    assert day(NOW) == "2030-08-31 23:30"
