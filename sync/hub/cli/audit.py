"""The audit log on the command line: who did what, and proof that no line was touched."""

from collections.abc import Iterable
from typing import Any

from cyclopts import App
from rich.console import Console
from rich.table import Table

from sync.hub.cli.opening import Hub, print_json, reading, say
from sync.hub.cli.words import count, moment
from sync.hub.facts import AuditLine


def register(app: App) -> None:
    """Add the commands of this file."""
    audit = App(name="audit", help="Who did what, in a log that shows when it was tampered with.")
    audit.command(verify)
    audit.command(show)
    app.command(audit)


def verify(*, hub: Hub = None, json: bool = False) -> None:
    """Check that no line of the log was removed, edited or moved, and the ledger against it.

    Args:
        hub: The hub's folder.
        json: Print one JSON object for a script.
    """
    with reading(hub) as opened:
        length, chain = opened.service.verify_audit()
    if json:
        print_json({"lines": length, "chain": chain.hex()})
        return
    say(
        f"{count(length, 'line')}, none touched. Write this down where the hub cannot reach it:",
        f"  {length} {chain.hex()}",
    )


def show(*, after: int = 0, hub: Hub = None, json: bool = False) -> None:
    """Show the log.

    Args:
        after: Number of the line after which to begin.
        hub: The hub's folder.
        json: Print a JSON array for a script.
    """
    with reading(hub) as opened:
        lines = list(opened.service.audit(after))
    if json:
        print_json([_record(line) for line in lines])
    else:
        Console().print(_table(lines))


def _record(line: AuditLine) -> dict[str, Any]:
    return {
        "number": line.number,
        "at_ms": line.at_ms,
        "who": line.who,
        "did": line.did,
        "what": line.what,
        "detail": line.detail,
        "chain": line.chain.hex(),
    }


def _table(lines: Iterable[AuditLine]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for head in ("#", "when", "who", "did", "what", "detail", "chain"):
        table.add_column(head, justify="right" if head == "#" else "left")
    for line in lines:
        chain = f"{line.chain.hex()[:8]}…"
        words = (line.who, line.did, line.what, line.detail, chain)
        table.add_row(str(line.number), moment(line.at_ms), *words)
    return table
