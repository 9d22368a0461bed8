"""What the hub says of itself: bursts of records, key boxes, heads, covers.

Rows of the outbox become messages here, and go once the broker took all of them. Records that
were appended within a moment travel in one burst; a burst is always as many frames of the same
size, and covers without any record go out among them at random times.
"""

from dataclasses import dataclass, field, replace
from random import Random

from sync.hub import alarms, outbox, roots, words
from sync.hub.appending import head_of, issue
from sync.hub.desk import Desk
from sync.hub.items import Items, size_of
from sync.hub.membership import kill_order
from sync.hub.outbox import Due
from sync.hub.speaking import BURST, Voice
from sync.message import Out
from sync.statement.policy import DAY_MS
from sync.transfer import PAGE_BYTES

GATHER_MS = 20
"""Records that are appended within this time travel together."""

RESEND_MS = 15_000
"""What the broker has not taken by then is said again."""

MOST_UNDER_WAY = 4
"""Bursts on their way to the broker; more records wait for the next one."""

MOST_SINGLES = 100
"""Key boxes and kill orders that go out together."""

MOST_URGENT = 40
"""Lifts in one message."""

MOST_LEADING_ROOTS = 1
"""Roots in front of a burst; whoever lacks more of the chain asks by its greeting."""

ROOM = (BURST - 1) * PAGE_BYTES - 2048
"""Bytes of records in one burst, so that a lead always fits beside them."""

_IN_BURSTS = frozenset({outbox.RECORD, outbox.LIFT, outbox.ROOTS})


@dataclass(slots=True)
class _Flight:
    """Messages that tell some rows of the outbox; which of them the broker has not taken."""

    numbers: tuple[int, ...]
    sent_ms: int
    missing: set[str] = field(default_factory=set)


