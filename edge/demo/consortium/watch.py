"""Looks at hub and doors, shows what it sees, and waits for things to come true."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console, RenderableType
from rich.live import Live

from edge.demo.consortium.table import DoorRow, Told, doors, draw
from edge.demo.consortium.town import Door, Town
from edge.demo.panel import Lamps
from edge.door import DoorState
from edge.errors import LinkError
from edge.indicator.pattern import Levels
from sync.hub.facts import UnitFacts

PACE_S = 0.1
"""Seconds between two looks."""


@dataclass(frozen=True, slots=True)
class Sight:
    """Hub and doors at one moment.

    Attributes:
        states: What each door's engine says, by venue; None while it is silent.
        units: What the hub knows of each unit, by venue.
    """

    states: dict[str, DoorState | None]
    units: dict[str, UnitFacts]

    def shows(self, venue: str, verdict: str) -> bool:
        """Tell whether a door's light shows a verdict."""
        state = self.states[venue]
        return state is not None and state.verdict == verdict

    def level(self, *venues: str) -> bool:
        """Tell whether these doors have signed for the hub's own newest root."""
        return all(self.units[name].agrees and not self.units[name].behind for name in venues)


Holds = Callable[[Sight], bool]


@dataclass(slots=True)
class Watch:
    """What the audience sees: a live table on a terminal, plain lines elsewhere.

    Attributes:
        town: What is looked at.
        console: Where it is shown.
    """

    town: Town
    console: Console
    _told: list[Told] = field(default_factory=list)
    _live: Live | None = None
    _lamps: dict[str, Lamps] = field(default_factory=dict)
    _rows: tuple[DoorRow, ...] = ()

    @contextmanager
    def on(self) -> Iterator[None]:
        """Show within the block."""
        if not self.console.is_terminal:
            yield
            return
        with Live(console=self.console, auto_refresh=False) as self._live:
            yield

    def say(self, words: str, style: str = "") -> None:
        """Add a line to what happened."""
        self._told.append(Told(words, style))
        if self._live is None:
            self.console.print(words, style=style, highlight=False)
        else:
            self._show()

    def tell(self, act: str, words: str, *, passed: bool) -> None:
        """Add how an act went; where nothing is drawn live, with the table as it stands."""
        sign, style = ("✓", "green") if passed else ("✗", "red")
        self.say(f"{sign} {act}: {words}", style)
        if self._live is None and self._rows:
            self.console.print(doors(self._rows))

    def until(self, holds: Holds, seconds: float) -> bool:
        """Look and show until ``holds`` does, or the seconds are over; tell which."""
        over = time.monotonic() + seconds
        while not holds(self.look()):
            if time.monotonic() > over:
                return False
            time.sleep(PACE_S)
        return True

    def look(self) -> Sight:
        """Look at hub and doors once, and show it. Raises: DoorwatchError."""
        self.town.check()
        now_ms = time.time_ns() // 1_000_000
        known = {unit.unit_id: unit for unit in self.town.service.units(now_ms)}
        units = {door.venue: known[door.unit_id] for door in self.town.doors}
        sight = Sight({door.venue: _state(door) for door in self.town.doors}, units)
        self._rows = tuple(self._row(name, sight) for name in units)
        self._show()
        return sight

    def picture(self) -> RenderableType:
        """Draw what was last seen."""
        return draw(self._rows, self._hub_words(), tuple(self._told))

    def _show(self) -> None:
        if self._live is not None:
            self._live.update(self.picture(), refresh=True)

    def _hub_words(self) -> str:
        return f"hub on 127.0.0.1:{self.town.port}, {len(self.town.doors)} doors"

    def _row(self, venue: str, sight: Sight) -> DoorRow:
        state, unit = sight.states[venue], sight.units[venue]
        return DoorRow(
            venue=venue,
            lit=self._lit(venue, state),
            verdict=_verdict(state),
            entries=state.gallery.entries if state and state.gallery else None,
            root=unit.live_root.hex() if unit.heard_ms else "",
            is_level=unit.agrees and not unit.behind,
            lag_ms=unit.lag_ms,
            standing=_standing(unit),
        )

    def _lit(self, venue: str, state: DoorState | None) -> Levels:
        return self._lamps.setdefault(venue, Lamps()).levels(state, time.monotonic())


def _state(door: Door) -> DoorState | None:
    try:
        return door.evening.link.state()
    except LinkError:
        return None


def _verdict(state: DoorState | None) -> str:
    if state is None:
        return "starting"
    return next(iter(state.faults), state.verdict or "idle")


def _standing(unit: UnitFacts) -> str:
    if unit.destroyed_ms:
        return "revoked, its key destroyed"
    if unit.revoked_ms:
        return "revoked"
    if not unit.heard_ms:
        return "not heard yet"
    if unit.behind:
        return f"{unit.behind} behind"
    return "silent" if unit.silent else "up to date"
