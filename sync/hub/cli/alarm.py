"""Alarms on the command line: which entries ring wrongly tonight, and that one may count again."""

from dataclasses import asdict

from cyclopts import App
from rich.table import Table

from sync.hub import alarms
from sync.hub.alarms import Alarm
from sync.hub.cli.asking import confirm
from sync.hub.cli.opening import (
    Hub,
    changing,
    checked_id,
    print_json,
    print_table,
    reading,
    say,
)
from sync.hub.cli.words import count, moment
from sync.hub.guarding import DOORS, NOT_THEM, OFTEN, Why
from sync.hub.hubclock import now_ms

_WHY = {
    Why.NOT_THEM: f"staff said {NOT_THEM} times: not them",
    Why.DOORS: f"rang at {DOORS} doors or more within minutes",
    Why.OFTEN: f"rang {OFTEN} times or more in one night",
}


def register(app: App) -> None:
    """Add the commands of this file."""
    alarm = App(name="alarm", help="Entries that ring wrongly, and are to be checked at all doors.")
    alarm.command(list_alarms, name="list")
    alarm.command(clear)
    app.command(alarm)


def list_alarms(*, hub: Hub = None, json: bool = False) -> None:
    """List the entries that were noticed and that nobody has looked at yet.

    Args:
        hub: The hub's folder.
        json: Print a JSON array for a script.
    """
    with reading(hub) as opened:
        found = alarms.standing(opened.service.desk, now_ms())
    if json:
        print_json([asdict(one) for one in found])
        return
    if found:
        print_table(_table(found))
        say("")
    say(f"{count(len(found), 'alarm')}. Let an entry count again with doorwatch-hub alarm clear.")


def clear(entry_id: str, /, *, yes: bool = False, hub: Hub = None, json: bool = False) -> None:
    """Let an entry ring red again at all doors, once somebody has looked at it.

    It is not held back again before noon. If it is about the wrong person, or the photo is bad,
    contest or lift the entry instead.

    Args:
        entry_id: The entry's id.
        yes: Don't ask.
        hub: The hub's folder.
        json: Print one JSON object for a script.
    """
    checked_id(entry_id)
    with changing(hub) as opened:
        confirm(f"Let entry {entry_id} ring red again at all doors?", yes=yes)
        alarms.clear(opened.service.desk, entry_id, opened.who, now_ms())
    if json:
        print_json({"entry_id": entry_id, "cleared": True})
        return
    say(f"{entry_id} counts again; the doors hear of it at once.")


def _table(found: tuple[Alarm, ...]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for name in ("entry", "since", "why", "amber until noon"):
        table.add_column(name)
    for one in found:
        row = (one.entry_id, moment(one.raised_ms), _WHY[one.why], "yes" if one.held_back else "no")
        table.add_row(*row)
    return table
