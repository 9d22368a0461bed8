"""A real broker on loopback, with an authority of its own, for whoever tests or demonstrates."""

import queue
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from ports import HOST, free_port
from sync.authority import Authority, new_key, request
from sync.broker import HUB, Broker
from sync.connection import Access, Will
from sync.message import Acknowledged, Arrival, Connected, Disconnected
from sync.tls import Tls
from sync.transport import Event, Transport

PATIENCE_S = 20.0
Kind = TypeVar("Kind", Connected, Disconnected, Arrival, Acknowledged)


def now_ms() -> int:
    return time.time_ns() // 1_000_000


class Loopback:
    """Broker, authority and whoever connects; everything ends with the context."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.authority = Authority.create(folder / "ca", None, now_ms())
        self.broker = Broker(folder / "broker", HOST, free_port())
        self.broker.prepare(self.authority, [HOST, "localhost"], now_ms())
        self._open: list[Transport] = []
        self._names: set[str] = set()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for transport in self._open:
            transport.stop()
        self.broker.stop()

    def forget(self) -> None:
        """End every connection and the sessions that the broker keeps for them."""
        for transport in self._open:
            transport.stop()
        for name in self._names:
            access = replace(self.access(name), keep_session=False)
            clean = Transport(access, self.identity(name))
            clean.start()
            await_event(clean, Connected)
            clean.stop()
        self._open.clear()
        self._names.clear()

    def start(self) -> None:
        """Start the broker, again after it was killed or stopped."""
        self.broker.start(log=self.folder / "broker.log")

    def admit(self, *mailboxes: str) -> None:
        """Let exactly these units read the list; a change ends the connections that stand."""
        self.broker.admit(self.authority, mailboxes)

    def identity(self, name: str, authority: Authority | None = None) -> Tls:
        """Give the files of one who is called ``name``, made at the first time."""
        files = Tls(
            self.folder / "broker" / "ca.pem",
            self.folder / f"{name}.pem",
            self.folder / f"{name}.key",
        )
        if not files.key.exists():
            files.key.write_bytes(new_key())
            wanted = request(files.key.read_bytes())
            issued = (authority or self.authority).issue_client(wanted, name, now_ms())
            files.certificate.write_bytes(issued)
        return files

    def access(self, name: str = HUB, port: int | None = None, will: Will | None = None) -> Access:
        return Access(HOST, port or self.broker.port, name, will)

    def transport(
        self,
        name: str = HUB,
        topics: Sequence[str] = (),
        *,
        port: int | None = None,
        will: Will | None = None,
    ) -> Transport:
        """Give a started transport for ``name``, stopped with the loopback."""
        made = Transport(self.access(name, port, will), self.identity(name), topics)
        self._open.append(made)
        self._names.add(name)
        made.start()
        return made

    def connected(
        self,
        name: str = HUB,
        topics: Sequence[str] = (),
        *,
        port: int | None = None,
        will: Will | None = None,
    ) -> Transport:
        """Give a transport whose broker has answered."""
        made = self.transport(name, topics, port=port, will=will)
        await_event(made, Connected)
        return made


def await_event(
    transport: Transport,
    kind: type[Kind],
    wanted: Callable[[Kind], bool] = lambda _: True,
    patience_s: float = PATIENCE_S,
) -> Kind:
    """Wait for one event; whatever comes before it is dropped."""
    deadline = time.monotonic() + patience_s
    while (left_s := deadline - time.monotonic()) > 0:
        try:
            event = transport.events.get(timeout=left_s)
        except queue.Empty:
            break
        if isinstance(event, kind) and wanted(event):
            return event
    raise AssertionError(f"no {kind.__name__} within {patience_s} s")


def drained(transport: Transport, quiet_s: float = 0.3, least: int = 0) -> list[Event]:
    """Give what happens until nothing does for ``quiet_s``; arrivals are acknowledged.

    The first ``least`` events may take as long as a busy machine needs for them.
    """
    events: list[Event] = []
    while True:
        try:
            event = transport.events.get(timeout=quiet_s if len(events) >= least else PATIENCE_S)
        except queue.Empty:
            return events
        if isinstance(event, Arrival):
            transport.done(event)
        events.append(event)


def payloads(events: Iterable[Event]) -> list[bytes]:
    """Give the payloads of the arrivals among ``events``."""
    return [event.payload for event in events if isinstance(event, Arrival)]
