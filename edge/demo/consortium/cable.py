"""A cable between one door and the broker that can be pulled out and put back."""

import contextlib
import socket
import threading
from types import TracebackType
from typing import Self

PIECE = 65_536
"""Bytes passed on at once."""


class Cable:
    """A relay on a port of its own; what passes through it is encrypted end to end.

    Attributes:
        port: The TCP port at the door's end.
    """

    def __init__(self, broker_port: int) -> None:
        """Lay a cable to the broker on this machine; nothing passes before ``__enter__``."""
        self._broker_port = broker_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._whole = threading.Event()
        self._whole.set()
        self._ends: set[socket.socket] = set()
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        """Begin to pass on."""
        threading.Thread(target=self._accept, name="cable", daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take the cable away."""
        self.pull()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def pull(self) -> None:
        """Cut every connection, and let none through until :meth:`plug`."""
        with self._lock:
            self._whole.clear()
            for end in self._ends:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def plug(self) -> None:
        """Let connections through again."""
        self._whole.set()

    def _accept(self) -> None:
        while True:
            try:
                door, _ = self._listener.accept()
            except OSError:
                return
            try:
                broker = socket.create_connection(("127.0.0.1", self._broker_port), timeout=5)
            except OSError:
                door.close()
                continue
            self._join(door, broker)

    def _join(self, door: socket.socket, broker: socket.socket) -> None:
        """Pass on in both directions, unless the cable is out."""
        with self._lock:
            if not self._whole.is_set():
                door.close()
                broker.close()
                return
            self._ends |= {door, broker}
        broker.settimeout(None)
        for source, sink in ((door, broker), (broker, door)):
            threading.Thread(target=self._pass_on, args=(source, sink), daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(PIECE):
                sink.sendall(piece)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)
        with self._lock:
            self._ends.discard(source)
        source.close()
