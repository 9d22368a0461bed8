"""The audit log on the command line: who did what, and proof that no line was touched."""

from collections.abc import Iterable
from typing import Any

from cyclopts import App
from rich.table import Table

from sync.hub.cli.asking import PassphraseFiles, Passphrases
from sync.hub.cli.keys import Manager, manager
from sync.hub.cli.opening import Hub, print_json, print_table, reading, say
from sync.hub.cli.words import count, moment
from sync.hub.facts import AuditLine
from sync.hub.hubclock import now_ms


def register(app: App) -> None:
    """Add the commands of this file."""
    audit = App(name="audit", help="Who did what, in a log that shows when it was tampered with.")
    audit.command(verify)
    audit.command(show)
    audit.command(sign)
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
        print_table(_table(lines))


def sign(
    *, key: Manager, hub: Hub = None, passphrase_file: PassphraseFiles = None, json: bool = False
) -> None:
    """Sign the log as it stands, as a venue; from then on audit verify holds the log against it.

    Args:
        key: The venue's key file.
        hub: The hub's folder.
        passphrase_file: File whose first line is the key's passphrase.
        json: Print one JSON object for a script.
    """
    with reading(hub) as opened:
        venue, signer = manager(key, opened.service, Passphrases(passphrase_file))
        head = opened.service.audit_head(now_ms())
        opened.service.witness(head.signed(signer))
    if json:
        print_json({"lines": head.number, "chain": head.chain.hex(), "venue": venue.venue_id})
        return
    say(f"{venue.name} has signed {count(head.number, 'line')}, {head.chain.hex()[:16]}…")


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
    for head in ("#", "when", "who", "did", "what", "detail"):
        table.add_column(head, justify="right" if head == "#" else "left", no_wrap=head != "detail")
    for line in lines:
        words = (line.who, line.did, line.what, line.detail)
        table.add_row(str(line.number), moment(line.at_ms), *words)
    return table
