"""Carries messages between this process and the broker, whatever the broker and the network do.

One supervised thread owns the connection. It opens one, moves bytes, and when that ends for any
reason whatever, says so and opens the next, after a wait that grows and is drawn at random. The
owner meets it in two places only: a queue of events, and methods that leave a request and return.

What a message is worth is not decided here. QoS 1 messages are kept and handed over again until
the broker took them, in memory only; what must survive the process lies in the owner's outbox
until `Acknowledged`. Arrivals are acknowledged by `done`, after the owner's COMMIT; what was not
arrives again on the next connection. So both ends see duplicates, and take them by version.
"""

import contextlib
import queue
import random
import select
import socket
import threading
import time
from collections import deque
from collections.abc import Sequence

import structlog

from sync.backoff import Backoff
from sync.connection import Access, Connection, Opened, Rejected, Taken
from sync.errors import SyncError, TransportError
from sync.message import Acknowledged, Arrival, Connected, Disconnected, Out, Receipt
from sync.outgoing import Outgoing
from sync.tls import Tls

Event = Connected | Disconnected | Arrival | Acknowledged

IN_FLIGHT = 8
"""QoS 1 messages handed to the broker before it has acknowledged one of them."""

WAITING_EVENTS = 512
"""Events the owner may have left unread; beyond, the socket is left unread as well."""

_TURN_MS = 500
_FULL_TURN_MS = 10
_STOP_S = 10.0

_log = structlog.get_logger("sync.transport")


