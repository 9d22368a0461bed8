"""A hub that came back from a backup: what it forgot, its units still know.

Until it has heard them it appends nothing, for what it appended would follow another record than
the one its units hold, and every unit would rightly refuse it. Units that are ahead are asked for
the records the hub lacks; those are judged like any others, and adopted as they stand.
"""

from collections.abc import Sequence

import msgspec

from sync import seal
from sync.errors import HubError
from sync.hub import words
from sync.hub.appending import head_of, issue, write
from sync.hub.desk import Desk
from sync.hub.facts import Recovery
from sync.hub.reading import Unit
from sync.hub.rows import EntryRow, RecordRow
from sync.liveset import State
from sync.signing import Signed
from sync.statement.record import NO_HASH, Op, Record, content_digest


def recovery(desk: Desk) -> Recovery:
    """Tell what a restored hub has heard so far."""
    since_ms = desk.store.state.restored_ms
    if not since_ms:
        return Recovery(needed=False)
    ledger, unheard, ahead, forks = desk.book.ledger, [], [], []
    for unit_id, unit in desk.book.units.items():
        if not unit.in_force:
            continue
        said = words.newest(desk, unit_id)
        if said is None or said[0].heard_ms < since_ms:
            unheard.append(unit_id)
        elif said[1].seq > ledger.seq:
            ahead.append((unit_id, said[1].seq))
        elif not words.agrees(desk, said[1]):
            forks.append((unit_id, said[1].seq))
    return Recovery(
        needed=True,
        unheard=tuple(unheard),
        ahead=tuple(ahead),
        forks=tuple(forks),
        hollow=tuple(hollow(desk)),
    )


def hollow(desk: Desk) -> list[str]:
    """Name the entries on the list whose content is not here."""
    there = {seq for (seq,) in desk.store.rows("SELECT seq FROM content")}
    rows = desk.store.each("entry", EntryRow)
    live = desk.book.ledger.live
    return [
        entry_id
        for entry_id, row in rows
        if (leaf := live.get(entry_id)) and leaf.state is not State.GONE
        and row.puts and row.puts[-1] not in there
    ]  # fmt: skip


def settle(desk: Desk, now_ms: int) -> bool:
    """Go back to work once every unit was heard and none knows more; whether that is so."""
    found = recovery(desk)
    if found.needed and not (found.unheard or found.ahead or found.forks):
        resume(desk, "hub", now_ms)
        return True
    return not found.needed


def resume(desk: Desk, who: str, now_ms: int) -> None:
    """Go back to work, whatever was heard; a person says so, or everything was."""
    with desk.change():
        state = desk.store.state
        if not state.restored_ms:
            return
        desk.store.state = msgspec.structs.replace(state, restored_ms=0)
        desk.note(now_ms, who, "resume", f"record {desk.book.ledger.seq}")
        issue(desk, now_ms)


def adopt(desk: Desk, unit: Unit, items: Sequence[tuple[Signed, bytes | None]], now_ms: int) -> int:
    """Take records that a unit holds and this hub forgot.

    Args:
        desk: The hub.
        unit: Who sent them.
        items: Signed records with their content in the clear, None where it was destroyed.
        now_ms: Milliseconds since the epoch.

    Returns:
        How many were new.

    Raises:
        Refused: As :meth:`sync.ledger.Ledger.extended`; nothing is adopted then.
    """
    if not desk.store.state.restored_ms:
        return 0
    new = [one for one in items if Record.parse(one[0].body).seq > desk.book.ledger.seq]
    with desk.change():
        gone = frozenset(
            record.entry_id
            for record in (Record.parse(carried.body) for carried, _ in new)
            if record.op is Op.REMOVE
        )
        for carried, content in new:
            _adopt_one(desk, carried, content, gone, now_ms)
        if new:
            last = f"record {desk.book.ledger.seq} {desk.book.ledger.hash.hex()}"
            desk.note(now_ms, unit.registration.unit_id, "adopt", str(len(new)), last)
            issue(desk, now_ms)
    return len(new)


def verify_chain(desk: Desk) -> None:
    """Check every record from the first to the head, and every content that is still here.

    Raises:
        HubError: One is missing, changed or out of its place.
    """
    with desk.store.moment():
        before = NO_HASH
        for seq in range(1, desk.book.ledger.seq + 1):
            before = _verified(desk, seq, before)
        head = head_of(desk.store.state.head) if desk.store.state.head else None
        if head is not None and not desk.book.ledger.matches(head):
            raise HubError("the head is not that of the ledger: restore a backup")


def _verified(desk: Desk, seq: int, before: bytes) -> bytes:
    row = desk.store.find("record", seq, RecordRow)
    if row is None:
        raise HubError(f"record {seq} is missing from the ledger: restore a backup")
    carried = Signed.parse(row.wire, Record.KIND)
    record = Record.parse(carried.body)
    carried.require(desk.signer.public, seal.verify)
    content = desk.store.take("content", seq)
    sound = content is None or content_digest(content) == record.content_digest
    if (record.seq, record.prev) != (seq, before) or not sound:
        raise HubError(f"record {seq} does not follow the one before it: restore a backup")
    return record.hash


def _adopt_one(
    desk: Desk, carried: Signed, content: bytes | None, gone: frozenset[str], now_ms: int
) -> None:
    ledger, done = desk.book.ledger.extended(
        [(carried, content)], desk.root, seal.verify, gone=gone
    )
    write(desk, ledger, [(carried, content, done[0])], now_ms)
