"""The ledger: a chain of signed records and the list that they add up to. Pure and immutable.

A :class:`Ledger` can only become another one through :meth:`Ledger.extended` (a run of
records) or :class:`sync.snapshot.Snapshot` (a snapshot): all or nothing, everything checked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, ClassVar, Self

from sync.changes import Applied, Bench, judge
from sync.errors import Code, Refused
from sync.liveset import Leaf, LiveSet
from sync.signing import Signed, Verify
from sync.statement.field import Epoch, Hash, ListId, Many, Moment, Seq, Truth
from sync.statement.head import Head
from sync.statement.part import Nested, Part, Statement
from sync.statement.policy import Policy
from sync.statement.proposal import PolicyProposal
from sync.statement.record import NO_HASH, Op, Record
from sync.statement.root import Root

MOST_POLICIES = 512
"""In the life of a list: a new one each month for forty years."""


@dataclass(frozen=True, slots=True)
class Enacted(Part):
    """One policy and the record that brought it.

    Attributes:
        seq: Of the record.
        record_hash: Its hash.
        at_ms: When it was proposed.
        policy: The rules.
    """

    seq: Seq
    record_hash: Hash
    at_ms: Moment
    policy: Annotated[Policy, Nested(Policy)]


@dataclass(frozen=True, slots=True)
class Chain(Statement):
    """All of a ledger but its entries: what is stored beside them; never sent.

    Attributes:
        list_id: Whose list.
        seq: Of the last record, 0 for none.
        hash: Its hash.
        epoch: In force.
        issued_ms: When the last record was appended.
        policies: All that were ever enacted, oldest first.
        confirmed: False from a change of the hub's key to the first word of the new one; see
            :func:`sync.rootchain.followed`.
    """

    TAG: ClassVar[str] = "chain"
    KIND: ClassVar[str] = "chain"
    LARGEST: ClassVar[int] = 512 * 1024

    list_id: ListId
    seq: Seq = 0
    hash: Hash = NO_HASH
    epoch: Epoch = 1
    issued_ms: Moment = 0
    policies: Annotated[tuple[Enacted, ...], Many(Nested(Enacted), MOST_POLICIES)] = ()
    confirmed: Truth = True

    @property
    def policy(self) -> Policy:
        """Give the rules in force."""
        return self.policies[-1].policy if self.policies else Policy()

    def enacted(self, one: Applied) -> Self:
        """Give the chain with the policy of a record, if it brought one.

        Raises:
            Refused: REPLAY, an older policy shown again; RULE, one too many.
        """
        if not isinstance(one.content, PolicyProposal):
            return self
        at_ms = one.content.at_ms
        if self.policies and at_ms <= self.policies[-1].at_ms:
            raise Refused(Code.REPLAY, "an older policy than the one in force")
        if len(self.policies) == MOST_POLICIES:
            raise Refused(Code.RULE, f"a list has {MOST_POLICIES} policies at most")
        new = Enacted(one.record.seq, one.record_hash, at_ms, one.content.policy)
        return replace(self, policies=(*self.policies, new))


@dataclass(frozen=True, slots=True)
class Ledger:
    """A verified state of the list.

    Attributes:
        chain: Where the chain of records stands.
        live: Where each entry stands.
    """

    chain: Chain
    live: LiveSet = field(default_factory=LiveSet)

    @classmethod
    def empty(cls, list_id: str) -> Self:
        """Give the ledger before its first record."""
        return cls(Chain(list_id))

    @property
    def list_id(self) -> str:
        """Whose list."""
        return self.chain.list_id

    @property
    def seq(self) -> int:
        """Number of the last record."""
        return self.chain.seq

    @property
    def hash(self) -> bytes:
        """Hash of the last record."""
        return self.chain.hash

    @property
    def epoch(self) -> int:
        """Epoch in force."""
        return self.chain.epoch

    @property
    def policy(self) -> Policy:
        """Rules in force."""
        return self.chain.policy

    def extended(
        self,
        records: Sequence[tuple[Signed, bytes | None]],
        root: Root,
        verify: Verify,
        rings: frozenset[str] | None = None,
        gone: Mapping[str, str] | None = None,
    ) -> tuple[Self, tuple[Applied, ...]]:
        """Append records that follow this ledger's last one: all of them, or none.

        Args:
            records: Each with its content in the clear; None where that is not for this reader.
            root: Who is who.
            verify: Checks an Ed25519 signature.
            rings: Rings whose content this reader can open; None for all.
            gone: Entries whose removal is proven elsewhere, each with the ring that it was for;
                see :class:`sync.changes.Bench`.

        Returns:
            The new ledger, and what each record did.

        Raises:
            Refused: WRONG_LIST, BAD_SIGNATURE, REPLAY, GAP, FORK, ROLLBACK, STALE_EPOCH, and
                all of :func:`sync.changes.judge`.
        """
        chain, changed, done = self.chain, dict[str, Leaf](), list[Applied]()
        parsed = [(carried, Record.parse(carried.body), content) for carried, content in records]
        ends = {one.entry_id: one.ring for _, one, _ in parsed if one.op is Op.REMOVE}
        ends = {**(gone or {}), **ends}
        for carried, record, content in parsed:
            _check_place(carried, record, chain, root, verify)
            leaf = changed.get(record.entry_id) or self._leaf(record)
            bench = Bench(root, chain.policy, verify, rings, ends)
            one = judge(record, carried.digest, content, leaf, bench)
            chain = _linked(chain, one, root)
            if one.leaf:
                changed[record.entry_id] = one.leaf
            done.append(one)
        return type(self)(chain, self.live.updated(changed)), tuple(done)

    def _leaf(self, record: Record) -> Leaf | None:
        return self.live.get(record.entry_id) if record.entry_id else None

    def confirmed(self) -> Self:
        """Give this ledger once the hub's present key has vouched for it."""
        return replace(self, chain=replace(self.chain, confirmed=True))

    def unconfirmed(self) -> Self:
        """Give this ledger after the hub's key has changed."""
        return replace(self, chain=replace(self.chain, confirmed=False))

    def matches(self, head: Head) -> bool:
        """Tell whether this is the state that a head speaks of."""
        told = (head.seq, head.record_hash, head.live_root, head.epoch)
        return told == (self.seq, self.hash, self.live.root, self.epoch)


