"""Proposals: taken, held until enough venues have signed, appended. Also submissions and ends.

The rule of two persons is kept by the signatures themselves: the hub cannot make up what a venue
did not sign, and every unit checks them again.
"""

from dataclasses import replace

from sync import seal
from sync.changes import Bench, judge
from sync.errors import Code, HubError, Refused
from sync.hub.appending import Draft, append, following, refuse_deaf
from sync.hub.desk import Desk
from sync.hub.facts import Outcome
from sync.hub.rows import EntryRow, WaitingRow, encode
from sync.liveset import State
from sync.rules import signing_venues, venue_keys
from sync.signing import Signed, key_id
from sync.statement.policy import DAY_MS
from sync.statement.proposal import (
    CONSORTIUM,
    KIND,
    ContestProposal,
    PolicyProposal,
    Proposal,
    PutProposal,
    ReinstateProposal,
    RemoveProposal,
    open_proposal,
    parse_proposal,
)
from sync.statement.record import Expiry, Op

WAITING_DAYS = 14
"""A proposal that nobody approves for so long is dropped, and its content destroyed."""

MOST_ENDS = 256
"""Entries whose term is over that are taken off in one change."""

_OPS: dict[type[Proposal], Op] = {
    PutProposal: Op.PUT,
    RemoveProposal: Op.REMOVE,
    ContestProposal: Op.CONTEST,
    ReinstateProposal: Op.REINSTATE,
    PolicyProposal: Op.POLICY,
}


def propose(desk: Desk, carried: Signed, now_ms: int) -> Outcome:
    """Take a signed proposal of any kind: append it, or hold it until it is approved.

    Raises:
        Refused: It breaks a rule, or a signature is wrong.
        HubError: There is no such entry, or the hub may not append now.
    """
    proposal = parse_proposal(carried.body)
    if carried.kind != KIND or proposal.list_id != desk.store.list_id:
        raise Refused(Code.WRONG_LIST, "this proposal is for another list")
    with desk.change():
        refuse_deaf(desk)
        known = _on_ledger(desk, proposal, carried)
        if known:
            return Outcome(_subject(proposal), known)
        joined = _joined(desk, carried)
        draft = _draft(desk, proposal, joined)
        who = "+".join(sorted(signing_venues(joined, desk.root, seal.verify)))
        try:
            applied = append(desk, draft, now_ms)
        except Refused as refusal:
            if refusal.code is not Code.TOO_FEW_SIGNATURES:
                raise
            return _hold(desk, proposal, joined, refusal, now_ms)
        _forget_waiting(desk, proposal, joined)
        detail = f"record {applied.record.seq} {applied.record_hash.hex()}"
        desk.note(now_ms, who, proposal.TAG, _subject(proposal), detail)
    return Outcome(_subject(proposal), applied.record.seq)


def approve(desk: Desk, carried: Signed, now_ms: int) -> Outcome:
    """Add signatures to the proposal with this body that waits.

    Raises:
        Refused: None with that body waits, or a signature is wrong.
    """
    row = desk.store.find("waiting", carried.digest.hex(), WaitingRow)
    if row is None and not _on_ledger(desk, parse_proposal(carried.body), carried):
        raise Refused(Code.RULE, "no such proposal waits: it may have been withdrawn or changed")
    return propose(desk, carried, now_ms)


def waiting(desk: Desk, entry_id: str) -> Signed:
    """Give the newest proposal about ``entry_id`` that waits; "" for a policy.

    Raises:
        HubError: None waits.
    """
    rows = [row for _, row in desk.store.each("waiting", WaitingRow, "entry_id = ?", (entry_id,))]
    if not rows:
        raise HubError(f"no proposal about {entry_id or 'the policy'} waits for approval")
    return Signed.parse(max(rows, key=lambda row: row.since_ms).wire, KIND)


def withdraw(desk: Desk, entry_id: str, who: str, now_ms: int, venue_id: str = "") -> None:
    """Drop the proposals about ``entry_id`` that wait, and destroy their content.

    Args:
        desk: The hub.
        entry_id: About which entry; "" for the policy.
        who: For the audit log.
        now_ms: Milliseconds since the epoch.
        venue_id: Drop those of this venue alone; "" drops all.

    Raises:
        HubError: None waits.
    """
    with desk.change():
        waiting(desk, entry_id)
        rows = desk.store.each("waiting", WaitingRow, "entry_id = ?", (entry_id,))
        for digest in [key for key, row in rows if venue_id in {"", _proposer(row)}]:
            _drop(desk, digest, entry_id)
        desk.note(now_ms, who, "withdraw", entry_id)


