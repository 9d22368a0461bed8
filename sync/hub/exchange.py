"""The hub's end of the protocol, without I/O: messages in, messages out, time passed in.

Whoever carries the messages gives every ``Arrival`` to ``receive``, calls ``tick`` when ``due_ms``
says, tells ``acknowledged`` the token of each ``Out`` the broker took, and ``connected`` after
each (re)connection.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from sync.hub.service import Service
    from sync.message import Arrival, Out


class Exchange:
    """Answers units and publishes what the service put into its outbox."""

    def __init__(self, service: Service, random: Random | None = None) -> None:
        """Speak for ``service``; ``random`` draws the times of covers (the system's by default)."""
        raise NotImplementedError

    def topics(self) -> tuple[str, ...]:
        """Give the topic filters that the hub subscribes to."""
        raise NotImplementedError

    def connected(self, now_ms: int) -> list[Out]:
        """Give what has to be published after a (re)connection: the broker may be a new one."""
        raise NotImplementedError

    def receive(self, arrival: Arrival, now_ms: int) -> list[Out]:
        """Answer one message; nothing about it is believed, and nothing is raised for it."""
        raise NotImplementedError

    def receive_all(self, arrivals: Sequence[Arrival], now_ms: int) -> list[Out]:
        """Answer several messages in one transaction; acknowledge them after it."""
        raise NotImplementedError

    def tick(self, now_ms: int) -> list[Out]:
        """Publish what is due: bursts, covers, heads, expiries, and what was not acknowledged."""
        raise NotImplementedError

    def due_ms(self, now_ms: int) -> int:
        """Tell when ``tick`` has to be called next, if no other process changes anything."""
        raise NotImplementedError

    def acknowledged(self, token: str) -> None:
        """Forget what the broker took."""
        raise NotImplementedError