def _check_place(carried: Signed, record: Record, chain: Chain, root: Root, verify: Verify) -> None:
    """Refuse a record that the hub did not sign, or that does not follow the chain."""
    if record.list_id != chain.list_id:
        raise Refused(Code.WRONG_LIST, "a record of another list")
    carried.require(root.hub_key, verify)
    if record.seq <= chain.seq:
        raise Refused(Code.REPLAY, f"record {record.seq} where {chain.seq} is already applied")
    if record.seq > chain.seq + 1:
        raise Refused(Code.GAP, f"record {record.seq} does not follow {chain.seq}")
    if record.prev != chain.hash:
        raise Refused(Code.FORK, f"record {record.seq} follows another record {chain.seq}")
    if record.issued_ms < chain.issued_ms:
        raise Refused(Code.ROLLBACK, f"record {record.seq} is older than the one before")


def _linked(chain: Chain, one: Applied, root: Root) -> Chain:
    """Give the chain that ends with this record."""
    record = one.record
    if record.epoch != chain.epoch + (record.op is Op.REKEY):
        raise Refused(Code.STALE_EPOCH, f"record {record.seq} is not of epoch {chain.epoch}")
    if record.seq == root.floor_seq and one.record_hash != root.floor_hash:
        raise Refused(Code.FORK, f"record {record.seq} is not the one that the officers signed")
    return replace(
        chain.enacted(one),
        seq=record.seq,
        hash=one.record_hash,
        epoch=record.epoch,
        issued_ms=record.issued_ms,
    )
