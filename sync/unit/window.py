"""Which pages of a snapshot to ask for, and when: a few under way at any time. Pure.

Pages travel without a promise of delivery (QoS 0), so whoever wants them keeps the count. Only
pages close to the next one that can be judged are asked for, which bounds what waits in RAM.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync.errors import Code

if TYPE_CHECKING:
    from collections.abc import Callable, Container

WIDTH = 32
"""Pages under way at most: 2 MB."""

STALL_MS = 1_500
"""After that long without a page, what is missing is asked for again; then twice that long."""

LONGEST_STALL_MS = 60_000


class Window:
    """The pages that were asked for and have not come."""

    def __init__(self, refuse: Callable[[Code], None]) -> None:
        """Count a hub that does not deliver with ``refuse``."""
        self._refuse = refuse
        self._asked: set[int] = set()
        self._due_ms = 0
        self._stalls = 0

    def restart(self) -> None:
        """Ask anew: on a new connection nothing is under way."""
        self._asked.clear()
        self._stalls = 0

    def arrived(self, number: int, now_ms: int) -> None:
        """Note a page that came and was wanted."""
        self._asked.discard(number)
        self._stalls = 0
        self._due_ms = now_ms + STALL_MS

    def wanted(self, first: int, end: int, here: Container[int], now_ms: int) -> list[int]:
        """Give the pages to ask for now, ascending.

        Args:
            first: The next page that can be judged.
            end: How many pages there are.
            here: Later pages that came already.
            now_ms: Milliseconds.
        """
        if self._asked and now_ms >= self._due_ms:
            self._refuse(Code.SLOW)
            self._asked.clear()
            self._stalls += 1
        if len(self._asked) > WIDTH // 2:
            return []
        near = range(first, min(first + WIDTH, end))
        wanted = [one for one in near if one not in self._asked and one not in here]
        if wanted:
            self._asked.update(wanted)
            self._due_ms = now_ms + min(STALL_MS << min(self._stalls, 8), LONGEST_STALL_MS)
        return wanted
