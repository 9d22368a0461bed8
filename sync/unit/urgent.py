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
from sync.liveset import State
from sync.rules import SKEW_MS
from sync.statement.record import Op, Record
from sync.unit.shelf import Ahead, Step

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sync.clock import Now
    from sync.ledger import Ledger
    from sync.signing import Verify
    from sync.unit.contents import Item, Opener
    from sync.unit.shelf import Trusted

MOST_AHEAD = 4_096
"""Lifts that may be ahead of the chain; a unit further behind than that takes a snapshot."""


def lifted(
    trusted: Trusted, raw: object, opener: Opener, verify: Verify, now: Now
) -> tuple[Step | None, list[Code]]:
    """Act on lifts that the chain has not reached; one that is refused does not stop others.

    Args:
        trusted: What is believed.
        raw: Records with their sealed contents, as they came.
        opener: Opens contents.
        verify: Checks an Ed25519 signature.
        now: The time.

    Returns:
        The step: rows of removed entries are erased, those of contested ones suspended; None if
        nothing is new. And why lifts were refused.

    Raises:
        Refused: MALFORMED, these are no records at all.
    """
    if not isinstance(raw, list):
        raise Refused(Code.MALFORMED, "these are no lifts")
    bench = Bench(trusted.root, trusted.ledger.policy, verify, opener.rings)
    new, refused = dict[str, Ahead](), list[Code]()
    for one in raw:
        try:
            item = opener.item(one)
            if _is_new(item.record, trusted, new):
                new |= _believed(item, trusted.ledger, bench, now)
        except Refused as refusal:
            if refusal.code is not Code.GAP:  # good, but it waits for the chain
                refused.append(refusal.code)
    return (_step(trusted, new) if new else None), refused


def _is_new(record: Record, trusted: Trusted, new: Mapping[str, Ahead]) -> bool:
    """Tell whether a lift is not known yet, and keep the unknown ones from growing without end."""
    known = new.get(record.entry_id) or trusted.ahead.get(record.entry_id)
    if known is None and len(trusted.ahead) + len(new) >= MOST_AHEAD:
        raise Refused(Code.ENDLESS, f"more than {MOST_AHEAD} lifts ahead of the chain")
    return record.seq > max(trusted.ledger.seq, known.seq if known else 0)


def _believed(item: Item, ledger: Ledger, bench: Bench, now: Now) -> dict[str, Ahead]:
    """Believe one lift; nothing if it is not for this unit."""
    record = item.record
    if now.trusted and record.issued_ms > now.ms + SKEW_MS:
        raise Refused(Code.FUTURE, "a lift from the future")
    one = check_lift(item.carried, item.content, ledger, bench)
    if one.content is None:
        return {}
    removed = record.op is Op.REMOVE
    return {record.entry_id: Ahead(record.seq, removed, record.ring, record.issued_ms)}


def voided(trusted: Trusted) -> Step | None:
    """Let contests go that a newer head does not know of: an old one can be recorded again.

    A removal stays: venues signed it, and whoever was removed never comes back.

    Returns:
        The step, or None if there is none.
    """
    head = trusted.head
    void = {
        name
        for name, one in trusted.ahead.items()
        if not one.removed and head and one.seq > head.seq and one.issued_ms < head.issued_ms
    }
    if not void:
        return None
    leaves = {name: trusted.ledger.live.get(name) for name in void}
    return Step(
        trusted=replace(trusted, ahead={n: a for n, a in trusted.ahead.items() if n not in void}),
        resume=tuple(name for name, leaf in leaves.items() if leaf and leaf.state is State.LIVE),
    )


def _step(trusted: Trusted, new: Mapping[str, Ahead]) -> Step:
    return Step(
        trusted=replace(trusted, ahead={**trusted.ahead, **new}),
        erase=tuple(name for name, one in new.items() if one.removed),
        suspend=tuple(name for name, one in new.items() if not one.removed),
    )
