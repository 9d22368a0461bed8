"""What needs somebody's attention, as rooms tell it and the first page shows it. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

Level: TypeAlias = Literal["now", "soon", "info"]
"""How urgent: act in this minute, in these days, or just know."""

_ORDER: tuple[Level, ...] = ("now", "soon", "info")


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing that needs attention.

    Attributes:
        level: How urgent.
        words: One line.
        href: The page on which something can be done about it.
    """

    level: Level
    words: str
    href: str


def most_urgent_first(notices: Iterable[Notice]) -> list[Notice]:
    """Order notices by urgency; among equals the order stays."""
    return sorted(notices, key=lambda one: _ORDER.index(one.level))
