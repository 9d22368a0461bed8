"""Loaded dice: everything that is drawn at random follows from the seed, so runs can be replayed.

Ids, topics, keys and nonces of the product come from :mod:`secrets`; while the dice are loaded,
that module gives what the seed says. What stays random is inside of HPKE, and changes no size.
"""

import random
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

_DICE = random.Random()


def throw(seed: int) -> None:
    """Begin the sequence of ``seed``."""
    _DICE.seed(f"dice {seed}")


@contextmanager
def loaded() -> Iterator[None]:
    """Let :mod:`secrets` give what :func:`throw` began."""
    throw(0)
    with (
        patch.object(secrets, "token_bytes", lambda count=32: _DICE.randbytes(count)),
        patch.object(secrets, "token_hex", lambda count=32: _DICE.randbytes(count).hex()),
    ):
        yield
