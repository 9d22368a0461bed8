"""One entry shown: how far it came, which doors have not confirmed, what it says."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter
from rich.table import Table
from rich.text import Text

from sync.authority import write_private
from sync.errors import HubError
from sync.hub.cli.entries_listed import STYLES, venue_names, where
from sync.hub.cli.following import DONE, reach_words
from sync.hub.cli.opening import Hub, OpenHub, checked_id, print_json, print_table, reading, say
from sync.hub.cli.words import count, duration, moment, within
from sync.hub.facts import EntryFacts, Reach, Receipt, Standing
from sync.hub.hubclock import now_ms
from sync.statement.proposal import Proposal, PutProposal
from sync.statement.root import Root

Folder = Annotated[Path | None, Parameter(name="--receipts")]


def register(entry: App) -> None:
    """Add the commands of this file."""
    entry.command(show)


def show(
    entry_id: str,
    /,
    *,
    details: bool = False,
    photo: Path | None = None,
    receipts: Folder = None,
    hub: Hub = None,
    json: bool = False,
) -> None:
    """Show one entry and its way to each door: who has not confirmed, and when a lease lapses.

    Args:
        entry_id: The entry, as entry list shows it.
        details: Show reason, incident and evidence too; the audit log keeps who looked.
        photo: Write the reference photo to this file; the audit log keeps who looked.
        receipts: Write the doors' signed erasure receipts into this folder.
        hub: The hub's folder.
        json: Print one JSON object for a script.
    """
    now = now_ms()
    with reading(hub) as opened:
        facts = opened.service.entry(checked_id(entry_id))
        on_list = facts.standing is not Standing.WAITING
        reached = opened.service.reach(entry_id, now) if on_list else ()
        signed = opened.service.receipts(entry_id)
        content = _content(opened, entry_id) if details or photo else None
        root = opened.service.root
    if photo and content:
        _write(photo, content.photo)
    if receipts:
        _write_receipts(signed, receipts)
    if json:
        print_json(_record(facts, reached, signed, content if details else None))
        return
    print_table(_facts_table(facts, venue_names(root)))
    if details and content:
        show_proposal(content, root)
    if on_list:
        _show_reach(facts, reached, signed, now)


def show_proposal(proposal: Proposal, root: Root) -> None:
    """Show what somebody is asked to approve, or looks up."""
    names = venue_names(root)
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for name, words in _proposal_rows(proposal, names):
        table.add_row(Text(name, style="dim"), words)
    print_table(table)


def _proposal_rows(proposal: Proposal, names: dict[str, str]) -> list[tuple[str, str]]:
    rows = [("proposed by", names.get(proposal.venue_id, proposal.venue_id))]
    if not isinstance(proposal, PutProposal):
        return [("asks to", proposal.TAG), *rows, ("proposed", moment(proposal.at_ms))]
    return [
        *rows,
        ("proposed", moment(proposal.created_ms)),
        ("category", f"{proposal.category} ({proposal.reason})"),
        ("counts at", where(proposal.ring, names)),
        ("incident", proposal.incident_on),
        ("evidence", proposal.evidence or "none named"),
        ("until", moment(proposal.valid_until_ms)),
        ("declared", "not under 18 or vulnerable, or handled as the rules ask"),
        ("photo", f"{len(proposal.photo) / 1000:.0f} kB, templates by {proposal.model_id}"),
    ]


def _facts_table(facts: EntryFacts, names: dict[str, str]) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    rows = [
        ("entry", Text(facts.entry_id)),
        ("standing", Text(facts.standing, STYLES[facts.standing])),
    ]
    if facts.waits_for:
        rows.append(("waits for", Text("the manager of another venue: entry approve")))
    if facts.ring:
        rows.append(("category", Text(facts.ring.partition("/")[2])))
        rows.append(("counts at", Text(where(facts.ring, names))))
    if facts.not_after_ms:
        rows.append(("until", Text(moment(facts.not_after_ms))))
    if facts.seq:
        rows.append(("record", Text(f"{facts.seq}, {moment(facts.appended_ms)}")))
    for name, words in rows:
        table.add_row(Text(name, style="dim"), words)
    return table


def _show_reach(
    facts: EntryFacts, reached: Sequence[Reach], signed: Sequence[Receipt], now_ms: int
) -> None:
    say("", reach_words(reached, DONE[facts.standing]) + ".")
    if facts.standing is Standing.GONE:
        doors = {receipt.unit_id for receipt in signed}
        say(f"{count(len(doors), 'signed receipt')}; --receipts FOLDER writes them down.")
    if reached:
        print_table(_reach_table(reached, now_ms))


def _reach_table(reached: Sequence[Reach], now_ms: int) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for head in ("", "door", "confirmed", "lag", ""):
        table.add_column(head, justify="right" if head == "lag" else "left")
    for one in reached:
        table.add_row(*_reach_row(one, now_ms))
    return table


def _reach_row(one: Reach, now_ms: int) -> tuple[Text, str, str, str, Text]:
    if one.confirmed_ms is None:
        waits = f"not for {duration(one.waiting_ms)}"
        return Text("✗", "red"), one.name, waits, "", Text(_lapse(one.lapses_ms, now_ms), "red")
    lag = "" if one.lag_ms is None else duration(one.lag_ms)
    if not one.agrees:
        other = Text("holds another list than the hub", "bold red")
        return Text("!", "bold red"), one.name, moment(one.confirmed_ms), lag, other
    return Text("✓", "green"), one.name, moment(one.confirmed_ms), lag, Text("")


def _lapse(lapses_ms: int, now_ms: int) -> str:
    if lapses_ms <= now_ms:
        return f"lapsed by itself on {moment(lapses_ms)}"
    return f"lapses by itself {within(lapses_ms - now_ms)}, {moment(lapses_ms)}"


def _content(opened: OpenHub, entry_id: str) -> PutProposal:
    return opened.service.content(entry_id, opened.who, now_ms())


def _write_receipts(signed: Sequence[Receipt], folder: Path) -> None:
    for receipt in signed:
        _write(folder / f"{receipt.unit_id}-{receipt.heard_ms}.receipt", receipt.wire)


def _write(path: Path, content: bytes) -> None:
    """Write a file that nobody else can read."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(path, content)
    except OSError as error:
        raise HubError(f"cannot write {path}: {error.strerror}") from error


def _record(
    facts: EntryFacts,
    reached: Sequence[Reach],
    signed: Sequence[Receipt],
    content: PutProposal | None,
) -> dict[str, Any]:
    """Show an entry to a script; times are milliseconds since the epoch."""
    receipts = [
        {"unit_id": one.unit_id, "heard_ms": one.heard_ms, "wire": one.wire.hex()} for one in signed
    ]
    shown = {**asdict(facts), "reach": [asdict(one) for one in reached], "receipts": receipts}
    if content:
        told = ("reason", "incident_on", "evidence", "venue_id", "created_ms", "declared")
        shown |= {name: getattr(content, name) for name in told}
    return shown
