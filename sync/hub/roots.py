"""The chain of roots at the hub, and the change of its signing key."""

import msgspec

from sync import seal
from sync.errors import Code, HubError, Refused
from sync.hub import epochs, outbox
from sync.hub.appending import issue, refuse_deaf
from sync.hub.desk import Desk
from sync.hub.rows import RecordRow, encode
from sync.rootchain import first_root, next_root
from sync.signing import Signed
from sync.statement.record import NO_HASH, Record
from sync.statement.root import Root

LARGEST_ROOT = Root.LARGEST + 4096


def chain(desk: Desk, after: int = 0) -> tuple[Signed, ...]:
    """Give the signed roots with a version above ``after``, oldest first."""
    versions = desk.store.rows("SELECT version FROM root WHERE version > ? ORDER BY 1", (after,))
    wires = [desk.store.take("root", version) or b"" for (version,) in versions]
    return tuple(Signed.parse(wire, Root.KIND, LARGEST_ROOT) for wire in wires)


def next_hub_key(desk: Desk, now_ms: int) -> bytes:
    """Make the next signing key, or give the one that was made; its public half."""
    with desk.change():
        refuse_deaf(desk)
        state = desk.store.state
        if not state.next_seed:
            state = msgspec.structs.replace(state, next_seed=seal.SigningKey.generate().seed)
            desk.store.state = state
            desk.note(now_ms, "hub", "make-key", _named(state.next_seed))
    return seal.SigningKey(state.next_seed).public


def add_root(desk: Desk, carried: Signed, now_ms: int) -> Root:
    """Take the first or next root; sign everything anew where it names the next hub key.

    Raises:
        Refused: As ``rootchain``; RULE for a hub key that is not this hub's; FORK for a floor
            that is not a record of this ledger.
    """
    with desk.change():
        refuse_deaf(desk)
        first = desk.book.root is None
        root = _believed(desk, carried)
        _check_floor(desk, root)
        _check_hub_key(desk, root)
        outbox.add(desk.store, outbox.ROOTS, str(root.version), now_ms)  # ahead of what it signs
        if root.hub_key != desk.signer.public:
            _change_key(desk, now_ms)
        desk.keep_root(carried, root)
        if first:
            epochs.begin(desk, desk.book.ledger.epoch, now_ms)
            desk.keep_ledger(desk.book.ledger, {})
        issue(desk, now_ms)
        desk.note(now_ms, "officers", "root", str(root.version), carried.digest.hex())
    return root


def _believed(desk: Desk, carried: Signed) -> Root:
    if desk.book.root is not None:
        return next_root(desk.book.root, carried, seal.verify)
    root = first_root(carried, carried.digest, seal.verify)
    if root.list_id != desk.store.list_id or root.version != 1:
        raise Refused(Code.WRONG_LIST, "not the first root of this hub's list")
    return root


def _check_floor(desk: Desk, root: Root) -> None:
    """Refuse a floor that this hub's own ledger does not contain."""
    row = desk.store.find("record", root.floor_seq, RecordRow) if root.floor_seq else None
    known = _record(row).hash if row else NO_HASH
    if known != root.floor_hash:
        raise Refused(
            Code.FORK, f"the root stands on another record {root.floor_seq} than this hub has"
        )


def _check_hub_key(desk: Desk, root: Root) -> None:
    seeds = (desk.store.state.signing_seed, desk.store.state.next_seed)
    if root.hub_key not in {seal.SigningKey(seed).public for seed in seeds if seed}:
        raise Refused(
            Code.RULE, "the root names a hub key that is not this hub's: doorwatch-hub rotate-key"
        )


def _change_key(desk: Desk, now_ms: int) -> None:
    """Put the next key in use and sign everything by it; hashes stay as they are."""
    state = desk.store.state
    desk.store.state = msgspec.structs.replace(
        state, signing_seed=state.next_seed, next_seed=b"", turns=state.turns + 1
    )
    signer = seal.SigningKey(state.next_seed)
    for seq in range(1, desk.book.ledger.seq + 1):
        row = desk.store.find("record", seq, RecordRow)
        if row is None:
            raise HubError(f"record {seq} is missing: restore a backup with doorwatch-hub restore")
        wire = _record(row).signed(signer).encode()
        desk.store.put("record", seq, encode(msgspec.structs.replace(row, wire=wire)))
    if state.caution:  # units forget that of the old key
        outbox.add(desk.store, outbox.CAUTION, "", now_ms)
    for unit_id, unit in desk.book.units.items():
        kind = outbox.BOX if unit.in_force else outbox.KILL
        if not unit.row.destroyed_ms:
            outbox.add(desk.store, kind, unit_id, now_ms)


def _record(row: RecordRow) -> Record:
    return Record.parse(Signed.parse(row.wire, Record.KIND).body)


def _named(seed: bytes) -> str:
    return seal.SigningKey(seed).public.hex()[:16]
