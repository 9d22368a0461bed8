"""The keys of the list and what is done with them; nothing here knows what the bytes mean.

Signatures are Ed25519 (RFC 8032), content is AES-256-GCM (NIST SP 800-38D), keys are derived by
HKDF-SHA256 (RFC 5869), and the keys of an epoch travel to each unit by HPKE (RFC 9180) with the
key encapsulation ML-KEM-768+X25519. That one was chosen over X25519 alone after measuring both
with ``cryptography`` 50 (one thread, x86-64, medians of 300, a key box of 400 bytes):

====================  ==========  ==========  ==========  ========  ==========
kem                   make a key  seal a box  open a box  overhead  public key
====================  ==========  ==========  ==========  ========  ==========
X25519                0.020 ms    0.055 ms    0.036 ms    48 B      32 B
ML-KEM-768+X25519     0.089 ms    0.070 ms    0.060 ms    1,136 B   1,216 B
====================  ==========  ==========  ==========  ========  ==========

A box is made for each unit once an epoch, so 0.04 ms is nothing, and both fit the same padded
2,048 bytes on the wire. What the broker records today are faces, which stay what they are for
decades; the hybrid keeps them closed to whoever breaks only one of its two halves, be it X25519
by a quantum computer later or ML-KEM by arithmetic tomorrow.
"""

import hmac
import secrets
from functools import lru_cache
from hashlib import sha256
from typing import Self

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sync.errors import Code, Refused

KEY_SIZE = 32
"""Bytes of every symmetric key, Ed25519 seed and Ed25519 public key."""

SUITE = "MLKEM768-X25519.HKDF-SHA256.AES-256-GCM"
"""Name of the HPKE suite, as key boxes carry it."""

BOX_PUBLIC_SIZE = 1_216
"""Bytes of a unit's HPKE public key: ML-KEM-768 encapsulation key, then X25519."""

BOX_SEED_SIZE = 96
"""Bytes a unit's HPKE private key is made from: ML-KEM-768 seed, then X25519."""

_MLKEM_PUBLIC_SIZE, _MLKEM_SEED_SIZE = 1_184, 64
_NONCE_SIZE = 12
_SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Tell whether an Ed25519 signature (64 bytes) by ``public`` (32 bytes) is valid."""
    try:
        _signer(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


class SigningKey:
    """An Ed25519 key that signs."""

    def __init__(self, seed: bytes) -> None:
        """Make the key of a ``seed`` (32 bytes, secret)."""
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = self._key.public_key().public_bytes_raw()

    @classmethod
    def generate(cls) -> Self:
        """Make a new key."""
        return cls(secrets.token_bytes(KEY_SIZE))

    @property
    def seed(self) -> bytes:
        """The secret the key is made from, 32 bytes."""
        return self._key.private_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """Sign ``message``; 64 bytes."""
        return self._key.sign(message)


class BoxKey:
    """A unit's private key, which opens the key boxes that are made for it."""

    def __init__(self, seed: bytes) -> None:
        """Make the key of a ``seed`` (96 bytes, secret)."""
        if len(seed) != BOX_SEED_SIZE:
            raise ValueError(f"a box key is made from {BOX_SEED_SIZE} bytes")
        self.seed = seed
        lattice = MLKEM768PrivateKey.from_seed_bytes(seed[:_MLKEM_SEED_SIZE])
        curve = X25519PrivateKey.from_private_bytes(seed[_MLKEM_SEED_SIZE:])
        self._key = MLKEM768X25519PrivateKey(lattice, curve)
        self.public = (
            lattice.public_key().public_bytes_raw() + curve.public_key().public_bytes_raw()
        )

    @classmethod
    def generate(cls) -> Self:
        """Make a new key."""
        return cls(secrets.token_bytes(BOX_SEED_SIZE))

    def open(self, suite: str, sealed: bytes, info: bytes) -> bytes:
        """Open a box.

        Args:
            suite: Name of the HPKE suite that sealed it.
            sealed: Encapsulated key and ciphertext.
            info: What the box is bound to.

        Raises:
            Refused: BAD_CIPHERTEXT; another suite, another unit's box, or changed.
        """
        if suite != SUITE:
            raise Refused(Code.BAD_CIPHERTEXT, "the key box is sealed by an unknown suite")
        try:
            return _SUITE.decrypt(sealed, self._key, info)
        except (InvalidTag, ValueError) as error:
            raise Refused(
                Code.BAD_CIPHERTEXT, "the key box was made for another unit, or was changed"
            ) from error


