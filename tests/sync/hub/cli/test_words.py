"""Times and counts as people read them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.hub.cli.words import ago, count, duration, moment, within


@pytest.mark.parametrize(
    ("span_ms", "words"),
    [
        (-5, "0 ms"),
        (0, "0 ms"),
        (412, "412 ms"),
        (1000, "1.0 s"),
        (9_949, "9.9 s"),
        (10_000, "10 seconds"),
        (119_000, "119 seconds"),
        (120_000, "2 minutes"),
        (7_200_000, "2 hours"),
        (86_400_000, "24 hours"),
        (3 * 86_400_000, "3 days"),
    ],
)
def test_a_span_is_said_by_its_largest_unit(span_ms: int, words: str) -> None:
    assert duration(span_ms) == words


@given(st.integers(min_value=-(10**15), max_value=10**15))
def test_every_span_has_words(span_ms: int) -> None:
    assert duration(span_ms)
    assert ago(span_ms)
    assert within(span_ms).startswith("in ")


def test_what_was_a_moment_ago_is_just_now() -> None:
    assert (ago(1999), ago(2000)) == ("just now", "2.0 s ago")


def test_one_is_not_several() -> None:
    assert (count(1, "door"), count(0, "door"), count(2, "door")) == (
        "1 door",
        "0 doors",
        "2 doors",
    )
    assert count(2, "entry", "entries") == "2 entries"


def test_a_moment_is_said_in_local_time() -> None:
    assert len(moment(1_900_000_000_000)) == len("2030-03-17 17:46")
