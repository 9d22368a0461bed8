"""Answers to what units ask: greetings, ranges, snapshots. Nothing a unit says is believed."""

from collections.abc import Iterator

from sync import canonical
from sync.errors import Code, Refused
from sync.hub import adopting, alarms, epochs, roots, words
from sync.hub.desk import Desk
from sync.hub.items import Item, Items, size_of
from sync.hub.reading import Unit, leaf_of
from sync.hub.rows import EntryRow, RecordRow
from sync.hub.snapshot import Snapshots
from sync.hub.speaking import Voice
from sync.liveset import Leaf, State
from sync.message import Out
from sync.signing import Signed
from sync.statement.record import NO_HASH, Record

MOST_RANGE = 2_000
"""Records that are sent one by one; a unit that lacks more takes a snapshot."""

MOST_FIRST_RANGE = 100
"""The same for a unit that holds nothing yet."""

MOST_ANSWERED = 8 * 1024 * 1024
"""Bytes of records in one answer; the unit asks again for the rest."""

MOST_IN_TRANSFER = 1024 * 1024

MOST_URGENT = 40
"""Lifts in one message."""

MOST_LIFTS = 2_000
"""Lifts ahead of the chain; a unit that lacks more takes a snapshot."""

MOST_PAGES = 64
"""Pages of a snapshot in one answer."""

MOST_WARMED = 64
"""Records of a snapshot that are prepared at one go: a few milliseconds."""

MOST_ROOTS = 64


