"""Proof of life: a nonce that the hub gives back. Neither a connection nor a flag is one. Pure.

After each connection, and after each new key, the unit greets; while it is greeted back it asks
again after a while of silence. What goes unanswered is asked again after pauses that double.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync.errors import Code, Refused

if TYPE_CHECKING:
    from random import Random

ANSWER_MS = 5_000
"""How long the hub may take for its first answer; doubled for each one that did not come."""

LONGEST_PAUSE_MS = 300_000
QUIET_MS = 20_000
"""After that long without a proof of life the unit asks for one."""

MANY_UNANSWERED = 3
"""So many in a row, and the connection is made anew: it may be dead without knowing it."""


class Handshake:
    """Who was asked what and when, on one connection after the other."""

    def __init__(self, random: Random) -> None:
        """Draw nonces and pauses from ``random``."""
        self._random = random
        self._nonce: bytes | None = None
        self._due_ms = 0
        self._unanswered = 0
        self.live = False
        """The hub answered since the last connection was made."""
        self.silent = False
        """Make the connection anew."""

    def lost(self) -> None:
        """Note that there is no connection."""
        self.live = self.silent = False
        self._nonce = None

    def ask(self, now_ms: int) -> bytes:
        """Give the nonce for a hello or ping, and expect it back."""
        self._nonce = self._random.randbytes(16)
        pause = min(ANSWER_MS << min(self._unanswered, 8), LONGEST_PAUSE_MS)
        self._due_ms = now_ms + pause + self._random.randrange(pause // 4)
        return self._nonce

    def answered(self, nonce: bytes, now_ms: int) -> None:
        """Take the hub's answer.

        Raises:
            Refused: REPLAY, nobody asked with this nonce.
        """
        if nonce != self._nonce:
            raise Refused(Code.REPLAY, "an answer to a question that is not open")
        self.proven(now_ms)

    def proven(self, now_ms: int) -> None:
        """Note a proof of life: something that only an answer to this unit can hold."""
        self._nonce = None
        self._unanswered = 0
        self._due_ms = now_ms + QUIET_MS
        self.live, self.silent = True, False

    def due(self, now_ms: int) -> bool:
        """Tell whether it is time to ask; an open question then counts as unanswered."""
        if now_ms < self._due_ms:
            return False
        if self._nonce is not None:
            self._unanswered += 1
            self.live = False
            self.silent = self._unanswered % MANY_UNANSWERED == 0
        return True
