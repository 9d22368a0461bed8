"""From a snapshot that is staged whole to the list of this unit: what becomes of each row. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync.liveset import State
from sync.unit.heads import check_told, reached
from sync.unit.records import moved, over
from sync.unit.shelf import Holding, Step

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sync.clock import Now
    from sync.ledger import Ledger
    from sync.unit.shelf import Trusted


def staged_rows(ledger: Ledger) -> dict[str, Holding]:
    """Give the entries whose content was staged: those that are not gone and were opened."""
    return {
        name: Holding(leaf.record_hash, leaf.not_after_ms, leaf.state is State.CONTESTED)
        for name, leaf in ledger.live.items()
        if leaf.state is not State.GONE and leaf.revision
    }


def adoption(trusted: Trusted, ledger: Ledger, held: Mapping[str, Holding], now: Now) -> Step:
    """Give the step that makes a staged snapshot the list.

    Args:
        trusted: What is believed before.
        ledger: What the snapshot adds up to.
        held: The rows before; what the list no longer names is erased, but for entries that
            were made here and have not reached it.
        now: The time.

    Raises:
        Refused: MIX_AND_MATCH or FORK, it is another list than the head's.
    """
    after = moved(trusted, ledger)
    check_told(after, ())
    after, staged = reached(after), staged_rows(ledger)
    suspended = {name for name, one in staged.items() if one.contested} | after.ahead.keys()
    return Step(
        trusted=after,
        leaves=dict(ledger.live.items()),
        erase=tuple(name for name in {**held, **staged} if _ends(name, after, held, staged, now)),
        suspend=tuple(sorted(suspended)),
    )


def _ends(
    name: str,
    after: Trusted,
    held: Mapping[str, Holding],
    staged: Mapping[str, Holding],
    now: Now,
) -> bool:
    """Tell whether a row has no place in the list that is adopted."""
    leaf, lifted = after.ledger.live.get(name), after.ahead.get(name)
    if leaf is None:
        return not held[name].provisional
    if lifted is not None and lifted.removed:
        return True
    return name not in staged or over(leaf.not_after_ms, now)
