"""Finds entries among all: by words, venue, category and state, in pages. Pure.

Times are milliseconds since the epoch.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sync.entries import Category
from sync.hub.card import Card
from sync.hub.facts import Standing
from sync.statement.policy import DAY_MS

PAGE = 24
"""Entries on one page: full rows of two, three, four and six."""

SOON_DAYS = 30
"""An entry that ends within so many days is shown as ending soon."""


class Show(StrEnum):
    """Which entries somebody wants to see."""

    EVERY = "every"
    ENDING = "ending"
    WAITING = "waiting"
    CONTESTED = "contested"


class Order(StrEnum):
    """Which entries come first."""

    NEWEST = "newest"
    ENDING = "ending"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody looks for.

    Attributes:
        words: Each has to stand in the id, the evidence, the note or the reason; any case.
        venue_id: Who proposed them; "" for whoever.
        category: None for any.
        show: Which of them.
        order: Which come first.
        page: From 1; one behind the last shows the last.
    """

    words: str = ""
    venue_id: str = ""
    category: Category | None = None
    show: Show = Show.EVERY
    order: Order = Order.NEWEST
    page: int = 1


@dataclass(frozen=True, slots=True)
class Found:
    """One page of what was found.

    Attributes:
        cards: On this page.
        total: On all pages.
        page: This one, from 1.
        pages: How many there are; 1 where nothing was found.
    """

    cards: tuple[Card, ...]
    total: int
    page: int
    pages: int


def find(cards: Sequence[Card], wish: Wish, now_ms: int) -> Found:
    """Find what somebody looks for.

    Args:
        cards: Those that this person may see, the one that changed last first.
        wish: What is looked for.
        now_ms: Now.
    """
    found = cards
    for fits in _sieves(wish, now_ms):
        found = [card for card in found if fits(card)]
    if wish.order is Order.ENDING:
        found = sorted(found, key=lambda card: card.until_ms)
    pages = max(1, -(-len(found) // PAGE))
    page = min(max(1, wish.page), pages)
    return Found(tuple(found[(page - 1) * PAGE : page * PAGE]), len(found), page, pages)


def _sieves(wish: Wish, now_ms: int) -> list[Callable[[Card], bool]]:
    """Give a test for each thing that is wished, the cheapest first."""
    sieves: list[Callable[[Card], bool]] = []
    venue_id, category = wish.venue_id, wish.category
    if wish.show is not Show.EVERY:
        sieves.append(_shown(wish.show, now_ms + SOON_DAYS * DAY_MS))
    if venue_id:
        sieves.append(lambda card: card.venue_id == venue_id)
    if category is not None:
        sieves.append(lambda card: card.category is category)
    if wish.words.strip():
        sieves.append(_worded(wish.words.casefold().split()))
    return sieves


def _shown(show: Show, soon_ms: int) -> Callable[[Card], bool]:
    if show is Show.ENDING:
        return lambda card: card.standing is not Standing.WAITING and card.until_ms <= soon_ms
    if show is Show.WAITING:
        return lambda card: card.asked is not None
    return lambda card: card.standing is Standing.CONTESTED


def _worded(words: Sequence[str]) -> Callable[[Card], bool]:
    return lambda card: all(word in card.text for word in words)
