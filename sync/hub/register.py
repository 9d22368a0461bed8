"""The entries as the pages need them: a card of each in RAM, brought up to date before each look.

The ledger's own order says what changed: an entry's row names its newest record, so only rows with
a higher number are opened, whichever process wrote them. Nothing is read where nobody wrote.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TypeAlias

from edge.enrolment import Reference
from sync.errors import HubError
from sync.hub import cardmaking, notes
from sync.hub.card import Card
from sync.hub.cardmaking import Drawn, Pending
from sync.hub.desk import Desk
from sync.hub.facts import Standing
from sync.hub.lookalikes import Lookalikes
from sync.hub.reach import content
from sync.hub.reading import leaf_of
from sync.hub.reference import Likeness
from sync.hub.rows import EntryRow, WaitingRow
from sync.hub.thumbnails import Thumbnails
from sync.liveset import State

EVERY = 2000
"""Entries between two words of progress."""

Progress: TypeAlias = Callable[[int, int], None]
"""Told how many entries were read, of how many."""


def _silent(_read: int, _of: int) -> None:
    """Say nothing."""


class Register:
    """The entries of one open hub, for the thread that owns its desk."""

    def __init__(self, desk: Desk) -> None:
        """Work at an open database; nothing is read before the first question."""
        self._desk = desk
        self._seen = (-1, -1)
        self._notes = notes.Following()
        self._thumbnails = Thumbnails()
        self._forget()

    def _forget(self) -> None:
        self._seq = 0
        self._standing: dict[str, Card] = {}
        self._hollow: set[str] = set()
        self._pending: dict[str, Pending] = {}
        self._cards: dict[str, Card] = {}
        self._orders: dict[frozenset[str] | None, tuple[Card, ...]] = {}
        self._tallies: dict[frozenset[str] | None, Counter[Standing]] = {}
        self._lookalikes = Lookalikes()

    def catch_up(self, told: Progress = _silent) -> None:
        """Read what changed since the last time; the first time everything.

        Args:
            told: Is told of progress: 10,000 entries take some seconds.

        Raises:
            HubError: The database is damaged.
        """
        ledger, seen = self._desk.book.ledger, self._traces()
        if seen == self._seen:
            return
        if ledger.seq < self._seq:  # a backup was put in place
            self._forget()
        touched = {*self._read_hollow(), *self._read_entries(told), *self._read_waiting()}
        touched |= self._notes.follow(self._desk.store)
        self._seq, self._seen = ledger.seq, seen
        if touched:
            self._orders, self._tallies = {}, {}
        for entry_id in touched:
            self._merge(entry_id)

    def settle(self) -> None:
        """Catch up, and keep no face or template in memory of what is gone from the list."""
        self.catch_up()
        self._lookalikes.settle()

    def cards(self) -> Mapping[str, Card]:
        """Give the card of every entry that waits, counts or is contested, by entry id."""
        self.catch_up()
        return MappingProxyType(self._cards)

    def newest_first(self, scopes: frozenset[str] | None = None) -> tuple[Card, ...]:
        """Give the cards of these scopes, or all, the one that changed last first."""
        self.catch_up()
        if None not in self._orders:
            order = sorted(self._cards.values(), key=lambda card: (-card.changed_ms, card.entry_id))
            self._orders[None] = tuple(order)
        if scopes is not None and scopes not in self._orders:
            everything = self._orders[None]
            self._orders[scopes] = tuple(card for card in everything if card.scope in scopes)
        return self._orders[scopes]

    def asked(self) -> list[Card]:
        """Give the cards about which a proposal waits, the one that waits longest first."""
        self.catch_up()
        named = {one.entry_id for one in self._pending.values()}
        cards = [self._cards[entry_id] for entry_id in named if entry_id in self._cards]
        return sorted(cards, key=lambda card: (_since_ms(card), card.entry_id))

    def tally(self, scopes: frozenset[str] | None = None) -> Counter[Standing]:
        """Count the cards of these scopes, or all, by how they stand."""
        cards = self.newest_first(scopes)
        if scopes not in self._tallies:
            self._tallies[scopes] = Counter(card.standing for card in cards)
        return self._tallies[scopes]

    def card(self, entry_id: str) -> Card:
        """Give one card.

        Raises:
            HubError: There is no such entry, or it is gone.
        """
        card = self.cards().get(entry_id)
        if card is None:
            raise HubError(f"there is no entry {entry_id!r} on the list")
        return card

    def thumbnail(self, entry_id: str) -> bytes:
        """Give an entry's photo as a JPEG of at most 96 pixels; empty where it has none."""
        version = self.card(entry_id).revision
        return self._thumbnails.of(entry_id, version, lambda: content(self._desk, entry_id).photo)

    def alike(self, reference: Reference, now_ms: int) -> tuple[Likeness, ...]:
        """Find the entries that may be of the same person, best first; also those that wait.

        Args:
            reference: The new one.
            now_ms: Milliseconds since the epoch; entries that are over do not count.
        """
        self.catch_up()
        return self._lookalikes.of(reference, now_ms)

    def _traces(self) -> tuple[int, int]:
        """Give numbers that change whenever this process or another wrote anything."""
        store = self._desk.store
        return store.version(), int(store.rows("SELECT total_changes()")[0][0])

    def _read_entries(self, told: Progress) -> Iterator[str]:
        rows = self._desk.store.each("entry", EntryRow, "seq > ?", (self._seq,))
        total = 0 if self._seq else self._desk.book.ledger.live.entries
        for number, (entry_id, row) in enumerate(rows, 1):
            self._take(entry_id, row)
            if not number % EVERY:
                told(number, total)
            yield entry_id

    def _read_hollow(self) -> set[str]:
        """Read again what a restored hub lacked: its content may have come back since."""
        again = set(self._hollow)
        for entry_id in again:
            row = self._desk.store.find("entry", entry_id, EntryRow)
            if row is not None:
                self._take(entry_id, row)
        return again

    def _take(self, entry_id: str, row: EntryRow) -> None:
        leaf = leaf_of(row)
        self._hollow.discard(entry_id)
        if leaf.state is State.GONE:
            self._standing.pop(entry_id, None)
            self._lookalikes.drop(entry_id)
            return
        drawn = cardmaking.standing(self._desk, entry_id, row, leaf)
        self._standing[entry_id] = drawn.card
        if drawn.put is None:
            self._hollow.add(entry_id)
        self._compare(entry_id, drawn)

    def _compare(self, entry_id: str, drawn: Drawn) -> None:
        """Let later photos be compared with an entry, where it has templates."""
        if drawn.put is not None:
            self._lookalikes.put(drawn.put)
        else:
            self._lookalikes.drop(entry_id)

    def _read_waiting(self) -> set[str]:
        """Read the proposals that came to wait, and forget those that wait no longer."""
        there = {digest for (digest,) in self._desk.store.rows("SELECT digest FROM waiting")}
        touched = set()
        for digest in self._pending.keys() - there:
            entry_id = self._pending.pop(digest).entry_id
            touched.add(entry_id)
            if entry_id not in self._standing:
                self._lookalikes.drop(entry_id)
        for digest in there - self._pending.keys():
            row = self._desk.store.find("waiting", digest, WaitingRow)
            if row is not None and row.entry_id:
                self._await(digest, row)
                touched.add(row.entry_id)
        return touched

    def _await(self, digest: str, row: WaitingRow) -> None:
        pending = self._pending[digest] = cardmaking.pending(row)
        if pending.drawn is not None and row.entry_id not in self._standing:
            self._compare(row.entry_id, pending.drawn)

    def _merge(self, entry_id: str) -> None:
        """Put one card together: what stands, what waits, what was noted."""
        waiting = [one for one in self._pending.values() if one.entry_id == entry_id]
        newest = max(waiting, key=lambda one: one.asked.since_ms, default=None)
        card = self._standing.get(entry_id)
        if card is None and newest is not None and newest.drawn is not None:
            card = newest.drawn.card
        if card is None:
            self._cards.pop(entry_id, None)
            self._thumbnails.forget(entry_id)
            return
        asked, note = newest.asked if newest else None, self._notes.of(entry_id)
        self._cards[entry_id] = replace(card, asked=asked, note=note)


def _since_ms(card: Card) -> int:
    """Tell since when the newest proposal about an entry waits."""
    return card.asked.since_ms if card.asked else 0