class Publisher:
    """Publishes for one hub."""

    def __init__(self, desk: Desk, voice: Voice, items: Items, random: Random) -> None:
        """Publish what ``desk`` has in its outbox; ``random`` draws the times of covers."""
        self._desk, self._voice, self._items, self._random = desk, voice, items, random
        self._flights: dict[str, _Flight] = {}
        self._flown = 0
        self._hurried: set[int] = set()
        self._cover_ms = 0
        self._covers_per_day = 0

    def connected(self, now_ms: int) -> list[Out]:
        """Begin anew on a new connection: nothing is under way, and the broker may be empty."""
        self._flights.clear()
        self._hurried.clear()
        desk, outs = self._desk, list[Out]()
        for unit_id, unit in desk.book.units.items():
            if not unit.in_force and not unit.row.destroyed_ms:
                outs.append(self._voice.kill(unit, kill_order(desk, unit)))
            elif unit.in_force and words.without_keys(desk, unit_id):
                outs.append(self._voice.box(unit, now_ms))
        return [*outs, *self._head(now_ms)]

    def acknowledged(self, token: str) -> None:
        """Forget a message that the broker took, and its rows with the last of them."""
        name = token.partition(":")[0]
        flight = self._flights.get(name)
        if flight is None:
            return
        flight.missing.discard(token)
        if not flight.missing:
            outbox.told(self._desk.store, flight.numbers)
            self._hurried.difference_update(flight.numbers)
            del self._flights[name]

    def publish(self, now_ms: int) -> list[Out]:
        """Give what is due now; not for a restored hub, which first has to listen."""
        for name in [n for n, one in self._flights.items() if self._overdue(one, now_ms)]:
            del self._flights[name]
        outs, waiting = list[Out](), self._waiting()
        while len(self._flights) < MOST_UNDER_WAY and (batch := self._batch(waiting, now_ms)):
            taken = {row.number for row in batch}
            later = [row for row in waiting if row.number not in taken]
            outs += self._said(batch, later, now_ms)
            waiting = later or self._waiting()
        return outs if _held(waiting) else [*outs, *self._cover(now_ms), *self._regular(now_ms)]

    def due_ms(self, now_ms: int) -> int:
        """Tell when there is something to publish, if nobody changes anything."""
        waiting = self._waiting(most=100)
        times = [flight.sent_ms + RESEND_MS for flight in self._flights.values()]
        if not _held(waiting):
            times += [self._head_due_ms(), self._cover_due_ms(now_ms)]
        if len(self._flights) < MOST_UNDER_WAY and waiting:
            times.append(waiting[0].at_ms + GATHER_MS)
        return min(times)

    # --- the outbox ----------------------------------------------------------------------------
    def _waiting(self, most: int = 1000) -> list[Due]:
        """Give rows that are not under way, oldest first."""
        under_way = {number for one in self._flights.values() for number in one.numbers}
        rows = outbox.due(self._desk.store, most=most + len(under_way))
        return [row for row in rows if row.number not in under_way]

    def _batch(self, waiting: list[Due], now_ms: int) -> list[Due]:
        """Take the rows that make the next messages or burst; none if it is too early."""
        singles = [row for row in waiting if row.kind not in _IN_BURSTS]
        if singles and not _held(waiting):
            return singles[:MOST_SINGLES]
        batch, room = list[Due](), ROOM
        for row in waiting:
            if row.kind not in _IN_BURSTS:
                continue
            room -= 0 if row.kind == outbox.ROOTS else size_of(self._items.item(int(row.subject)))
            if batch and room < 0:
                return batch
            batch.append(row)
        early = bool(batch) and batch[0].at_ms <= now_ms < batch[0].at_ms + GATHER_MS
        return [] if early else batch

    def _said(self, batch: list[Due], later: list[Due], now_ms: int) -> list[Out]:
        """Make the messages of some rows, and wait for the broker to take them."""
        if batch[0].kind in _IN_BURSTS:
            seqs = [int(row.subject) for row in batch if row.kind != outbox.ROOTS]
            lead = self._lead(batch, later)
            made = self._voice.burst(lead, [self._items.item(seq) for seq in seqs])
            made.append(self._voice.head())
        else:
            made = [out for row in batch for out in self._single(row, now_ms)]
        self._flown += 1
        name = str(self._flown)
        outs = [replace(out, token=f"{name}:{i}") for i, out in enumerate(made)]
        missing = {out.token for out in outs if out.token}
        numbers = tuple(row.number for row in batch)
        if missing:
            self._flights[name] = _Flight(numbers, now_ms, missing)
        else:
            outbox.told(self._desk.store, numbers)
        return outs

    def _lead(self, batch: list[Due], later: list[Due]) -> tuple[object, ...] | None:
        """Give what has to be read before a burst's records: a new root, or lifts in the queue."""
        versions = [int(row.subject) for row in batch if row.kind == outbox.ROOTS]
        if versions:
            chain = roots.chain(self._desk, min(versions) - 1)[-MOST_LEADING_ROOTS:]
            return ("roots", [carried.encode() for carried in chain])
        lifts = [row for row in later if row.kind == outbox.LIFT]
        fresh = [row for row in lifts if row.number not in self._hurried][:MOST_URGENT]
        if not fresh:
            return None
        self._hurried.update(row.number for row in fresh)
        return ("urgent", [self._items.item(int(row.subject)) for row in fresh])

    def _single(self, row: Due, now_ms: int) -> list[Out]:
        """Make the message of a row that is about one unit or topic; none if it is out of date."""
        if row.kind == outbox.CLEAR:
            return [Out(row.subject, b"", retain=True)]
        if row.kind == outbox.CAUTION:
            return self._caution(now_ms)
        unit = self._desk.book.units[row.subject]
        if row.kind == outbox.BOX:
            return [self._voice.box(unit, now_ms)] if unit.in_force else []
        return [] if unit.in_force else [self._voice.kill(unit, kill_order(self._desk, unit))]

    def _caution(self, now_ms: int) -> list[Out]:
        """Give the caution that counts now, in a burst like any other: under a head of its own."""
        carried = alarms.signed_caution(self._desk, now_ms)
        if carried is None:
            return []
        head = self._head(now_ms)
        return [*self._voice.burst(("caution", carried.encode()), []), *head]

    # --- by the clock --------------------------------------------------------------------------
    def _regular(self, now_ms: int) -> list[Out]:
        return self._head(now_ms) if self._head_due_ms() <= now_ms else []

    def _head(self, now_ms: int) -> list[Out]:
        with self._desk.change():
            issue(self._desk, now_ms)
        return [self._voice.head()]

    def _head_due_ms(self) -> int:
        issued_ms = head_of(self._desk.store.state.head).issued_ms
        return issued_ms + self._desk.book.ledger.policy.head_every_ms

    def _cover(self, now_ms: int) -> list[Out]:
        """Give a burst without records, now and then."""
        if self._cover_due_ms(now_ms) > now_ms:
            return []
        self._draw(now_ms)
        return [*self._voice.burst(None, []), *self._head(now_ms)]

    def _cover_due_ms(self, now_ms: int) -> int:
        if self._covers_per_day != self._desk.book.ledger.policy.covers_per_day:
            self._draw(now_ms)
        return self._cover_ms

    def _draw(self, now_ms: int) -> None:
        """Draw when the next cover goes out: as often as the policy says, at no fixed time."""
        self._covers_per_day = self._desk.book.ledger.policy.covers_per_day
        rate = self._covers_per_day / DAY_MS
        self._cover_ms = now_ms + (int(self._random.expovariate(rate)) if rate else DAY_MS)

    # --- conditions ----------------------------------------------------------------------------
    def _overdue(self, flight: _Flight, now_ms: int) -> bool:
        return not flight.sent_ms <= now_ms < flight.sent_ms + RESEND_MS


def _held(waiting: list[Due]) -> bool:
    """Whether heads have to wait: never is one sent ahead of the root that names its key."""
    return any(row.kind == outbox.ROOTS for row in waiting)
