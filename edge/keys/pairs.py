"""Any two of three shares open the gallery: the device's, the hub's, the staff token.

The gallery's key is wrapped once for each pair of shares, under a key made of both; so no
arithmetic of secret sharing is needed, and what lies on the card opens with no share alone.
Sections 13 and 21 of ``sync/PROTOCOL.md`` say it byte by byte.
"""

import hmac
import secrets
from collections.abc import Callable, Mapping
from enum import StrEnum
from itertools import combinations

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec import Struct

from edge.errors import KeyProviderError
from sync.seal import derived

_NONCE_BYTES = 12
_ID_BYTES = 8


class Share(StrEnum):
    """Who holds a share."""

    DEVICE = "device"
    HUB = "hub"
    TOKEN = "token"  # noqa: S105 - its holder's name, and no secret


SHARE_BYTES = {Share.DEVICE: 32, Share.HUB: 32, Share.TOKEN: 16}
"""Length of each share; all are drawn at random."""


class Pairs(Struct, frozen=True):
    """One gallery's key, wrapped three times; no secret.

    Attributes:
        unit_id: The unit that it is of; nothing on a unit without a consortium.
        key_id: Tells one gallery's key from another, and nothing about it; hexadecimal.
        wrapped: For each pair, named ``device+hub``: nonce, ciphertext, tag.
    """

    unit_id: str
    key_id: str
    wrapped: dict[str, bytes]


def wrapped(
    kek: bytes,
    shares: Mapping[Share, bytes],
    unit_id: str,
    nonce: Callable[[int], bytes] = secrets.token_bytes,
) -> Pairs:
    """Wrap the key of a gallery for each pair of its three shares.

    Args:
        kek: The key, 32 bytes.
        shares: All three.
        unit_id: The unit that it is of.
        nonce: Draws so many bytes, never the same twice.
    """
    found = {
        pair: _sealed(kek, _pair_key(shares, pair, unit_id), nonce(_NONCE_BYTES), pair, unit_id)
        for pair in _pairs_of(shares)
    }
    return Pairs(unit_id, key_id(kek), found)


def opened(pairs: Pairs, shares: Mapping[Share, bytes]) -> bytes:
    """Give the key of a gallery for two of its shares.

    Raises:
        KeyProviderError: They are not two, or not those that the key was wrapped for.
    """
    held = _pairs_of(shares)
    if not held:
        raise KeyProviderError("one share alone opens nothing: give two of the three")
    for pair in held:
        try:
            sealed = pairs.wrapped[pair]
            cipher = AESGCM(_pair_key(shares, pair, pairs.unit_id))
            about = _about(pair, pairs.unit_id)
            return cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], about)
        except (KeyError, InvalidTag, ValueError):
            continue
    raise KeyProviderError(
        f"the shares of {held[0].replace('+', ' and ')} do not open this gallery: one of them is "
        "of another unit, or was replaced since"
    )


def is_key_of(pairs: Pairs, kek: bytes) -> bool:
    """Tell whether a key is the one that these pairs wrap."""
    return hmac.compare_digest(pairs.key_id, key_id(kek))


def key_id(kek: bytes) -> str:
    """Give what tells one key from another, 16 hexadecimal digits."""
    return derived(kek, "pair id")[:_ID_BYTES].hex()


def _pairs_of(shares: Mapping[Share, bytes]) -> list[str]:
    held = [share for share in Share if share in shares]
    return ["+".join(pair) for pair in combinations(held, 2)]


def _pair_key(shares: Mapping[Share, bytes], pair: str, unit_id: str) -> bytes:
    """Make a key of both shares; their lengths are fixed, so joining them is clear."""
    names = [Share(name) for name in pair.split("+")]
    if any(len(shares[name]) != SHARE_BYTES[name] for name in names):
        raise ValueError("a share of another length")
    return derived(b"".join(shares[name] for name in names), _purpose(pair, unit_id))


def _sealed(kek: bytes, key: bytes, nonce: bytes, pair: str, unit_id: str) -> bytes:
    return nonce + AESGCM(key).encrypt(nonce, kek, _about(pair, unit_id))


def _purpose(pair: str, unit_id: str) -> str:
    return f"pair|{pair}|{unit_id}"


def _about(pair: str, unit_id: str) -> bytes:
    """Name what a wrapping belongs to; none of the parts can hold the separator."""
    return f"doorwatch/1 {_purpose(pair, unit_id)}".encode()
