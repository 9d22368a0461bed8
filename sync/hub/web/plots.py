"""Plots as numbers for a template to draw: bars from the bottom up, and intervals on a line. Pure.

Across, everything is in per cent, so that a plot is as wide as the screen; letters keep their size.
Down, everything is in pixels. Colours are classes of the style sheet, light and dark.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log10

HEIGHT = 150
"""Pixels of the area of bars."""

MOST_LABELS = 4
"""Labels below an area: as many as fit a phone."""

_FILLED = 72
"""Per cent of its place that a bar takes."""


@dataclass(frozen=True, slots=True)
class Block:
    """One part of a bar: class of its colour, left edge and width in per cent, top and height."""

    kind: str
    x: float
    width: float
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its parts from the bottom up, and what is said of it."""

    blocks: tuple[Block, ...]
    told: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A number or word at a place: per cent across, or pixels down."""

    at: float
    words: str


@dataclass(frozen=True, slots=True)
class Plot:
    """Bars with their two scales.

    Attributes:
        name: Of the plot; its words and its legend go by it.
        kinds: Classes of the colours, bottom first.
        bars: From left to right.
        down: Lines across, with their numbers.
        across: Labels below.
        empty: Whether there is nothing to see.
    """

    name: str
    kinds: tuple[str, ...]
    bars: tuple[Bar, ...]
    down: tuple[Mark, ...]
    across: tuple[Mark, ...]
    empty: bool


def stacked(
    name: str,
    kinds: tuple[str, ...],
    rows: Sequence[tuple[Sequence[int], str, str]],
) -> Plot:
    """Draw bars.

    Args:
        name: Of the plot.
        kinds: Classes of the parts, bottom first.
        rows: For each bar the heights of its parts, its label, and what is said of it.
    """
    top = round_top(max((sum(heights) for heights, _, _ in rows), default=0))
    place = 100 / max(1, len(rows))
    bars = tuple(
        Bar(_blocks(kinds, heights, number * place, place, top), told)
        for number, (heights, _, told) in enumerate(rows)
    )
    steps = (0, top // 2, top) if top % 2 == 0 else (0, top)
    step = max(1, -(-len(rows) // MOST_LABELS))
    labelled = range((len(rows) - 1) % step, len(rows), step)
    return Plot(
        name,
        kinds,
        bars,
        tuple(Mark(HEIGHT * (1 - one / top), str(one)) for one in steps),
        tuple(Mark((number + 0.5) * place, rows[number][1]) for number in labelled),
        empty=not any(sum(heights) for heights, _, _ in rows),
    )


def _blocks(
    kinds: tuple[str, ...], heights: Sequence[int], left: float, place: float, top: int
) -> tuple[Block, ...]:
    width, below = place * _FILLED / 100, 0
    x, found = left + (place - width) / 2, []
    for kind, count in zip(kinds, heights, strict=True):
        if count:
            size = HEIGHT * count / top
            y = HEIGHT * (1 - below / top) - size
            found.append(Block(kind, round(x, 3), round(width, 3), round(y, 2), round(size, 2)))
            below += count
    return tuple(found)


def round_top(most: float) -> int:
    """Give the round number at which a scale ends: 1, 2, 4, 6, 8 or 10 times a power of ten."""
    if most <= 2:
        return max(1, round(most + 0.49))
    power = 10 ** floor(log10(most))
    return int(next(step * power for step in (1, 2, 4, 6, 8, 10) if step * power >= most))


@dataclass(frozen=True, slots=True)
class Span:
    """A value with its interval and a limit, each in per cent of the line."""

    low: float
    value: float
    high: float
    limit: float


def span(value: float, low: float, high: float, limit: float, end: float) -> Span:
    """Put a value, its interval and a limit on a line from 0 to ``end``."""
    scale = 100 / end if end else 0.0
    return Span(*(round(min(100.0, one * scale), 2) for one in (low, value, high, limit)))
