"""The hub's end of the protocol, without I/O: messages in, messages out, time passed in.

Whoever carries the messages gives every ``Arrival`` to ``receive``, calls ``tick`` when ``due_ms``
says (and after every change), tells ``acknowledged`` the token of each ``Out`` that the broker
took, and ``connected`` after each (re)connection.

Example::

    outs = exchange.connected(now_ms)
    outs += exchange.receive(arrival, now_ms)  # committed when this returns: acknowledge now
    outs += exchange.tick(now_ms)
"""

from collections import Counter
from collections.abc import Sequence
from random import Random, SystemRandom
from typing import TYPE_CHECKING

from sync.errors import Refused
from sync.hub import (
    adopting,
    alarms,
    nights,
    proposing,
    purging,
    releasing,
    retention,
    words,
)
from sync.hub.answering import Answers
from sync.hub.items import Items
from sync.hub.listening import Listener
from sync.hub.pacing import Allowances
from sync.hub.publishing import Publisher
from sync.hub.service import Service
from sync.hub.speaking import Voice
from sync.message import Arrival, Out
from sync.statement.policy import DAY_MS

if TYPE_CHECKING:
    from sync.liveset import LiveSet

MOST_ASKED, ASKED_PER_S = 600.0, 60.0
"""What one unit may ask for at once, and how much of it comes back each second."""

ANSWER_COST = 0.25
"""What each message of an answer costs: a list of 10,000 entries takes 1,600 of them."""

LOOK_MS = 1_000
"""So often it is looked for entries whose term is over."""

WARM_MS = 50
"""So often a little of the next snapshot is prepared, until it is ready."""

WANT_MS = 2_000
"""So often a restored hub asks units that it has not heard."""

TIDY_MS = 3_600_000
"""So often what is no longer needed is dropped."""

CONFIRMED_DAYS = 90
"""Days for which single confirmations are kept; after that a unit's newest word speaks for all."""


class Exchange:
    """Answers units and publishes what the service put into its outbox.

    Attributes:
        refusals: What units sent in vain, by code.
    """

    def __init__(self, service: Service, random: Random | None = None) -> None:
        """Speak for ``service``; ``random`` draws the times of covers (the system's by default)."""
        desk = service.desk
        self._desk, voice, items = desk, Voice(desk), Items(desk)
        self._publisher = Publisher(desk, voice, items, random or SystemRandom())
        self._answers = Answers(desk, voice, items)
        self._listener = Listener(desk, voice, self._answers)
        self._allowances = Allowances(MOST_ASKED, ASKED_PER_S)
        self.refusals: Counter[str] = Counter()
        self._look_ms = self._tidy_ms = self._want_ms = 0
        self._warm = self._restored = False
        self._ends: tuple[LiveSet, int] | None = None

    def topics(self) -> tuple[str, ...]:
        """Give the topic filters that the hub subscribes to."""
        return ("m/+/out",)

    def connected(self, now_ms: int) -> list[Out]:
        """Give what has to be published after a (re)connection: the broker may be a new one."""
        if self._desk.book.root is None:
            return []
        self._listener.forget()
        self._restored = bool(self._desk.book.restored_ms)
        if self._restored:
            return [*self._answers.missed_boxes(now_ms), *self._want(now_ms)]
        return [*self._publisher.connected(now_ms), *self._publisher.publish(now_ms)]

    def receive(self, arrival: Arrival, now_ms: int) -> list[Out]:
        """Answer one message; nothing about it is believed, and nothing is raised for it.

        Raises:
            HubError: The hub's own file fails; the message has to come again.
        """
        heard = self._listener.sender(arrival.topic)
        if heard is None:
            self.refusals["unknown-sender"] += 1
            return []
        if not self._allowances.spend(arrival.topic, self._listener.cost(arrival), now_ms):
            self.refusals["too-often"] += 1
            return []
        try:
            outs = self._listener.answer(heard, arrival.payload, now_ms)
        except Refused as refusal:
            self.refusals[refusal.code] += 1
            return []
        self._allowances.charge(arrival.topic, ANSWER_COST * len(outs))
        return outs

    def receive_all(self, arrivals: Sequence[Arrival], now_ms: int) -> list[Out]:
        """Answer several messages in one transaction; acknowledge them after it. As ``receive``."""
        with self._desk.change():
            return [out for one in arrivals for out in self.receive(one, now_ms)]

    def tick(self, now_ms: int) -> list[Out]:
        """Publish what is due: bursts, covers, heads, ends of terms, what was not acknowledged."""
        if self._desk.book.root is None:
            return []
        self._look(now_ms)
        if self._desk.book.restored_ms:
            return self._want(now_ms) if now_ms >= self._want_ms else []
        if self._restored:  # back at work: units that greeted meanwhile wait for a head
            return self.connected(now_ms)
        self._tidy(now_ms)
        outs = self._publisher.publish(now_ms)
        if not outs:
            self._warm = self._answers.warm()
        return outs

    def due_ms(self, now_ms: int) -> int:
        """Tell when ``tick`` has to be called next, if no other process changes anything."""
        if self._desk.book.root is None:
            return now_ms + LOOK_MS
        if self._desk.book.restored_ms:
            return min(self._look_ms, self._want_ms)
        ends_ms = max(self._look_ms, self._next_end_ms())
        due_ms = min(ends_ms, self._tidy_ms, self._publisher.due_ms(now_ms))
        return due_ms if self._warm else min(due_ms, now_ms + WARM_MS)

    def acknowledged(self, token: str) -> None:
        """Forget what the broker took."""
        self._publisher.acknowledged(token)

    def _look(self, now_ms: int) -> None:
        """Take off what is over; a restored hub settles first."""
        if self._look_ms - LOOK_MS <= now_ms < self._look_ms:
            return
        self._look_ms = now_ms + LOOK_MS
        if self._desk.book.restored_ms and not adopting.settle(self._desk, now_ms):
            return
        if self._next_end_ms() <= now_ms:
            proposing.expire(self._desk, now_ms)
        purging.purge(self._desk.store)

    def _want(self, now_ms: int) -> list[Out]:
        """Ask the units that a restored hub still has to hear from, again and again."""
        self._want_ms = now_ms + WANT_MS
        return self._answers.want_all()

    def _next_end_ms(self) -> int:
        """Tell when the next entry ends; asked of the whole list only when it has changed."""
        live = self._desk.book.ledger.live
        if self._ends is None or self._ends[0] is not live:
            end_ms = proposing.next_end_ms(self._desk)
            self._ends = (live, end_ms if end_ms is not None else self._look_ms + DAY_MS)
        return self._ends[1]

    def _tidy(self, now_ms: int) -> None:
        """Drop proposals that nobody approved, old confirmations, and what had its time."""
        if self._tidy_ms - TIDY_MS <= now_ms < self._tidy_ms:
            return
        self._tidy_ms = now_ms + TIDY_MS
        proposing.expire(self._desk, now_ms)
        with self._desk.change():
            words.forget_confirmations(self._desk, now_ms - CONFIRMED_DAYS * DAY_MS)
            retention.tidy(self._desk, now_ms)
            alarms.tidy(self._desk, now_ms)
            nights.tidy(self._desk, now_ms)
            releasing.tidy(self._desk, now_ms)
