"""What waits to be published, and what the broker has not acknowledged yet; in memory only."""

import threading
from collections import deque

from sync.errors import TransportError
from sync.message import Out
from sync.packets import LARGEST_PACKET

WAITING_BYTES = 64 * 1024 * 1024
"""Payload bytes that may wait; beyond, the owner keeps what it has and offers it later."""

_AROUND_PAYLOAD = 1_024
"""Room in a packet for the topic and the properties."""


class Outgoing:
    """A queue with a window: filled by the owner, emptied by the thread of the connection."""

    def __init__(self) -> None:
        """Begin empty and without a connection."""
        self._lock = threading.Lock()
        self._waiting: deque[Out] = deque()
        self._flying: dict[int, Out] = {}
        self._tokens: set[str] = set()
        self._bytes = 0
        self._open = False

    @property
    def flying(self) -> int:
        """How many QoS 1 messages the broker has not acknowledged."""
        return len(self._flying)

    def put(self, out: Out) -> bool:
        """Add a message at the end; gives whether it was taken.

        Raises:
            TransportError: No packet can hold it.
        """
        if len(out.payload) + len(out.topic) > LARGEST_PACKET - _AROUND_PAYLOAD:
            raise TransportError(f"a message of {len(out.payload)} bytes fits no packet")
        with self._lock:
            full = self._bytes + len(out.payload) > WAITING_BYTES
            if full or out.token in self._tokens or (out.qos == 0 and not self._open):
                return False
            self._waiting.append(out)
            self._bytes += len(out.payload)
            if out.token is not None:
                self._tokens.add(out.token)
            return True

    def first(self) -> Out | None:
        """Give the message whose turn it is; it stays until `flew` says that it left."""
        with self._lock:
            return self._waiting[0] if self._waiting else None

    def flew(self, packet: int) -> None:
        """Note that the first message was handed to the broker as ``packet``."""
        with self._lock:
            out = self._waiting.popleft()
            if out.qos:
                self._flying[packet] = out
            else:
                self._forget(out)

    def settled(self, packet: int) -> Out | None:
        """Forget the message that the broker answered for, and give it."""
        with self._lock:
            out = self._flying.pop(packet, None)
            if out is not None:
                self._forget(out)
            return out

    def opened(self) -> None:
        """Note that there is a connection."""
        with self._lock:
            self._open = True

    def interrupted(self) -> None:
        """Note that the connection ended: QoS 0 is lost, what flew waits again, in order."""
        with self._lock:
            self._open = False
            for out in [out for out in self._waiting if not out.qos]:
                self._forget(out)
            kept = [out for out in self._waiting if out.qos]
            self._waiting = deque([*self._flying.values(), *kept])
            self._flying.clear()

    def _forget(self, out: Out) -> None:
        self._bytes -= len(out.payload)
        if out.token is not None:
            self._tokens.discard(out.token)
