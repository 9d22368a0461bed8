"""What passes between a sans-I/O side (unit or hub) and whatever carries its messages.

Both sides of the protocol are values in, values out: they return `Out`s and are given `Arrival`s
and `Acknowledged` tokens, so that the same code runs behind mosquitto and in the simulator.
Pure: no I/O, no clock.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Out:
    """One message to publish.

    Attributes:
        topic: Where to; never a wildcard.
        payload: The sealed and padded bytes, at most one LARGE frame.
        qos: 0 (may be lost, is asked for again) or 1 (kept until the broker took it).
        retain: Whether the broker keeps it for whoever subscribes later.
        token: What the sender is told again, as `Acknowledged`, once the broker took the message;
            a sender that needs no answer (or sends with QoS 0) leaves it None.
    """

    topic: str
    payload: bytes
    qos: int = 1
    retain: bool = False
    token: str | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """One message that the broker delivered; nothing about it is believed yet.

    Attributes:
        topic: Where it was published, as the broker says.
        payload: The bytes as they came.
        receipt: The carrier's own number for `Transport.done`; None in the simulator and for QoS 0.
            It takes no part in comparisons.
    """

    topic: str
    payload: bytes
    receipt: "Receipt | None" = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What acknowledges an arrival: a packet id is worth nothing outside its own connection.

    Attributes:
        connection: Number of the connection the message came over.
        packet: The MQTT packet identifier, 1 to 65,535.
    """

    connection: int
    packet: int


@dataclass(frozen=True, slots=True)
class Connected:
    """The broker took the connection and granted the subscriptions it was asked for.

    Attributes:
        session_present: Whether the broker still knew this client; False means that whatever it
            held for the client is gone, and only a round trip with the hub tells what.
    """

    session_present: bool


@dataclass(frozen=True, slots=True)
class Disconnected:
    """The connection ended or could not be made; the carrier tries again by itself.

    Attributes:
        why: One line for the log and the status.
    """

    why: str


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The broker took a message; only now may an outbox forget it.

    Attributes:
        token: What the sender wrote into `Out.token`.
    """

    token: str
