"""A broker in RAM: subscriptions, retained messages, sessions that wait, and a total loss.

It promises what MQTT 5 promises at QoS 1 and no more: at least once, while it lives. It can be
wiped, as mosquitto is by a SIGKILL between two savings, and everything that passes can be
watched, held back or made up by whoever owns it.
"""

import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from sync.message import Out

MOST_WAITING = 1_000
"""Messages kept for a client that is away (mosquitto's max_queued_messages)."""


@dataclass(frozen=True, slots=True)
class Message:
    """One publication as the broker holds it.

    Attributes:
        number: Unique in this world.
        topic: Where it was published.
        payload: What was published.
        qos: 0 or 1.
    """

    number: int
    topic: str
    payload: bytes
    qos: int


Deliver = Callable[[Message], None]
Tap = Callable[[str, Message], Iterable[Message]]
"""Gets who published (\"\" for the broker itself) and what; gives what is passed on."""


@dataclass(slots=True)
class Seat:
    """What the broker remembers of one client: its subscriptions and what it has not confirmed."""

    filters: set[str] = field(default_factory=set)
    waiting: dict[int, Message] = field(default_factory=dict)
    deliver: Deliver | None = None

    def offer(self, message: Message) -> None:
        """Hand a message over, or keep it until the client is back."""
        if message.qos and len(self.waiting) < MOST_WAITING:
            self.waiting[message.number] = message
        if self.deliver is not None:
            self.deliver(message)


class RamBroker:
    """All of mosquitto that the protocol relies on.

    Attributes:
        retained: The newest retained message of each topic.
        tap: Who stands between publication and delivery; passes everything on unless replaced.
    """

    def __init__(self) -> None:
        """Start with no clients."""
        self._seats: dict[str, Seat] = {}
        self._numbers = itertools.count(1)
        self.retained: dict[str, Message] = {}
        self.tap: Tap = lambda _client, message: (message,)

    def connect(self, client: str, deliver: Deliver) -> bool:
        """Take a client in; what it has not confirmed comes again.

        Returns:
            Whether the broker still knew its session.
        """
        known = client in self._seats
        seat = self._seats.setdefault(client, Seat())
        seat.deliver = deliver
        for message in list(seat.waiting.values()):
            deliver(message)
        return known

    def disconnect(self, client: str) -> None:
        """Note that a client is gone; its session waits for it."""
        if client in self._seats:
            self._seats[client].deliver = None

    def subscribe(self, client: str, filters: Iterable[str]) -> None:
        """Replace what a client listens to; retained messages of new filters follow at once."""
        seat = self._seats.get(client)
        if seat is None:
            return
        wanted = set(filters)
        new, seat.filters = wanted - seat.filters, wanted
        for topic, message in list(self.retained.items()):
            if any(matches(one, topic) for one in new):
                seat.offer(message)

    def publish(self, client: str, out: Out) -> None:
        """Take a publication and pass on what the tap makes of it."""
        message = Message(next(self._numbers), out.topic, out.payload, out.qos)
        for passed in self.tap(client, message):
            self.pass_on(passed, retain=out.retain)

    def made_up(self, topic: str, payload: bytes, qos: int = 1) -> Message:
        """Make a message that nobody published."""
        return Message(next(self._numbers), topic, payload, qos)

    def pass_on(self, message: Message, *, retain: bool = False) -> None:
        """Deliver to everyone who listens; an empty retained payload forgets the topic."""
        if retain and message.payload:
            self.retained[message.topic] = message
        elif retain:
            self.retained.pop(message.topic, None)
        for seat in list(self._seats.values()):
            if any(matches(one, message.topic) for one in seat.filters):
                seat.offer(message)

    def confirmed(self, client: str, message: Message) -> None:
        """Note that a client has a message for good."""
        if client in self._seats:
            self._seats[client].waiting.pop(message.number, None)

    def forget_everything(self) -> list[Deliver]:
        """Lose sessions, queues and retained messages, as after SIGKILL with its files removed."""
        gone = [seat.deliver for seat in self._seats.values() if seat.deliver is not None]
        self._seats.clear()
        self.retained.clear()
        return gone


def matches(wanted: str, topic: str) -> bool:
    """Tell whether a subscription covers a topic (MQTT 5, 4.7; no ``#`` is in use)."""
    parts, asked = topic.split("/"), wanted.split("/")
    return len(parts) == len(asked) and all(
        one in ("+", part) for one, part in zip(asked, parts, strict=True)
    )
