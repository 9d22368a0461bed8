"""One connection to the broker, from CONNECT to its end: the only module that knows paho.

A connection is made once, used from one thread, and thrown away with everything paho remembers.
That is on purpose (each was met, and has a test): paho's own resending ignores its window, its
queue dies with the process, its thread dies of one exception in a callback while it goes on
saying that it is connected. So here nothing is resent, there is no thread, and callbacks only note
what happened; `sync.transport` does the rest.
"""

import contextlib
import ssl
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from sync.errors import TransportError
from sync.message import Arrival, Out, Receipt
from sync.packets import LARGEST_PACKET

CONNECT_S = 4.0
"""How long the network may take to connect, and the broker to answer CONNECT and SUBSCRIBE."""

KEEP_ALIVE_S = 20
SESSION_S = 60 * 86_400
"""How long the broker keeps a session that nobody uses, seconds."""

UNACKNOWLEDGED = 20
"""Messages the broker may send before it has to wait for one to be acknowledged."""

_AT_ONCE = 64
"""Packets read before the thread looks at what else there is to do."""


@dataclass(frozen=True, slots=True)
class Will:
    """What the broker publishes for one who went without a word; the same bytes for everybody.

    Attributes:
        topic: Where to.
        payload: Padded like every other message.
    """

    topic: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Access:
    """Where the broker is and as whom to go there.

    Attributes:
        host: Name or address; the broker's certificate has to name it.
        port: TCP port.
        client_id: Also the name in this end's certificate.
        will: Left with the broker for the case that this end falls silent.
        keep_session: Whether the broker keeps what arrives while this end is away.
    """

    host: str
    port: int
    client_id: str
    will: Will | None = None
    keep_session: bool = True


@dataclass(frozen=True, slots=True)
class Opened:
    """The broker answered CONNECT and every subscription."""

    session_present: bool


@dataclass(frozen=True, slots=True)
class Taken:
    """The broker acknowledged the message that `Connection.publish` gave this number."""

    packet: int


@dataclass(frozen=True, slots=True)
class Rejected:
    """The broker acknowledged a message and did not take it (access, quota)."""

    packet: int
    why: str


Noted = Opened | Taken | Rejected | Arrival


