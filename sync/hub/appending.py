"""The one place where records are appended: judged as a unit will judge them, written as one.

Every function runs within a change.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from sync import canonical, seal
from sync.changes import Applied
from sync.errors import HubError
from sync.hub import outbox
from sync.hub.desk import Desk
from sync.hub.rows import EntryRow, RecordRow, encode
from sync.ledger import Ledger
from sync.signing import Signed
from sync.statement.head import Head
from sync.statement.record import Op, Record, content_digest


@dataclass(frozen=True, slots=True)
class Draft:
    """A record that is to be appended.

    Attributes:
        op: What it does.
        content: In the clear.
        entry_id: To which entry; "" for none.
        ring: That entry's.
        not_after_ms: End of its term, where the record names one.
    """

    op: Op
    content: bytes
    entry_id: str = ""
    ring: str = ""
    not_after_ms: int = 0


def append(desk: Desk, draft: Draft, now_ms: int) -> Applied:
    """Append one record: signed, judged, written, with a new head and a row in the outbox.

    Raises:
        HubError: The hub was restored from a backup and has not heard its units.
        Refused: The record breaks a rule of the list.
    """
    refuse_deaf(desk)
    carried = following(desk, draft, now_ms).signed(desk.signer)
    ledger, done = desk.book.ledger.extended([(carried, draft.content)], desk.root, seal.verify)
    write(desk, ledger, [(carried, draft.content, done[0])], now_ms)
    issue(desk, now_ms)
    kind = outbox.LIFT if draft.op in {Op.REMOVE, Op.CONTEST} else outbox.RECORD
    outbox.add(desk.store, kind, str(ledger.seq), now_ms)
    return done[0]


def refuse_deaf(desk: Desk) -> None:
    """Refuse to append before a restored hub has heard what it forgot.

    Raises:
        HubError: It has not.
    """
    if desk.book.restored_ms:
        raise HubError(
            "this hub came back from a backup and first has to hear from its units what it "
            "forgot: leave it running, or go on without them by doorwatch-hub resume"
        )


def following(desk: Desk, draft: Draft, now_ms: int) -> Record:
    """Compose the record that would follow the last one."""
    ledger = desk.book.ledger
    return Record(
        list_id=ledger.list_id,
        seq=ledger.seq + 1,
        prev=ledger.hash,
        epoch=ledger.epoch + (draft.op is Op.REKEY),
        op=draft.op,
        entry_id=draft.entry_id,
        ring=draft.ring,
        not_after_ms=draft.not_after_ms,
        content_digest=content_digest(draft.content),
        issued_ms=max(now_ms, ledger.chain.issued_ms),
    )


def write(
    desk: Desk,
    ledger: Ledger,
    done: Iterable[tuple[Signed, bytes | None, Applied]],
    now_ms: int,
) -> None:
    """Write records that were judged, and the ledger that they lead to.

    Args:
        desk: Where.
        ledger: After the last of them.
        done: Each record as signed, its content, and what it did.
        now_ms: When they were appended here.
    """
    rows: dict[str, EntryRow] = {}
    for carried, content, applied in done:
        record, seq = applied.record, applied.record.seq
        entry_id, puts = record.entry_id, record.op is Op.PUT
        wire, root = carried.encode(), ledger.live.root
        row = RecordRow(wire, now_ms, root, entry_id, record.ring, puts)
        desk.store.put("record", seq, encode(row))
        if content is not None:
            desk.store.put("content", seq, content)
        if applied.leaf is not None:
            before = rows.get(entry_id) or desk.store.find("entry", entry_id, EntryRow)
            rows[entry_id] = _entry(desk, applied, before or EntryRow(b""))
    desk.keep_ledger(ledger, rows)


def issue(desk: Desk, now_ms: int) -> Signed:
    """Sign a head for where the ledger stands; it is never older than the one before."""
    state, ledger, root = desk.store.state, desk.book.ledger, desk.root
    last_ms = head_of(state.head).issued_ms if state.head else 0
    issued_ms = max(now_ms, last_ms + 1, ledger.chain.issued_ms)
    head = Head(
        list_id=ledger.list_id,
        root_version=root.version,
        seq=ledger.seq,
        record_hash=ledger.hash,
        live_root=ledger.live.root,
        epoch=ledger.epoch,
        issued_ms=issued_ms,
        expires_ms=issued_ms + ledger.policy.lease_ms,
    )
    carried = head.signed(desk.signer)
    desk.store.state = msgspec.structs.replace(state, head=carried.encode())
    return carried


def head_of(wire: bytes) -> Head:
    """Read the head in the wire bytes of a signed one of our own."""
    return Head.parse(Signed.parse(wire, Head.KIND).body)


def _entry(desk: Desk, applied: Applied, before: EntryRow) -> EntryRow:
    """Give an entry's row after a record; what is kept of one that is gone is destroyed."""
    record, leaf = applied.record, canonical.encode(applied.leaf.values() if applied.leaf else [])
    if record.op is Op.PUT:
        return EntryRow(leaf, (*before.puts, record.seq), before.mark)
    if record.op is not Op.REMOVE:
        return EntryRow(leaf, before.puts, record.seq)
    for seq in before.puts:
        desk.destroy("content", seq)
    desk.forget(record.entry_id)
    return EntryRow(leaf, before.puts)
