"""A short TLS 1.3 exchange with a deadline for the whole of it, whatever the other end does.

A socket's own timeout counts from each byte anew; here each side has one deadline, and each
message says its length first and is capped before it is read. Who the other end is, is decided
by the context that is passed in.
"""

import contextlib
import select
import socket
import ssl
import struct
import time
from collections.abc import Callable
from functools import partial
from types import TracebackType
from typing import Self, TypeVar

from sync.errors import TransportError

_LENGTH = struct.Struct(">I")
_PIECE = 16_384

_NO_CHECK_TIME = 0x200000
"""OpenSSL's X509_V_FLAG_NO_CHECK_TIME: a unit that joins may not know what day it is."""

_Done = TypeVar("_Done")


class TlsLine:
    """One connection: messages one way, messages the other way, end."""

    def __init__(
        self,
        plain: socket.socket,
        context: ssl.SSLContext,
        within_s: float,
        host: str | None = None,
    ) -> None:
        """Shake hands over ``plain``, which is closed with this line.

        Args:
            plain: A connected socket.
            context: Whom to trust and what to show.
            within_s: Everything has to be over after so many seconds.
            host: As a client: the name that the server has to show; None as a server.

        Raises:
            TransportError: The other end is too slow, not trusted, or gone.
        """
        self._deadline = time.monotonic() + within_s
        plain.settimeout(0)
        try:
            self._line = context.wrap_socket(
                plain,
                server_side=host is None,
                server_hostname=host,
                do_handshake_on_connect=False,
            )
        except OSError as error:  # gone before the first byte
            plain.close()
            raise _failed(error) from error
        try:
            self._until_done(self._line.do_handshake)
        except TransportError:
            self._line.close()
            raise

    def __enter__(self) -> Self:
        """Give the line itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it, with a word of farewell where that is still possible."""
        with contextlib.suppress(OSError, TransportError):
            self._until_done(self._line.unwrap)
        self._line.close()

    @property
    def certificate(self) -> bytes | None:
        """The other end's certificate, DER; None where it showed none."""
        return self._line.getpeercert(binary_form=True)

    def send(self, message: bytes) -> None:
        """Send one message.

        Raises:
            TransportError: The other end is too slow or gone.
        """
        left = memoryview(_LENGTH.pack(len(message)) + message)
        while left:
            left = left[self._until_done(partial(self._line.send, left[:_PIECE])) :]

    def receive(self, limit: int) -> bytes:
        """Receive one message of at most ``limit`` bytes.

        Raises:
            TransportError: The other end is too slow, gone, or says more than it may.
        """
        (length,) = _LENGTH.unpack(self._exactly(_LENGTH.size))
        if length > limit:
            raise TransportError(f"the other end announced {length} bytes where {limit} are fit")
        return self._exactly(length)

    def _exactly(self, count: int) -> bytes:
        content = bytearray()
        while len(content) < count:
            wanted = min(_PIECE, count - len(content))
            piece = self._until_done(partial(self._line.recv, wanted))
            if not piece:
                raise TransportError("the other end hung up in the middle of a message")
            content += piece
        return bytes(content)

    def _until_done(self, step: Callable[[], _Done]) -> _Done:
        """Do a step of TLS, waiting for the other end as often as it takes until the deadline."""
        while True:
            try:
                return step()
            except ssl.SSLWantReadError:
                self._wait(select.POLLIN)
            except ssl.SSLWantWriteError:
                self._wait(select.POLLOUT)
            except OSError as error:
                raise _failed(error) from error

    def _wait(self, event: int) -> None:
        left_s = self._deadline - time.monotonic()
        waiting = select.poll()  # select() ends at descriptor 1,023
        waiting.register(self._line, event)
        if left_s <= 0 or not waiting.poll(left_s * 1000):
            raise TransportError("the other end did not answer in time")


def client_context(authority: str | None) -> ssl.SSLContext:
    """Make the context of a client that trusts one authority (PEM), or as yet nobody."""
    context = _modern(ssl.PROTOCOL_TLS_CLIENT)
    context.verify_flags |= _NO_CHECK_TIME
    if authority is None:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    else:
        context.load_verify_locations(cadata=authority)
    return context


def server_context(
    certificate: str, key: str, password: bytes | None = None, *, clients: str | None = None
) -> ssl.SSLContext:
    """Make the context of a server from the files (PEM) of its certificate and key.

    Args:
        certificate: File of the certificate.
        key: File of its private key.
        password: What opens the key, where it is encrypted.
        clients: The authority (PEM) that vouches for clients; one may show no certificate, but
            none that another authority made.

    Raises:
        TransportError: A file is missing, damaged, or the key belongs to another certificate.
    """
    context = _modern(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(certificate, key, password or b"")
    except OSError as error:  # ssl.SSLError is one
        raise TransportError(f"the hub's own certificate cannot be used ({error})") from error
    if clients is not None:
        context.verify_mode = ssl.CERT_OPTIONAL
        context.load_verify_locations(cadata=clients)
    return context


def _modern(protocol: int) -> ssl.SSLContext:
    context = ssl.SSLContext(protocol)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    return context


def _failed(error: OSError) -> TransportError:
    if isinstance(error, ssl.SSLCertVerificationError):
        return TransportError(f"the other end is not who it should be ({error.verify_message})")
    return TransportError(f"the connection failed ({error.strerror or error})")
