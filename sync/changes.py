"""What one record may do to one entry: the transitions of the list as one table. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from sync import canonical
from sync.errors import Code, Refused
from sync.liveset import Leaf, State
from sync.rules import SKEW_MS, check_put, check_signed, signing_venues
from sync.signing import Signed, Verify
from sync.statement.membership import Registration, Rekey
from sync.statement.part import tag_of
from sync.statement.policy import Policy
from sync.statement.proposal import (
    ContestProposal,
    PolicyProposal,
    Proposal,
    PutProposal,
    ReinstateProposal,
    RemoveProposal,
    open_proposal,
)
from sync.statement.record import Expiry, Op, Record, content_digest
from sync.statement.root import Root

Content: TypeAlias = Proposal | Expiry | Registration | Rekey

_CONTENT: dict[Op, tuple[type[Content], ...]] = {
    Op.PUT: (PutProposal,),
    Op.REMOVE: (RemoveProposal, Expiry),
    Op.CONTEST: (ContestProposal,),
    Op.REINSTATE: (ReinstateProposal,),
    Op.POLICY: (PolicyProposal,),
    Op.REGISTER: (Registration,),
    Op.REKEY: (Rekey,),
}
_UNSIGNED: dict[Op, type[Expiry | Registration | Rekey]] = {
    Op.REMOVE: Expiry,
    Op.REGISTER: Registration,
    Op.REKEY: Rekey,
}
_ABOUT_ENTRIES = frozenset({Op.PUT, Op.REMOVE, Op.CONTEST, Op.REINSTATE})


@dataclass(frozen=True, slots=True)
class Bench:
    """What a record is judged by.

    Attributes:
        root: Who is who.
        policy: The rules in force before the record.
        verify: Checks an Ed25519 signature.
        rings: Rings whose content this reader can open; None for all. A record of another ring
            may come without its content.
        gone: Entries whose removal is proven, or is judged in the same run, with the ring that it
            was for: what they held is destroyed, so earlier records may come without it as well.
    """

    root: Root
    policy: Policy
    verify: Verify
    rings: frozenset[str] | None = None
    gone: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Applied:
    """One record that was believed, and what it did.

    Attributes:
        record: The record.
        record_hash: Its name.
        content: What it carried; None if that is not for this reader.
        leaf: Where its entry stands now; None for a record about no entry.
    """

    record: Record
    record_hash: bytes
    content: Content | None
    leaf: Leaf | None

    @property
    def put(self) -> PutProposal | None:
        """Give the entry that it put on the list, if it did and this reader may know."""
        return self.content if isinstance(self.content, PutProposal) else None


def judge(
    record: Record, record_hash: bytes, content: bytes | None, leaf: Leaf | None, bench: Bench
) -> Applied:
    """Decide what a record does; its place in the chain is judged elsewhere.

    Args:
        record: The record; its hub signature is judged elsewhere as well.
        record_hash: Its name: the digest of what was signed.
        content: Its content in the clear, or None where that is not for this reader.
        leaf: Where its entry stands so far.
        bench: What it is judged by.

    Raises:
        Refused: MALFORMED, MIX_AND_MATCH (content of another record), WRONG_LIST,
            BAD_SIGNATURE, TOO_FEW_SIGNATURES, TOMBSTONE, NOT_OVER, TERM, RULE, REPLAY.
    """
    about = record.op in _ABOUT_ENTRIES
    if (bool(record.entry_id), bool(record.ring)) != (about, about):
        raise Refused(Code.RULE, f"a {record.op} record names an entry it should not, or none")
    if leaf is not None and leaf.ring != record.ring:
        raise Refused(Code.RULE, "an entry cannot change its scope or category: remove it first")
    read = _read(record, content, bench)
    _check_term_told(record, read)
    step = _STEPS.get(record.op)
    after = step(record, record_hash, read, leaf) if step else None
    return Applied(record, record_hash, read, after)


def _read(record: Record, content: bytes | None, bench: Bench) -> Content | None:
    """Read and judge what a record carries."""
    if content is None:
        _check_may_lack(record, bench)
        return None
    if content_digest(content) != record.content_digest:
        raise Refused(Code.MIX_AND_MATCH, f"this content belongs to another {record.op} record")
    carried, read = _opened(record.op, content)
    if not isinstance(read, _CONTENT[record.op]):
        raise Refused(Code.MALFORMED, f"a {record.op} record carries something else")
    if isinstance(read, Expiry | Registration | Rekey):
        _check_unsigned(record, read)
    else:
        check_proposal(record, carried, read, bench)
    return read


def _check_may_lack(record: Record, bench: Bench) -> None:
    """Refuse a record that should have come with its content."""
    foreign = bench.rings is not None and record.ring and record.ring not in bench.rings
    erased = bench.gone.get(record.entry_id) == record.ring and record.op is not Op.REMOVE
    if not foreign and not erased:
        raise Refused(Code.GAP, f"the content of a {record.op} record is missing")


def _opened(op: Op, content: bytes) -> tuple[Signed, Content]:
    """Read content: a signed proposal, or what needs no venue's signature."""
    bare = _UNSIGNED.get(op)
    if bare is not None and tag_of(canonical.decode(content, bare.LARGEST)) == bare.TAG:
        return Signed(bare.KIND, content, ()), bare.parse(content)
    return open_proposal(content)


