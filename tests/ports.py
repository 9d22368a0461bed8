"""Ports for whoever listens in a test."""

import itertools
import secrets
import socket

HOST = "127.0.0.1"
NEVER_LENT = range(20_000, 32_000)
"""Below those that the kernel lends to whoever connects: of those, one that is free now is
somebody's a moment later, and the tests side by side connect a thousand times."""

_numbers = itertools.count(secrets.randbelow(len(NEVER_LENT)))


def free_port() -> int:
    """Give a TCP port that nobody listens on, another one each time."""
    for number in itertools.islice(_numbers, len(NEVER_LENT)):
        port = NEVER_LENT[number % len(NEVER_LENT)]
        try:
            with socket.create_server((HOST, port)):
                return port
        except OSError:
            continue
    raise AssertionError("no port is free")


def two_in_a_row() -> tuple[int, int]:
    """Give two such ports, one after the other."""
    first, second = free_port(), free_port()
    while second != first + 1:
        first, second = second, free_port()
    return first, second
