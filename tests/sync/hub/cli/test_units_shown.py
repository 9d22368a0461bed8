"""The table of units says in words what its colours say."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from sync.hub.cli.units_shown import state_of, summary, unit_record, units_table
from sync.hub.facts import UnitFacts

NOW = 1_900_000_000_000
LEVEL = UnitFacts(
    unit_id="ab" * 8,
    venue_id="cd" * 8,
    name="north door",
    mailbox="ef" * 8,
    joined_ms=NOW - 10_000_000,
    heard_ms=NOW - 5_000,
    seq=12,
    epoch=3,
    agrees=True,
    live_root=bytes(range(32)),
    lag_ms=212,
    held=7,
    lapses_ms=NOW + 600_000,
)
VENUES = {"cd" * 8: "North Club"}


@pytest.mark.parametrize(
    ("unit", "sign", "says"),
    [
        (LEVEL, "✓", "level"),
        (replace(LEVEL, refusals=(("rollback", 2),)), "✓", "refused rollback 2"),
        (replace(LEVEL, behind=3), "…", "3 changes behind"),
        (replace(LEVEL, heard_ms=0), "…", "not heard yet"),
        (replace(LEVEL, faults=("CLOCK",)), "!", "fault: CLOCK"),
        (replace(LEVEL, silent=True), "!", "lease ends in 10 minutes"),
        (replace(LEVEL, silent=True, lapses_ms=NOW - 1), "!", "its lease is over"),
        (replace(LEVEL, agrees=False), "!", "another list than the hub"),
        (replace(LEVEL, revoked_ms=NOW - 9), "✗", "counts as stolen"),
        (replace(LEVEL, revoked_ms=NOW - 9, destroyed_ms=NOW), "✗", "key destroyed just now"),
    ],
)
def test_each_state_has_a_sign_and_words(unit: UnitFacts, sign: str, says: str) -> None:
    shown, words, style = state_of(unit, NOW)
    assert shown == sign
    assert says in words
    assert style


def test_the_table_shows_every_unit_on_one_line() -> None:
    out = io.StringIO()
    units = [LEVEL, replace(LEVEL, name="south door", heard_ms=0)]
    Console(file=out, width=200).print(units_table(units, VENUES, NOW))
    head, north, south = out.getvalue().splitlines()
    assert "last word" in head
    assert "12 of 12" in north
    assert "000102030405" in north
    assert "212 ms" in north
    assert "North Club" in north
    assert "never" in south


def test_scripts_get_everything() -> None:
    shown = unit_record(replace(LEVEL, counts=(("stops", 2),)), VENUES, NOW)
    assert shown["live_root"] == bytes(range(32)).hex()
    assert (shown["venue"], shown["state"], shown["counts"]) == (
        "North Club",
        "level",
        {"stops": 2},
    )


def test_the_summary_counts_doors_in_good_standing() -> None:
    gone = replace(LEVEL, revoked_ms=1)
    assert summary([LEVEL, replace(LEVEL, behind=1), gone]) == "The newest list is on 1 of 2 doors."
    assert "unit invite" in summary([gone])


def test_a_terminal_of_eighty_characters_cuts_no_name_and_no_state() -> None:
    out = io.StringIO()
    units = [replace(LEVEL, name="North, front door", faults=("no-picture", "list-expired"))]
    Console(file=out, width=80).print(units_table(units, VENUES, NOW, narrow=True))
    shown = out.getvalue()
    assert "…" not in shown
    for word in ("front", "door", "Club", LEVEL.unit_id, "no-picture", "list-expired"):
        assert word in shown
