"""A unit in a simulated world: its real session over a shelf in RAM."""

import gc
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from simulator.history import History
from simulator.network import Client, Line, Network
from simulator.people import MODEL, Key
from simulator.watched_shelf import Killed, WatchedShelf
from sync.clock import Now
from sync.message import Arrival, Out
from sync.seal import BoxKey
from sync.statement.keybox import KeyRing
from sync.unit.keys import UnitKeys
from sync.unit.reports import Condition
from sync.unit.session import Session
from sync.unit.shelf import Trusted
from sync.unit.standing import Standing

TICK_MS = 250


@dataclass(slots=True)
class Clock:
    """What a unit takes for the time.

    Attributes:
        skew_ms: By how much it is ahead.
        trusted: Whether it may be relied on.
    """

    skew_ms: int = 0
    trusted: bool = True


class UnitNode:
    """The sync process of one unit: dies, and comes back over the same shelf.

    Attributes:
        keys: Who it is.
        shelf: What survives it.
        session: The process; only while it lives.
        clock: Its time.
        restarts: How often it was killed.
        slowest_s: Longest that one hostile message kept it busy, seconds.
        not_them: How often staff said so tonight, by entry.
    """

    def __init__(
        self,
        keys: UnitKeys,
        trusted: Trusted,
        net: Network,
        history: History,
        chance: random.Random,
    ) -> None:
        """Be a unit that has just joined."""
        self.keys, self._net, self._chance = keys, net, chance
        self.clock = Clock()
        self.shelf = WatchedShelf(trusted, keys.unit_id, history, self._times)
        self.restarts = 0
        self.slowest_s = 0.0
        self.tick_ms = TICK_MS
        self.not_them: Counter[str] = Counter()
        self.session: Session | None = None
        client = Client(self._connected, self._arrived, lambda _token: None, self._filters)
        self.line: Line = net.line(keys.unit_id, client)

    @property
    def unit_id(self) -> str:
        """Its id."""
        return self.keys.unit_id

    @property
    def venue_id(self) -> str:
        """Where it stands."""
        return self.keys.venue_id

    @property
    def mailbox(self) -> str:
        """Random part of its topics."""
        return self.keys.mailbox

    @property
    def ring(self) -> KeyRing:
        """Its newest keys."""
        return self.shelf.trusted().keyrings[0]

    @property
    def position(self) -> tuple[int, bytes]:
        """Newest record and root of the live set that are in force here."""
        ledger = self.shelf.trusted().ledger
        return ledger.seq, ledger.live.root

    @property
    def refusals(self) -> tuple[tuple[str, int], ...]:
        """What it refused so far, with counts."""
        return self.session.standing.refusals if self.session else ()

    @property
    def standing(self) -> Standing:
        """What can be seen of it from outside."""
        assert self.session is not None
        return self.session.standing

    @property
    def now(self) -> Now:
        """What it takes for the time."""
        return Now(self._net.agenda.now_ms + self.clock.skew_ms, self.clock.trusted)

    def start(self) -> None:
        """Read the shelf and connect."""
        if self.shelf.destroyed:
            return
        self.session = Session(
            self.shelf,
            self.keys,
            random.Random(self._chance.random()),
            notify=lambda: None,
            condition=lambda: Condition(MODEL, "1", rings=self._rings()),
        )
        self.line.want(True)  # noqa: FBT003 - see there
        self._net.agenda.after(self.tick_ms, self._ticker(self.session))

    def kill(self) -> None:
        """End the process as SIGKILL does."""
        self.session = None
        self.shelf.fuse.arm(-1)
        self.restarts += 1
        self.line.want(False)  # noqa: FBT003 - see there

    def restart_after(self, delay_ms: int) -> None:
        """Kill the process; something starts it again."""
        self.kill()
        self._net.agenda.after(delay_ms, lambda: None if self.session else self.start())

    def mend(self) -> None:
        """Let it run undisturbed, with the right time."""
        self.shelf.fuse.arm(-1)
        self.clock = Clock()
        if self.session is None:
            self.start()

    def attacked(self, arrival: Arrival) -> None:
        """Take a message that nobody honest sent, whatever the line does."""
        gc.disable()  # a pause to clear away the whole history is not the message's
        began = time.thread_time()
        self._arrived(arrival)
        self.slowest_s = max(self.slowest_s, time.thread_time() - began)
        gc.enable()

    # --- what the line calls -------------------------------------------------------------------
    def _connected(self) -> None:
        self._do(lambda session: session.connected(self.now))

    def _arrived(self, arrival: Arrival) -> bool:
        return self._do(lambda session: session.receive(arrival, self.now))

    def _filters(self) -> list[str]:
        return list(self.session.topics()) if self.session else []

    def _ticker(self, session: Session) -> Callable[[], None]:
        """Tick for as long as this process lives; it also notices that its line is down."""

        def tick() -> None:
            if self.session is not session:
                return
            if not self.line.stands:
                session.disconnected()
            self._do(lambda alive: alive.tick(self.now))
            if self.session is session:
                if session.standing.silent and self.line.stands:
                    self.line.cut()
                self._net.agenda.after(self.tick_ms, tick)

        return tick

    def _do(self, step: Callable[[Session], list[Out]]) -> bool:
        """Do one step; false where the process died of it."""
        if self.session is None:
            return False
        try:
            outs = step(self.session)
        except Killed:
            self.restart_after(self._chance.randint(200, 3_000))
            return False
        self.line.listen()
        for out in outs:
            self.line.send(out)
        return True

    def _rings(self) -> tuple[tuple[str, int, int, int], ...]:
        return tuple((name, count, 0, count) for name, count in self.not_them.most_common())

    def _times(self) -> tuple[int, int]:
        now = self.now
        return self._net.agenda.now_ms, now.ms if now.trusted else 0


def new_keys(chance: random.Random) -> tuple[Key, BoxKey]:
    """Make the keys of a unit that is about to join."""
    return Key(chance.randbytes(32)), BoxKey(chance.randbytes(96))
