"""One entry's way to the doors, in words that need no colour."""

import io

from rich.console import Console

from sync.hub.cli.entry_shown import _reach_table
from sync.hub.cli.following import reach_words
from sync.hub.facts import Reach

NOW = 1_900_000_000_000
DAY = 86_400_000
CONFIRMED = Reach("aa" * 8, "North front", NOW - 5000, 212, 0, 0, agrees=True)
SLOW = Reach("bb" * 8, "South bar", NOW - 4000, 5_400, 0, 0, agrees=True)
OLD = Reach("cc" * 8, "West gate", NOW - DAY, None, 0, 0, agrees=True)
WAITING = Reach("dd" * 8, "Quay cellar", None, None, 3 * DAY, NOW + 4 * DAY, agrees=True)
LAPSED = Reach("ee" * 8, "East", None, None, 30 * DAY, NOW - DAY, agrees=True)
OTHER = Reach("ff" * 8, "Forked", NOW, 1, 0, 0, agrees=False)


def shown(*reached: Reach) -> list[str]:
    out = io.StringIO()
    Console(file=out, width=160).print(_reach_table(reached, NOW))
    return out.getvalue().splitlines()[1:]


def test_a_door_that_confirmed_says_when_and_after_how_long() -> None:
    north, south, west = shown(CONFIRMED, SLOW, OLD)
    assert north.startswith("✓")
    assert "212 ms" in north
    assert "5.4 s" in south
    assert "ms" not in west


def test_a_door_that_did_not_confirm_says_for_how_long_and_when_it_lapses() -> None:
    quay, east = shown(WAITING, LAPSED)
    assert quay.startswith("✗")
    assert "not for 3 days" in quay
    assert "lapses by itself in 4 days" in quay
    assert "lapsed by itself on" in east


def test_a_door_that_holds_another_list_is_an_alarm() -> None:
    (line,) = shown(OTHER)
    assert line.startswith("!")
    assert "another list than the hub" in line


def test_the_summary_counts_doors_and_names_the_slowest() -> None:
    assert reach_words([CONFIRMED, SLOW], "live") == "live on 2 of 2 doors, 5.4 s"
    assert reach_words([CONFIRMED, WAITING], "erased") == "erased on 1 of 2 doors, 212 ms"
    assert reach_words([WAITING], "live") == "live on 0 of 1 door"
    assert reach_words([], "live") == "live; there is no door yet that it concerns"
