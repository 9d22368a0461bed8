"""When to ask for what is missing, and how patiently. Pure.

A head that is ahead of the ledger says that something is missing. What is on its way comes by
itself within moments; only then is it asked for, and asked again after pauses that double. That
answers whoever withholds records (slow retrieval): the list's lease ends, and the count shows.
A newer head ends a long pause: the hub is at work again, if it was the hub that could not answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync.errors import Code

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from sync.unit.channel import Message
    from sync.unit.shelf import Trusted

GRACE_MS = 400
"""How long records may be behind their head before they are asked for."""

FIRST_PAUSE_MS = 4_000
LONGEST_PAUSE_MS = 120_000


class Catchup:
    """Asks for the range or the snapshot that is missing."""

    def __init__(self, random: Random, refuse: Callable[[Code], None]) -> None:
        """Draw pauses from ``random``; count a hub that does not deliver with ``refuse``."""
        self._random, self._refuse = random, refuse
        self._lack: Message | None = None
        self._due_ms = 0
        self._asked = self._told_ms = 0

    def restart(self) -> None:
        """Begin anew on a new connection: nothing was asked on it."""
        self._lack = None

    def question(self, lack: Message | None, told_ms: int, now_ms: int) -> list[Message]:
        """Give what to ask now.

        Args:
            lack: What is missing, as the question for it; None for nothing. Another question
                than the last time means that there was progress.
            told_ms: When the newest head was issued.
            now_ms: Milliseconds.
        """
        if lack != self._lack:
            self._lack, self._asked, self._due_ms = lack, 0, now_ms + GRACE_MS
        elif told_ms > self._told_ms:
            self._due_ms = min(self._due_ms, now_ms + FIRST_PAUSE_MS)
        self._told_ms = told_ms
        if lack is None or now_ms < self._due_ms:
            return []
        if self._asked:
            self._refuse(Code.SLOW)
        pause = min(FIRST_PAUSE_MS << min(self._asked, 8), LONGEST_PAUSE_MS)
        self._due_ms = now_ms + pause + self._random.randrange(pause // 4)
        self._asked += 1
        return [lack]


def lack_of(trusted: Trusted, *, lacking: bool) -> Message | None:
    """Tell what is missing, as the question for it.

    Args:
        trusted: What is believed.
        lacking: Whether rows are missing that the ledger says should be here.
    """
    head, ledger = trusted.head, trusted.ledger
    if head is None:
        return None
    if head.seq > ledger.seq:
        return ("range", ledger.seq + 1)
    if lacking or not ledger.matches(head):  # the latter under a new hub key only
        return ("snapshot", "", ())
    return None
