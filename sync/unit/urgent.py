"""Lifts and contests that overtake the chain: acted upon before anything else. Pure.

Each comes as its own record, signed by the hub, with the venues' signatures inside, so it needs
no place in the chain to be believed. Whoever replays an old one is seen by its number.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sync.changes import Applied, Bench
from sync.errors import Code, Refused
from sync.lifts import check_lift
from sync.statement.record import Op
from sync.unit.shelf import Ahead, Step

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sync.signing import Verify
    from sync.unit.contents import Item
    from sync.unit.shelf import Trusted

MOST_AHEAD = 4_096
"""Lifts that may be ahead of the chain; a unit further behind than that takes a snapshot."""


def lifted(
    trusted: Trusted,
    items: Sequence[Item],
    rings: frozenset[str],
    verify: Verify,
    refuse: Callable[[Code], None],
) -> Step | None:
    """Act on lifts that the chain has not reached; one that is refused does not stop others.

    Args:
        trusted: What is believed.
        items: Records with their contents.
        rings: Rings whose content this unit can open.
        verify: Checks an Ed25519 signature.
        refuse: Counts what is refused.

    Returns:
        The step: rows of removed entries are erased, those of contested ones suspended. None if
        nothing is new.
    """
    bench = Bench(trusted.root, trusted.ledger.policy, verify, rings)
    believed = [one for item in items if (one := _believed(trusted, item, bench, refuse))]
    if not believed:
        return None
    removed = {one.record.entry_id: one.record.op is Op.REMOVE for one in believed}
    ahead = {one.record.entry_id: _ahead(one) for one in believed}
    return Step(
        trusted=replace(trusted, ahead={**trusted.ahead, **ahead}),
        erase=tuple(name for name, gone in removed.items() if gone),
        suspend=tuple(name for name, gone in removed.items() if not gone),
    )


def _ahead(one: Applied) -> Ahead:
    return Ahead(one.record.seq, removed=one.record.op is Op.REMOVE)


def _believed(
    trusted: Trusted, item: Item, bench: Bench, refuse: Callable[[Code], None]
) -> Applied | None:
    """Believe one lift, unless it is known, not for this unit, or refused."""
    record = item.record
    known = trusted.ahead.get(record.entry_id)
    if record.seq <= trusted.ledger.seq or (known is not None and known.seq >= record.seq):
        return None
    if known is None and len(trusted.ahead) >= MOST_AHEAD:
        refuse(Code.ENDLESS)
        return None
    try:
        one = check_lift(item.carried, item.content, trusted.ledger, bench)
    except Refused as refusal:
        refuse(refusal.code)
        return None
    return one if one.content is not None else None
