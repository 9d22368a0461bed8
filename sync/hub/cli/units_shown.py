"""Units in the words of the command line: a table for people, objects for scripts."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rich.table import Table
from rich.text import Text

from sync.hub.cli.words import ago, count, moment, within
from sync.hub.facts import UnitFacts


def units_table(units: Sequence[UnitFacts], venues: Mapping[str, str], now_ms: int) -> Table:
    """Lay the units out, one line each.

    Args:
        units: What the hub knows of them.
        venues: Names of the venues by their ids.
        now_ms: Milliseconds since the epoch.
    """
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for head in ("", "unit", "venue", "id", "list", "epoch", "holds", "last word", "state"):
        table.add_column(head, justify="right" if head in {"epoch", "holds"} else "left")
    for unit in units:
        sign, words, style = state_of(unit, now_ms)
        table.add_row(
            Text(sign, style=style),
            unit.name,
            venues.get(unit.venue_id, unit.venue_id),
            Text(unit.unit_id, style="dim"),
            _progress(unit),
            str(unit.epoch) if unit.heard_ms else "",
            str(unit.held) if unit.heard_ms else "",
            ago(now_ms - unit.heard_ms) if unit.heard_ms else "never",
            Text(words, style=style),
        )
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
    facts["refusals"] = dict(unit.refusals)
    facts["counts"] = dict(unit.counts)
    return facts


def summary(units: Sequence[UnitFacts]) -> str:
    """Say in one line how the doors stand."""
    standing = [unit for unit in units if not unit.revoked_ms]
    if not standing:
        return "No doors yet: doorwatch-hub unit invite VENUE makes the first invitation."
    level = sum(not unit.behind and unit.agrees and not unit.silent for unit in standing)
    return f"{level} of {count(len(standing), 'door')} hold the newest list."


def _revoked(unit: UnitFacts, now_ms: int) -> tuple[str, str, str]:
    if unit.destroyed_ms:
        return "✗", f"revoked; said {ago(now_ms - unit.destroyed_ms)} that it is empty", "dim"
    return "✗", "revoked; not heard of since: counts as stolen", "bold red"


def _progress(unit: UnitFacts) -> Text:
    if not unit.heard_ms:
        return Text("")
    newest = unit.seq + unit.behind
    return Text(f"{unit.seq} of {newest}", style="" if unit.behind else "green")


def _lapse(unit: UnitFacts, now_ms: int) -> str:
    if unit.lapses_ms <= now_ms:
        return "its lease is over: it shows FAULT and says how old its list is"
    return f"lease ends {within(unit.lapses_ms - now_ms)}, {moment(unit.lapses_ms)}"
