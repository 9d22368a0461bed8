"""A small hub for tests of a unit alone: real keys and bytes, no disk, and it does what it is told.

It judges what it appends by the same ledger as a unit does, unless it is told to lie: every
statement can be made by hand, signed by any key, and put into a frame.
"""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256

from sync import canonical, frames, seal
from sync.entries import Category, Reason
from sync.ledger import Ledger
from sync.liveset import State
from sync.message import Arrival, Out
from sync.signing import Signed
from sync.snapshot import pages_digest
from sync.statement.head import Head, Manifest
from sync.statement.keybox import KeyBox, KeyRing, Kill
from sync.statement.membership import Rekey
from sync.statement.policy import DAY_MS, Policy
from sync.statement.proposal import (
    CONSORTIUM,
    ContestProposal,
    PolicyProposal,
    Proposal,
    PutProposal,
    ReinstateProposal,
    RemoveProposal,
    Why,
)
from sync.statement.record import NO_HASH, Expiry, Op, Record, content_digest
from sync.statement.report import Report
from sync.statement.root import Root, Venue
from sync.transfer import Assembly, pages
from sync.unit.keys import UnitKeys
from sync.unit.shelf import Trusted

START_MS = 1_790_000_000_000
LIST_ID, UNIT, MAILBOX = "ab" * 16, "0f" * 8, "1d" * 8
VENUES = ("0a" * 8, "0b" * 8)
CATEGORIES = tuple(sorted(f"{CONSORTIUM}/{one}" for one in Category))


def key(name: str) -> bytes:
    """Make 32 bytes that follow from a name."""
    return sha256(name.encode()).digest()


def signer(name: str) -> seal.SigningKey:
    """Make the signing key that follows from a name."""
    return seal.SigningKey(key(name))


OFFICERS = [signer(f"officer {number}") for number in range(3)]
MANAGERS = {venue: signer(f"venue {venue}") for venue in VENUES}


@dataclass(frozen=True)
class Entry:
    """One record as the hub keeps it: with its content in the clear, or None once destroyed."""

    record: Record
    content: bytes | None


