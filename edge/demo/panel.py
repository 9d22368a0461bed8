"""The panel on the terminal: lamps, encounters, the list. Draws a snapshot, decides nothing."""

import time
from dataclasses import dataclass

from rich.align import Align
from rich.box import ROUNDED, SIMPLE_HEAD
from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from edge.decision import Signal
from edge.demo.truth import Outcome, Sighting
from edge.door import DoorState, EncounterView, ListView
from edge.indicator.pattern import SAFE, Levels, levels
from edge.staff.rhythm import signal_of

ROWS = 8
"""Encounters shown at once."""

STYLES = {
    "CLEAR": "bold green",
    "CHECK": "bold yellow",
    "STOP": "bold red",
    "FAULT": "bold magenta",
}
"""How a verdict is written."""

_ORIGIN = (
    "The listed person's frames are made from the very portrait that was enrolled (mirrored, "
    "relit, blurred, in perspective, recompressed): real figures come from `doorwatch evaluate`."
)


@dataclass(slots=True)
class Lamps:
    """Knows since when the present signal shows."""

    signal: Signal = SAFE
    since: float = 0.0

    def levels(self, state: DoorState | None, now: float) -> Levels:
        """Say what is lit at ``now`` (seconds, monotonic); None is an engine that is silent."""
        signal = signal_of(state)
        if signal != self.signal:
            self.signal, self.since = signal, now
        return levels(signal, now - self.since)


def draw(state: DoorState | None, lit: Levels, footing: str) -> RenderableType:
    """Draw the whole panel.

    Args:
        state: The newest snapshot, or None while the engine has not answered yet.
        lit: What the lamps show.
        footing: A line for the bottom: where the page is, which keys there are.
    """
    verdict = "STARTING" if state is None else (state.verdict or "idle")
    top = Columns([_lamps(lit), _words(state, verdict)], padding=(0, 3))
    encounters = state.encounters[:ROWS] if state else ()
    parts: list[RenderableType] = [top, _encounters(encounters), _list_line(state), Text(footing)]
    return Panel(Group(*parts), title="Doorwatch", box=ROUNDED, padding=(1, 2))


def _lamps(lit: Levels) -> RenderableType:
    lamps = (("RED", lit.red, "red"), ("AMBER", lit.amber, "yellow"), ("GREEN", lit.green, "green"))
    row = Table.grid(padding=(0, 1))
    row.add_row(*(Panel(_bulb(on, colour), title=name, width=13) for name, on, colour in lamps))
    return row


def _bulb(on: bool, colour: str) -> RenderableType:  # noqa: FBT001 - a lamp's state, not a mode
    style = f"bold bright_{colour}" if on else "grey23"
    return Align.center(Text("▄███▄\n█████\n▀███▀", style=style))


def _words(state: DoorState | None, verdict: str) -> RenderableType:
    lines = [Text(verdict, style=STYLES.get(verdict, "dim"))]
    if state is not None:
        lines += [Text(sentence, style="magenta") for sentence in state.faults]
        speed = f"{state.fps:.0f} frames a second, {state.latency_ms:.0f} ms each"
        stages = " ".join(f"{name} {ms:.1f}" for name, ms in state.stages_ms.items())
        lines += [Text(speed, style="dim"), Text(stages, style="dim")]
    return Group(*lines)


def _encounters(views: tuple[EncounterView, ...]) -> RenderableType:
    table = Table(box=SIMPLE_HEAD, expand=True, pad_edge=False)
    table.add_column("person", justify="right", width=6)
    table.add_column("verdict", width=9)
    table.add_column("score", justify="right", width=6)
    table.add_column("faces", justify="right", width=6)
    table.add_column("seen", justify="right", width=7)
    table.add_column("latency", justify="right", width=8)
    table.add_column("why")
    for view in views:
        table.add_row(*_row(view), style="dim" if view.ended else "")
    for _ in range(ROWS - len(views)):
        table.add_row()
    return table


def _row(view: EncounterView) -> tuple[str | Text, ...]:
    word = view.verdict or "looking"
    return (
        str(view.number),
        Text(word, style=STYLES.get(word, "dim")),
        score_words(view.score),
        str(view.usable),
        f"{view.seen_s:.1f} s",
        f"{view.latency_ms:.0f} ms" if view.latency_ms else "",
        view.why,
    )


def score_words(score: float | None) -> str:
    """Write a score, or a dash where there is no candidate."""
    return "-" if score is None else f"{score:.2f}"


def _list_line(state: DoorState | None) -> Text:
    if state is None or state.gallery is None:
        return Text("list: not read yet", style="dim")
    words = _list_words(state.gallery)
    if state.thresholds is not None:
        words += " · thresholds {:.2f} check, {:.2f} stop".format(*state.thresholds)
    return Text(words)


def _list_words(gallery: ListView) -> str:
    until = time.strftime("%d %b %H:%M", time.localtime(gallery.expires_at))
    entries = "1 entry" if gallery.entries == 1 else f"{gallery.entries} entries"
    return f"list: {entries}, change {gallery.sequence}, fresh until {until}"


def summary(outcomes: tuple[Outcome, ...], nobody: tuple[Sighting, ...]) -> RenderableType:
    """Draw the table at the end: each person in the clip beside what the unit said."""
    table = Table(title="Everybody in the clip", title_justify="left", box=ROUNDED)
    for name in ("who", "expected", "verdict", "score", "after", "latency", ""):
        table.add_column(name, no_wrap=name != "who", overflow="fold")
    for outcome in outcomes:
        table.add_row(*_outcome(outcome))
    for sighting in nobody:
        table.add_row("nobody in the clip", "-", *_sighted(sighting), Text("✗", "red"))
    return Group(table, Text(_ORIGIN, style="dim"))


def _outcome(outcome: Outcome) -> tuple[str | Text, ...]:
    shown, seen = outcome.appearance, outcome.sightings
    sign = Text("✓", "green") if outcome.is_right else Text("✗", "red")
    if len(seen) > 1:
        sign.append(f" {len(seen)} times")
    cells = _sighted(seen[-1]) if seen else ("never seen", "-", "-", "-")
    return (f"{shown.who}, {shown.manner}", shown.expected, *cells, sign)


def _sighted(sighting: Sighting) -> tuple[str | Text, ...]:
    words = [Text(word, STYLES.get(word, "dim")) for word in sighting.shown or ("none",)]
    return (
        Text(", ").join(words),
        score_words(sighting.score),
        f"{sighting.waited_s:.1f} s",
        f"{sighting.latency_ms:.0f} ms",
    )