def check_proposal(record: Record, carried: Signed, proposal: Proposal, bench: Bench) -> None:
    """Refuse a proposal that is not about this record, breaks a rule, or that too few signed.

    Raises:
        Refused: As :func:`judge`.
    """
    if proposal.list_id != record.list_id:
        raise Refused(Code.WRONG_LIST, f"this {proposal.TAG} is for another list")
    if isinstance(proposal, PutProposal):
        check_put(proposal, bench.policy, record.issued_ms)
        if proposal.ring != record.ring:
            raise Refused(Code.RULE, "the record names another ring than its entry")
    elif proposal.at_ms > record.issued_ms + SKEW_MS:
        raise Refused(Code.RULE, "proposed in the future: correct the proposer's clock")
    if not isinstance(proposal, PolicyProposal) and proposal.entry_id != record.entry_id:
        raise Refused(Code.RULE, "the record names another entry than its content")
    venues = signing_venues(carried, bench.root, bench.verify, record.seq)
    check_signed(proposal, venues, record.ring, bench.root, bench.policy)


def _check_unsigned(record: Record, read: Expiry | Registration | Rekey) -> None:
    if isinstance(read, Expiry) and read.entry_id != record.entry_id:
        raise Refused(Code.RULE, "the record names another entry than its content")
    if isinstance(read, Rekey) and read.epoch != record.epoch:
        raise Refused(Code.STALE_EPOCH, "the record begins another epoch than its content")


def _check_term_told(record: Record, read: Content | None) -> None:
    """Refuse a record whose term is not that of its content."""
    told = record.not_after_ms
    if record.op is Op.PUT:
        if isinstance(read, PutProposal) and told != read.valid_until_ms:
            raise Refused(Code.TERM, "the record names another end than its entry")
        if told <= record.issued_ms:
            raise Refused(Code.TERM, "the entry was over when it was appended")
    elif record.op is Op.REMOVE and (isinstance(read, Expiry) or (read is None and told)):
        if not 0 < told <= record.issued_ms:
            raise Refused(Code.NOT_OVER, "removed as over, before the end of its term")
    elif told:
        raise Refused(Code.TERM, f"a {record.op} record has no term")


def _put(record: Record, record_hash: bytes, read: Content | None, leaf: Leaf | None) -> Leaf:
    revision = read.revision if isinstance(read, PutProposal) else 0
    if leaf is None:
        at_ms = 0
    else:
        _check_newer(record, revision, leaf)
        at_ms = leaf.at_ms
    return Leaf(
        record_hash, record.not_after_ms, record.ring, State.LIVE, record.seq, revision, at_ms
    )


def _check_newer(record: Record, revision: int, leaf: Leaf) -> None:
    """Refuse a put that cannot follow what stands."""
    if leaf.state is State.GONE:
        raise Refused(Code.TOMBSTONE, "the entry was removed; it never comes back")
    if leaf.state is State.CONTESTED:
        raise Refused(Code.RULE, "the entry is contested: reinstate or remove it first")
    if revision and revision <= leaf.revision:
        raise Refused(Code.REPLAY, "not a newer version of the entry")
    if record.not_after_ms < leaf.not_after_ms:
        raise Refused(Code.RULE, "a version cannot end earlier: lift the entry, enter it anew")


def _remove(record: Record, record_hash: bytes, _: Content | None, leaf: Leaf | None) -> Leaf:
    if leaf is not None and leaf.state is State.GONE:
        raise Refused(Code.TOMBSTONE, "the entry is gone already")
    if leaf is not None and record.not_after_ms and record.not_after_ms < leaf.not_after_ms:
        raise Refused(Code.NOT_OVER, "removed as over, before the end of its term")
    return Leaf(record_hash, record.not_after_ms, record.ring, State.GONE, record.seq)


def _contest(record: Record, _: bytes, read: Content | None, leaf: Leaf | None) -> Leaf:
    if leaf is not None and leaf.state is State.CONTESTED:
        raise Refused(Code.RULE, "the entry is contested already")
    return _moved(record, read, leaf, State.CONTESTED)


def _reinstate(record: Record, _: bytes, read: Content | None, leaf: Leaf | None) -> Leaf:
    return _moved(record, read, leaf, State.LIVE)


def _moved(record: Record, read: Content | None, leaf: Leaf | None, state: State) -> Leaf:
    """Suspend an entry, or let it count again."""
    if leaf is None:
        raise Refused(Code.RULE, f"a {record.op} record for an entry that is not on the list")
    if leaf.state is State.GONE:
        raise Refused(Code.TOMBSTONE, "the entry was removed; it never comes back")
    at_ms = read.at_ms if isinstance(read, ContestProposal | ReinstateProposal) else leaf.at_ms
    if read is not None and at_ms <= leaf.at_ms:
        raise Refused(Code.REPLAY, "older than what was last decided about the entry")
    return replace(leaf, state=state, seq=record.seq, at_ms=at_ms)


_STEPS: dict[Op, Callable[[Record, bytes, Content | None, Leaf | None], Leaf]] = {
    Op.PUT: _put,
    Op.REMOVE: _remove,
    Op.CONTEST: _contest,
    Op.REINSTATE: _reinstate,
}
