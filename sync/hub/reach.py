"""How far each change has come: which unit confirmed it, since when, and who has not.

The cost of a question is one look-up for each unit; nothing is written for each unit when a
change is made.
"""

from dataclasses import replace

from sync.errors import HubError
from sync.hub import releasing, words
from sync.hub.desk import Desk
from sync.hub.facts import EntryFacts, Reach, Standing, UnitFacts
from sync.hub.reading import Unit
from sync.hub.rows import EntryRow, RecordRow, WaitingRow, WordRow
from sync.liveset import Leaf, State
from sync.signing import Signed
from sync.statement.proposal import CONSORTIUM, PutProposal, open_proposal
from sync.statement.record import Record

OVERDUE = 3
"""Reports that a unit may leave out before it counts as silent."""

_STANDING = {
    State.LIVE: Standing.LIVE,
    State.CONTESTED: Standing.CONTESTED,
    State.GONE: Standing.GONE,
}


def entries(desk: Desk) -> tuple[EntryFacts, ...]:
    """Give what waits, and what is live or contested, oldest first."""
    live = desk.book.ledger.live
    known = [
        entry_of(desk, entry_id, leaf)
        for entry_id, leaf in live.items()
        if leaf.state is not State.GONE
    ]
    rows = [row for _, row in desk.store.each("waiting", WaitingRow)]
    waiting = [_waiting(row) for row in rows if row.entry_id and not live.get(row.entry_id)]
    return (*sorted(known, key=lambda one: one.seq), *waiting)


def entry(desk: Desk, entry_id: str) -> EntryFacts:
    """Give one entry, be it waiting or gone.

    Raises:
        HubError: It is unknown.
    """
    leaf = desk.book.ledger.live.get(entry_id) if len(entry_id) > 1 else None
    if leaf is not None:
        return entry_of(desk, entry_id, leaf)
    rows = [row for _, row in desk.store.each("waiting", WaitingRow, "entry_id = ?", (entry_id,))]
    if not entry_id or not rows:
        raise HubError(f"there is no entry {entry_id!r} on the list: doorwatch-hub entry list")
    return _waiting(rows[-1])


def entry_of(desk: Desk, entry_id: str, leaf: Leaf) -> EntryFacts:
    """Tell how an entry on the ledger stands."""
    record, appended_ms = _record(desk, leaf.seq)
    waiting = desk.store.each("waiting", WaitingRow, "entry_id = ?", (entry_id,))
    return EntryFacts(
        entry_id=entry_id,
        standing=_STANDING[leaf.state],
        ring=leaf.ring,
        seq=record.seq,
        appended_ms=appended_ms,
        not_after_ms=_term(desk, entry_id, leaf),
        waits_for="; ".join(row.waits_for for _, row in waiting),
    )


def reach(desk: Desk, entry_id: str, now_ms: int) -> tuple[Reach, ...]:
    """Tell for each unit that the entry concerns whether its newest change is confirmed.

    Raises:
        HubError: The entry is unknown, or still waits.
    """
    leaf = desk.book.ledger.live.get(entry_id) if len(entry_id) > 1 else None
    if leaf is None:
        raise HubError(f"the entry {entry_id!r} is not on the list, or still waits for approval")
    _, appended_ms = _record(desk, leaf.seq)
    term_ms, begun_ms = _term(desk, entry_id, leaf), _begun(desk, entry_id)
    return tuple(
        _reach(desk, unit, (leaf.seq, appended_ms, term_ms), now_ms)
        for unit in desk.book.units.values()
        if _concerned(unit, leaf, begun_ms)
    )


def facts(desk: Desk, unit: Unit, now_ms: int) -> UnitFacts:
    """Tell how a unit stands by its last word."""
    registration, row, policy = unit.registration, unit.row, desk.book.ledger.policy
    said = words.newest(desk, registration.unit_id)
    heard_ms = said.heard_ms if said else row.joined_ms
    known = UnitFacts(
        unit_id=registration.unit_id,
        venue_id=registration.venue_id,
        name=unit.name,
        mailbox=registration.mailbox,
        joined_ms=row.joined_ms,
        revoked_ms=row.revoked_ms,
        destroyed_ms=row.destroyed_ms,
        behind=desk.book.ledger.seq,
        silent=now_ms > heard_ms + OVERDUE * policy.report_every_ms,
        lapses_ms=heard_ms + policy.lease_ms,
        released_ms=releasing.released_ms(desk, registration.unit_id),
    )
    return _with_word(desk, unit, known, said) if said else known


def _with_word(desk: Desk, unit: Unit, known: UnitFacts, word: WordRow) -> UnitFacts:
    """Add what a unit said last to what is known of it."""
    report = words.report_of(word)
    return replace(
        known,
        heard_ms=word.heard_ms,
        seq=report.seq,
        behind=max(0, desk.book.ledger.seq - report.seq),
        epoch=report.epoch,
        live_root=report.live_root,
        lag_ms=_newest_lag(desk, unit),
        agrees=word.agrees,
        held=report.held,
        model_id=report.model_id,
        version=report.version,
        faults=report.faults,
        refusals=tuple((str(code), count) for code, count in report.refusals),
        counts=report.counts,
    )


