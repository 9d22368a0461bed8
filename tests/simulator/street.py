"""A hub with real units on one wire: nothing is lost, and time passes when told."""

import random
from collections import deque
from collections.abc import Iterable
from pathlib import Path

from simulator.office import Office
from simulator.ram_shelf import RamShelf
from sync.clock import Now
from sync.hub.exchange import Exchange
from sync.ledger import Ledger
from sync.message import Arrival, Out
from sync.seal import BoxKey, SigningKey
from sync.statement.root import Root
from sync.unit.keys import UnitKeys
from sync.unit.reports import Condition
from sync.unit.session import Session
from sync.unit.shelf import Trusted


class House:
    """One unit: its shelf and its session.

    Attributes:
        condition: What the door says about itself in its reports.
    """

    def __init__(self, office: Office, venue_id: str) -> None:
        """Join the list of ``office``."""
        chance, now_ms = office.chance, office.now_ms
        signer, box = SigningKey(chance.randbytes(32)), BoxKey(chance.randbytes(96))
        unit_id, secret = office.service.invite(venue_id, "door", now_ms + 1000, "test", now_ms)
        joined = office.service.join(unit_id, secret, signer.public, box.public, now_ms)
        self.unit_id, self.mailbox = unit_id, joined.mailbox
        self.keys = UnitKeys(office.service.list_id, unit_id, venue_id, joined.mailbox, signer, box)
        root = Root.parse(office.service.roots()[0].body)
        self.shelf = RamShelf(Trusted(root, (), Ledger.empty(office.service.list_id)))
        self.online = True
        self.condition = Condition("model", "1")
        self.restart()

    def restart(self) -> None:
        """Start the unit's process over its shelf."""
        self.session = Session(
            self.shelf,
            self.keys,
            random.Random(self.unit_id),
            condition=lambda: self.condition,
        )

    @property
    def ledger(self) -> Ledger:
        """What the unit believes."""
        return self.shelf.trusted().ledger


class Street:
    """The hub, its units, and the wire between them.

    Attributes:
        office: The hub.
        houses: The units.
        seen: Everything that the hub published, for tests that look at the traffic.
    """

    def __init__(self, folder: Path, doors: int = 2) -> None:
        """Let ``doors`` units join, at one venue after the other, and connect."""
        self.office = Office(folder)
        self.exchange = Exchange(self.office.service, random.Random(3))
        self.houses: list[House] = []
        self.retained: dict[str, bytes] = {}
        self.seen: list[Out] = []
        self._queue: deque[tuple[House | None, Out]] = deque()
        self.reconnect()
        for i in range(doors):
            self.join(self.office.venues[i % len(self.office.venues)])

    def join(self, venue_id: str) -> House:
        """Let one more unit join, and connect it."""
        house = House(self.office, venue_id)
        self.houses.append(house)
        self.wait(100)
        self.connect(house)
        return house

    def reopen(self) -> None:
        """Start the hub's process anew."""
        self.exchange = Exchange(self.office.reopened(), random.Random(4))
        self.reconnect()

    def reopen_closed(self, *, listening: bool = False) -> None:
        """Start the hub's process over whatever file lies there now."""
        office = self.office
        office.service = type(office.service).open(office.path, office.keys)
        if listening:
            office.service.listen(office.now_ms)
        self.exchange = Exchange(office.service, random.Random(5))
        self.reconnect()

    def reconnect(self) -> None:
        """Connect the hub."""
        self.say(None, self.exchange.connected(self.office.now_ms))
        self.settle()

    def connect(self, house: House) -> None:
        """Connect a unit: what is retained comes first."""
        house.online = True
        outs = house.session.connected(self.now)
        for topic, payload in list(self.retained.items()):
            if topic in house.session.topics():
                self.say(house, house.session.receive(Arrival(topic, payload), self.now))
        self.say(house, outs)
        self.settle()

    @property
    def now(self) -> Now:
        """The time everywhere."""
        return Now(self.office.now_ms, trusted=True)

    def wait(self, ms: int, step_ms: int = 25) -> None:
        """Let time pass."""
        for _ in range(0, ms, step_ms):
            self.office.now_ms += step_ms
            self.say(None, self.exchange.tick(self.office.now_ms))
            for house in self.houses:
                if house.online:
                    self.say(house, house.session.tick(self.now))
            self.settle()

    def say(self, sender: House | None, outs: Iterable[Out]) -> None:
        """Put messages on the wire."""
        self._queue.extend((sender, out) for out in outs)

    def settle(self) -> None:
        """Carry messages until nobody has any more to say."""
        while self._queue:
            sender, out = self._queue.popleft()
            if sender is not None:
                arrived = self.exchange.receive(Arrival(out.topic, out.payload), self.now.ms)
                self.say(None, arrived)
                continue
            self.seen.append(out)
            if out.retain:
                self.retained[out.topic] = out.payload
            if out.token:
                self.exchange.acknowledged(out.token)
            self._deliver(out)

    def in_step(self) -> bool:
        """Tell whether every unit that is online holds exactly the hub's list."""
        ledger = self.office.service.desk.book.ledger
        return all(
            (house.ledger.hash, house.ledger.live.root) == (ledger.hash, ledger.live.root)
            for house in self.houses
            if house.online
        )

    def _deliver(self, out: Out) -> None:
        for house in self.houses:
            before = house.session.topics()
            if not house.online or out.topic not in before:
                continue
            self.say(house, house.session.receive(Arrival(out.topic, out.payload), self.now))
            for topic in set(house.session.topics()) - set(before):
                if topic in self.retained:
                    arrival = Arrival(topic, self.retained[topic])
                    self.say(house, house.session.receive(arrival, self.now))