@dataclass
class ScriptedHub:
    """One list and its single unit."""

    now_ms: int = START_MS
    log: list[Entry] = field(default_factory=list)
    ledger: Ledger = field(default_factory=lambda: Ledger.empty(LIST_ID))
    reports: list[Report] = field(default_factory=list)
    submitted: list[bytes] = field(default_factory=list)
    asked: list[list[object]] = field(default_factory=list)
    signing: seal.SigningKey = field(default_factory=lambda: signer("hub"))
    epoch: int = 1
    most_range: int = 100
    far: int = 10_000
    """Records behind which a unit gets a snapshot."""
    page_bytes: int = 20_000
    mute: bool = False

    def __post_init__(self) -> None:
        """Sign the first root."""
        self.chance = random.Random(1)
        self.box = seal.BoxKey(key("box") * 3)
        self.topic_public = self.box.public
        self.unit_signer = signer("unit")
        self.roots = [self.root().signed(*OFFICERS[:2])]
        self._assembly = Assembly()

    # --- who is who ---------------------------------------------------------------------------
    @property
    def unit_keys(self) -> UnitKeys:
        """The keys of the one unit."""
        return UnitKeys(LIST_ID, UNIT, VENUES[0], MAILBOX, self.unit_signer, self.box)

    def root(self, **changes: object) -> Root:
        """Make the first root."""
        venues = tuple(Venue(one, f"venue {one}", MANAGERS[one].public) for one in VENUES)
        officers = tuple(sorted(one.public for one in OFFICERS))
        made = Root(
            LIST_ID, 1, officers, 2, self.signing.public, venues, 0, NO_HASH,
            START_MS - DAY_MS, START_MS + 3 * 365 * DAY_MS,
        )  # fmt: skip
        return replace(made, **changes)  # type: ignore[arg-type]

    @property
    def newest_root(self) -> Root:
        """The root in force."""
        return Root.parse(self.roots[-1].body)

    def new_root(self, **changes: object) -> Signed:
        """Let two officers sign the next root."""
        following = {"version": self.newest_root.version + 1, "issued_ms": self.now_ms, **changes}
        self.roots.append(replace(self.newest_root, **following).signed(*OFFICERS[:2]))  # type: ignore[arg-type]
        return self.roots[-1]

    def rotate(self, name: str, **changes: object) -> None:
        """Change the hub's signing key by a new root."""
        self.signing = signer(name)
        self.new_root(hub_key=self.signing.public, **changes)

    def ring(self, epoch: int = 0) -> KeyRing:
        """Give the keys of an epoch, the present one by default."""
        epoch = epoch or self.epoch
        rings = tuple((one, key(f"{one} {epoch}")) for one in CATEGORIES)
        names = [key(f"{what} {epoch}") for what in ("control", "channel", "topic")]
        return KeyRing(epoch, names[0], names[1], names[2].hex()[:16], rings)

    def trusted(self) -> Trusted:
        """Give what the unit believes that has just joined."""
        issued_ms = self.now_ms
        return Trusted(
            self.newest_root, (self.ring(),), Ledger.empty(LIST_ID), box_ms=issued_ms,
            floor_ms=issued_ms,
        )  # fmt: skip

    # --- what is on the list ------------------------------------------------------------------
    def person(
        self, number: int, days: float = 30, photo: int = 100, **changes: object
    ) -> PutProposal:
        """Think of somebody to ban."""
        made = PutProposal(
            list_id=LIST_ID, entry_id=key(f"entry {number}").hex()[:16], revision=1,
            salt=key(f"salt {number}")[:16], category=Category.BANNED, reason=Reason.SPIKING,
            scope=CONSORTIUM, venue_id=VENUES[0], created_ms=self.now_ms,
            valid_until_ms=self.now_ms + round(days * DAY_MS), incident_on="2026-09-01",
            evidence=f"log book, line {number}", declared=True, model_id="model-a",
            templates=key(f"template {number}") * 18, photo=b"\xff\xd8" + bytes(photo),
        )  # fmt: skip
        return replace(made, **changes)  # type: ignore[arg-type]

    def append(self, op: Op, content: bytes, entry_id: str = "", **told: object) -> Record:
        """Append a record to chain and ledger; ``told`` changes what it says."""
        record = self.next_record(op, content, entry_id, **told)
        pairs = [(record.signed(self.signing), content)]
        self.ledger, _ = self.ledger.extended(pairs, self.newest_root, seal.verify)
        self.log.append(Entry(record, content))
        if op is Op.REMOVE:
            self.log = [
                Entry(one.record, None)
                if one.record.entry_id == entry_id and one.record.op is not Op.REMOVE
                else one
                for one in self.log
            ]
        return record

    def next_record(self, op: Op, content: bytes, entry_id: str = "", **told: object) -> Record:
        """Make the record that would follow."""
        leaf = self.ledger.live.get(entry_id) if entry_id else None
        made = Record(
            list_id=LIST_ID, seq=self.ledger.seq + 1, prev=self.ledger.hash, epoch=self.epoch,
            op=op, entry_id=entry_id, ring=leaf.ring if leaf else "", not_after_ms=0,
            content_digest=content_digest(content), issued_ms=self.now_ms,
        )  # fmt: skip
        return replace(made, **told)  # type: ignore[arg-type]

    def sign(self, proposal: Proposal, venues: Sequence[str] = VENUES) -> bytes:
        """Let the managers of these venues sign."""
        return proposal.signed(*(MANAGERS[one] for one in venues)).encode()

    def put(self, *people: PutProposal) -> list[str]:
        """Put people on the list."""
        for one in people:
            told = {"ring": one.ring, "not_after_ms": one.valid_until_ms}
            venues = VENUES if one.scope == CONSORTIUM else (one.scope,)
            self.append(Op.PUT, self.sign(one, venues), one.entry_id, **told)
        return [one.entry_id for one in people]

    def lift(self, entry_id: str) -> Record:
        """Take somebody off the list."""
        removal = RemoveProposal(LIST_ID, entry_id, VENUES[0], Why.LIFTED, self.now_ms)
        return self.append(Op.REMOVE, self.sign(removal), entry_id)

    def contest(self, entry_id: str) -> Record:
        """Suspend an entry."""
        content = self.sign(ContestProposal(LIST_ID, entry_id, VENUES[0], self.now_ms), VENUES[:1])
        return self.append(Op.CONTEST, content, entry_id)

    def reinstate(self, entry_id: str) -> Record:
        """Let an entry count again."""
        content = self.sign(ReinstateProposal(LIST_ID, entry_id, VENUES[0], self.now_ms))
        return self.append(Op.REINSTATE, content, entry_id)

    def expire(self, entry_id: str) -> Record:
        """Take somebody off whose term is over."""
        leaf = self.ledger.live.get(entry_id)
        assert leaf is not None
        told = {"not_after_ms": leaf.not_after_ms}
        return self.append(Op.REMOVE, Expiry(entry_id).encode(), entry_id, **told)

    def set_policy(self, policy: Policy) -> Record:
        """Change the rules."""
        proposal = PolicyProposal(LIST_ID, VENUES[0], self.now_ms, policy)
        return self.append(Op.POLICY, self.sign(proposal))

    def rekey(self, revoked: tuple[str, ...] = ()) -> Record:
        """Begin a new epoch."""
        self.epoch += 1
        return self.append(Op.REKEY, Rekey(self.epoch, revoked).encode())

    def append_rekey_under_old_keys(self, revoked: tuple[str, ...]) -> Record:
        """Begin a new epoch on the ledger, and go on speaking under the keys of the old one."""
        content = Rekey(self.epoch + 1, revoked).encode()
        return self.append(Op.REKEY, content, epoch=self.epoch + 1)

    # --- what it says -------------------------------------------------------------------------
    def head(self, **changes: object) -> Signed:
        """Sign the newest head; ``changes`` make it a lie."""
        ledger = self.ledger
        made = Head(
            LIST_ID, self.newest_root.version, ledger.seq, ledger.hash, ledger.live.root,
            self.epoch, self.now_ms, self.now_ms + 7 * DAY_MS,
        )  # fmt: skip
        return replace(made, **changes).signed(self.signing)  # type: ignore[arg-type]

    def item(self, one: Entry) -> list[object]:
        """Give a record as it travels, its content under the keys of the present epoch."""
        wire = one.record.signed(self.signing).encode()
        if one.content is None:
            return [wire, None]
        keys = {"": self.ring().control, **dict(self.ring().rings)}
        record = one.record
        ring_key = keys.get(record.ring, key("of another venue"))
        return [
            wire,
            seal.seal_content(ring_key, LIST_ID, record.seq, record.entry_id, one.content),
        ]

    def to_unit(self, *message: object, epoch: int = 0) -> Arrival:
        """Put a message into a frame of the unit's inbox."""
        channel = self.ring(epoch).channel
        return Arrival(f"m/{MAILBOX}/in", frames.seal_frame(channel, "to", LIST_ID, UNIT, message))

    def to_all(self, *message: object) -> Arrival:
        """Put a message into a frame of the list topic."""
        ring = self.ring()
        payload = frames.seal_frame(ring.control, "list", LIST_ID, "", message)
        return Arrival(f"l/{ring.topic}", payload)

    def transfer(self, *blob: object) -> list[Arrival]:
        """Send a blob to the unit's inbox, page by page."""
        name = self.chance.randbytes(8).hex()
        return [self.to_unit(*page) for page in pages(canonical.encode(list(blob)), name)]

    def burst(self, entries: Iterable[Entry], head: Signed | None = None) -> list[Arrival]:
        """Send records to all."""
        blob = ["burst", (head or self.head()).encode(), [self.item(one) for one in entries]]
        name = self.chance.randbytes(8).hex()
        return [self.to_all(*page) for page in pages(canonical.encode(blob), name, 5)]

    def range(self, first: int, last: int = 0) -> list[Arrival]:
        """Send records to the unit, as many at once as ``most_range``."""
        last = last or len(self.log)
        sent: list[Arrival] = []
        for start in range(first, last + 1, self.most_range):
            items = self.log[start - 1 : min(start - 1 + self.most_range, last)]
            head = self.head().encode()
            sent += self.transfer("range", head, [self.item(one) for one in items])
        return sent

    def urgent(self, *records: Record) -> Arrival:
        """Send lifts ahead of everything else."""
        entries = [one for one in self.log if one.record in records]
        return self.to_unit("urgent", [self.item(one) for one in entries])

    def key_box(self, **changes: object) -> Arrival:
        """Give the key box that lies in the unit's key topic."""
        plain = KeyBox(LIST_ID, UNIT, self.epoch, seal.SUITE, bytes(32), self.now_ms)
        plain = replace(plain, **changes)  # type: ignore[arg-type]
        suite, sealed = seal.box(self.box.public, self.ring().encode(), plain.info)
        signed = replace(plain, suite=suite, sealed=sealed).signed(self.signing)
        return self.in_key_topic(signed.encode())

    def kill(self, **changes: object) -> Arrival:
        """Give the order to destroy everything."""
        order = replace(Kill(LIST_ID, UNIT, self.now_ms), **changes)  # type: ignore[arg-type]
        return self.in_key_topic(order.signed(self.signing).encode())

    def in_key_topic(self, signed: bytes) -> Arrival:
        """Put something into the unit's key topic."""
        payload = frames.seal_in_key_topic(self.topic_public, LIST_ID, UNIT, signed)
        return Arrival(f"m/{MAILBOX}/key", payload)

    # --- snapshots ----------------------------------------------------------------------------
    def snapshot_entries(self) -> list[Entry]:
        """Give the records that a snapshot holds, in order."""
        kept: dict[tuple[str, bool], Entry] = {}
        policies = [one for one in self.log if one.record.op is Op.POLICY]
        for one in self.log:
            name, op = one.record.entry_id, one.record.op
            leaf = self.ledger.live.get(name) if name else None
            if leaf is None or (leaf.state is State.GONE) != (op is Op.REMOVE):
                continue
            kept[name, op in {Op.PUT, Op.REMOVE}] = one
        return sorted([*policies, *kept.values()], key=lambda one: one.record.seq)

    def snapshot(self, **changes: object) -> tuple[Signed, list[bytes]]:
        """Make manifest and pages of the whole list."""
        made, page, size = [], list[object](), 0
        for item in map(self.item, self.snapshot_entries()):
            length = sum(len(part) for part in item if isinstance(part, bytes))
            if page and size + length > self.page_bytes:
                made.append(canonical.encode(page))
                page, size = [], 0
            page.append(item)
            size += length
        made += [canonical.encode(page)] if page else []
        ledger = self.ledger
        digests = [sha256(one).digest() for one in made]
        manifest = Manifest(
            LIST_ID, key(f"snapshot {ledger.seq} {self.epoch}").hex()[:16], ledger.seq,
            ledger.hash, ledger.live.root, self.epoch, len(made), pages_digest(digests),
            ledger.live.entries,
        )  # fmt: skip
        return replace(manifest, **changes).signed(self.signing), made  # type: ignore[arg-type]

    def announce(self, **changes: object) -> list[Arrival]:
        """Send the manifest of a snapshot."""
        manifest, made = self.snapshot(**changes)
        digests = b"".join(sha256(one).digest() for one in made)
        return self.transfer("manifest", manifest.encode(), digests)

    def pages(self, numbers: Iterable[int]) -> list[Arrival]:
        """Send pages of the snapshot."""
        manifest, made = self.snapshot()
        name = Manifest.parse(manifest.body).snapshot_id
        return [
            one
            for number in numbers
            for one in self.transfer("snapshot", name, number, made[number])
        ]

    # --- its side of the talk -----------------------------------------------------------------
    def answer(self, out: Out) -> list[Arrival]:  # noqa: PLR0911 - one for each tag
        """Answer one message of the unit."""
        rings = [self.ring(epoch) for epoch in range(1, self.epoch + 1)]
        keys = frames.named_keys(one.channel for one in rings)
        epoch = next(e for e in rings if frames.key_id(e.channel) == out.payload[:8]).epoch
        message = frames.open_frame(keys, "from", LIST_ID, UNIT, out.payload)
        self.asked.append(message)
        if self.mute:
            return []
        match message:
            case ["hello", int(seq), bytes(known), int(theirs), int(version), bytes(nonce)]:
                return self._greeted(seq, known, (theirs, version, nonce), epoch)
            case ["ping", bytes(nonce)]:
                return [self.to_unit("pong", nonce, self.now_ms, epoch=epoch)]
            case ["range", int(first)]:
                return self._missing(first - 1)
            case ["snapshot", "", []]:
                return self.announce()
            case ["snapshot", str(), list(numbers)]:
                return self.pages(int(str(one)) for one in numbers)
            case ["report", bytes(wire)]:
                return self._reported(wire)
            case ["submit", *_]:
                return self._submitted(message)
            case _:
                return []

    def _greeted(
        self, seq: int, known: bytes, rest: tuple[int, int, bytes], epoch: int
    ) -> list[Arrival]:
        theirs, version, nonce = rest
        wires = [one.encode() for one in self.roots[version:]]
        sent = [self.to_unit("roots", wires, epoch=epoch)] if wires else []
        if theirs < self.epoch:
            return [*sent, self.key_box()]
        sent += [
            self.to_unit("head", self.head().encode()),
            self.to_unit("pong", nonce, self.now_ms),
        ]
        if seq and (seq > self.ledger.seq or self.log[seq - 1].record.hash != known):
            return [*sent, *self.announce()]
        return sent + (self._missing(seq) if seq < self.ledger.seq else [])

    def _missing(self, seq: int) -> list[Arrival]:
        if self.ledger.seq - seq > self.far:
            return self.announce()
        lifts = [one.record for one in self.log[seq:] if one.record.op is Op.REMOVE]
        groups = [lifts[i : i + 40] for i in range(0, len(lifts), 40)]
        return [*(self.urgent(*one) for one in groups), *self.range(seq + 1)]

    def _reported(self, wire: bytes) -> list[Arrival]:
        carried, report = Report.open(wire)
        carried.require(self.unit_signer.public, seal.verify)
        self.reports.append(report)
        if report.erased or report.destroyed:
            return [self.to_unit("heard", report.counter)]
        return []

    def _submitted(self, message: list[object]) -> list[Arrival]:
        wire = self._assembly.add(message, self.now_ms)
        if wire is None:
            return []
        self.submitted.append(wire)
        carried = Signed.parse(wire, "proposal")
        proposal = PutProposal.parse(carried.body)
        if self.ledger.live.get(proposal.entry_id) is None:
            self.put(proposal)
        return [self.to_unit("taken", [proposal.entry_id]), *self.range(self.ledger.seq)]
