"""The alarm guard of one door: what rings tonight, and which entries ring wrongly.

The rule, and the only one by which a door holds an entry back on its own: staff marked it *not
them* on two alerts of one night. Until that night is over (noon) the entry is shown as CHECK
where it would be STOP, at this door. Whatever is in doubt stays red: a restart forgets, a night
that ends forgets, and no number of unanswered alerts holds anything back here.

Only numbers and ids of entries are kept, in memory, and of strangers nothing.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from edge.door import Answer, Ring
from edge.night import night_of
from sync.statement.report import MOST_IN_NIGHT

TWICE = 2
"""*Not them* so often in one night, and the entry is only to be checked."""

_WORDS: dict[Answer, str] = {"refused": "refused", "let in": "let-in", "not them": "not-them"}


@dataclass(slots=True)
class _Entry:
    """One entry tonight."""

    alerts: int = 0
    confirmed: int = 0
    not_them: int = 0


class Guard:
    """Counts what rings at one door; its owner lets one thread in at a time.

    Attributes:
        totals: Alerts and answers since ``since``, by name; those of STOP alerts apart.
        since: When the counting began, whole seconds since the epoch.
    """

    def __init__(self, now_s: float, night: Callable[[float], date] = night_of) -> None:
        """Begin with nothing counted.

        Args:
            now_s: Seconds since the epoch.
            night: Names the night of such a moment.
        """
        self.totals: Counter[str] = Counter()
        self.since = int(now_s)
        self._night_of, self._night = night, night(now_s)
        self._entries: dict[str, _Entry] = {}

    def rang(self, entry_id: str, now_s: float, *, red: bool) -> None:
        """Count an alert that was opened."""
        self._tonight(now_s).setdefault(entry_id, _Entry()).alerts += 1
        self.totals["alerts"] += 1
        self.totals["reds"] += red

    def turned_red(self) -> None:
        """Count an open alert that became a STOP."""
        self.totals["reds"] += 1

    def answered(self, entry_id: str, answer: Answer, now_s: float, *, red: bool) -> None:
        """Count what staff said about an alert."""
        entry = self._tonight(now_s).setdefault(entry_id, _Entry())
        if answer == "not them":
            entry.not_them += 1
        else:
            entry.confirmed += 1
        self.totals[_WORDS[answer]] += 1
        self.totals[f"red-{_WORDS[answer]}"] += red

    def hand_held(self) -> None:
        """Count a check by hand."""
        self.totals["hand-held"] += 1

    def held_back(self, now_s: float) -> frozenset[str]:
        """Name the entries that are only to be checked here for the rest of the night."""
        entries = self._tonight(now_s).items()
        return frozenset(name for name, one in entries if one.not_them >= TWICE)

    def rings(self, now_s: float) -> tuple[Ring, ...]:
        """Give what rang tonight, wrong ones first, then what rang most."""
        rows = [
            Ring(
                name, *(min(count, MOST_IN_NIGHT) for count in (e.alerts, e.confirmed, e.not_them))
            )
            for name, e in self._tonight(now_s).items()
        ]
        return tuple(sorted(rows, key=lambda one: (-one.not_them, -one.alerts, one.entry_id)))

    def _tonight(self, now_s: float) -> dict[str, _Entry]:
        """Give tonight's entries; those of another night are forgotten."""
        night = self._night_of(now_s)
        if night != self._night:
            self._night, self._entries = night, {}
        return self._entries
