"""Bytes as one string that people paste, type or read out: groups that check themselves. Pure.

A title and groups of eight characters behind it: seven digits of base 32 in Crockford's alphabet
(no I, L, O, U; capitals or not) and one that checks the group, so that a mistyped group can be
named. Behind the bytes go the first four bytes of their SHA-256, which hold the groups together.
"""

from hashlib import sha256

_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MEANT = str.maketrans({"O": "0", "I": "1", "L": "1"})
_BITS = 5
_GROUP = 7
_CHECK_SIZE = 4
_LONGEST = 1_024
_FIELD = 0b100101  # x^5 + x^2 + 1 makes the 32 digits a field


def written(title: str, content: bytes) -> str:
    """Write bytes as one string.

    Args:
        title: What it is, a few capitals and digits; stands first.
        content: The bytes, at least one.
    """
    digits = _digits_of(content + sha256(content).digest()[:_CHECK_SIZE])
    groups = [digits[at : at + _GROUP] for at in range(0, len(digits), _GROUP)]
    return "-".join(
        (title, *("".join(_DIGITS[digit] for digit in (*one, _check(one))) for one in groups))
    )


def read(title: str, text: str) -> bytes:
    """Read such a string.

    Args:
        title: What it has to be.
        text: As it was typed; spaces and small letters do no harm.

    Raises:
        ValueError: It is mistyped; what is wrong with it and where, fit for a person.
    """
    if len(text) > _LONGEST:
        raise ValueError("it is too long: paste it once, and nothing else")
    found, *groups = "".join(text.upper().split()).split("-")
    if found != title or not groups:
        raise ValueError(f"it has to begin with {title}-: copy the whole string")
    digits = [digit for at, one in enumerate(groups, 1) for digit in _group(title, at, one)]
    framed = _bytes_of(digits)
    content, check = framed[:-_CHECK_SIZE], framed[-_CHECK_SIZE:]
    if sha256(content).digest()[:_CHECK_SIZE] != check:
        raise ValueError(
            f"its {len(groups)} groups do not belong together: one is missing, or two are exchanged"
        )
    return content


def _group(title: str, number: int, typed: str) -> list[int]:
    """Read one group, counted from 1, without its check."""
    digits = [_DIGITS.find(character) for character in typed.translate(_MEANT)]
    if len(digits) not in range(2, _GROUP + 2) or -1 in digits or _check(digits[:-1]) != digits[-1]:
        shown = typed if len(typed) <= 2 * _GROUP else f"{typed[:_GROUP]}…"
        raise ValueError(f"group {number} after {title} is mistyped ({shown})")
    return digits[:-1]


def _check(digits: list[int]) -> int:
    """Weigh the digits in GF(32): one wrong digit, or two exchanged, change the sum."""
    total = 0
    for digit in digits:
        total = _doubled(total ^ digit)
    return total


def _doubled(value: int) -> int:
    value <<= 1
    return value ^ _FIELD if value >> _BITS else value


def _digits_of(content: bytes) -> list[int]:
    """Cut bytes into digits of five bits; the last one is filled up with zeros."""
    count = -(-len(content) * 8 // _BITS)
    number = int.from_bytes(content, "big") << (count * _BITS - len(content) * 8)
    return [number >> (_BITS * at) & (2**_BITS - 1) for at in reversed(range(count))]


def _bytes_of(digits: list[int]) -> bytes:
    number = 0
    for digit in digits:
        number = number << _BITS | digit
    spare = len(digits) * _BITS % 8
    if spare >= _BITS or number & (2**spare - 1):
        raise ValueError("it ends in the middle: copy the whole string")
    return (number >> spare).to_bytes(len(digits) * _BITS // 8, "big")