class Transport:
    """A connection to the broker that comes back by itself; see the module's words."""

    def __init__(self, access: Access, tls: Tls, topics: Sequence[str] = ()) -> None:
        """Prepare; nothing happens before `start`.

        Args:
            access: Where the broker is and as whom to go there.
            tls: What this end shows and trusts.
            topics: What to subscribe to; `subscribe` changes it.

        Raises:
            TransportError: The files of ``tls`` cannot be used.
        """
        self.events: queue.Queue[Event] = queue.Queue()
        self._access = access
        self._context = tls.context()
        self._topics = _allowed(topics)
        self._outgoing = Outgoing()
        self._done: deque[Receipt] = deque()
        self._backoff = Backoff(random.SystemRandom().uniform)
        self._number = 0
        self._stopping = threading.Event()
        self._drop = threading.Event()
        self._woken, self._waker = socket.socketpair()
        self._woken.settimeout(0)
        self._waker.settimeout(0)
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to connect, and go on until `stop`."""
        self._thread = threading.Thread(target=self._run, name="broker", daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether the thread runs; says nothing about the broker, only a round trip does."""
        return self._thread is not None and self._thread.is_alive()

    def publish(self, out: Out) -> bool:
        """Leave one message to be published; the order of one topic is kept.

        Returns:
            Whether it was taken. It is not when too much waits already, when the same token waits
            already, or when it is of QoS 0 and there is no connection.

        Raises:
            TransportError: It is larger than a packet may be.
        """
        taken = self._outgoing.put(out)
        self._wake()
        return taken

    def done(self, arrival: Arrival) -> None:
        """Acknowledge an arrival to the broker, once what it brought is on disk."""
        if arrival.receipt is not None:
            self._done.append(arrival.receipt)
            self._wake()

    def subscribe(self, topics: Sequence[str]) -> None:
        """Subscribe to exactly these topics from now on.

        Raises:
            TransportError: One of them is a shared subscription, which would split the list.
        """
        self._topics = _allowed(topics)
        self._wake()

    def restart(self) -> None:
        """Give the connection up and open another: the owner's round trip went unanswered.

        Also starts the thread again, should anything have ended it.
        """
        self._drop.set()
        self._wake()
        if not self.alive and not self._stopping.is_set():
            self.start()

    def stop(self) -> None:
        """Say goodbye to the broker and end the thread; waits for it, but not forever."""
        self._stopping.set()
        self._wake()
        if self._thread is None:
            self._close_wake()
            return
        self._thread.join(_STOP_S)
        if not self._thread.is_alive():
            self._close_wake()

    def _close_wake(self) -> None:
        self._woken.close()
        self._waker.close()

    def _wake(self) -> None:
        with contextlib.suppress(OSError):  # full: it wakes anyway; closed: nobody to wake
            self._waker.send(b".")

    # --- everything below runs in the thread

    def _run(self) -> None:
        while not self._stopping.is_set():
            began = time.monotonic()
            why = self._one_connection()
            if self._stopping.is_set():
                return
            self._backoff.stood(time.monotonic() - began)
            self.events.put(Disconnected(why))
            self._stopping.wait(self._backoff.failed())

    def _one_connection(self) -> str:
        """Open a connection, use it until it ends, and say why it did."""
        self._number += 1
        self._drop.clear()
        connection: Connection | None = None
        try:
            connection = Connection(self._access, self._context, self._number, self._topics)
            self._use(connection)
        except SyncError as error:
            return str(error)
        except Exception as error:  # noqa: BLE001 - the outer guard, see below
            # Whatever a hostile broker makes the library raise ends the connection and never
            # this thread.
            _log.exception("the connection was given up", code="connection-given-up")
            return f"the broker sent what cannot be read ({type(error).__name__})"
        finally:
            self._outgoing.interrupted()
            if connection is not None:
                connection.close(politely=self._stopping.is_set())
        return "stopped"

    def _use(self, connection: Connection) -> None:
        ready = select.poll()  # select() ends at descriptor 1,023
        ready.register(self._woken, select.POLLIN)
        while not self._stopping.is_set():
            if self._drop.is_set():
                raise TransportError("nobody answers over this connection: trying another")
            if connection.opened:
                self._pass_on(connection)
                connection.subscribe(self._topics)
                self._acknowledge(connection)
                self._hand_over(connection)
            self._wait(connection, ready)
        self._acknowledge(connection)  # what is on the disk need not arrive again

    def _wait(self, connection: Connection, ready: select.poll) -> None:
        """Sleep until bytes, a request or the next look at the clock, then move the bytes."""
        number = connection.fileno()
        full = self.events.qsize() > WAITING_EVENTS
        wanted = 0 if full else select.POLLIN
        ready.register(number, wanted | (select.POLLOUT if connection.wants_write else 0))
        found = dict(ready.poll(_FULL_TURN_MS if full else _TURN_MS))
        if self._woken.fileno() in found:
            self._woken.recv(4096)
        state = found.get(number, 0)
        connection.turn(
            readable=bool(state & (select.POLLIN | select.POLLHUP | select.POLLERR)),
            writable=bool(state & select.POLLOUT),
        )

    def _pass_on(self, connection: Connection) -> None:
        """Turn what the connection noted into events."""
        while connection.noted:
            noted = connection.noted.popleft()
            if isinstance(noted, Opened):
                self._outgoing.opened()
                self.events.put(Connected(noted.session_present))
            elif isinstance(noted, Arrival):
                self.events.put(noted)
            else:
                self._settle(noted)

    def _settle(self, noted: Taken | Rejected) -> None:
        if isinstance(noted, Rejected):
            _log.warning(
                "the broker did not take a message", code="message-not-taken", why=noted.why
            )
        out = self._outgoing.settled(noted.packet)
        # A rejected one is not acknowledged: the owner's outbox keeps it and offers it again.
        if out is not None and out.token is not None and isinstance(noted, Taken):
            self.events.put(Acknowledged(out.token))

    def _acknowledge(self, connection: Connection) -> None:
        while self._done:
            connection.acknowledge(self._done.popleft())

    def _hand_over(self, connection: Connection) -> None:
        """Publish what waits, as far as the window and the socket go."""
        while not connection.wants_write and self._outgoing.flying < IN_FLIGHT:
            out = self._outgoing.first()
            if out is None:
                return
            self._outgoing.flew(connection.publish(out))


def _allowed(topics: Sequence[str]) -> tuple[str, ...]:
    if any(topic.startswith("$") for topic in topics):
        raise TransportError("a shared subscription would split the list between units")
    return tuple(topics)
