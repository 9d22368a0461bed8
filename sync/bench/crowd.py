"""Many simulated units in one process: real sessions over real connections, lists in memory.

``python -m sync.bench.crowd`` takes a :class:`Job` as MessagePack on its standard input, connects
all units, and prints one line of JSON for each change of the list once the last unit has it.
"""

import random
import resource
import select
import sys
import time
from collections import deque
from collections.abc import Iterable
from pathlib import Path

import msgspec
from msgspec import Struct

from edge.process import begin, until_signalled
from sync import seal
from sync.bench.memory_shelf import MemoryShelf
from sync.clock import Now
from sync.connection import Access, Connection, Opened
from sync.errors import SyncError
from sync.hub.hubclock import now_ms
from sync.ledger import Ledger
from sync.message import Arrival, Out
from sync.signing import Signed
from sync.statement.keybox import KeyBox
from sync.statement.root import Root
from sync.tls import Tls
from sync.unit.keys import UnitKeys, with_box
from sync.unit.session import Session
from sync.unit.shelf import Trusted

TICK_S = 1.0
"""So often each unit looks at what is due."""

AGAIN_S = 1.0
"""Seconds before a unit whose connection ended tries again."""

OPENING = 4
"""Units of one process that connect at a time: each handshake keeps the others waiting."""

_POLL_MS = 20


class Simulated(Struct, frozen=True):
    """One unit, as it would know itself after joining.

    Attributes:
        unit_id: Its id.
        mailbox: Its own topics, and its name at the broker.
        signing_seed: Of its Ed25519 key.
        box_seed: Of its HPKE key.
        box: Wire bytes of its first key box.
    """

    unit_id: str
    mailbox: str
    signing_seed: bytes
    box_seed: bytes
    box: bytes


class Job(Struct, frozen=True):
    """What a process of simulated units needs.

    Attributes:
        host: Where the broker is.
        port: And its TCP port.
        list_id: Whose list.
        venue_id: Where all units stand.
        root: Wire bytes of the newest root.
        folder: Where ca.pem and each mailbox's .pem and .key lie.
        units: The units.
    """

    host: str
    port: int
    list_id: str
    venue_id: str
    root: bytes
    folder: str
    units: tuple[Simulated, ...]


class Reached(Struct, frozen=True):
    """All units of one process have a change.

    Attributes:
        seq: Which record.
        at: When each of them had it in its list; seconds of the machine's monotonic clock.
        lost: Connections that ended so far.
    """

    seq: int
    at: tuple[float, ...]
    lost: int


class Member:
    """One simulated unit."""

    def __init__(self, job: Job, unit: Simulated, root: Root) -> None:
        """Let it have joined; it is not connected."""
        keys = UnitKeys(
            job.list_id,
            unit.unit_id,
            job.venue_id,
            unit.mailbox,
            seal.SigningKey(unit.signing_seed),
            seal.BoxKey(unit.box_seed),
        )
        trusted = Trusted(root, (), Ledger.empty(job.list_id), floor_ms=root.issued_ms)
        box = Signed.parse(unit.box, KeyBox.KIND)
        self.shelf = MemoryShelf(with_box(trusted, box, keys, seal.verify))
        self.session = Session(self.shelf, keys, random.SystemRandom())
        self.tick_s = random.uniform(0.0, TICK_S)  # noqa: S311 - spreads the work
        self.open_s = 0.0
        self.connection: Connection | None = None
        self.number = -1
        self._access = Access(job.host, job.port, unit.mailbox)
        files = Path(job.folder)
        self._context = Tls(
            files / "ca.pem", files / f"{unit.mailbox}.pem", files / f"{unit.mailbox}.key"
        ).context()
        self._waiting: deque[Out] = deque()
        self._topics = tuple(self.session.topics())

    @property
    def seq(self) -> int:
        """Number of the newest change in its list."""
        return self.shelf.believed.ledger.seq

    @property
    def opening(self) -> bool:
        """Whether the broker has still to answer it."""
        return self.connection is not None and not self.connection.opened

    def open(self) -> None:
        """Connect. Raises: TransportError."""
        self.connection = Connection(self._access, self._context, 1, self._topics)
        self.number = self.connection.fileno()

    def turn(self, state: int) -> None:
        """Move bytes and work off what came. Raises: TransportError."""
        assert self.connection is not None  # noqa: S101 - only connected ones are polled
        self.connection.turn(
            readable=bool(state & ~select.POLLOUT), writable=bool(state & select.POLLOUT)
        )
        if self.connection.opened:
            self._take(self.connection)
            self._publish(self.connection)

    def tick(self) -> None:
        """Look at what is due."""
        self._waiting += self.session.tick(_now())

    def close(self) -> None:
        """End the connection, as one that was lost."""
        if self.connection is not None:
            self.connection.close(politely=False)
        self.connection = None
        self._waiting.clear()
        self.session.disconnected()

    def _take(self, connection: Connection) -> None:
        while connection.noted:
            noted = connection.noted.popleft()
            if isinstance(noted, Opened):
                self._waiting += self.session.connected(_now())
            elif isinstance(noted, Arrival):
                self._waiting += self.session.receive(noted, _now())
                if noted.receipt is not None:
                    connection.acknowledge(noted.receipt)
        topics = tuple(self.session.topics())
        if topics != self._topics:
            self._topics = topics
            connection.subscribe(topics)

    def _publish(self, connection: Connection) -> None:
        while self._waiting and not connection.wants_write:
            connection.publish(self._waiting.popleft())


