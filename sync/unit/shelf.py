"""The unit's storage port: what is trusted, and the rows that belong to it, change together.

Every method that writes is one transaction: all of it is on the disk when the method returns,
or none of it ever will be. What proves progress (:class:`Trusted`) stands in the same
transaction as the rows it speaks of, so that no crash parts them.

Example, one application of records::

    step = Step(trusted=next_trusted, leaves=changed, put=(entry,), erase=("0123456789abcdef",))
    shelf.commit(step)
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sync.ledger import Ledger
    from sync.liveset import Leaf
    from sync.statement.caution import Caution
    from sync.statement.head import Head
    from sync.statement.keybox import KeyRing
    from sync.statement.proposal import PutProposal
    from sync.statement.root import Root

KEPT_RECORDS = 512
"""Records kept for a hub that was restored from an older backup."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """A lift or contest that was acted upon before the chain came to it.

    Attributes:
        seq: Sequence number of its record; from there on the chain speaks for itself.
        removed: The entry was erased (a lift), not only suspended (a contest).
        ring: Of the entry, as the record says; it counts for no entry of another ring.
        issued_ms: When the hub appended it, as it says.
    """

    seq: int
    removed: bool
    ring: str
    issued_ms: int


@dataclass(frozen=True, slots=True)
class Trusted:
    """Everything a unit believes, each part of it verified before it came in here.

    Attributes:
        root: The newest root of the chain.
        keyrings: Opened key boxes, newest epoch first, two at most.
        ledger: Chain position, policies and live set.
        head: The newest head that was believed; nothing older is accepted.
        reached: The newest believed head whose records the ledger holds; its expiry is the
            list's lease, for a head without its records proves nothing about the rows.
        ahead: Lifts and contests acted upon before the chain came to them, by entry id.
        box_ms: When the newest key box was issued (at first: when the unit joined); older
            boxes, and kill orders from before it, are replays.
        counter: Number of the last report that was signed.
        floor_ms: The latest signed time that was seen; a record, not a clock.
        refusals: What was refused so far, (code, count), ascending.
        caution: The newest caution under this hub key, be it over; nothing older is believed.
    """

    root: Root
    keyrings: tuple[KeyRing, ...]
    ledger: Ledger
    head: Head | None = None
    reached: Head | None = None
    ahead: Mapping[str, Ahead] = field(default_factory=dict)
    box_ms: int = 0
    counter: int = 0
    floor_ms: int = 0
    refusals: tuple[tuple[str, int], ...] = ()
    caution: Caution | None = None


@dataclass(frozen=True, slots=True)
class HeldEntry:
    """One entry to hold, with all that the door needs of it.

    Attributes:
        record_hash: Hash of the put record; empty for a provisional entry.
        proposal: Its content: category, reason, validity, templates, photo.
        contested: Suspended: held, but matched nowhere.
        provisional: Made at this unit and not yet in the ledger.
    """

    record_hash: bytes
    proposal: PutProposal
    contested: bool = False
    provisional: bool = False


@dataclass(frozen=True, slots=True)
class Holding:
    """What the shelf says about one entry it holds, without opening templates and photo.

    Attributes:
        record_hash: Hash of the put record; empty for a provisional entry.
        until_ms: When it ends by itself.
        contested: Suspended: held, but matched nowhere.
        provisional: Made at this unit and not yet in the ledger.
    """

    record_hash: bytes
    until_ms: int
    contested: bool = False
    provisional: bool = False


@dataclass(frozen=True, slots=True)
class KeptRecord:
    """A record as it came, so that a hub restored from a backup can be given what it forgot.

    Attributes:
        seq: Its number.
        entry_id: Whose photo and templates its content holds, "" for nobody's.
        wire: Wire bytes of the signed record.
        content: Its content, opened; None where this unit has no key or it is erased.
    """

    seq: int
    entry_id: str
    wire: bytes
    content: bytes | None


@dataclass(frozen=True, slots=True)
class Step:
    """One change of the shelf, carried out wholly or not at all, in the order of the fields.

    Attributes:
        trusted: What is believed afterwards.
        leaves: Leaves of the live set that changed, by entry id; tombstones are leaves too.
        put: Entries to hold from now on; one with the same id is replaced, be it provisional,
            and a submission with that id is forgotten: the ledger has it.
        erase: Ids whose rows, submissions and kept contents are to be erased; unknown ones are
            passed over.
        suspend: Ids to be matched no longer.
        resume: Ids to be matched again.
        reports: Signed reports that name erasures, (number, wire bytes); kept until heard.
        records: Records that were applied; the newest :data:`KEPT_RECORDS` stay.
        heard_ms: The hub's time, told in answer to this unit's own question just now; 0 for
            none. Nothing else may move the clock: what was signed long ago, or by a thief, may
            come at any time.
    """

    trusted: Trusted
    leaves: Mapping[str, Leaf] = field(default_factory=dict)
    put: tuple[HeldEntry, ...] = ()
    erase: tuple[str, ...] = ()
    suspend: tuple[str, ...] = ()
    resume: tuple[str, ...] = ()
    reports: tuple[tuple[int, bytes], ...] = ()
    records: tuple[KeptRecord, ...] = ()
    heard_ms: int = 0


@dataclass(frozen=True, slots=True)
class Staging:
    """A snapshot that is being fetched, as announced; survives a restart.

    Attributes:
        manifest: Wire bytes of the signed manifest.
        digests: SHA-256 of each page, in order.
        staged: How many pages are here; they are staged in order, from the first on.
        chain: Canonical bytes of what the staged pages add up to beside their leaves; empty
            while nothing is staged.
    """

    manifest: bytes
    digests: tuple[bytes, ...]
    staged: int = 0
    chain: bytes = b""


@dataclass(frozen=True, slots=True)
class StagedPage:
    """One verified page of a snapshot: its leaves, and the entries this unit can open.

    Attributes:
        number: Which page, from 0.
        chain: Canonical bytes of what the pages up to this one add up to.
        leaves: The leaves that the page made or changed, by entry id.
        put: The entries, to be held once the whole snapshot is adopted.
    """

    number: int
    chain: bytes
    leaves: Mapping[str, Leaf]
    put: tuple[HeldEntry, ...]


class Shelf(Protocol):
    """Where a unit keeps its list. Each method that writes is one transaction."""

    def trusted(self) -> Trusted:
        """Give what was believed at the last commit, live set included."""

    def held(self) -> dict[str, Holding]:
        """Give every entry in the rows, provisional ones included, staged ones not, by id."""

    def commit(self, step: Step) -> None:
        """Carry out one step."""

    def staging(self) -> Staging | None:
        """Give the snapshot that is being fetched, if there is one."""

    def begin(self, staging: Staging) -> None:
        """Start to fetch a snapshot.

        Pages staged of an earlier one stay, from the first on, as far as their digests are the
        same; all later ones are erased.
        """

    def stage(self, pages: Sequence[StagedPage]) -> None:
        """Keep verified pages, the next ones in order, out of the engine's sight."""

    def staged_leaves(self) -> dict[str, Leaf]:
        """Give the leaves of all staged pages, by entry id; a later page's word counts."""

    def adopt(self, step: Step) -> None:
        """Hold what is staged, in one transaction with ``step``; nothing is staged afterwards.

        ``step.leaves`` replaces all leaves, and kept records are dropped. Staged entries are
        held first, then the step's other fields apply in their order; so an id in
        ``step.erase`` is not held.
        """

    def unheard(self) -> list[tuple[int, bytes]]:
        """Give the kept reports, (number, wire bytes), oldest first."""

    def heard(self, counter: int) -> None:
        """Forget the kept report with this number: the hub has it. Others stay."""

    def submissions(self) -> list[tuple[str, bytes]]:
        """Give entries made here that the hub has not taken yet, (entry id, wire bytes)."""

    def taken(self, entry_ids: Sequence[str]) -> None:
        """Forget these submissions: the hub has them. Their rows stay."""

    def records(self, from_seq: int) -> list[KeptRecord]:
        """Give the kept records from that number on, in order."""

    def destroy(self) -> None:
        """Destroy the key of all rows, and the rows. There is no way back."""
