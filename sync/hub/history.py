"""What happened to one entry, told from its records: when, what, and which venues signed it."""

from dataclasses import dataclass

from sync import seal
from sync.errors import HubError
from sync.hub.desk import Desk
from sync.hub.reading import leaf_of
from sync.hub.rows import EntryRow, RecordRow
from sync.rules import signing_venues
from sync.signing import Signed
from sync.statement.proposal import KIND, PutProposal, parse_proposal
from sync.statement.record import Op, Record


@dataclass(frozen=True, slots=True)
class Step:
    """One record about an entry.

    Attributes:
        at_ms: When it was appended, milliseconds since the epoch.
        seq: Its number.
        op: What it did.
        venues: Ids of the venues that signed it, ascending; none where the entry's time was up,
            and where the content was erased with the entry.
        revision: Of the version that it put on the list; 0 for others and for erased ones.
    """

    at_ms: int
    seq: int
    op: Op
    venues: tuple[str, ...]
    revision: int = 0


def history(desk: Desk, entry_id: str) -> tuple[Step, ...]:
    """Tell what is known of an entry's way, oldest first; nothing of one that only waits.

    Every version is there, the newest suspension or reinstatement, and the end.

    Raises:
        HubError: The database is damaged.
    """
    row = desk.store.find("entry", entry_id, EntryRow)
    if row is None:
        return ()
    seqs = {*row.puts, row.mark, leaf_of(row).seq} - {0}
    return tuple(_step(desk, seq) for seq in sorted(seqs))


def _step(desk: Desk, seq: int) -> Step:
    row = desk.store.find("record", seq, RecordRow)
    if row is None:
        raise HubError(f"record {seq} is missing: restore a backup with doorwatch-hub restore")
    record = Record.parse(Signed.parse(row.wire, Record.KIND).body)
    content = desk.store.take("content", seq)
    step = Step(row.appended_ms, seq, record.op, ())
    if content is None or (record.op is Op.REMOVE and record.not_after_ms):
        return step  # erased, or an expiry, which nobody signs
    carried = Signed.parse(content, KIND)
    venues = tuple(sorted(signing_venues(carried, desk.root, seal.verify, seq)))
    proposal = parse_proposal(carried.body)
    revision = proposal.revision if isinstance(proposal, PutProposal) else 0
    return Step(row.appended_ms, seq, record.op, venues, revision)
