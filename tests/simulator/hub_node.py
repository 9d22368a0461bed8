"""The honest hub in a simulated world: its real service and exchange over a real SQLite file."""

import contextlib
import gc
import random
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from simulator.history import Cautioned, Chained, History, Restored, Told
from simulator.network import Client, Line, Network
from simulator.people import Key
from simulator.watched_shelf import Fuse, Killed
from sync.errors import SyncError
from sync.hub.exchange import Exchange
from sync.hub.rows import RecordRow
from sync.hub.service import Service
from sync.message import Arrival, Out
from sync.statement.caution import Caution
from sync.statement.record import Record

Answer = TypeVar("Answer")


class FixedKey:
    """A key provider for files that live as long as a test."""

    def kek(self) -> bytes:
        """Give the key."""
        return b"k" * 32

    def provision(self) -> bytes:
        """Give the key."""
        return b"k" * 32


class HubNode:
    """The hub's process: dies, comes back over the same file, or over an old copy of it.

    Attributes:
        service: The open service; only while the process lives.
        exchange: Its exchange.
        fuse: Kills the process before or after one of its next transactions.
        restarts: How often it was killed.
        archive: Every record with its content, as it was when it was appended.
        heads: Every head that was ever signed.
        cautions: Every caution that was ever said, signed by the key of then.
        refusals: What people asked for in vain.
        slowest_s: Longest that one hostile message kept it busy, seconds.
    """

    def __init__(self, folder: Path, net: Network, history: History, chance: random.Random) -> None:
        """Make a new hub in ``folder``; it has no root yet and is not connected."""
        self.path = folder / "hub.db"
        self._net, self._history, self._chance = net, history, chance
        self.agenda = net.agenda
        self.fuse = Fuse()
        self.restarts = 0
        self.slowest_s = 0.0
        self._noted = self._turn = 0
        self._root = b""
        self.archive: list[tuple[bytes, bytes | None]] = []
        self.heads: list[bytes] = []
        self.cautions: list[bytes] = []
        self.refusals: list[str] = []
        self.service: Service | None = Service.create(self.path, FixedKey(), self.agenda.now_ms)
        self._settle()
        client = Client(self._connected, self._arrived, self._acknowledged, self._filters)
        self.line: Line = net.line("hub", client)

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self.service is not None

    def start(self) -> None:
        """Open the file and connect."""
        if self.service is None:
            self.service = Service.open(self.path, FixedKey())
        self._settle()
        self.exchange = Exchange(self.service, random.Random(self._chance.random()))
        self._note()
        self.line.want(True)  # noqa: FBT003 - see there
        self._plan()

    def kill(self) -> None:
        """End the process as SIGKILL does; what was committed stays."""
        service, self.service = self.service, None
        self.fuse.arm(-1)
        self.line.want(False)  # noqa: FBT003 - see there
        if service is not None:
            self.restarts += 1
            service.close()

    def restart_after(self, delay_ms: int) -> None:
        """Kill the process; something starts it again."""
        self.kill()
        self.agenda.after(delay_ms, lambda: None if self.alive else self.start())

    def mend(self) -> None:
        """Let it run undisturbed."""
        self.fuse.arm(-1)
        if not self.alive:
            self.start()

    def back_up(self) -> Path:
        """Copy the file as it is on the disk now, log included."""
        copy = self.path.with_suffix(f".{self.agenda.now_ms}")
        copy.mkdir(exist_ok=True)
        for one in self.path.parent.glob("hub.db*"):
            if one.is_file():
                shutil.copy(one, copy / one.name)
        return copy

    def restore(self, copy: Path, kept: int) -> None:
        """Come back from a backup, as ``doorwatch-hub restore`` does.

        Args:
            copy: What ``back_up`` made.
            kept: The newest record that a unit in good standing has.
        """
        self.kill()
        for one in self.path.parent.glob("hub.db*"):
            if one.is_file():
                one.unlink()
        for one in copy.iterdir():
            shutil.copy(one, self.path.parent / one.name)
        self.service = Service.open(self.path, FixedKey())
        self.service.listen(self.agenda.now_ms)
        newest = max([0, *(seq for seq, _ in self.service.desk.store.each("record", RecordRow))])
        self._noted, self.archive = newest, self.archive[:newest]
        self._root = self.service.desk.book.ledger.live.root
        self._history.note(Restored(self.agenda.now_ms, max(newest, kept)))
        self.start()

    def ask(self, question: Callable[[Service, int], Answer]) -> Answer | None:
        """Let a person do something at the hub's console; None where the process died of it.

        What the service returned from is done, and people were told so.
        """
        if self.service is None:
            return None
        try:
            answer = question(self.service, self.agenda.now_ms)
        except Killed:
            self._died()
            return None
        except SyncError as refused:
            self.refusals.append(str(refused))
            return None
        self._note()
        if seq := getattr(answer, "seq", None):
            self._history.note(Told(self.agenda.now_ms, seq))
        self._plan(soon=True)
        return answer

    @property
    def position(self) -> tuple[int, bytes]:
        """Newest record and root of the live set that were seen on the disk."""
        return self._noted, self._root

    @property
    def epoch(self) -> int:
        """Epoch of the newest record."""
        return Record.open(self.archive[-1][0])[1].epoch

    def floor(self) -> tuple[int, bytes]:
        """Newest record on the disk and its hash: what officers write into a new root."""
        return self._noted, Record.open(self.archive[-1][0])[1].hash

    def stolen_key(self) -> Key:
        """Give the hub's signing key to a thief."""
        assert self.service is not None
        return Key(self.service.desk.store.state.signing_seed)

    def attacked(self, topic: str, payload: bytes) -> None:
        """Take a message that nobody honest sent."""
        gc.disable()  # a pause to clear away the whole history is not the message's
        began = time.thread_time()
        self._arrived(Arrival(topic, payload))
        self.slowest_s = max(self.slowest_s, time.thread_time() - began)
        gc.enable()

    # --- what the line calls -------------------------------------------------------------------
    def _connected(self) -> None:
        self._do(self.exchange.connected)

    def _arrived(self, arrival: Arrival) -> bool:
        return self._do(lambda now_ms: self.exchange.receive(arrival, now_ms))

    def _acknowledged(self, token: str) -> None:
        self._do(lambda _now_ms: self.exchange.acknowledged(token) or [])

    def _filters(self) -> list[str]:
        return list(self.exchange.topics()) if self.alive else []

    def _do(self, step: Callable[[int], list[Out]]) -> bool:
        """Do one step of the exchange; false where the process died of it."""
        if self.service is None:
            return False
        try:
            outs = step(self.agenda.now_ms)
        except Killed:
            self._died()
            return False
        self._note()
        for out in outs:
            self.line.send(out)
        self._plan()
        return True

    def _plan(self, *, soon: bool = False) -> None:
        """Put the next tick down; one that was put down before is called off."""
        if self.service is None:
            return
        self._turn += 1
        turn, now_ms = self._turn, self.agenda.now_ms
        due_ms = now_ms + 1 if soon else self.exchange.due_ms(now_ms)
        self.agenda.after(max(1, due_ms - now_ms), lambda: self._tick(turn))

    def _tick(self, turn: int) -> None:
        if turn == self._turn and self.alive:
            self._do(self.exchange.tick)

    # --- inside --------------------------------------------------------------------------------
    def _settle(self) -> None:
        """Put the fuse into every transaction of the open file."""
        assert self.service is not None
        store = self.service.desk.store
        change, fuse = store._file.change, self.fuse

        @contextlib.contextmanager
        def fused() -> Iterator[object]:
            fuse.burn()
            with change() as database:
                yield database
                fuse.burn()
            fuse.burn()

        store._file.change = fused  # type: ignore[method-assign]

    def _died(self) -> None:
        """Note what the dead process left on the disk once it is back."""
        self.restart_after(self._chance.randint(200, 3_000))

    def _note(self) -> None:
        """Note every record that is new on the disk."""
        assert self.service is not None
        rows = self.service.desk.store.each("record", RecordRow, "seq > ?", (self._noted,))
        for seq, row in rows:
            _, record = Record.open(row.wire)
            self._history.note(
                Chained(
                    self.agenda.now_ms, seq, record.hash, str(record.op), record.entry_id,
                    record.ring, record.epoch, row.live_root, record.not_after_ms,
                )
            )  # fmt: skip
            self.archive.append((row.wire, self.service.desk.store.take("content", seq)))
            self._noted, self._root = seq, row.live_root
        state = self.service.desk.store.state
        if state.head and (not self.heads or self.heads[-1] != state.head):
            self.heads.append(state.head)
        if state.caution:
            self._note_caution(Caution.parse(state.caution))

    def _note_caution(self, caution: Caution) -> None:
        """Note a caution that is new on the disk."""
        assert self.service is not None
        wire = caution.signed(self.service.desk.signer).encode()
        if not self.cautions or self.cautions[-1] != wire:
            self.cautions.append(wire)
            now_ms = self.agenda.now_ms
            self._history.note(Cautioned(now_ms, caution.issued_ms, caution.entries))
