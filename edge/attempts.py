"""How often somebody may guess at a PIN or a password, or have a photo compared. Pure."""

from collections import deque

FREE_TRIES = 5
"""Wrong tries of one client before it has to wait."""

FREE_TRIES_IN_ALL = 25
"""Wrong tries of all clients together before everybody has to wait."""

FIRST_WAIT_S, LONGEST_WAIT_S = 15.0, 900.0
"""The first wait, doubled with each further wrong try, and the longest."""

FORGOTTEN_S = 3600.0
"""Seconds without a try after which the tries of a client are forgotten."""

MOST_CLIENTS = 1000
"""Clients remembered; the one quiet for longest goes first."""

EVERYBODY = "*"

CHECKS, CHECKS_WITHIN_S = 40, 12 * 3600.0
"""Photos that staff may have compared at one door, over all phones, and within which time."""


class Attempts:
    """Counts wrong tries and says how long to wait; time is passed in (seconds, monotonic)."""

    def __init__(
        self, free_in_all: int = FREE_TRIES_IN_ALL, longest_in_all_s: float = LONGEST_WAIT_S
    ) -> None:
        """Start without a try.

        Args:
            free_in_all: Wrong tries of all clients together before everybody has to wait.
            longest_in_all_s: The most that others can make everybody wait.
        """
        self._tries: dict[str, tuple[int, float]] = {}
        self._free_in_all, self._longest_in_all_s = free_in_all, longest_in_all_s

    def wait_s(self, client: str, now: float) -> float:
        """Give the seconds until ``client`` may try again; 0 if it may."""
        own = self._left(client, FREE_TRIES, LONGEST_WAIT_S, now)
        shared = self._left(EVERYBODY, self._free_in_all, self._longest_in_all_s, now)
        return max(own, shared, 0.0)

    def count(self, client: str, now: float) -> None:
        """Count a try before it is checked, so that tries at the same time count too."""
        for who in (client, EVERYBODY):
            tries, last = self._tries.pop(who, (0, now))
            self._tries[who] = (1 if now - last > FORGOTTEN_S else tries + 1), now
        while len(self._tries) > MOST_CLIENTS:
            del self._tries[next(one for one in self._tries if one != EVERYBODY)]

    def forgive(self, client: str) -> None:
        """Forget the tries of a client that was right, and take them off all's."""
        own, _ = self._tries.pop(client, (0, 0.0))
        tries, last = self._tries.get(EVERYBODY, (0, 0.0))
        self._tries[EVERYBODY] = max(0, tries - own), last

    def _left(self, who: str, free: int, longest_s: float, now: float) -> float:
        tries, last = self._tries.get(who, (0, now))
        if tries < free or now - last > FORGOTTEN_S:
            return 0.0
        doublings = min(tries - free, 10)
        return last + min(FIRST_WAIT_S * 2.0**doublings, longest_s) - now


class Allowance:
    """So many uses within a time; that is passed in (seconds, monotonic)."""

    def __init__(self, most: int, window_s: float) -> None:
        """Allow ``most`` uses in any ``window_s`` seconds."""
        self._most, self._window_s = most, window_s
        self._uses: deque[float] = deque()

    def left(self, now: float) -> int:
        """Give how many uses are left at ``now``."""
        while self._uses and now - self._uses[0] >= self._window_s:
            self._uses.popleft()
        return self._most - len(self._uses)

    def use(self, now: float) -> None:
        """Count one use."""
        self._uses.append(now)
