"""Lifts and contests that overtake the chain: acted upon before anything else. Pure.

Each comes as its own record, signed by the hub, with the venues' signatures inside, so it needs
no place in the chain to be believed. Whoever replays an old one is seen by its number.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sync.changes import Bench
from sync.errors import Code, Refused
from sync.lifts import check_lift
from sync.statement.record import Op
from sync.unit.shelf import Ahead, Step

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sync.ledger import Ledger
    from sync.signing import Verify
    from sync.unit.contents import Item, Opener
    from sync.unit.shelf import Trusted

MOST_AHEAD = 4_096
"""Lifts that may be ahead of the chain; a unit further behind than that takes a snapshot."""


def lifted(
    trusted: Trusted, raw: object, opener: Opener, verify: Verify, refuse: Callable[[Code], None]
) -> Step | None:
    """Act on lifts that the chain has not reached; one that is refused does not stop others.

    Args:
        trusted: What is believed.
        raw: Records with their sealed contents, as they came.
        opener: Opens contents.
        verify: Checks an Ed25519 signature.
        refuse: Counts what is refused.

    Returns:
        The step: rows of removed entries are erased, those of contested ones suspended. None if
        nothing is new.

    Raises:
        Refused: MALFORMED, these are no records at all.
    """
    if not isinstance(raw, list):
        raise Refused(Code.MALFORMED, "these are no lifts")
    bench = Bench(trusted.root, trusted.ledger.policy, verify, opener.rings)
    ahead, new = dict(trusted.ahead), dict[str, Ahead]()
    for one in raw:
        try:
            new |= _believed(trusted.ledger, ahead | new, opener.item(one), bench)
        except Refused as refusal:
            refuse(refusal.code)
    if not new:
        return None
    return Step(
        trusted=replace(trusted, ahead=ahead | new),
        erase=tuple(name for name, one in new.items() if one.removed),
        suspend=tuple(name for name, one in new.items() if not one.removed),
    )


def _believed(
    ledger: Ledger, ahead: Mapping[str, Ahead], item: Item, bench: Bench
) -> dict[str, Ahead]:
    """Believe one lift; nothing if it is known already, or not for this unit."""
    name, seq = item.record.entry_id, item.record.seq
    if seq <= ledger.seq or (name in ahead and ahead[name].seq >= seq):
        return {}
    if name not in ahead and len(ahead) >= MOST_AHEAD:
        raise Refused(Code.ENDLESS, f"more than {MOST_AHEAD} lifts ahead of the chain")
    one = check_lift(item.carried, item.content, ledger, bench)
    if one.content is None:
        return {}
    return {name: Ahead(seq, removed=one.record.op is Op.REMOVE)}