def box(public: bytes, content: bytes, info: bytes) -> tuple[str, bytes]:
    """Seal ``content`` for the holder of a box key, by HPKE in base mode (RFC 9180, 6.1).

    Args:
        public: The unit's HPKE public key, 1,216 bytes.
        content: What to seal.
        info: What the box is bound to; opening needs the same.

    Returns:
        The suite's name, and encapsulated key with ciphertext.

    Raises:
        Refused: MALFORMED, ``public`` is no such key.
    """
    return SUITE, _SUITE.encrypt(content, _box_public(public), info)


def check_box_public(public: bytes) -> None:
    """Refuse bytes that are no HPKE public key of a unit.

    Raises:
        Refused: MALFORMED.
    """
    _box_public(public)


def derived(key: bytes, purpose: str) -> bytes:
    """Derive a key (32 bytes) for one purpose from another, by HKDF-SHA256 (RFC 5869)."""
    return HKDF(SHA256(), KEY_SIZE, salt=None, info=b"doorwatch/1 " + purpose.encode()).derive(key)


def seal_content(key: bytes, list_id: str, seq: int, entry_id: str, content: bytes) -> bytes:
    """Seal the content of a record under a ring key, always to the same bytes.

    The nonce is made from the content and all it is bound to, by HMAC-SHA256 under a key of its
    own: it repeats only together with the whole message, which a fresh random one would not do
    better, and a snapshot page keeps its digest when the hub is started again.

    Returns:
        Nonce (12 bytes), ciphertext, tag (16 bytes).
    """
    about = _about(list_id, seq, entry_id)
    nonce_key, content_key = _content_keys(key)
    named = about + b"|" + sha256(content).digest()
    nonce = hmac.digest(nonce_key, named, "sha256")[:_NONCE_SIZE]
    return nonce + AESGCM(content_key).encrypt(nonce, content, about)


def open_content(key: bytes, list_id: str, seq: int, entry_id: str, sealed: bytes) -> bytes:
    """Open the content of a record.

    Raises:
        Refused: BAD_CIPHERTEXT; it was changed, or belongs to another record, list or key.
    """
    try:
        nonce, body = sealed[:_NONCE_SIZE], sealed[_NONCE_SIZE:]
        cipher = AESGCM(_content_keys(key)[1])
        return cipher.decrypt(nonce, body, _about(list_id, seq, entry_id))
    except (InvalidTag, ValueError) as error:
        raise Refused(
            Code.BAD_CIPHERTEXT, "the content belongs to another record or key, or was changed"
        ) from error


@lru_cache(maxsize=1_024)
def _signer(public: bytes) -> Ed25519PublicKey:
    """Read a public key; kept, for the same few sign all entries."""
    return Ed25519PublicKey.from_public_bytes(public)


@lru_cache(maxsize=64)
def _content_keys(key: bytes) -> tuple[bytes, bytes]:
    """Give the keys for nonces and for contents of a ring key; kept, for thousands use them."""
    return derived(key, "content nonce"), derived(key, "content")


def _box_public(public: bytes) -> MLKEM768X25519PublicKey:
    if len(public) != BOX_PUBLIC_SIZE:
        raise Refused(Code.MALFORMED, f"a unit's box key has {BOX_PUBLIC_SIZE} bytes")
    try:
        lattice = MLKEM768PublicKey.from_public_bytes(public[:_MLKEM_PUBLIC_SIZE])
        curve = X25519PublicKey.from_public_bytes(public[_MLKEM_PUBLIC_SIZE:])
    except ValueError as error:
        raise Refused(Code.MALFORMED, "this is no box key of a unit") from error
    return MLKEM768X25519PublicKey(lattice, curve)


def _about(list_id: str, seq: int, entry_id: str) -> bytes:
    """Name what a content belongs to; ids are hexadecimal, so no part holds the separator."""
    return f"doorwatch/1 content|{list_id}|{seq}|{entry_id}".encode()
