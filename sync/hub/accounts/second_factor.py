"""The second factor: a code that changes every 30 s (TOTP, RFC 6238), or a recovery code.

ASVS 2.8 and 2.6. Time is passed in (milliseconds since the epoch). No code works twice.
"""

import base64
import hmac
import secrets
from hashlib import sha256

import pyotp

SECRET_SIZE = 20
"""Bytes of a TOTP secret: the size of SHA-1's output, as RFC 4226 recommends."""

STEP_MS = 30_000
CODES = 10
"""Recovery codes that somebody is given at a time."""

_LATE_STEPS = 1
_CODE_CHARACTERS = 16
_GROUP = 4
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MEANT = str.maketrans({"O": "0", "I": "1", "L": "1"})


def new_secret() -> str:
    """Make a TOTP secret, as authenticator apps take it: 32 characters of base 32."""
    return base64.b32encode(secrets.token_bytes(SECRET_SIZE)).decode()


def is_secret(text: str) -> bool:
    """Tell whether a text is a secret as ``new_secret`` makes it."""
    try:
        return len(base64.b32decode(text)) == SECRET_SIZE
    except ValueError:
        return False


def address(secret: str, login: str, issuer: str) -> str:
    """Write the ``otpauth`` address of a secret, which authenticator apps read as a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=issuer.replace(":", " "))


def step_of(secret: str, code: str, after: int, now_ms: int) -> int | None:
    """Find the step of time that a code belongs to: the present one, or one next to it.

    Args:
        secret: As ``new_secret`` makes it.
        code: Six digits, blanks among them or not.
        after: Step of the newest code that was taken; that one and all before it count no more.
        now_ms: Milliseconds since the epoch.

    Returns:
        The step, to be remembered; None where the code is wrong, old, or was used.
    """
    given, present, found = "".join(code.split()), now_ms // STEP_MS, None
    for step in range(max(0, present - _LATE_STEPS), present + _LATE_STEPS + 1):
        right = hmac.compare_digest(pyotp.TOTP(secret).generate_otp(step).encode(), given.encode())
        if right and step > after:
            found = step
    return found


def new_codes() -> tuple[str, ...]:
    """Make recovery codes of 80 random bits each, which no guessing finds (ASVS 2.6.2)."""
    return tuple(_code() for _ in range(CODES))


def code_digest(account_id: str, code: str) -> bytes:
    """Name a recovery code without giving it away; how it is typed does not matter."""
    plain = "".join(code.upper().replace("-", " ").split()).translate(_MEANT)
    return sha256(f"{account_id}|{plain}".encode()).digest()


def _code() -> str:
    plain = "".join(secrets.choice(_ALPHABET) for _ in range(_CODE_CHARACTERS))
    return "-".join(plain[at : at + _GROUP] for at in range(0, _CODE_CHARACTERS, _GROUP))
