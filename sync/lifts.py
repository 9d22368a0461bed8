"""Lifts travel ahead of everything else: a record may be acted upon before the chain reaches it.

Only in favour of a person, what removes or suspends an entry, and only where venues signed it: an
expiry waits for its turn, for a unit ends terms by itself, and the hub's key alone must not. The
ring of an entry that is still to come is not known yet; what a removal of it says counts for that
ring alone. Pure.
"""

from sync.changes import Applied, Bench, judge
from sync.errors import Code, Refused
from sync.ledger import Ledger
from sync.signing import Signed
from sync.statement.record import Expiry, Op, Record


def check_lift(carried: Signed, content: bytes | None, ledger: Ledger, bench: Bench) -> Applied:
    """Believe a remove or contest record that lies ahead of the ledger, or refuse it.

    Args:
        carried: The signed record.
        content: Its content in the clear.
        ledger: What is held; it does not change.
        bench: Root, the ledger's policy, signatures, rings.

    Returns:
        What it does; its leaf is where the entry will stand.

    Raises:
        Refused: REPLAY, the ledger has it already; GAP, it waits for its turn: an expiry, or a
            contest of an entry that is not here yet; RULE, any other record; else as
            :meth:`sync.ledger.Ledger.extended`.
    """
    record = Record.parse(carried.body)
    if record.list_id != ledger.list_id:
        raise Refused(Code.WRONG_LIST, "a record of another list")
    carried.require(bench.root.hub_key, bench.verify)
    if record.op not in {Op.REMOVE, Op.CONTEST}:
        raise Refused(Code.RULE, f"a {record.op} record waits for its turn")
    if record.seq <= ledger.seq:
        raise Refused(Code.REPLAY, f"record {record.seq} where {ledger.seq} is already applied")
    leaf = ledger.live.get(record.entry_id) if record.entry_id else None
    if leaf is None and record.op is Op.CONTEST:
        raise Refused(Code.GAP, "a contest of an entry that is not here yet")
    one = judge(record, carried.digest, content, leaf, bench)
    if isinstance(one.content, Expiry):
        raise Refused(Code.GAP, "the end of a term, which waits for its turn")
    return one
