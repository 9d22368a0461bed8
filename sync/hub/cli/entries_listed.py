"""The list of entries: what stands where, and what another venue is asked to do."""

from collections.abc import Sequence
from dataclasses import asdict

from cyclopts import App
from rich.table import Table
from rich.text import Text

from sync.hub.cli.opening import Hub, print_json, print_table, reading, say
from sync.hub.cli.words import count, moment
from sync.hub.facts import EntryFacts, Standing
from sync.hub.service import Service
from sync.statement.proposal import (
    CONSORTIUM,
    PutProposal,
    ReinstateProposal,
    RemoveProposal,
    parse_proposal,
)
from sync.statement.root import Root

STYLES = {
    Standing.WAITING: "yellow",
    Standing.LIVE: "green",
    Standing.CONTESTED: "magenta",
    Standing.GONE: "dim",
}
ASKED = {
    PutProposal.TAG: "approve it",
    RemoveProposal.TAG: "approve that it is lifted",
    ReinstateProposal.TAG: "approve that it counts again",
}
"""What another venue may be asked to do about an entry."""


def register(entry: App) -> None:
    """Add the command of this file."""
    entry.command(list_entries, name="list")


def list_entries(*, hub: Hub = None, json: bool = False) -> None:
    """List the entries that wait, count or are contested.

    Args:
        hub: The hub's folder.
        json: Print a JSON array for a script.
    """
    with reading(hub) as opened:
        asked = {
            entry.entry_id: _asks(opened.service, entry.entry_id)
            for entry in opened.service.entries()
            if entry.waits_for
        }
        entries, names = _each_once(opened.service.entries()), venue_names(opened.service.root)
    if json:
        print_json([{**asdict(one), "asks": asked.get(one.entry_id, "")} for one in entries])
        return
    if entries:
        print_table(_list_table(entries, names, asked))
    counted = sum(entry.standing is not Standing.WAITING for entry in entries)
    what = count(len(asked), "proposal")
    say(f"{count(counted, 'entry', 'entries')}; {what} waiting for another venue.")


def venue_names(root: Root) -> dict[str, str]:
    """Give the venues' names by their ids, those of former venues included."""
    return {venue.venue_id: venue.name for venue in root.venues}


def where(ring: str, names: dict[str, str]) -> str:
    """Say at which doors a ring counts."""
    scope = ring.partition("/")[0]
    return "every door" if scope == CONSORTIUM else f"{names.get(scope, scope)} only"


def _asks(service: Service, entry_id: str) -> str:
    """Name what the proposal about an entry asks for: put, remove, reinstate."""
    return parse_proposal(service.waiting(entry_id).body).TAG


def _each_once(entries: Sequence[EntryFacts]) -> list[EntryFacts]:
    """Drop the line of a proposal about an entry that has a line of its own."""
    lines = {one.entry_id: one for one in entries if one.standing is Standing.WAITING}
    lines |= {one.entry_id: one for one in entries if one.standing is not Standing.WAITING}
    return sorted(lines.values(), key=lambda one: (one.standing is Standing.WAITING, one.seq))


def _list_table(
    entries: Sequence[EntryFacts], names: dict[str, str], asked: dict[str, str]
) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for head in ("id", "standing", "category", "counts at", "until", "another venue is asked to"):
        table.add_column(head)
    for entry in entries:
        table.add_row(
            entry.entry_id,
            Text(entry.standing, style=STYLES[entry.standing]),
            entry.ring.partition("/")[2],
            where(entry.ring, names) if entry.ring else "",
            moment(entry.not_after_ms) if entry.not_after_ms else "",
            ASKED.get(asked.get(entry.entry_id, ""), ""),
        )
    return table
