"""Units in the words of the command line: a table for people, objects for scripts."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rich.table import Table
from rich.text import Text

from sync.hub.cli.words import ago, count, duration, moment, within
from sync.hub.facts import UnitFacts

HEADS = (
    *("", "unit", "venue", "id"),
    *("list", "root", "lag", "epoch", "holds", "last word", "state"),
)
NUMBERS = {"lag", "epoch", "holds"}
WORDS = {"unit", "venue", "state"}
"""Columns that may take several lines."""
NARROW = ("", "unit", "venue", "id", "list", "last word", "state")
"""The columns of a terminal of 80 characters."""


def units_table(
    units: Sequence[UnitFacts], venues: Mapping[str, str], now_ms: int, *, narrow: bool = False
) -> Table:
    """Lay the units out, one line each where there is room.

    Args:
        units: What the hub knows of them.
        venues: Names of the venues by their ids.
        now_ms: Milliseconds since the epoch.
        narrow: Leave out what is for close looking.
    """
    heads = NARROW if narrow else HEADS
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for head in heads:
        table.add_column(
            head, justify="right" if head in NUMBERS else "left", no_wrap=head not in WORDS
        )
    for unit in units:
        sign, words, style = state_of(unit, now_ms)
        cells = (
            Text(sign, style=style),
            unit.name,
            venues.get(unit.venue_id, unit.venue_id),
            Text(unit.unit_id, style="dim"),
            *_word(unit, now_ms),
            Text(words, style=style),
        )
        shown = dict(zip(HEADS, cells, strict=True))
        table.add_row(*(shown[head] for head in heads))
    return table


def state_of(unit: UnitFacts, now_ms: int) -> tuple[str, str, str]:
    """Judge a unit: a sign, words, and a style; sign and words alone say everything."""
    if unit.revoked_ms:
        return _revoked(unit, now_ms)
    refused = ", ".join(f"{code} {times}" for code, times in unit.refusals)
    judged = (
        (not unit.heard_ms, "…", "joined, not heard yet", "yellow"),
        (not unit.agrees, "!", "holds another list than the hub: revoke it", "bold red"),
        (unit.silent, "!", f"silent; {_lapse(unit, now_ms)}", "red"),
        (bool(unit.faults), "!", "fault: " + ", ".join(unit.faults), "red"),
        (bool(unit.behind), "…", f"{count(unit.behind, 'change')} behind", "yellow"),
        (bool(refused), "✓", f"level; refused {refused}", "yellow"),
    )
    for holds, sign, words, style in judged:
        if holds:
            return sign, words, style
    return "✓", "level", "green"


def unit_record(unit: UnitFacts, venues: Mapping[str, str], now_ms: int) -> dict[str, Any]:
    """Show a unit to a script; times are milliseconds since the epoch."""
    _, words, _ = state_of(unit, now_ms)
    facts = asdict(unit)
    facts["venue"] = venues.get(unit.venue_id, "")
    facts["state"] = words
    facts["live_root"] = unit.live_root.hex()
    facts["refusals"] = dict(unit.refusals)
    facts["counts"] = dict(unit.counts)
    return facts


def summary(units: Sequence[UnitFacts]) -> str:
    """Say in one line how the doors stand."""
    standing = [unit for unit in units if not unit.revoked_ms]
    if not standing:
        return "No doors yet: doorwatch-hub unit invite VENUE makes the first invitation."
    level = sum(not unit.behind and unit.agrees and not unit.silent for unit in standing)
    return f"The newest list is on {level} of {count(len(standing), 'door')}."


def _revoked(unit: UnitFacts, now_ms: int) -> tuple[str, str, str]:
    if unit.destroyed_ms:
        return "✗", f"revoked; key destroyed {ago(now_ms - unit.destroyed_ms)}", "dim"
    return "✗", "revoked; not heard of since: counts as stolen", "bold red"


def _word(unit: UnitFacts, now_ms: int) -> tuple[str | Text, ...]:
    """Show a unit's last report: list, root, lag, epoch, entries held, age."""
    if not unit.heard_ms:
        return "", "", "", "", "", "never"
    return (
        Text(f"{unit.seq} of {unit.seq + unit.behind}", style="" if unit.behind else "green"),
        Text(unit.live_root.hex()[:12], style="" if unit.agrees else "bold red"),
        "" if unit.lag_ms is None else duration(unit.lag_ms),
        str(unit.epoch),
        str(unit.held),
        ago(now_ms - unit.heard_ms),
    )


def _lapse(unit: UnitFacts, now_ms: int) -> str:
    if unit.lapses_ms <= now_ms:
        return "its lease is over: it shows FAULT and says how old its list is"
    return f"lease ends {within(unit.lapses_ms - now_ms)}, {moment(unit.lapses_ms)}"