def content(desk: Desk, entry_id: str) -> PutProposal:
    """Give the content of an entry: the one in force, or the one that waits.

    Raises:
        HubError: There is none, or it was destroyed when the entry went.
    """
    row = desk.store.find("entry", entry_id, EntryRow)
    wire = desk.store.take("content", row.puts[-1]) if row and row.puts else None
    if wire is None and row is None:
        rows = desk.store.each("waiting", WaitingRow, "entry_id = ?", (entry_id,))
        wire = next((one.wire for _, one in rows), None)
    proposal = open_proposal(wire)[1] if wire else None
    if not isinstance(proposal, PutProposal):
        raise HubError(f"there is no content of entry {entry_id!r}: it is unknown, or erased")
    return proposal


def _reach(desk: Desk, unit: Unit, change: tuple[int, int, int], now_ms: int) -> Reach:
    seq, appended_ms, term_ms = change
    unit_id, name = unit.registration.unit_id, unit.name
    said = words.newest(desk, unit_id)
    agrees = said is not None and said.agrees
    if agrees and said is not None and said.seq >= seq:
        at_ms = _confirmed_ms(desk, unit_id, seq)
        fresh = at_ms is not None and unit.row.joined_ms <= appended_ms
        lag_ms = max(0, at_ms - appended_ms) if at_ms is not None and fresh else None
        return Reach(unit_id, name, at_ms or said.heard_ms, lag_ms, 0, 0, agrees=True)
    heard_ms = said.heard_ms if said else unit.row.joined_ms
    lease_ms = heard_ms + desk.book.ledger.policy.lease_ms
    since_ms = max(appended_ms, unit.row.joined_ms)
    waiting_ms = max(0, now_ms - since_ms)
    lapses_ms = min(lease_ms, term_ms) if term_ms else lease_ms
    return Reach(unit_id, name, None, None, waiting_ms, lapses_ms, agrees=agrees)


def _concerned(unit: Unit, leaf: Leaf, begun_ms: int) -> bool:
    """Whether a unit has, or may still have, an entry that was entered at ``begun_ms``."""
    if unit.row.destroyed_ms or 0 < unit.row.revoked_ms <= begun_ms:
        return False
    if unit.row.revoked_ms and leaf.state is not State.GONE:
        return False
    scope = leaf.ring.partition("/")[0]
    return scope in {CONSORTIUM, unit.registration.venue_id}


def _confirmed_ms(desk: Desk, unit_id: str, seq: int) -> int | None:
    query = "SELECT at_ms FROM confirmation WHERE unit_id = ? AND seq >= ? ORDER BY seq LIMIT 1"
    found = desk.store.rows(query, (unit_id, seq))
    return int(found[0][0]) if found else None


def _newest_lag(desk: Desk, unit: Unit) -> int | None:
    query = "SELECT seq, at_ms FROM confirmation WHERE unit_id = ? ORDER BY seq DESC LIMIT 1"
    found = desk.store.rows(query, (unit.registration.unit_id,))
    if not found or not found[0][0]:
        return None
    _, appended_ms = _record(desk, found[0][0])
    return max(0, found[0][1] - appended_ms) if unit.row.joined_ms <= appended_ms else None


def _term(desk: Desk, entry_id: str, leaf: Leaf) -> int:
    """Tell the end of an entry's term, also of one that was removed before it."""
    row = desk.store.find("entry", entry_id, EntryRow)
    if leaf.not_after_ms or row is None or not row.puts:
        return leaf.not_after_ms
    return _record(desk, row.puts[-1])[0].not_after_ms


def _begun(desk: Desk, entry_id: str) -> int:
    """Tell when an entry was first put on the list."""
    row = desk.store.find("entry", entry_id, EntryRow)
    return _record(desk, row.puts[0])[1] if row and row.puts else 0


def _record(desk: Desk, seq: int) -> tuple[Record, int]:
    row = desk.store.find("record", seq, RecordRow)
    if row is None:
        raise HubError(f"record {seq} is missing: restore a backup with doorwatch-hub restore")
    return Record.parse(Signed.parse(row.wire, Record.KIND).body), row.appended_ms


def _waiting(row: WaitingRow) -> EntryFacts:
    proposal = open_proposal(row.wire)[1]
    put = proposal if isinstance(proposal, PutProposal) else None
    return EntryFacts(
        entry_id=row.entry_id,
        standing=Standing.WAITING,
        ring=put.ring if put else "",
        seq=0,
        appended_ms=0,
        not_after_ms=put.valid_until_ms if put else 0,
        waits_for=row.waits_for,
    )
