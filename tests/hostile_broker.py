"""A broker that says what it likes: a TLS server with a script of bytes for each connection."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from sync.authority import Authority, new_key, request

HOST = "127.0.0.1"
CONNACK = bytes([0x20, 3, 0, 0, 0])
_TYPES = {0x10: "CONNECT", 0x30: "PUBLISH", 0x40: "PUBACK", 0x80: "SUBSCRIBE", 0xA0: "UNSUBSCRIBE"}
_TYPES |= {0xC0: "PINGREQ", 0xE0: "DISCONNECT"}

Script = Callable[["Peer"], None]


def suback(packet: bytes) -> bytes:
    """Answer a SUBSCRIBE whose body is ``packet`` with "granted" for its one topic."""
    return bytes([0x90, 4]) + packet[:2] + bytes([0, 1])


def message(topic: str, payload: bytes, packet: int = 1) -> bytes:
    """Give a QoS 1 PUBLISH."""
    name = topic.encode()
    body = len(name).to_bytes(2, "big") + name + packet.to_bytes(2, "big") + b"\0" + payload
    return b"\x32" + length(len(body)) + body


def length(value: int) -> bytes:
    """Give a variable byte integer (MQTT 5.0, section 1.5.5)."""
    digits = bytearray()
    while True:
        value, digit = divmod(value, 128)
        digits.append(digit | (0x80 if value else 0))
        if not value:
            return bytes(digits)


class Peer:
    """One client, as the script of its connection meets it."""

    def __init__(self, stream: ssl.SSLSocket, stopping: threading.Event) -> None:
        self.stream = stream
        self.stopping = stopping
        self.seen: list[tuple[str, bytes]] = []

    def send(self, content: bytes) -> None:
        self.stream.sendall(content)

    def read(self) -> tuple[str, bytes]:
        """Read one packet; raises OSError at the end."""
        first = self._exactly(1)[0]
        size, shift = 0, 0
        while True:
            digit = self._exactly(1)[0]
            size |= (digit & 127) << shift
            shift += 7
            if not digit & 128:
                break
        body = self._exactly(size)
        self.seen.append((_TYPES[first & 0xF0], body))
        return self.seen[-1]

    def read_all(self) -> None:
        """Read until the client goes or the test ends."""
        while not self.stopping.is_set():
            with contextlib.suppress(TimeoutError):
                self.read()

    def greet(self) -> None:
        """Answer CONNECT and the subscriptions as an honest broker does."""
        assert self.read()[0] == "CONNECT"
        self.send(CONNACK)
        kind, body = self.read()
        assert kind == "SUBSCRIBE"
        self.send(suback(body))

    def _exactly(self, size: int) -> bytes:
        content = b""
        while len(content) < size:
            piece = self.stream.recv(size - len(content))
            if not piece:
                raise ConnectionError("the client went")
            content += piece
        return content


def honest(peer: Peer) -> None:
    """Greet, and then only listen."""
    peer.greet()
    peer.read_all()


class HostileBroker:
    """Serves one script after the other, the last one for ever; a context."""

    def __init__(self, authority: Authority, folder: Path, *scripts: Script) -> None:
        """Serve ``scripts`` with a certificate of ``authority`` whose files lie in ``folder``."""
        key, certificate = folder / "hostile.key", folder / "hostile.pem"
        key.write_bytes(new_key())
        wanted = request(key.read_bytes())
        certificate.write_bytes(authority.issue_server(wanted, [HOST], 1_400_000_000_000))
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate, key)
        self._scripts = scripts
        self._server = socket.create_server((HOST, 0))
        self._server.settimeout(0.1)
        self.port = int(self._server.getsockname()[1])
        self.peers: list[Peer] = []
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopping.set()
        self._thread.join(10)
        self._server.close()

    def _serve(self) -> None:
        while not self._stopping.is_set():
            with contextlib.suppress(OSError):  # ssl.SSLError is one
                connection, _ = self._server.accept()
                connection.settimeout(5)
                with contextlib.closing(connection), self._wrapped(connection) as stream:
                    stream.settimeout(0.1)
                    script = self._scripts[min(len(self.peers), len(self._scripts) - 1)]
                    self.peers.append(Peer(stream, self._stopping))
                    script(self.peers[-1])

    def _wrapped(self, connection: socket.socket) -> ssl.SSLSocket:
        return self._context.wrap_socket(connection, server_side=True)
