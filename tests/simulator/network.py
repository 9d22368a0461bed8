"""Lines between clients and broker that lose, double, delay, reorder, go silent and are cut.

A line is TCP as it really fails: what is lost is lost together with the connection, which the
client notices at once or only after a silence. Inside one connection messages may still arrive
twice and out of order, because clients and brokers do that too.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass

from simulator.agenda import Agenda
from simulator.ram_broker import Message, RamBroker
from sync.message import Arrival, Out

SILENCE_MS = 15_000
"""How long a dead line goes unnoticed: one and a half keep-alives."""

LONGEST_BACKOFF_MS = 3_000
"""Longest pause before a client tries again."""


@dataclass(slots=True)
class Weather:
    """How badly the lines behave.

    Attributes:
        loss: Chance that a message is lost, and the connection with it.
        double: Chance that a message arrives twice.
        disorder: Chance that a message is overtaken by up to two seconds of others.
        delay_ms: Longest ordinary way of a message.
    """

    loss: float = 0.0
    double: float = 0.0
    disorder: float = 0.0
    delay_ms: int = 5


FAIR = Weather()
FOUL = Weather(loss=0.3, double=0.2, disorder=0.2, delay_ms=400)


@dataclass(frozen=True, slots=True)
class Client:
    """What a line calls at its owner.

    Attributes:
        connected: The line stands.
        arrived: A message came; true once its effect is kept, so that it may be confirmed.
        acknowledged: The broker has what was sent with this token.
        filters: What to listen to, asked after everything that was done.
    """

    connected: Callable[[], None]
    arrived: Callable[[Arrival], bool]
    acknowledged: Callable[[str], None]
    filters: Callable[[], list[str]]


class Line:
    """The connection of one client, made again and again for as long as it is wanted."""

    def __init__(self, name: str, client: Client, net: "Network") -> None:
        """Belong to ``client``; nothing is connected before ``want(True)``."""
        self.name, self._client, self._net = name, client, net
        self._wanted = self._stands = self._walled = False
        self._connection = self._tries = self._last_ms = 0

    @property
    def stands(self) -> bool:
        """Whether the client believes itself connected."""
        return self._stands

    def want(self, wanted: bool) -> None:  # noqa: FBT001 - the one thing this says
        """Bring the line up, or take it down as a process that ends does."""
        self._wanted = wanted
        if wanted:
            self._retry()
        else:
            self._cut(retry=False)

    def wall(self, walled: bool) -> None:  # noqa: FBT001 - the one thing this says
        """Put the client behind a partition, noticed only after a silence, or let it out."""
        was, self._walled = self._walled, walled
        if walled:
            connection = self._connection
            self._net.agenda.after(SILENCE_MS, lambda: self._silence(connection))
        elif was:
            self._cut(retry=False)  # what was sent meanwhile is lost with the connection
            self.try_again()

    def cut(self) -> None:
        """Break the connection; the client tries again."""
        self._cut(retry=True)

    def send(self, out: Out) -> None:
        """Publish over this connection; lost without a word where the line is down."""
        if not self._stands or self._walled:
            return
        connection = self._connection

        def at_broker() -> None:
            self._net.broker.publish(self.name, out)
            if out.token is not None:
                token = out.token
                self._travel(connection, lambda: self._client.acknowledged(token))

        self._travel(connection, at_broker)

    def listen(self) -> None:
        """Tell the broker what the client listens to by now."""
        if self._stands and not self._walled:
            self._net.broker.subscribe(self.name, self._client.filters())

    def _deliver(self, message: Message) -> None:
        connection = self._connection

        def at_client() -> None:
            if self._client.arrived(Arrival(message.topic, message.payload)) and message.qos:
                self._travel(connection, lambda: self._net.broker.confirmed(self.name, message))

        self._travel(connection, at_client)

    def _travel(self, connection: int, arrive: Callable[[], None]) -> None:
        weather, chance = self._net.weather, self._net.chance
        if chance.random() < weather.loss:
            self._net.agenda.after(chance.randrange(200), lambda: self._silence(connection))
            return
        for _ in range(1 + (chance.random() < weather.double)):
            delay_ms = chance.randint(1, max(1, weather.delay_ms))
            if chance.random() < weather.disorder:
                delay_ms += chance.randint(0, 2_000)
            else:
                self._last_ms = max(self._last_ms, self._net.agenda.now_ms + delay_ms)
                delay_ms = self._last_ms - self._net.agenda.now_ms
            self._net.agenda.after(delay_ms, lambda: self._arrive(connection, arrive))

    def _arrive(self, connection: int, arrive: Callable[[], None]) -> None:
        if connection == self._connection and self._stands and not self._walled:
            arrive()

    def _silence(self, connection: int) -> None:
        if connection == self._connection and self._stands:
            self._cut(retry=True)

    def _cut(self, *, retry: bool) -> None:
        if self._stands:
            self._net.broker.disconnect(self.name)
        self._stands = False
        self._connection += 1
        if retry and self._wanted:
            longest = min(LONGEST_BACKOFF_MS, 500 << min(self._tries, 8))
            self._tries += 1
            self._net.agenda.after(self._net.chance.randint(100, longest), self._retry)

    def _retry(self) -> None:
        if self._stands or not self._wanted:
            return
        if self._walled or self._net.down:
            return  # tried in vain until that ends, and then within the longest pause
        self._stands, self._tries = True, 0
        self._net.broker.connect(self.name, self._deliver)
        self.listen()
        self._client.connected()
        self.listen()

    def try_again(self) -> None:
        """Notice within the longest pause that there is something to connect to again."""
        pause_ms = self._net.chance.randint(100, LONGEST_BACKOFF_MS)
        self._net.agenda.after(pause_ms, self._retry)


class Network:
    """Every line of a world, its weather and its broker.

    Attributes:
        weather: How the lines behave from now on.
        down: Whether the broker is off.
    """

    def __init__(self, agenda: Agenda, chance: random.Random) -> None:
        """Connect everything to one broker in RAM."""
        self.agenda, self.chance = agenda, chance
        self.broker = RamBroker()
        self.weather = FAIR
        self.down = False
        self.lines: dict[str, Line] = {}

    def line(self, name: str, client: Client) -> Line:
        """Lay the line of one client."""
        self.lines[name] = Line(name, client, self)
        return self.lines[name]

    def wipe_broker(self, for_ms: int) -> None:
        """Kill the broker with everything it knew; it is back, empty, after ``for_ms``."""
        self.broker.forget_everything()
        self.down = True
        for line in self.lines.values():
            line.cut()
        self.agenda.after(for_ms, self._back)

    def _back(self) -> None:
        self.down = False
        for line in self.lines.values():
            line.try_again()

    def clear_up(self) -> None:
        """End all faults: fair weather, no walls, the broker on; who is cut off comes back."""
        self.weather = FAIR
        self._back()
        for line in self.lines.values():
            line.wall(False)  # noqa: FBT003 - see there
