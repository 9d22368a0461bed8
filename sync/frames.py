"""The payload of every MQTT message: one of two sizes, sealed; the broker sees nothing else.

A frame is ``key id (8) ‖ nonce (12) ‖ AES-256-GCM(length (4) ‖ message ‖ zeros) ‖ tag (16)`` and
has exactly 2,048 or 61,440 bytes. The associated data binds it to direction, list and unit: a
frame that is moved to another topic does not open. Key boxes and kill orders, which a unit has
to read before it has a key of the epoch, are signed, and framed under a key that is made from the
unit's public box key: that one only ever went from the unit to the hub, so the broker has no part
in it and cannot tell the one from the other.

Nonces are random: far fewer than the 2^32 frames that NIST SP 800-38D allows one key are sealed
in an epoch (one a second is 2^32 in 136 years).
"""

import secrets
import struct
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Literal, TypeAlias

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sync import canonical
from sync.errors import Code, Refused
from sync.seal import derived

SMALL = 2_048
LARGE = 61_440
"""Bytes; the only two sizes of a payload."""

KEY_ID_SIZE = 8

PAGE_BYTES = 61_344
"""The most bytes of a transfer that fit into one page: ``["page", transfer, i, n, bytes]``."""

Role: TypeAlias = Literal["list", "to", "from", "key"]
"""Hub to all, hub to one unit, one unit to hub; what a unit reads before it has a channel key."""

_LENGTH = struct.Struct(">I")
_NONCE_SIZE, _TAG_SIZE = 12, 16
_AROUND = KEY_ID_SIZE + _NONCE_SIZE + _TAG_SIZE

MOST_IN_SMALL = SMALL - _AROUND - _LENGTH.size
MOST_IN_LARGE = LARGE - _AROUND - _LENGTH.size
"""Bytes of the canonical message that fit into a frame."""


def key_id(key: bytes) -> bytes:
    """Give the 8 bytes that name a frame key without telling anything about it."""
    return _keys(key)[0]


def named_keys(keys: Iterable[bytes]) -> dict[bytes, bytes]:
    """Give the keys by their id, as ``open_frame`` takes them."""
    return {key_id(key): key for key in keys}


def seal_frame(  # noqa: PLR0913 - each is a part of what the frame is bound to
    key: bytes,
    role: Role,
    list_id: str,
    unit_id: str,
    message: tuple[object, ...],
    *,
    large: bool = False,
) -> bytes:
    """Seal a message into a frame.

    Args:
        key: Control key (role "list") or channel key of the unit, 32 bytes.
        role: Which way it goes.
        list_id: Whose list.
        unit_id: To or from which unit; "" for all.
        message: Its first element is the tag that says what it is.
        large: Make a LARGE frame even where a SMALL one would do.

    Returns:
        Exactly SMALL or LARGE bytes.

    Raises:
        Refused: TOO_LARGE for any frame, or MALFORMED.
    """
    content = canonical.encode(message)
    size = SMALL if len(content) <= MOST_IN_SMALL and not large else LARGE
    nonce = secrets.token_bytes(_NONCE_SIZE)
    name, inner = _keys(key)
    framed = _padded(content, size - _AROUND)
    return name + nonce + AESGCM(inner).encrypt(nonce, framed, _about(role, list_id, unit_id))


def open_frame(
    keys: Mapping[bytes, bytes], role: Role, list_id: str, unit_id: str, payload: bytes
) -> list[object]:
    """Open a frame.

    Args:
        keys: Frame keys by key id; see ``named_keys``.
        role: Which way it was to go.
        list_id: Whose list.
        unit_id: To or from which unit; "" for all.
        payload: What came in.

    Returns:
        The message: an array whose first element is a text.

    Raises:
        Refused: TOO_LARGE, MALFORMED, UNKNOWN_KEY or BAD_CIPHERTEXT.
    """
    _check_size(payload)
    key = keys.get(payload[:KEY_ID_SIZE])
    if key is None:
        raise Refused(Code.UNKNOWN_KEY, "the frame is sealed under a key that is not held here")
    nonce, body = payload[KEY_ID_SIZE : KEY_ID_SIZE + _NONCE_SIZE], payload[-_body_size(payload) :]
    try:
        framed = AESGCM(_keys(key)[1]).decrypt(nonce, body, _about(role, list_id, unit_id))
    except InvalidTag as error:
        raise Refused(
            Code.BAD_CIPHERTEXT, "the frame was changed, or was made for another place"
        ) from error
    return _message(_unpadded(framed))


def seal_in_key_topic(box_public: bytes, list_id: str, unit_id: str, signed: bytes) -> bytes:
    """Seal a signed key box or kill order for a unit's key topic.

    Args:
        box_public: The unit's HPKE public key.
        list_id: Whose list.
        unit_id: For which unit.
        signed: Wire bytes of the signed statement.

    Raises:
        Refused: TOO_LARGE.
    """
    key = derived(box_public, "key topic")
    return seal_frame(key, "key", list_id, unit_id, ("signed", signed))


def open_in_key_topic(box_public: bytes, list_id: str, unit_id: str, payload: bytes) -> bytes:
    """Give the signed statement that lies in a unit's key topic; nothing of it is checked yet.

    Raises:
        Refused: TOO_LARGE, MALFORMED, UNKNOWN_KEY or BAD_CIPHERTEXT.
    """
    keys = named_keys([derived(box_public, "key topic")])
    match open_frame(keys, "key", list_id, unit_id, payload):
        case ["signed", bytes(signed)]:
            return signed
        case _:
            raise Refused(Code.MALFORMED, "the key topic holds no signed statement")


def _check_size(payload: bytes) -> None:
    if len(payload) > LARGE:
        raise Refused(Code.TOO_LARGE, f"a payload of more than {LARGE} bytes")
    if len(payload) not in {SMALL, LARGE}:
        raise Refused(Code.MALFORMED, "a payload of another size than the two that are used")


def _body_size(payload: bytes) -> int:
    return len(payload) - KEY_ID_SIZE - _NONCE_SIZE


def _message(content: bytes) -> list[object]:
    message = canonical.decode(content, MOST_IN_LARGE)
    if not isinstance(message, list) or not message or not isinstance(message[0], str):
        raise Refused(Code.MALFORMED, "a frame holds no message")
    return message


def _padded(content: bytes, size: int) -> bytes:
    if len(content) > size - _LENGTH.size:
        raise Refused(Code.TOO_LARGE, f"{len(content)} bytes do not fit into a payload")
    return (_LENGTH.pack(len(content)) + content).ljust(size, b"\0")


def _unpadded(framed: bytes) -> bytes:
    (length,) = _LENGTH.unpack_from(framed)
    content, rest = framed[_LENGTH.size :][:length], framed[_LENGTH.size + length :]
    if len(content) != length or rest.count(0) != len(rest):
        raise Refused(Code.MALFORMED, "the padding of a payload is wrong")
    return content


@lru_cache(maxsize=4_096)
def _keys(key: bytes) -> tuple[bytes, bytes]:
    """Give id and inner key of a frame key; kept, for they are asked for at every frame."""
    return derived(key, "frame id")[:KEY_ID_SIZE], derived(key, "frame")


def _about(role: Role, list_id: str, unit_id: str) -> bytes:
    return f"doorwatch/1 frame|{role}|{list_id}|{unit_id}".encode()