class Answers:
    """Answers the units of one hub."""

    def __init__(self, desk: Desk, voice: Voice, items: Items) -> None:
        """Answer from ``desk``."""
        self._desk, self._voice, self._items = desk, voice, items
        self._snapshots = Snapshots(desk, items)

    def hello(
        self, unit: Unit, key: bytes, said: tuple[int, bytes, int, int, bytes], now_ms: int
    ) -> list[Out]:
        """Answer a greeting: keys, roots, lifts, what is missing, the head, the nonce.

        Args:
            unit: Who greets.
            key: Channel key that the greeting came under; the answer goes under it too.
            said: Sequence number, its hash, epoch, root version, nonce.
            now_ms: Milliseconds since the epoch.
        """
        seq, record_hash, epoch, root_version, nonce = said
        outs = list[Out]()
        restored = self._desk.book.restored_ms
        if epoch < self._desk.book.ledger.epoch in self._desk.book.epochs:
            outs.append(self._voice.box(unit, now_ms))
        outs += self.roots(unit, key, root_version)
        if restored or seq > self._desk.book.ledger.seq:
            outs += self.want(unit, key)
        elif self._hash(seq) != record_hash:
            outs += self.manifest(unit, key)
        else:
            outs += self.range(unit, key, seq + 1)
        if (caution := alarms.signed_caution(self._desk, now_ms)) and not restored:
            outs.append(self._voice.to(unit, key, ("caution", caution.encode())))
        return [*outs, self._voice.to(unit, key, ("pong", nonce, now_ms))]

    def roots(self, unit: Unit, key: bytes, version: int) -> list[Out]:
        """Give the roots after ``version``; a revoked unit needs them to believe its kill order."""
        chain = roots.chain(self._desk, version)[:MOST_ROOTS]
        return [self._voice.to(unit, key, ("roots", [carried.encode()])) for carried in chain]

    def range(self, unit: Unit, key: bytes, first: int) -> list[Out]:
        """Give the records from ``first`` on: lifts ahead of all, then the run and the head.

        Raises:
            Refused: MALFORMED, there is no record 0.
        """
        if first < 1:
            raise Refused(Code.MALFORMED, "the first record is number 1")
        missing = self._desk.book.ledger.seq - first + 1
        lifts = self._lifts(first - 1) if missing > 0 else []
        far = missing > (MOST_RANGE if first > 1 else MOST_FIRST_RANGE)
        if far or len(lifts) > MOST_LIFTS:
            urgent = lifts if first > 1 and len(lifts) <= MOST_LIFTS else []
            return [*self._urgent(unit, key, urgent), *self.manifest(unit, key)]
        outs = self._urgent(unit, key, lifts)
        with self._desk.look():
            for run in self._runs(first):
                blob = canonical.encode(["range", self._head, run])
                outs += self._voice.transfer(unit, key, blob)
        return [*outs, self._told_head(unit, key)]

    def manifest(self, unit: Unit, key: bytes) -> list[Out]:
        """Give head and manifest of the snapshot in force."""
        announced = self._snapshots.announced()
        blob = canonical.encode(["manifest", announced.signed.encode(), announced.digests])
        return [self._told_head(unit, key), *self._voice.transfer(unit, key, blob)]

    def snapshot(self, unit: Unit, key: bytes, name: str, numbers: list[int]) -> list[Out]:
        """Give pages of a snapshot, or the manifest in force if that one no longer is.

        Pages may get lost on their way: the unit keeps the count and asks again.
        """
        outs = list[Out]()
        for number in numbers[:MOST_PAGES]:
            page = self._snapshots.page(name, number)
            if page is None:
                return [*outs, *self.manifest(unit, key)]
            blob = canonical.encode(["snapshot", name, number, page])
            outs += self._voice.transfer(unit, key, blob)
        return outs or self.manifest(unit, key)

    def warm(self) -> bool:
        """Prepare a little of the next snapshot; whether it is ready."""
        return self._snapshots.warm(MOST_WARMED)

    def want(self, unit: Unit, key: bytes) -> list[Out]:
        """Ask a unit for the records that this hub forgot, and with them for its word."""
        first = adopting.wanted(self._desk)
        return [] if first is None else [self._voice.to(unit, key, ("want", first))]

    def want_all(self) -> list[Out]:
        """Ask every unit that a restored hub still has to hear from."""
        found, book = adopting.recovery(self._desk), self._desk.book
        missing = {*found.unheard, *(unit_id for unit_id, _ in found.ahead)}
        if found.hollow:
            missing = {unit_id for unit_id, unit in book.units.items() if unit.in_force}
        return [
            out
            for unit in map(book.units.__getitem__, missing)
            for key in self._likely_keys(unit)
            for out in self.want(unit, key)
        ]

    def missed_boxes(self, now_ms: int) -> list[Out]:
        """Give the boxes of units that were not heard in this epoch, where its keys are known."""
        book = self._desk.book
        if book.ledger.epoch not in book.epochs:
            return []
        return [
            self._voice.box(unit, now_ms)
            for unit_id, unit in book.units.items()
            if unit.in_force and words.without_keys(self._desk, unit_id)
        ]

    def _likely_keys(self, unit: Unit) -> list[bytes]:
        """Give the channel keys that a unit may hold: this epoch's, the last, its last word's."""
        epoch = self._desk.book.ledger.epoch
        said = words.newest(self._desk, unit.registration.unit_id)
        likely = {epoch, epoch - 1, said.epoch if said else epoch}
        return [
            epochs.channel_key(self._desk, one, unit.registration)
            for one in sorted(likely)
            if one >= unit.row.epoch
        ]

    @property
    def _head(self) -> bytes:
        return self._desk.store.state.head

    def _told_head(self, unit: Unit, key: bytes) -> Out:
        return self._voice.to(unit, key, ("head", self._head))

    def _hash(self, seq: int) -> bytes:
        row = self._desk.store.find("record", seq, RecordRow) if seq else None
        return Record.parse(Signed.parse(row.wire, Record.KIND).body).hash if row else NO_HASH

    def _runs(self, first: int) -> Iterator[list[Item]]:
        """Cut the records from ``first`` on into runs of one transfer each."""
        run, size, total = list[Item](), 0, 0
        for seq in range(first, self._desk.book.ledger.seq + 1):
            item = self._items.item(seq)
            if run and size + size_of(item) > MOST_IN_TRANSFER:
                yield run
                run, size = [], 0
            if total > MOST_ANSWERED:
                break
            run.append(item)
            size += size_of(item)
            total += size_of(item)
        if run:
            yield run

    def _lifts(self, after: int) -> list[int]:
        """Name the records after ``after`` that took an entry off, or suspended a known one."""
        rows = self._desk.store.each("entry", EntryRow, "seq > ?", (after,))
        told = ((leaf_of(row), row) for _, row in rows)
        return sorted(leaf.seq for leaf, row in told if _favours(leaf, row, after))

    def _urgent(self, unit: Unit, key: bytes, lifts: list[int]) -> list[Out]:
        groups = (lifts[i : i + MOST_URGENT] for i in range(0, len(lifts), MOST_URGENT))
        return [
            self._voice.to(unit, key, ("urgent", [self._items.item(seq) for seq in group]))
            for group in groups
        ]


def _favours(leaf: Leaf, row: EntryRow, after: int) -> bool:
    """Whether an entry's newest record is a lift, or a contest of one the unit may hold.

    The end of a term is none: a unit sees that by its own clock.
    """
    if leaf.state is State.GONE:
        return not leaf.not_after_ms
    return leaf.state is State.CONTESTED and bool(row.puts) and row.puts[0] <= after