def submit(desk: Desk, unit_id: str, wire: bytes, now_ms: int) -> str:
    """Take an entry that was made at a unit while it was alone; the same one twice is one.

    Returns:
        The entry's id: the unit may forget the submission.

    Raises:
        Refused: It is not of the unit's venue, breaks a rule, or lacks the venue's signature.
    """
    carried, proposal = open_proposal(wire)
    unit = desk.book.units.get(unit_id)
    if unit is None or not unit.in_force:
        raise Refused(Code.REVOKED, "a submission of a unit that is not in force")
    if not isinstance(proposal, PutProposal) or proposal.scope != unit.registration.venue_id:
        raise Refused(Code.RULE, "a unit submits entries of its own venue and nothing else")
    leaf = desk.book.ledger.live.get(proposal.entry_id)
    if (leaf and leaf.state is State.GONE) or proposal.valid_until_ms <= now_ms:
        return proposal.entry_id  # lifted or over meanwhile: there is nothing left to enter
    with desk.change():
        if propose(desk, carried, now_ms).seq is None:
            raise Refused(Code.TOO_FEW_SIGNATURES, "its venue did not sign this submission")
    return proposal.entry_id


def expire(desk: Desk, now_ms: int) -> tuple[str, ...]:
    """Take off what is over at ``now_ms``, and drop proposals that nobody approved.

    Returns:
        Ids of the entries; at most ``MOST_ENDS``, the rest next time.
    """
    over = ends(desk, now_ms)[:MOST_ENDS]
    stale_ms = now_ms - WAITING_DAYS * DAY_MS
    stale = [
        (digest, row) for digest, row in desk.store.each("waiting", WaitingRow)
        if row.since_ms <= stale_ms
    ]  # fmt: skip
    if not over and not stale:
        return ()
    with desk.change():
        for entry_id in over:
            _end(desk, entry_id, now_ms)
        for digest, row in stale:
            _drop(desk, digest, row.entry_id)
            desk.note(now_ms, "hub", "drop", row.entry_id, "nobody approved it in time")
    return tuple(over)


def ends(desk: Desk, now_ms: int) -> list[str]:
    """Name the entries whose term is over, the longest over first."""
    over = [
        (leaf.not_after_ms, entry_id)
        for entry_id, leaf in desk.book.ledger.live.items()
        if leaf.state is not State.GONE and leaf.not_after_ms <= now_ms
    ]
    return [entry_id for _, entry_id in sorted(over)]


def next_end_ms(desk: Desk) -> int | None:
    """Tell when the next entry ends by itself."""
    return min(
        (
            leaf.not_after_ms
            for _, leaf in desk.book.ledger.live.items()
            if leaf.state is not State.GONE
        ),
        default=None,
    )


def _end(desk: Desk, entry_id: str, now_ms: int) -> None:
    leaf = desk.book.ledger.live.get(entry_id)
    if leaf is None:
        raise AssertionError("an entry that is over is on the list")
    draft = Draft(Op.REMOVE, Expiry(entry_id).encode(), entry_id, leaf.ring, leaf.not_after_ms)
    applied = append(desk, draft, now_ms)
    detail = f"record {applied.record.seq} {applied.record_hash.hex()}"
    desk.note(now_ms, "hub", "expire", entry_id, detail)
    for (digest,) in _waiting_keys(desk, entry_id):
        desk.destroy("waiting", digest)


def _subject(proposal: Proposal) -> str:
    return "" if isinstance(proposal, PolicyProposal) else proposal.entry_id


def _on_ledger(desk: Desk, proposal: Proposal, carried: Signed) -> int:
    """Find the record that carries this very proposal; 0 if none does."""
    for seq in _records_about(desk, proposal):
        content = desk.store.take("content", seq)
        if content is not None and _same_body(content, carried):
            return seq
    return 0


