"""Keeps a file as its difference from another one, where the two share most of their bytes.

A network for kernels that compute in float has the same int8 weights as the one for int8
kernels. Shipping both would double the download; shipping the difference costs a tenth.
"""

import zlib
from collections.abc import Iterable

import msgspec

_LEAST = 64
"""Shorter pieces cost more to point at than to keep."""


class Delta(msgspec.Struct, frozen=True, array_like=True):
    """What it takes to make one file of another.

    Attributes:
        rest: The wanted file, with zeros where it shares bytes.
        copies: Place in the wanted file, place in the other one, and length of what they share.
    """

    rest: bytes
    copies: tuple[tuple[int, int, int], ...]


def difference(base: bytes, wanted: bytes, shared: Iterable[bytes]) -> bytes:
    """Write down how ``wanted`` differs from ``base``.

    Args:
        base: The file that is there anyway.
        wanted: The file that is to be made of it.
        shared: Pieces that both are known to contain.
    """
    rest = bytearray(wanted)
    copies = []
    for piece in shared:
        place, origin = rest.find(piece), base.find(piece)
        if len(piece) >= _LEAST and place >= 0 and origin >= 0:
            rest[place : place + len(piece)] = bytes(len(piece))
            copies.append((place, origin, len(piece)))
    return zlib.compress(msgspec.msgpack.encode(Delta(bytes(rest), tuple(copies))), 9)


def rebuilt(base: bytes, delta: bytes) -> bytes:
    """Make the wanted file again.

    Args:
        base: The very bytes that the difference was taken from.
        delta: What ``difference`` wrote; its hash has been checked, so it is not doubted here.
    """
    kept = msgspec.msgpack.decode(zlib.decompress(delta), type=Delta)
    made = bytearray(kept.rest)
    for place, origin, length in kept.copies:
        made[place : place + length] = base[origin : origin + length]
    return bytes(made)
