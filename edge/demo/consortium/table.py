"""The live table of all doors. Draws what it is given, asks nobody."""

from dataclasses import dataclass

from rich.box import ROUNDED, SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from edge.indicator.pattern import Levels

ROOT_DIGITS = 12
"""Hexadecimal digits shown of a root: enough to see that six are the same."""

TOLD = 9
"""Lines of what happened that are shown at once."""


@dataclass(frozen=True, slots=True)
class DoorRow:
    """One door, as the table shows it.

    Attributes:
        venue: Its name.
        lit: What its lamps show.
        verdict: Name of the verdict, ``idle``, or what is wrong, a few words.
        entries: Entries compared against, or None while the list cannot be read.
        root: Live root that the door signed for last, hexadecimal, empty before.
        is_level: Whether that is the hub's own root.
        lag_ms: Milliseconds from the newest change at the hub to its being in force here.
        standing: What the hub knows of it, a few words.
    """

    venue: str
    lit: Levels
    verdict: str
    entries: int | None
    root: str
    is_level: bool
    lag_ms: int | None
    standing: str


@dataclass(frozen=True, slots=True)
class Told:
    """One line of what happened.

    Attributes:
        words: The line.
        style: How it is written.
    """

    words: str
    style: str = ""


def draw(rows: tuple[DoorRow, ...], hub: str, told: tuple[Told, ...]) -> RenderableType:
    """Draw the whole picture.

    Args:
        rows: One for each door.
        hub: What the hub says of itself.
        told: What happened, oldest first; the last lines are shown.
    """
    last = [Text(one.words, style=one.style) for one in told[-TOLD:]]
    blank = [Text("") for _ in range(TOLD - len(last))]
    parts: list[RenderableType] = [Text(hub, style="bold"), doors(rows), *last, *blank]
    return Panel(Group(*parts), title="Doorwatch: one list on six doors", box=ROUNDED)


def doors(rows: tuple[DoorRow, ...]) -> Table:
    """Draw the table of the doors alone."""
    table = Table(box=SIMPLE_HEAD, expand=True, pad_edge=False)
    table.add_column("venue", no_wrap=True)
    table.add_column("light", width=5)
    table.add_column("at the door", ratio=2, no_wrap=True, overflow="ellipsis")
    table.add_column("list", justify="right", width=5)
    table.add_column("signed root", width=ROOT_DIGITS + 1)
    table.add_column("lag", justify="right", width=8)
    table.add_column("at the hub", ratio=1, no_wrap=True, overflow="ellipsis")
    for row in rows:
        table.add_row(*_cells(row))
    return table


def _cells(row: DoorRow) -> tuple[str | Text, ...]:
    return (
        row.venue,
        _lamps(row.lit),
        Text(row.verdict, style=_style(row)),
        "-" if row.entries is None else str(row.entries),
        Text(row.root[:ROOT_DIGITS] or "-", style="green" if row.is_level else "yellow"),
        "-" if row.lag_ms is None else f"{row.lag_ms} ms",
        row.standing,
    )


def _lamps(lit: Levels) -> Text:
    """Draw red over amber over green, lying on their side."""
    lamps = Text()
    for on, colour in ((lit.red, "red"), (lit.amber, "yellow"), (lit.green, "green")):
        lamps.append("●" if on else "·", style=f"bold bright_{colour}" if on else "grey23")
        lamps.append(" ")
    return lamps


def _style(row: DoorRow) -> str:
    known = {"CLEAR": "bold green", "CHECK": "bold yellow", "STOP": "bold red", "idle": "dim"}
    return known.get(row.verdict.partition(" ")[0], "magenta")
