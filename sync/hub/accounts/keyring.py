"""A venue's signing key, wrapped under a secret that this hub does not keep.

AES-256-GCM (NIST SP 800-38D) under a key that comes from a password or from the secret of a link.
The doors believe venues' signatures, so whoever steals the hub's disk together with its key must
not find the means to make one.
"""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sync.hub.accounts.problem import AccountError, Problem
from sync.seal import SigningKey

_NONCE_SIZE = 12


def wrap(key: SigningKey, secret: bytes, about: str) -> bytes:
    """Close a key under a secret (32 bytes); ``about`` names whose it is."""
    nonce = secrets.token_bytes(_NONCE_SIZE)
    return nonce + AESGCM(secret).encrypt(nonce, key.seed, _bound(about, key.public))


def unwrap(wrapped: bytes, secret: bytes, about: str, public: bytes) -> SigningKey:
    """Open a key.

    Args:
        wrapped: As ``wrap`` gave it.
        secret: What it was closed under, 32 bytes.
        about: Whose it is.
        public: Its public half, 32 bytes.

    Raises:
        AccountError: KEY; it was changed, or belongs to somebody else.
    """
    try:
        nonce, body = wrapped[:_NONCE_SIZE], wrapped[_NONCE_SIZE:]
        return SigningKey(AESGCM(secret).decrypt(nonce, body, _bound(about, public)))
    except (InvalidTag, ValueError) as error:
        raise AccountError(
            Problem.KEY, "the venue's key of this account does not open: invite the person again"
        ) from error


def _bound(about: str, public: bytes) -> bytes:
    return f"doorwatch/1 venue key|{about}|{public.hex()}".encode()
