"""A hub that came back from a backup: what it forgot, its units still know.

Until it has heard them it appends nothing, for what it appended would follow another record than
the one its units hold, and every unit would rightly refuse it. Units that are ahead are asked for
the records the hub lacks; those are judged like any others, and adopted as they stand.
"""

from collections.abc import Sequence

from sync import seal
from sync.errors import HubError
from sync.hub import membership, words
from sync.hub.appending import head_of, issue, write
from sync.hub.desk import Desk
from sync.hub.facts import Recovery
from sync.hub.reading import Unit
from sync.hub.rows import EntryRow, RecordRow
from sync.liveset import State
from sync.signing import Signed
from sync.statement.membership import Registration, Rekey
from sync.statement.record import NO_HASH, Op, Record, content_digest

_FILLED = {Op.PUT, Op.CONTEST, Op.REINSTATE}
"""What is taken from another unit later, where the first to tell of it had no key."""


def recovery(desk: Desk) -> Recovery:
    """Tell what a restored hub has heard so far."""
    since_ms = desk.book.restored_ms
    if not since_ms:
        return Recovery(needed=False)
    ledger, unheard, ahead, forks = desk.book.ledger, [], [], []
    for unit_id, unit in desk.book.units.items():
        if not unit.in_force:
            continue
        said = words.newest(desk, unit_id)
        if said is None or said.heard_ms < since_ms:
            unheard.append(unit_id)
        elif said.seq > ledger.seq:
            ahead.append((unit_id, said.seq))
        elif not words.agrees(desk, words.report_of(said)):
            forks.append((unit_id, said.seq))
    return Recovery(
        needed=True,
        unheard=tuple(unheard),
        ahead=tuple(ahead),
        forks=tuple(forks),
        hollow=tuple(hollow(desk)),
    )


def hollow(desk: Desk) -> list[str]:
    """Name the entries on the list whose content, or whose dispute's, is not here."""
    return list(_lost(desk))


def _lost(desk: Desk) -> dict[str, int]:
    """Give the first record about each entry on the list whose content is not here.

    A unit without a key to an entry's ring passes its records on without their content. Where one
    is missing here, no unit that has the key could follow the chain across that record.
    """
    there = {seq for (seq,) in desk.store.rows("SELECT seq FROM content")}
    live, lost = desk.book.ledger.live, dict[str, int]()
    for entry_id, row in desk.store.each("entry", EntryRow):
        leaf = live.get(entry_id)
        missing = {*row.puts[-1:], row.mark} - {0} - there
        if leaf and leaf.state is not State.GONE and missing:
            lost[entry_id] = min(missing)
    return lost


def listen(desk: Desk, now_ms: int) -> None:
    """Append nothing from now on before the units were heard: this is an older state."""
    with desk.change():
        desk.keep_restored(max(1, now_ms))
        desk.note(now_ms, "hub", "restore", detail=f"record {desk.book.ledger.seq}")


def settle(desk: Desk, now_ms: int) -> bool:
    """Go back to work once every unit was heard and none knows more; whether that is so."""
    found = recovery(desk)
    if not found.needed:
        return True
    if found.unheard or found.ahead or found.forks or found.hollow:
        return False
    resume(desk, "hub", now_ms)
    return True


def resume(desk: Desk, who: str, now_ms: int) -> None:
    """Go back to work, whatever was heard; a person says so, or everything was."""
    with desk.change():
        if not desk.book.restored_ms:
            return
        desk.keep_restored(0)
        desk.note(now_ms, who, "resume", f"record {desk.book.ledger.seq}")
        if desk.book.ledger.epoch not in desk.book.epochs:
            membership.rekey(desk, (), who, now_ms)  # the keys of the forgotten epoch are lost
        issue(desk, now_ms)


def wanted(desk: Desk) -> int | None:
    """Tell from which record on a unit is asked; None for a hub that forgot nothing."""
    if not desk.book.restored_ms:
        return None
    return min([desk.book.ledger.seq + 1, *_lost(desk).values()])


def adopt(
    desk: Desk, unit: Unit, items: Sequence[tuple[Signed, bytes | None]], now_ms: int
) -> bool:
    """Take records that a unit holds and this hub forgot.

    The hub signed them itself, so it judged them once; a content may be missing, where the unit
    has no key to its ring or the entry is gone, and is taken from another unit later.

    Args:
        desk: The hub.
        unit: Who sent them.
        items: Signed records with their content in the clear, or None.
        now_ms: Milliseconds since the epoch.

    Returns:
        Whether anything was new.

    Raises:
        Refused: As :meth:`sync.ledger.Ledger.extended`; nothing is adopted then.
    """
    if not desk.book.restored_ms:
        return False
    before = desk.book.ledger.seq
    with desk.change():
        filled = sum(_fill(desk, *one) for one in items)
        for carried, content in items:
            if Record.parse(carried.body).seq > before:
                _adopt_one(desk, carried, content, now_ms)
        count = desk.book.ledger.seq - before
        if count or filled:
            last = f"record {desk.book.ledger.seq} {desk.book.ledger.hash.hex()}"
            desk.note(now_ms, unit.registration.unit_id, "adopt", str(count + filled), last)
            issue(desk, now_ms)
    return bool(count or filled)


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


def _fill(desk: Desk, carried: Signed, content: bytes | None) -> bool:
    """Take the content of a record that is here without it."""
    record = Record.parse(carried.body)
    if content is None or record.seq > desk.book.ledger.seq or record.op not in _FILLED:
        return False
    leaf = desk.book.ledger.live.get(record.entry_id)
    row = desk.store.find("record", record.seq, RecordRow)
    if leaf is None or leaf.state is State.GONE or row is None:
        return False
    known = Record.parse(Signed.parse(row.wire, Record.KIND).body)
    if content_digest(content) != known.content_digest:
        return False
    if desk.store.take("content", record.seq) is not None:
        return False
    desk.store.put("content", record.seq, content)
    return True


def _adopt_one(desk: Desk, carried: Signed, content: bytes | None, now_ms: int) -> None:
    ledger, done = desk.book.ledger.extended(
        [(carried, content)], desk.root, seal.verify, rings=frozenset()
    )
    write(desk, ledger, [(carried, content, done[0])], done[0].record.issued_ms)
    match done[0].content:
        case Registration() as registration:
            membership.enter(desk, registration, done[0].record.issued_ms)
        case Rekey(revoked=revoked):
            for unit_id in revoked:
                membership.strike(desk, unit_id, now_ms)
        case _:
            pass
