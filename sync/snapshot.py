"""A whole list at once, for a unit that is too far behind. Pure.

A snapshot is the chain with everything left out that no longer counts. In order of sequence
number it holds: every policy record; of each entry that is not gone the last put record and,
if one came after it, the last contest or reinstate record; of each entry that is gone its
remove record. The same judge reads them as reads the chain, so the hub's key alone can no more
put, lift or suspend an entry by a snapshot than by a record.

The hub's signature on the manifest covers all pages; those on the single records are not asked
for again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256

from sync.changes import Applied, Bench, judge
from sync.errors import Code, Refused
from sync.ledger import Chain, Ledger
from sync.liveset import Leaf, LiveSet, State
from sync.signing import Signed, Verify
from sync.statement.head import Head, Manifest
from sync.statement.record import Op, Record
from sync.statement.root import Root

_IN_SNAPSHOTS = frozenset({Op.PUT, Op.REMOVE, Op.CONTEST, Op.REINSTATE, Op.POLICY})


def pages_digest(digests: Sequence[bytes]) -> bytes:
    """Give the digest over the digests of all pages, 32 bytes."""
    return sha256(b"".join(digests)).digest()


def check_manifest(
    carried: Signed, head: Head, ledger: Ledger, root: Root, verify: Verify
) -> Manifest:
    """Believe what the hub says a snapshot consists of, or refuse it.

    Args:
        carried: The signed manifest.
        head: The newest head that was believed; a snapshot may lag behind it.
        ledger: What is held.
        root: Who is who.
        verify: Checks an Ed25519 signature.

    Raises:
        Refused: MALFORMED, WRONG_LIST, BAD_SIGNATURE, ROLLBACK, FORK, MIX_AND_MATCH.
    """
    manifest = Manifest.parse(carried.body)
    if manifest.list_id != ledger.list_id:
        raise Refused(Code.WRONG_LIST, "a snapshot of another list")
    carried.require(root.hub_key, verify)
    least = ledger.seq if ledger.chain.confirmed else 0
    if manifest.seq < max(least, root.floor_seq):
        raise Refused(
            Code.ROLLBACK, f"a snapshot at record {manifest.seq}, older than what is held"
        )
    if manifest.seq > head.seq:
        raise Refused(Code.MIX_AND_MATCH, "a snapshot that is ahead of the head")
    known = {root.floor_seq: root.floor_hash, head.seq: head.record_hash}
    if known.get(manifest.seq, manifest.record_hash) != manifest.record_hash:
        raise Refused(Code.FORK, f"a snapshot at another record {manifest.seq}")
    if manifest.seq == head.seq and manifest.live_root != head.live_root:
        raise Refused(Code.MIX_AND_MATCH, "a snapshot of another list than the head's")
    return manifest


def check_digests(manifest: Manifest, digests: Sequence[bytes]) -> None:
    """Refuse page digests that are not those of the manifest.

    Raises:
        Refused: MIX_AND_MATCH.
    """
    if len(digests) != manifest.pages or pages_digest(digests) != manifest.pages_digest:
        raise Refused(Code.MIX_AND_MATCH, "page digests that the manifest does not name")


class Snapshot:
    """A snapshot that is being read, page after page; nothing counts before the end."""

    def __init__(
        self,
        manifest: Manifest,
        before: Ledger,
        root: Root,
        verify: Verify,
        rings: frozenset[str] | None = None,
    ) -> None:
        """Begin.

        Args:
            manifest: A believed one.
            before: What is held; the snapshot may not take back any of it.
            root: Who is who.
            verify: Checks an Ed25519 signature.
            rings: Rings whose content this reader can open; None for all.
        """
        self._manifest = manifest
        self._before = before
        self._root = root
        self._verify = verify
        self._rings = rings
        self._chain = Chain(manifest.list_id)
        self._leaves: dict[str, Leaf] = {}
        self._known = {root.floor_seq: root.floor_hash, manifest.seq: manifest.record_hash}

    @property
    def chain(self) -> Chain:
        """What the pages read so far add up to beside their entries; never sent."""
        return self._chain

    def resume(self, chain: Chain, leaves: Mapping[str, Leaf]) -> None:
        """Go on after the pages that made these, in an earlier life of this reader."""
        self._chain = chain
        self._leaves = dict(leaves)

    def add(self, items: Iterable[tuple[Signed, bytes | None]]) -> tuple[Applied, ...]:
        """Read the records of the next page, each with its content in the clear.

        Raises:
            Refused: MALFORMED, WRONG_LIST, FORK, ROLLBACK, MIX_AND_MATCH, RULE, and all of
                :func:`sync.changes.judge`.
        """
        return tuple(self._one(carried, content) for carried, content in items)

    def _one(self, carried: Signed, content: bytes | None) -> Applied:
        record = Record.parse(carried.body)
        self._check_place(record)
        bench = Bench(self._root, self._chain.policy, self._verify, self._rings)
        leaf = self._leaves.get(record.entry_id)
        one = judge(record, carried.digest, content, leaf, bench)
        if self._known.get(record.seq, one.record_hash) != one.record_hash:
            raise Refused(Code.FORK, f"the snapshot holds another record {record.seq}")
        if one.leaf:
            self._leaves[record.entry_id] = one.leaf
        self._chain = replace(
            self._chain.enacted(one),
            seq=record.seq,
            epoch=record.epoch,
            issued_ms=record.issued_ms,
        )
        return one

    def _check_place(self, record: Record) -> None:
        """Refuse what is not a part of this snapshot at this place."""
        if record.list_id != self._manifest.list_id:
            raise Refused(Code.WRONG_LIST, "a record of another list")
        if record.op not in _IN_SNAPSHOTS:
            raise Refused(Code.RULE, f"a {record.op} record in a snapshot")
        if not self._chain.seq < record.seq <= self._manifest.seq:
            raise Refused(Code.MIX_AND_MATCH, "records of a snapshot out of order")
        if not self._chain.epoch <= record.epoch <= self._manifest.epoch:
            raise Refused(Code.STALE_EPOCH, "a record of a snapshot from another epoch")
        if record.issued_ms < self._chain.issued_ms:
            raise Refused(Code.ROLLBACK, f"record {record.seq} is older than the one before")

    def ledger(self) -> Ledger:
        """Give the ledger that the whole snapshot adds up to.

        Raises:
            Refused: MIX_AND_MATCH, it is not the list of its manifest; TOMBSTONE, NOT_OVER,
                ROLLBACK or FORK, it takes back something that is held.
        """
        live = LiveSet.of(self._leaves)
        if live.root != self._manifest.live_root or live.entries != self._manifest.entries:
            raise Refused(Code.MIX_AND_MATCH, "the snapshot is not the list of its manifest")
        self._check_policies()
        for entry_id, held in self._before.live.items():
            if not self._may_forget(held):
                _check_kept(held, live.get(entry_id))
        told = self._manifest
        chain = replace(self._chain, seq=told.seq, hash=told.record_hash, epoch=told.epoch)
        return Ledger(chain, live)

    def _check_policies(self) -> None:
        """Refuse a snapshot that leaves out a policy that is held."""
        kept = [one for one in self._before.chain.policies if not self._above_floor(one.seq)]
        if list(self._chain.policies[: len(kept)]) != kept:
            raise Refused(Code.FORK, "the snapshot leaves out a policy that is held")

    def _above_floor(self, seq: int) -> bool:
        """Tell whether a record was only vouched for by a hub key that no longer counts.

        The floor vouches for nothing on a chain that never passed through it.
        """
        before, root = self._before, self._root
        another = before.seq == root.floor_seq and before.hash != root.floor_hash
        floor = root.floor_seq if before.seq >= root.floor_seq and not another else 0
        return not before.chain.confirmed and seq > floor

    def _may_forget(self, held: Leaf) -> bool:
        """Tell whether an entry may be taken back: never one that venues removed."""
        lifted = held.state is State.GONE and not held.not_after_ms
        return self._above_floor(held.seq) and not lifted


def _check_kept(held: Leaf, now: Leaf | None) -> None:
    """Refuse a snapshot in which an entry stands earlier than where it is held."""
    if held.state is State.GONE:
        if now is None or now.state is not State.GONE:
            raise Refused(Code.TOMBSTONE, "the snapshot brings back an entry that was removed")
        return
    if now is None:
        raise Refused(Code.NOT_OVER, "the snapshot leaves out an entry without its removal")
    if now.ring != held.ring:
        raise Refused(Code.RULE, "the snapshot moves an entry to another scope or category")
    if now.state is State.GONE and 0 < now.not_after_ms < held.not_after_ms:
        raise Refused(Code.NOT_OVER, "removed as over, before the end of its term")
    if now.seq < held.seq or 0 < now.revision < held.revision:
        raise Refused(Code.ROLLBACK, "the snapshot holds an older version of an entry")
    if now.revision == held.revision and now.at_ms < held.at_ms:
        raise Refused(Code.REPLAY, "older than what was last decided about the entry")
    if now.seq == held.seq and (now.record_hash, now.state) != (held.record_hash, held.state):
        raise Refused(Code.FORK, "the snapshot holds another version of an entry")
