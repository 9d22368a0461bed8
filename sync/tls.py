"""TLS towards the broker: 1.3 only, both ends certified by the consortium, everything bounded.

The library that speaks MQTT takes an ``ssl.SSLContext`` and nothing more, so what we add hangs on
that: a deadline for the whole handshake (a socket's own timeout counts from each byte anew), and
an inspection of every packet before the library believes its length.
"""

import select
import ssl
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sync.errors import TransportError
from sync.packets import Inspection

if TYPE_CHECKING:
    import socket

HANDSHAKE_S = 5.0

_NO_CHECK_TIME = 0x200000
"""OpenSSL's X509_V_FLAG_NO_CHECK_TIME, which Python's ssl has no name for. A unit without a
battery-backed clock must reach the hub to learn the time, so it cannot judge a date before; what
ends a certificate is its revocation."""


@dataclass(frozen=True, slots=True)
class Tls:
    """The files that one end shows and trusts.

    Attributes:
        authority: Certificate of the consortium's authority, PEM; the only one trusted.
        certificate: This end's certificate, PEM.
        key: This end's private key, PEM.
        password: What opens the key, where it is encrypted.
    """

    authority: Path
    certificate: Path
    key: Path
    password: bytes | None = None

    def context(self) -> ssl.SSLContext:
        """Make what a connection is wrapped in.

        Raises:
            TransportError: A file is missing, damaged, or the key belongs to another certificate.
        """
        context = _Context(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.verify_flags |= _NO_CHECK_TIME
        context.sslsocket_class = _InspectedSocket
        try:
            context.load_verify_locations(cafile=str(self.authority))
            # Without a password Python would ask for one on the terminal.
            context.load_cert_chain(self.certificate, self.key, self.password or b"")
        except OSError as error:  # ssl.SSLError is one
            raise TransportError(
                f"the certificate for the broker cannot be used ({error}): join the list again"
            ) from error
        return context


class _InspectedSocket(ssl.SSLSocket):
    """Looks at what comes in before the library does."""

    def recv(self, buflen: int = 1024, flags: int = 0) -> bytes:
        content = super().recv(buflen, flags)
        if not hasattr(self, "_inspection"):
            self._inspection = Inspection()
        self._inspection.see(content)
        return content


class _Context(ssl.SSLContext):
    """Ends every handshake, whatever the other end does, after HANDSHAKE_S."""

    def wrap_socket(self, sock: "socket.socket", *arguments: Any, **named: Any) -> ssl.SSLSocket:
        wrapped = super().wrap_socket(sock, *arguments, **named)
        wrapped.settimeout(0)
        try:
            _shake_hands(wrapped, time.monotonic() + HANDSHAKE_S)
        except BaseException:
            wrapped.close()
            raise
        return wrapped


def _shake_hands(wrapped: ssl.SSLSocket, deadline: float) -> None:
    waiting = select.poll()  # select() ends at descriptor 1,023
    while True:
        try:
            wrapped.do_handshake()
        except ssl.SSLWantReadError:
            waiting.register(wrapped, select.POLLIN)
        except ssl.SSLWantWriteError:
            waiting.register(wrapped, select.POLLOUT)
        else:
            return
        left_s = deadline - time.monotonic()
        if left_s <= 0 or not waiting.poll(left_s * 1000):
            raise TimeoutError("the broker did not finish the handshake in time")
