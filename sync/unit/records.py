"""Runs of records: from what is trusted to the next step of the shelf. Pure.

Only the state at the end of a run counts for the rows: whoever was put and removed within it
was never here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sync.errors import Code, Refused
from sync.liveset import State
from sync.statement.membership import Rekey
from sync.statement.record import Op
from sync.unit.contents import pairs
from sync.unit.heads import check_told
from sync.unit.shelf import HeldEntry, KeptRecord, Step

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping, Sequence

    from sync.changes import Applied
    from sync.clock import Now
    from sync.ledger import Ledger
    from sync.liveset import Leaf
    from sync.signing import Verify
    from sync.unit.contents import Item
    from sync.unit.shelf import Trusted


@dataclass(frozen=True, slots=True)
class Run:
    """What a run of records amounts to.

    Attributes:
        step: The step of the shelf.
        revoked: Units that the records revoked.
    """

    step: Step
    revoked: frozenset[str]


def over(until_ms: int, now: Now) -> bool:
    """Tell whether a term is over; while the time cannot be trusted, none is."""
    return now.trusted and until_ms <= now.ms


def following(trusted: Trusted, items: Sequence[Item]) -> list[Item]:
    """Leave out the records that are applied already: messages come twice, runs overlap.

    Returns:
        The records that follow; nothing if some between are missing.

    Raises:
        Refused: FORK, the last applied record is another one here.
    """
    ledger = trusted.ledger
    for one in items:
        if one.record.seq == ledger.seq and one.record.hash != ledger.hash:
            raise Refused(Code.FORK, f"another record {ledger.seq} than the one applied")
    new = [one for one in items if one.record.seq > ledger.seq]
    return new if new and new[0].record.seq == ledger.seq + 1 else []


def run(
    trusted: Trusted, items: Sequence[Item], rings: frozenset[str], verify: Verify, now: Now
) -> Run:
    """Judge records that follow, and say what they change here.

    Args:
        trusted: What is believed, the head that came with the records included.
        items: Records as :func:`following` gives them.
        rings: Rings whose content this unit can open.
        verify: Checks an Ed25519 signature.
        now: The time.

    Raises:
        Refused: As :meth:`sync.ledger.Ledger.extended`; FORK or MIX_AND_MATCH, they lead to
            another list than the head that is believed.
    """
    gone = {name: one.ring for name, one in trusted.ahead.items() if one.removed}
    ended = [one.record for one in items if one.record.op is Op.PUT]
    gone |= {one.entry_id: one.ring for one in ended if over(one.not_after_ms, now)}
    ledger, applied = trusted.ledger.extended(pairs(items), trusted.root, verify, rings, gone)
    believed = moved(trusted, ledger)
    check_told(believed, applied)
    step = step_of(trusted, believed, applied, now)
    held = {one.proposal.entry_id for one in step.put}
    kept = [_kept(one, held) for one in items]
    revoked = [one.content.revoked for one in applied if isinstance(one.content, Rekey)]
    return Run(replace(step, records=tuple(kept)), frozenset().union(*revoked))


def _kept(item: Item, held: Container[str]) -> KeptRecord:
    """Keep a record; what it holds about a person only with the entry, a removal always."""
    record, wire = item.record, item.carried.encode()
    if record.op is not Op.PUT:
        return KeptRecord(record.seq, "", wire, item.content)
    return KeptRecord(
        record.seq, record.entry_id, wire, item.content if record.entry_id in held else None
    )


def moved(trusted: Trusted, ledger: Ledger) -> Trusted:
    """Take the new ledger; lifts that it has caught up with are ahead of it no more."""
    ahead = {
        name: one
        for name, one in trusted.ahead.items()
        if one.seq > ledger.seq and (ledger.live.get(name) or one).ring == one.ring
    }
    floor_ms = max(trusted.floor_ms, ledger.chain.issued_ms)
    return replace(trusted, ledger=ledger, ahead=ahead, floor_ms=floor_ms)


def step_of(before: Trusted, after: Trusted, applied: Sequence[Applied], now: Now) -> Step:
    """Give the step between two states of trust, as far as rows are concerned."""
    leaves = {one.record.entry_id: one.leaf for one in applied if one.leaf is not None}
    puts = {one.record.entry_id: one for one in applied if one.put is not None}
    caught = {name: leaf for name in before.ahead if (leaf := after.ledger.live.get(name))}
    return Step(
        trusted=after,
        leaves=leaves,
        put=tuple(entries(puts, leaves, after, now)),
        erase=tuple(name for name, leaf in leaves.items() if leaf.state is State.GONE),
        suspend=tuple(name for name, leaf in leaves.items() if leaf.state is State.CONTESTED),
        resume=tuple(
            name
            for name, leaf in {**caught, **leaves}.items()
            if leaf.state is State.LIVE and name not in after.ahead
        ),
    )


def entries(
    puts: Mapping[str, Applied], leaves: Mapping[str, Leaf], trusted: Trusted, now: Now
) -> Iterator[HeldEntry]:
    """Give the entries to hold: those that are not gone, not lifted ahead, and not over."""
    for name, one in puts.items():
        leaf, lifted = leaves[name], trusted.ahead.get(name)
        if one.put is None or leaf.state is State.GONE or over(leaf.not_after_ms, now):
            continue
        if lifted is not None and lifted.removed:
            continue
        contested = leaf.state is State.CONTESTED or lifted is not None
        yield HeldEntry(leaf.record_hash, one.put, contested)