def _records_about(desk: Desk, proposal: Proposal) -> tuple[int, ...]:
    if isinstance(proposal, PolicyProposal):
        policies = desk.book.ledger.chain.policies
        return (policies[-1].seq,) if policies else ()
    leaf = desk.book.ledger.live.get(proposal.entry_id)
    row = desk.store.find("entry", proposal.entry_id, EntryRow)
    if leaf is None or row is None:
        return ()
    return tuple({*row.puts, row.mark, leaf.seq} - {0})


def _same_body(content: bytes, carried: Signed) -> bool:
    """Whether a record's content is this proposal, whoever signed it; an expiry never is."""
    try:
        return Signed.parse(content, KIND).body == carried.body
    except Refused:
        return False


def _joined(desk: Desk, carried: Signed) -> Signed:
    """Join the signatures with those that wait; keep none but those of venues in force."""
    row = desk.store.find("waiting", carried.digest.hex(), WaitingRow)
    joined = Signed.parse(row.wire, KIND).joined(carried) if row else carried
    keys = venue_keys(desk.root)
    names = {key_id(public) for public in joined.signers(keys, seal.verify)}
    return replace(joined, signatures=tuple(s for s in joined.signatures if s.key_id in names))


def _draft(desk: Desk, proposal: Proposal, joined: Signed) -> Draft:
    op, content = _OPS[type(proposal)], joined.encode()
    if isinstance(proposal, PolicyProposal):
        return Draft(op, content)
    if isinstance(proposal, PutProposal):
        return Draft(op, content, proposal.entry_id, proposal.ring, proposal.valid_until_ms)
    leaf = desk.book.ledger.live.get(proposal.entry_id)
    if leaf is None:
        raise HubError(f"there is no entry {proposal.entry_id} on the list: check the id")
    return Draft(op, content, proposal.entry_id, leaf.ring)


def _hold(desk: Desk, proposal: Proposal, joined: Signed, refusal: Refused, now_ms: int) -> Outcome:
    """Keep a proposal that lacks nothing but signatures; refuse one that has other faults."""
    venues = signing_venues(joined, desk.root, seal.verify)
    if proposal.venue_id not in venues:
        raise refusal
    _check_but_for_signatures(desk, proposal, joined, now_ms)
    waits_for = refusal.problem
    entry_id, digest = _subject(proposal), joined.digest.hex()
    row = WaitingRow(joined.encode(), entry_id, now_ms, waits_for)
    desk.store.put("waiting", digest, encode(row), entry_id=entry_id)
    desk.note(now_ms, "+".join(sorted(venues)), f"propose-{proposal.TAG}", entry_id, "waits")
    return Outcome(entry_id, None, waits_for)


def _check_but_for_signatures(desk: Desk, proposal: Proposal, joined: Signed, now_ms: int) -> None:
    """Judge a proposal as if one signature were enough.

    Raises:
        Refused: It would be refused however many signed it.
    """
    if isinstance(proposal, PolicyProposal):
        return
    leaf = desk.book.ledger.live.get(proposal.entry_id)
    if leaf is not None and leaf.state is State.GONE:
        raise Refused(Code.TOMBSTONE, "the entry was removed; it never comes back")
    draft = _draft(desk, proposal, joined)
    if not draft.ring.startswith(CONSORTIUM):
        return
    policy = replace(desk.book.ledger.policy, two_person=frozenset())
    record = following(desk, draft, now_ms)
    judge(record, record.hash, draft.content, leaf, Bench(desk.root, policy, seal.verify))


def _forget_waiting(desk: Desk, proposal: Proposal, joined: Signed) -> None:
    """Drop what waited and now stands, or can no longer stand."""
    desk.store.drop("waiting", joined.digest.hex())
    if isinstance(proposal, RemoveProposal):
        for (digest,) in _waiting_keys(desk, proposal.entry_id):
            desk.destroy("waiting", digest)


def _drop(desk: Desk, digest: str, entry_id: str) -> None:
    """Destroy a proposal that waits, and what is noted about an entry that never came to be."""
    desk.destroy("waiting", digest)
    if entry_id and desk.book.ledger.live.get(entry_id) is None:
        desk.forget(entry_id)


def _proposer(row: WaitingRow) -> str:
    return parse_proposal(Signed.parse(row.wire, KIND).body).venue_id


def _waiting_keys(desk: Desk, entry_id: str) -> list[tuple[str]]:
    return desk.store.rows("SELECT digest FROM waiting WHERE entry_id = ?", (entry_id,))
