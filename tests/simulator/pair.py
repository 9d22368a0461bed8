"""A unit and its scripted hub: messages are handed over at once, time passes when told."""

import random
from collections import deque
from collections.abc import Iterable

from simulator.ram_shelf import RamShelf
from simulator.scripted_hub import ScriptedHub
from sync.clock import Now
from sync.message import Arrival, Out
from sync.unit.reports import Condition
from sync.unit.session import Session
from sync.unit.standing import Standing


class Pair:
    """One unit, one hub, one wire."""

    def __init__(self, hub: ScriptedHub | None = None) -> None:
        """Let the unit have joined, and not be connected yet."""
        self.hub = hub or ScriptedHub()
        self.shelf = RamShelf(self.hub.trusted())
        self.told = 0
        """How often the engine was told of changes."""
        self.trusted_time = True
        self.sent: list[Out] = []
        self.session = self.restarted()

    def restarted(self) -> Session:
        """Start the unit's process over what its shelf holds."""
        self.session = Session(
            self.shelf,
            self.hub.unit_keys,
            random.Random(2),
            notify=self._tell,
            condition=lambda: Condition("model-a", "1"),
        )
        return self.session

    @property
    def now(self) -> Now:
        """The time at unit and hub."""
        return Now(self.hub.now_ms, self.trusted_time)

    @property
    def standing(self) -> Standing:
        """How the unit stands."""
        return self.session.standing

    def connect(self) -> None:
        """Connect, and let both sides talk until they have nothing to say."""
        self.talk(self.session.connected(self.now))

    def give(self, *arrivals: Arrival) -> list[Out]:
        """Give the unit messages; nobody answers what it says."""
        return [out for one in arrivals for out in self.session.receive(one, self.now)]

    def deliver(self, arrivals: Iterable[Arrival]) -> None:
        """Give the unit messages, and let both sides talk."""
        for one in list(arrivals):
            self.talk(self.session.receive(one, self.now))

    def talk(self, outs: Iterable[Out]) -> None:
        """Let the hub answer, the unit answer that, and so on."""
        queue = deque(outs)
        while queue:
            out = queue.popleft()
            self.sent.append(out)
            for arrival in self.hub.answer(out):
                queue.extend(self.session.receive(arrival, self.now))

    def wait(self, ms: int, step_ms: int = 250) -> None:
        """Let time pass, tick by tick."""
        for _ in range(0, ms, step_ms):
            self.hub.now_ms += step_ms
            self.talk(self.session.tick(self.now))

    def publish(self, since: int) -> None:
        """Send a burst with the records after ``since`` to everybody."""
        self.deliver(self.hub.burst(self.hub.log[since:]))

    @property
    def codes(self) -> dict[str, int]:
        """What the unit refused."""
        return dict(self.standing.refusals)

    def in_step(self) -> bool:
        """Tell whether the unit holds exactly the hub's list."""
        ledger = self.shelf.trusted().ledger
        return (ledger.hash, ledger.live.root) == (self.hub.ledger.hash, self.hub.ledger.live.root)

    def _tell(self) -> None:
        self.told += 1