class Connection:
    """Speaks MQTT 5 with the broker once; every method returns within bounded time."""

    def __init__(
        self, access: Access, context: ssl.SSLContext, number: int, topics: Sequence[str]
    ) -> None:
        """Connect, up to the end of the TLS handshake.

        Args:
            access: Where to and as whom.
            context: From `Tls.context`.
            number: Goes into every receipt.
            topics: What to subscribe to, before anything else.

        Raises:
            TransportError: The broker cannot be reached or is not the consortium's.
        """
        self.noted: deque[Noted] = deque()
        """What happened, oldest first; to be read once `opened`."""
        self.opened = False
        self.ended: str | None = None
        self._number = number
        self._topics = set(topics)
        self._subscribing: int | None = None
        self._session_present = False
        self._client = _client(access, context)
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.on_subscribe = self._on_subscribe
        self._client.on_publish = self._on_publish
        self._client.on_message = self._on_message
        _connect(self._client, access)
        self._deadline = time.monotonic() + CONNECT_S

    def fileno(self) -> int:
        """Give the socket's descriptor, to wait on.

        Raises:
            TransportError: The connection has ended.
        """
        socket = self._client.socket()
        if socket is None:
            raise TransportError(self.ended or "the connection to the broker ended")
        return socket.fileno()

    @property
    def wants_write(self) -> bool:
        """Whether bytes wait for the socket to take them."""
        return self._client.want_write()

    def turn(self, *, readable: bool, writable: bool) -> None:
        """Move bytes both ways and look after the connection's own deadlines.

        Raises:
            TransportError: The connection ended, or has to be given up.
        """
        if readable:
            self._read()
        if writable:
            self._check(self._client.loop_write())
        self._check(self._client.loop_misc())
        if not self.opened and time.monotonic() > self._deadline:
            raise TransportError("the broker does not answer the request to connect")

    def publish(self, out: Out) -> int:
        """Hand one message over and give its packet number, which `Taken` names for QoS 1.

        Raises:
            TransportError: The connection ended.
        """
        info = self._client.publish(out.topic, out.payload, out.qos, out.retain)
        self._check(info.rc)
        return info.mid

    def acknowledge(self, receipt: Receipt) -> None:
        """Tell the broker that an arrival is done with; one of an earlier connection is ignored.

        Raises:
            TransportError: The connection ended.
        """
        if receipt.connection == self._number:
            self._check(self._client.ack(receipt.packet, 1))

    def subscribe(self, topics: Sequence[str]) -> None:
        """Change the subscriptions of this connection to ``topics``.

        Raises:
            TransportError: The connection ended.
        """
        wanted = set(topics)
        gone, new = sorted(self._topics - wanted), sorted(wanted - self._topics)
        self._topics = wanted
        if self.opened and gone:
            self._check(self._client.unsubscribe(gone)[0])
        if self.opened and new:
            self._check(self._client.subscribe([(topic, 1) for topic in new])[0])

    def close(self, *, politely: bool) -> None:
        """End the connection; ``politely`` says goodbye first, and then no will is published."""
        with contextlib.suppress(OSError, ValueError):
            if politely and self._client.socket() is not None:
                self._client.disconnect()
        socket = self._client.socket()
        if socket is not None:
            socket.close()

    def _read(self) -> None:
        for _ in range(_AT_ONCE):
            self._check(self._client.loop_read())
            socket = self._client.socket()
            # What TLS has unpacked already no longer makes the descriptor readable.
            if not isinstance(socket, ssl.SSLSocket) or not socket.pending():
                return

    def _check(self, code: MQTTErrorCode) -> None:
        if self.ended is not None:
            raise TransportError(self.ended)
        if code != MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise TransportError(f"the connection to the broker ended ({code.name})")

    # Callbacks. They note and return; what they raise would surface in `turn`.

    def _on_connect(
        self,
        client: Client,
        _: object,
        flags: ConnectFlags,
        code: ReasonCode,
        __: Properties | None,
    ) -> None:
        if code.is_failure:
            self.ended = f"the broker refuses the connection ({code})"
            return
        self._session_present = flags.session_present
        if not self._topics:
            self._open()
            return
        _, self._subscribing = client.subscribe([(topic, 1) for topic in sorted(self._topics)])

    def _on_subscribe(
        self, _: Client, __: object, packet: int, ___: list[ReasonCode], ____: Properties | None
    ) -> None:
        # What the broker grants proves nothing (it grants what it will never deliver), so a
        # refusal is no reason to stop either: what must arrive is proven by its arrival.
        if packet == self._subscribing:
            self._open()

    def _open(self) -> None:
        self.opened = True
        # A kept session delivers before it answers a subscription; the owner hears of it after.
        self.noted.appendleft(Opened(self._session_present))

    def _on_disconnect(
        self, _: Client, __: object, ___: DisconnectFlags, code: ReasonCode, ____: Properties | None
    ) -> None:
        self.ended = self.ended or f"the connection to the broker ended ({code})"

    def _on_publish(
        self, _: Client, __: object, packet: int, code: ReasonCode, ___: Properties | None
    ) -> None:
        self.noted.append(Rejected(packet, str(code)) if code.is_failure else Taken(packet))

    def _on_message(self, _: Client, __: object, message: MQTTMessage) -> None:
        receipt = Receipt(self._number, message.mid) if message.qos else None
        self.noted.append(Arrival(message.topic, bytes(message.payload), receipt))


def _client(access: Access, context: ssl.SSLContext) -> Client:
    client = Client(
        CallbackAPIVersion.VERSION2,
        client_id=access.client_id,
        protocol=MQTTProtocolVersion.MQTTv5,
        reconnect_on_failure=False,
        manual_ack=True,
    )
    client.connect_timeout = CONNECT_S
    client.tls_set_context(context)
    if access.will is not None:
        client.will_set(access.will.topic, access.will.payload, qos=1, retain=True)
    return client


def _connect(client: Client, access: Access) -> None:
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call] # paho's own gap
    properties.SessionExpiryInterval = SESSION_S if access.keep_session else 0
    properties.ReceiveMaximum = UNACKNOWLEDGED
    properties.MaximumPacketSize = LARGEST_PACKET
    try:
        client.connect(
            access.host,
            access.port,
            keepalive=KEEP_ALIVE_S,
            clean_start=not access.keep_session,
            properties=properties,
        )
    except (OSError, ValueError) as error:
        place = f"{access.host}:{access.port}"
        raise TransportError(f"the broker at {place} cannot be reached: {error}") from error
