"""Entries that were made at this unit while the hub was away, on their way to it.

The hub knows an entry by its id: to hand one over again changes nothing. A submission is
forgotten when the hub says it has it, or when its record comes.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from sync.transfer import pages

if TYPE_CHECKING:
    from sync.unit.channel import Message
    from sync.unit.shelf import Shelf

LOOK_EVERY_MS = 2_000
"""Another process enters people; so often it is asked whether it did."""

AGAIN_MS = 60_000
"""What was not taken by then is handed over again."""


class Submissions:
    """Hands over what waits on the shelf."""

    def __init__(self, shelf: Shelf) -> None:
        """Hand over what lies on ``shelf``."""
        self._shelf = shelf
        self._sent_ms: dict[str, int] = {}
        self._look_ms = 0

    def restart(self) -> None:
        """Hand everything over again: what was sent on another connection may be lost."""
        self._sent_ms, self._look_ms = {}, 0

    def due(self, now_ms: int) -> list[tuple[str, bytes]]:
        """Give what is to be handed over now, (entry id, wire bytes)."""
        if now_ms < self._look_ms:
            return []
        self._look_ms = now_ms + LOOK_EVERY_MS
        waiting = self._shelf.submissions()
        due = [one for one in waiting if now_ms >= self._sent_ms.get(one[0], -AGAIN_MS) + AGAIN_MS]
        self._sent_ms = {name: self._sent_ms.get(name, now_ms) for name, _ in waiting}
        self._sent_ms.update((name, now_ms) for name, _ in due)
        return due


def messages_of(wire: bytes) -> list[Message]:
    """Cut one submission into messages; the same one always into the same."""
    transfer = sha256(wire).hexdigest()[:16]
    return [("submit", *page[1:]) for page in pages(wire, transfer)]
