"""Records as an attacker makes them: right in all but the one thing that is wrong with them."""

from dataclasses import replace

from simulator.attacker import Attacker, Item
from simulator.people import Key
from sync.entries import Reason
from sync.liveset import Leaf, State
from sync.statement.policy import DAY_MS
from sync.statement.proposal import (
    CONSORTIUM,
    PolicyProposal,
    Proposal,
    PutProposal,
)
from sync.statement.record import Op, Record

AHEAD = 0.2
"""How often a run comes under a head that says nothing of its end, or after urgent words."""


def onto(attacker: Attacker, *items: Item) -> None:
    """Show records with a head that fits them: nothing but the records themselves is wrong."""
    ledger = attacker.victim.shelf.trusted().ledger
    live = ledger.live
    for item in items:
        record = attacker.record(item)
        if record.seq > ledger.seq and record.entry_id:
            live = live.updated({record.entry_id: leaf_after(record, live.get(record.entry_id))})
    last = attacker.record(items[-1])
    issued_ms = max(attacker.now_ms, last.issued_ms)
    head = attacker.headed(
        seq=last.seq,
        record_hash=last.hash,
        epoch=last.epoch,
        live_root=live.root,
        issued_ms=issued_ms,
        expires_ms=issued_ms + DAY_MS,
    )
    if attacker.chance.random() < AHEAD:
        head = attacker.headed(seq=last.seq + 7, record_hash=bytes(32), live_root=bytes(32))
    if attacker.chance.random() < AHEAD:
        attacker.urgent(items)
    attacker.both(head, items)
    attacker.urgent(items)


def leaf_after(record: Record, leaf: Leaf | None) -> Leaf:
    """Give what a record would make of its entry, were it believed."""
    if record.op is Op.REMOVE:
        return Leaf(record.hash, record.not_after_ms, record.ring, State.GONE, record.seq)
    if leaf is not None and record.op is not Op.PUT:
        state = State.CONTESTED if record.op is Op.CONTEST else State.LIVE
        return replace(leaf, state=state, seq=record.seq)
    return Leaf(record.hash, record.not_after_ms, record.ring, State.LIVE, record.seq, 1)


def ban(attacker: Attacker, *signers: Key, **changes: object) -> Item:
    """Make a record that bans somebody, signed by whoever is at hand."""
    proposal = attacker.world.people.person(Reason.VIOLENCE)
    proposal = replace(proposal, venue_id=attacker.venue_id, **changes)  # type: ignore[arg-type]
    return put(attacker, proposal, proposal.signed(*signers).encode())


def put(attacker: Attacker, proposal: PutProposal, content: bytes) -> Item:
    """Make the put record of a proposal."""
    return attacker.next_record(
        Op.PUT, content, entry_id=proposal.entry_id, ring=proposal.ring,
        not_after_ms=proposal.valid_until_ms,
    )  # fmt: skip


def about(attacker: Attacker, op: Op, proposal: Proposal, *signers: Key) -> Item | None:
    """Make a record about an entry on the list."""
    if isinstance(proposal, PolicyProposal):
        return attacker.next_record(op, proposal.signed(*signers).encode())
    leaf = attacker.victim.shelf.trusted().ledger.live.get(proposal.entry_id)
    if leaf is None:
        return None
    content = proposal.signed(*signers).encode()
    return attacker.next_record(op, content, entry_id=proposal.entry_id, ring=leaf.ring)


def anyone(attacker: Attacker, *states: State) -> str | None:
    """Pick an entry in one of these states that more than one venue has to decide about."""
    live = attacker.victim.shelf.trusted().ledger.live
    of_all = [(name, leaf) for name, leaf in live.items() if leaf.ring.startswith(CONSORTIUM)]
    names = sorted(name for name, leaf in of_all if leaf.state in states)
    return attacker.chance.choice(names) if names else None
