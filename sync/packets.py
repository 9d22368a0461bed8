"""What of MQTT 5 a broker may send us, checked before the client library believes a length.

The library reads a length of up to 256 MB and then waits for that many bytes, and it keeps every
QoS 2 message until the broker releases it. We ask for neither, so whoever sends it is hostile or
broken. Pure: bytes in, verdict out (MQTT 5.0, sections 2.1 and 2.2).
"""

from enum import IntEnum

LARGEST_PACKET = 65_536
"""Bytes of a packet's body; a LARGE frame with its topic and properties fits."""

_CONTINUES = 0x80
_QOS_2 = 0b0100
_LONGEST_LENGTH = 4


class PacketType(IntEnum):
    """The upper four bits of a packet's first byte (table 2-1)."""

    CONNACK = 2
    PUBLISH = 3
    PUBACK = 4
    SUBACK = 9
    UNSUBACK = 11
    PINGRESP = 13
    DISCONNECT = 14


_ALLOWED = frozenset(int(kind) for kind in PacketType)


class PacketRefusedError(OSError):
    """The broker sent what it must not; an OSError, for so a library takes a broken connection."""


class Inspection:
    """Follows the packets of one connection through however many pieces they come in."""

    def __init__(self) -> None:
        """Begin before the first byte of a connection."""
        self._first: int | None = None
        self._length = 0
        self._digits = 0
        self._body = 0

    def see(self, piece: bytes) -> None:
        """Follow ``piece``, the next bytes as they came.

        Raises:
            PacketRefusedError: A packet of another kind, too long, with a malformed length, or
                of QoS 2.
        """
        at = 0
        while at < len(piece):
            if self._body:
                skipped = min(self._body, len(piece) - at)
                self._body -= skipped
                at += skipped
            elif self._first is None:
                self._begin(piece[at])
                at += 1
            else:
                self._lengthen(piece[at])
                at += 1

    def _begin(self, first: int) -> None:
        kind = first >> 4
        if kind not in _ALLOWED:
            raise PacketRefusedError(f"the broker sent a packet of type {kind}, which none may")
        if kind == PacketType.PUBLISH and first & _QOS_2:
            raise PacketRefusedError("the broker sent a message of QoS 2, which was not asked for")
        self._first, self._length, self._digits = first, 0, 0

    def _lengthen(self, digit: int) -> None:
        self._length |= (digit & ~_CONTINUES) << (7 * self._digits)
        self._digits += 1
        if digit & _CONTINUES and self._digits == _LONGEST_LENGTH:
            raise PacketRefusedError("the broker sent a malformed packet length")
        if self._length > LARGEST_PACKET:
            raise PacketRefusedError(f"the broker sent a packet over {LARGEST_PACKET} bytes")
        if not digit & _CONTINUES:
            self._first, self._body = None, self._length
