"""What units say of themselves: signed reports, each one heartbeat, acknowledgement and receipt.

Every function that writes runs within a change.
"""

from hashlib import sha256

import msgspec

from sync import seal
from sync.errors import Code, Refused
from sync.hub import alarms, audit, nights
from sync.hub.desk import Desk
from sync.hub.facts import Receipt
from sync.hub.reading import Unit
from sync.hub.rows import ReceiptRow, RecordRow, WordRow, encode
from sync.liveset import LiveSet
from sync.signing import Signed
from sync.statement.record import NO_HASH, Record
from sync.statement.report import Report

LARGEST_REPORT = 8 * 1024


def take(desk: Desk, unit: Unit, wire: bytes, now_ms: int) -> Report:
    """Believe a unit's report, or refuse it, and keep what it proves.

    The same report again, or an older one that names erasures, changes nothing but the receipts.

    Raises:
        Refused: MALFORMED, TOO_LARGE, BAD_SIGNATURE, WRONG_LIST or WRONG_UNIT.
    """
    report = _believed(desk, unit, wire)
    unit_id = report.unit_id
    last = newest(desk, unit_id)
    if report.erased or report.destroyed:
        _keep_receipt(desk, report, wire, now_ms)
    if last is not None and last.counter >= report.counter:
        return report
    same = agrees(desk, report)
    noted = (0, -1) if last is None else (last.noted_ms, -1 if same else last.noted_seq)
    if not same and report.seq != noted[1] and audit.is_due(noted[0], now_ms):
        _note_other(desk, report, now_ms)
        noted = (now_ms, report.seq)
    row = WordRow(wire, now_ms, same, report.counter, report.seq, report.epoch, *noted)
    desk.store.put("word", unit_id, encode(row))
    if unit.in_force and not (report.erased or report.destroyed):
        nights.hear(desk, report, now_ms)
        alarms.hear(desk, report, last.heard_ms if last else 0, now_ms)
    if same:
        _confirm(desk, report, last.seq if last else -1, now_ms)
    if report.destroyed and not unit.row.destroyed_ms:
        desk.keep_unit(_destroyed(unit, now_ms))
        desk.note(now_ms, unit_id, "destroyed", unit_id)
    return report


def newest(desk: Desk, unit_id: str) -> WordRow | None:
    """Give a unit's newest report as it is kept; None before its first."""
    return desk.store.find("word", unit_id, WordRow)


def without_keys(desk: Desk, unit_id: str) -> bool:
    """Tell whether a unit was not heard under the keys of this epoch."""
    said = newest(desk, unit_id)
    return said is None or said.epoch < desk.book.ledger.epoch


def report_of(row: WordRow) -> Report:
    """Read a report that is kept."""
    return Report.parse(Signed.parse(row.wire, Report.KIND).body)


def receipts(desk: Desk, entry_id: str) -> tuple[Receipt, ...]:
    """Give the reports that name ``entry_id`` as erased, oldest first."""
    query = "SELECT receipt FROM erased WHERE entry_id = ? ORDER BY receipt"
    return tuple(_receipt(desk, number) for (number,) in desk.store.rows(query, (entry_id,)))


def forget_confirmations(desk: Desk, before_ms: int) -> None:
    """Drop single confirmations from before a moment, within a change."""
    desk.store.write("DELETE FROM confirmation WHERE at_ms < ?", (before_ms,))


def _believed(desk: Desk, unit: Unit, wire: bytes) -> Report:
    carried = Signed.parse(wire, Report.KIND, LARGEST_REPORT)
    carried.require(unit.registration.signing_key, seal.verify)
    report = Report.parse(carried.body)
    if report.list_id != desk.store.list_id:
        raise Refused(Code.WRONG_LIST, "a report about another list")
    if report.unit_id != unit.registration.unit_id:
        raise Refused(Code.WRONG_UNIT, "a report of another unit")
    return report


def agrees(desk: Desk, report: Report) -> bool:
    """Whether the unit's ledger is this one, as far as it goes."""
    ledger, said = desk.book.ledger, (report.record_hash, report.live_root)
    if report.seq == ledger.seq:
        return said == (ledger.hash, ledger.live.root)
    if report.seq == 0:
        return said == (NO_HASH, LiveSet().root)
    row = desk.store.find("record", report.seq, RecordRow)
    if row is None:
        return False
    record = Record.parse(Signed.parse(row.wire, Record.KIND).body)
    return said == (record.hash, row.live_root)


def _confirm(desk: Desk, report: Report, last_seq: int, now_ms: int) -> None:
    if report.seq > last_seq:
        desk.store.write(
            "INSERT OR IGNORE INTO confirmation VALUES (?, ?, ?)",
            (report.unit_id, report.seq, now_ms),
        )


def _note_other(desk: Desk, report: Report, now_ms: int) -> None:
    """Note a unit whose ledger is another one, or longer than the hub's own."""
    did = "ahead" if report.seq > desk.book.ledger.seq else "fork"
    detail = f"record {report.seq} {report.record_hash.hex()}"
    desk.note(now_ms, report.unit_id, did, report.unit_id, detail)


def _keep_receipt(desk: Desk, report: Report, wire: bytes, now_ms: int) -> None:
    digest = sha256(wire).digest()
    if desk.store.rows("SELECT 1 FROM receipt WHERE digest = ?", (digest,)):
        return
    number = desk.store.rows("SELECT COALESCE(MAX(number), 0) + 1 FROM receipt")[0][0]
    row = encode(ReceiptRow(wire, now_ms))
    desk.store.put("receipt", number, row, unit_id=report.unit_id, digest=digest)
    for entry_id in set(report.erased):
        desk.store.write("INSERT INTO erased VALUES (?, ?)", (entry_id, number))


def _receipt(desk: Desk, number: int) -> Receipt:
    row = desk.store.find("receipt", number, ReceiptRow)
    if row is None:
        raise AssertionError("an erasure points to its receipt")
    report = Report.parse(Signed.parse(row.wire, Report.KIND).body)
    return Receipt(report.unit_id, row.heard_ms, row.wire, report.erased)


def _destroyed(unit: Unit, now_ms: int) -> Unit:
    return Unit(unit.registration, msgspec.structs.replace(unit.row, destroyed_ms=now_ms))
