"""The TCP server beside the hub at which units join and ask for their share of a key.

A few connections at once, each bounded.
"""

import contextlib
import socket
import ssl
import threading

import structlog

from sync.errors import SyncError, TransportError
from sync.joining import DEADLINE_S, Application, Desk, Welcome, answer
from sync.tlsline import TlsLine

AT_ONCE = 8
"""Connections served at a time; who comes on top is turned away at once and tries again."""

_TURN_S = 0.1

_log = structlog.get_logger("sync.join")


class JoinServer:
    """Answers units that join. Make it, ``start`` it, ``stop`` it."""

    def __init__(self, desk: Desk, context: ssl.SSLContext, host: str, port: int) -> None:
        """Open the port; nothing is answered before ``start``.

        Args:
            desk: Decides; it is called from several threads, one call at a time.
            context: Shows the hub's certificate; see ``sync.tlsline.server_context``.
            host: Address to listen on.
            port: TCP port; 0 takes a free one.

        Raises:
            TransportError: The port is taken, or the address is not this machine's.
        """
        self._desk = _OneAtATime(desk)
        self._context = context
        self._free = threading.BoundedSemaphore(AT_ONCE)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="join", daemon=True)
        try:
            self._socket = socket.create_server((host, port), backlog=8 * AT_ONCE)
        except OSError as error:
            raise TransportError(
                f"units cannot join at {host} port {port} ({error.strerror}): "
                "another program holds it, or give another join_port"
            ) from error
        self._socket.settimeout(_TURN_S)

    @property
    def port(self) -> int:
        """The TCP port that is listened on."""
        port: int = self._socket.getsockname()[1]
        return port

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Close the port; answers under way end by their own deadline."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(DEADLINE_S)
        self._socket.close()

    def _serve(self) -> None:
        while not self._stopping.is_set():
            try:
                plain, _ = self._socket.accept()
            except TimeoutError:
                continue
            except OSError as error:  # no descriptors left, or the caller went away
                _log.warning("a unit could not be heard", code="desk-deaf", why=error.strerror)
                self._stopping.wait(_TURN_S)
                continue
            self._hand_over(plain)

    def _hand_over(self, plain: socket.socket) -> None:
        if not self._free.acquire(blocking=False):
            plain.close()
            return
        threading.Thread(target=self._answer, args=(plain,), daemon=True).start()

    def _answer(self, plain: socket.socket) -> None:
        try:
            with TlsLine(plain, self._context, DEADLINE_S) as line:
                answer(line, self._desk)
        except SyncError as error:
            _log.info("a unit that wanted to join went away", code="joiner-left", why=str(error))
        finally:
            with contextlib.suppress(OSError):
                plain.close()
            self._free.release()


class _OneAtATime:
    """A desk that is asked by several threads, one after the other."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._turn = threading.Lock()

    def authority(self) -> bytes:
        with self._turn:
            return self._desk.authority()

    def welcome(self, application: Application) -> Welcome:
        with self._turn:
            return self._desk.welcome(application)

    def share(self, certificate: bytes) -> tuple[bytes, int]:
        with self._turn:
            return self._desk.share(certificate)
