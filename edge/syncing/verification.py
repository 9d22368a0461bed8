"""``doorwatch verify``: the whole list looked through once more, from what is on the disk.

Every sealed row is opened; the live set's root is worked out anew and compared with the head
that the hub signed; each entry in the rows is compared with its leaf, in both directions; and
the records that are kept are followed by their hashes up to that head, with the signatures of hub
and venues and the digests of their contents.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from edge.gallery.shelf import GalleryShelf
from sync import seal
from sync.clock import Now
from sync.errors import Refused
from sync.liveset import Leaf, State
from sync.rules import signing_venues
from sync.signing import Signed, digest
from sync.statement.proposal import KIND
from sync.statement.record import Op, Record
from sync.unit.records import over
from sync.unit.shelf import Holding, KeptRecord, Trusted

_SIGNED_BY_VENUES = frozenset({Op.PUT, Op.CONTEST, Op.REINSTATE, Op.POLICY})


@dataclass(frozen=True, slots=True)
class Verification:
    """What looking through the list gave.

    Attributes:
        problems: One line for each thing that is wrong; none for a list that is whole.
        list_id: Whose list.
        seq: Number of the newest change in force.
        live_root: Root over the live set, 32 bytes.
        entries: Consortium's entries in the rows.
        waiting: Entries made here that are not in the ledger yet.
        records: Kept records that were checked.
        issued_ms: When the hub last confirmed this state; 0 for never.
        lease_ms: Until when the list is fresh.
        fresh: Whether it is, as far as the time is known.
    """

    problems: tuple[str, ...]
    list_id: str
    seq: int
    live_root: bytes
    entries: int
    waiting: int
    records: int
    issued_ms: int
    lease_ms: int
    fresh: bool


def verified(shelf: GalleryShelf) -> Verification:
    """Look the list of a member through.

    Raises:
        GalleryError: It cannot be read at all, or the unit is no member.
    """
    damaged = [f"{row} in {place} does not open" for place, row in shelf.damaged()]
    trusted, held, now = shelf.trusted(), shelf.held(), shelf.time()
    kept = shelf.records(0) if not damaged else []
    reached = trusted.reached
    return Verification(
        problems=(
            *damaged,
            *_about_head(trusted),
            *_about_rows(trusted, held, now),
            *_about_records(trusted, kept),
        ),
        list_id=trusted.ledger.list_id,
        seq=trusted.ledger.seq,
        live_root=trusted.ledger.live.root,
        entries=sum(not one.provisional for one in held.values()),
        waiting=sum(one.provisional for one in held.values()),
        records=len(kept),
        issued_ms=reached.issued_ms if reached else 0,
        lease_ms=reached.expires_ms if reached else 0,
        fresh=bool(reached and now.trusted and now.ms < reached.expires_ms),
    )


def _about_head(trusted: Trusted) -> Iterator[str]:
    """Compare the ledger with the head that the hub signed for it."""
    reached, ledger = trusted.reached, trusted.ledger
    if reached is None:
        yield "the hub has not confirmed this list yet"
    elif ledger.seq == reached.seq and not ledger.matches(reached):
        yield f"change {ledger.seq} is not what the hub signed for: root or hash differ"
    elif ledger.seq < reached.seq:
        yield f"the head speaks of change {reached.seq}, here is {ledger.seq}"


def _about_rows(trusted: Trusted, held: Mapping[str, Holding], now: Now) -> Iterator[str]:
    """Compare each entry in the rows with its leaf, and each leaf with its row."""
    live, rings = trusted.ledger.live, _rings(trusted)
    for entry_id, row in held.items():
        if not row.provisional and entry_id not in trusted.ahead:
            yield from _about_row(entry_id, row, live.get(entry_id))
    for entry_id, leaf in live.items():
        expected = leaf.state is not State.GONE and leaf.ring in rings
        here = entry_id in held or entry_id in trusted.ahead
        if expected and not here and not over(leaf.not_after_ms, now):
            yield f"entry {entry_id} is on the list and not in the rows"


def _about_row(entry_id: str, row: Holding, leaf: Leaf | None) -> Iterator[str]:
    if leaf is None or leaf.state is State.GONE:
        yield f"entry {entry_id} is in the rows and not on the list"
    elif row.record_hash != leaf.record_hash:
        yield f"entry {entry_id} is not the version that is on the list"
    elif row.contested != (leaf.state is State.CONTESTED):
        yield f"entry {entry_id} is contested on one side only"


def _about_records(trusted: Trusted, kept: Iterable[KeptRecord]) -> Iterator[str]:
    """Follow the kept records by their hashes, up to the newest change."""
    read = [(one, Signed.parse(one.wire, Record.KIND)) for one in kept]
    parsed = [(one, carried, Record.parse(carried.body)) for one, carried in read]
    for (_, before, _), (_, _, record) in pairwise(parsed):
        if record.prev != before.digest:
            yield f"record {record.seq} does not follow the one before it"
    newest = [carried.digest for _, carried, record in parsed if record.seq == trusted.ledger.seq]
    if newest not in ([], [trusted.ledger.hash]):
        yield f"record {trusted.ledger.seq} is not the newest change"
    for one, carried, record in parsed:
        try:
            yield from _about_record(trusted, one, carried, record)
        except Refused as refusal:
            yield f"record {record.seq}: {refusal}"


def _about_record(
    trusted: Trusted, kept: KeptRecord, carried: Signed, record: Record
) -> Iterator[str]:
    """Check signatures and content of one record. Raises: Refused."""
    carried.signers((trusted.root.hub_key,), seal.verify)  # an older one was followed by its hash
    if kept.content is None:
        return
    if digest("content", kept.content) != record.content_digest:
        yield f"the content of record {record.seq} belongs to another"
    elif record.op in _SIGNED_BY_VENUES:
        proposal = Signed.parse(kept.content, KIND)
        if not signing_venues(proposal, trusted.root, seal.verify, record.seq):
            yield f"no venue signed what record {record.seq} carries"


def _rings(trusted: Trusted) -> frozenset[str]:
    newest = trusted.keyrings[:1]
    return frozenset(name for ring in newest for name, _ in ring.rings)