class Crowd:
    """All units of this process, turned by one thread."""

    def __init__(self, members: Iterable[Member]) -> None:
        """Connect nobody yet."""
        self._members = list(members)
        self._poll = select.poll()
        self._by_number: dict[int, Member] = {}
        self._known = dict.fromkeys(self._members, 0)
        self._at: dict[int, list[float]] = {}
        self._lost = 0

    def turn(self) -> list[Reached]:
        """Make one turn; gives the changes that the last unit has now."""
        now = time.monotonic()
        opening = sum(one.opening for one in self._members)
        for member in self._members:
            if member.connection is None:
                if now >= member.open_s and opening < OPENING:
                    self._open(member)
                    opening += 1
            elif now >= member.tick_s:
                member.tick_s = now + TICK_S
                member.tick()
                self._move(member, 0)
        for number, state in self._poll.poll(_POLL_MS):
            self._move(self._by_number[number], state)
        complete = [seq for seq, at in self._at.items() if len(at) == len(self._members)]
        return [Reached(seq, tuple(self._at.pop(seq)), self._lost) for seq in complete]

    def _open(self, member: Member) -> None:
        try:
            member.open()
        except SyncError:
            self._lose(member)
            return
        self._by_number[member.number] = member
        self._poll.register(member.number, select.POLLIN)

    def _move(self, member: Member, state: int) -> None:
        """Turn one unit; what it holds afterwards is noted with the time."""
        if member.connection is None:
            return
        number = member.number
        try:
            member.turn(state)
            writing = select.POLLOUT if member.connection.wants_write else 0
            self._poll.modify(number, select.POLLIN | writing)
        except SyncError:
            self._poll.unregister(number)
            del self._by_number[number]
            self._lose(member)
        if member.seq != self._known[member]:
            at = time.monotonic()
            for seq in range(self._known[member] + 1, member.seq + 1):
                self._at.setdefault(seq, []).append(at)
            self._known[member] = member.seq

    def _lose(self, member: Member) -> None:
        self._lost += 1
        member.close()
        member.open_s = time.monotonic() + AGAIN_S


def _now() -> Now:
    return Now(now_ms(), trusted=True)


def main() -> None:
    """Be a crowd until told to stop."""
    begin()
    stopping = until_signalled()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    job = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Job)
    root = Root.parse(Signed.parse(job.root, Root.KIND).body)
    crowd = Crowd(Member(job, unit, root) for unit in job.units)
    while not stopping.is_set():
        for reached in crowd.turn():
            sys.stdout.buffer.write(msgspec.json.encode(reached) + b"\n")
            sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
