"""Snapshots: the whole list in pages, laid out once and kept as the list changes.

A page is a run of records in ascending order. When an entry changes, its old records leave their
page and the new ones go to the end, so that all other pages keep number and digest: a unit that
has them need not fetch them again. A manifest stands for as long as nothing in it has changed;
what came later, the unit takes by range. Nothing of a page is kept on the disk: as contents are
sealed deterministically, a page is the same bytes each time it is made, also after a restart.
"""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256

from sync import canonical
from sync.hub.desk import Desk
from sync.hub.items import Items, size_of
from sync.hub.reading import leaf_of
from sync.hub.rows import EntryRow
from sync.liveset import State
from sync.signing import Signed, digest
from sync.snapshot import pages_digest
from sync.statement.head import Manifest

PAGE_ROOM = 60_864
"""Bytes of a page, so that it travels in one frame; a larger single record is a page alone."""

LONGEST_STANDING = 512
"""Records after which a new manifest is made even if nothing in the old one has changed."""

MOST_KEPT_PAGES = 256
"""Pages in RAM, 15 MB: units that start together ask for the same ones."""

_ID_DIGITS = 16


@dataclass(slots=True)
class _Page:
    """One page: which records it holds, how many bytes, and its digest if it was made."""

    seqs: list[int] = field(default_factory=list)
    size: int = 0
    digest: bytes | None = None


@dataclass(frozen=True, slots=True)
class Announced:
    """A manifest and what it announces.

    Attributes:
        signed: The manifest.
        snapshot_id: Its id.
        seq: Record after which it was taken.
        digests: Of all pages, one after the other.
        under: Epoch and hub key that it was made under.
        entries: Whose records it holds.
    """

    signed: Signed
    snapshot_id: str
    seq: int
    digests: bytes
    under: tuple[int, bytes]
    entries: frozenset[str]


class Snapshots:
    """The layout of the list in pages, and the manifest in force."""

    def __init__(self, desk: Desk, items: Items) -> None:
        """Lay out nothing yet; the first question does."""
        self._desk, self._items = desk, items
        self._announced: Announced | None = None
        self._begin()

    def announced(self) -> Announced:
        """Give the manifest in force; a new one if something in the old one has changed."""
        if self._announced is None or not self._stands(self._announced):
            self._announced = self._announce()
        return self._announced

    def page(self, snapshot_id: str, number: int) -> bytes | None:
        """Give one page; None if that snapshot is no longer in force, or has no such page."""
        announced = self.announced()
        if announced.snapshot_id != snapshot_id or not 0 <= number < len(self._pages):
            return None
        return self._content(number)

    def _begin(self) -> None:
        self._pages: list[_Page] = []
        self._place: dict[int, int] = {}
        self._of: dict[str, tuple[int, ...]] = {}
        self._closed = 0
        self._fresh: list[int] = []
        self._laid_out = 0
        self._made_under = self._under()
        self._made: OrderedDict[int, bytes] = OrderedDict()

    def _under(self) -> tuple[int, bytes]:
        return self._desk.book.ledger.epoch, self._desk.root.hub_key

    def _stands(self, announced: Announced) -> bool:
        """Whether a manifest may still be given to units."""
        ledger = self._desk.book.ledger
        if announced.under != self._under() or ledger.seq < announced.seq:
            return False
        if ledger.seq - announced.seq > LONGEST_STANDING:
            return False
        changed = self._desk.store.rows(
            "SELECT entry_id FROM entry WHERE seq > ?", (announced.seq,)
        )
        return announced.entries.isdisjoint(entry_id for (entry_id,) in changed)

    def warm(self, most: int) -> bool:
        """Lay out up to ``most`` more records ahead of any question; whether all are.

        So nobody waits for 10,000 records to be sealed when a unit asks for the whole list.
        """
        with self._desk.look():
            if self._made_under != self._under() or self._laid_out > self._desk.book.ledger.seq:
                self._begin()
            self._survey()
            for seq in self._fresh[:most]:
                self._add(seq)
            del self._fresh[:most]
        return not self._fresh

    def _announce(self) -> Announced:
        self.warm(most=self._desk.book.ledger.seq)
        with self._desk.look():
            ledger = self._desk.book.ledger
            digests = [self._digest(number) for number in range(len(self._pages))]
        self._closed = len(self._pages)  # what comes later goes to pages of its own
        named = f"{ledger.seq}|{ledger.epoch}".encode() + b"".join(digests)
        manifest = Manifest(
            list_id=ledger.list_id,
            snapshot_id=digest("snapshot", named).hex()[:_ID_DIGITS],
            seq=ledger.seq,
            record_hash=ledger.hash,
            live_root=ledger.live.root,
            epoch=ledger.epoch,
            pages=len(digests),
            pages_digest=pages_digest(digests),
            entries=ledger.live.entries,
        )
        signed = manifest.signed(self._desk.signer)
        return Announced(
            signed,
            manifest.snapshot_id,
            manifest.seq,
            b"".join(digests),
            self._under(),
            frozenset(self._of),
        )

    def _survey(self) -> None:
        """Note which records the list now consists of, as far as that has changed."""
        if self._laid_out == self._desk.book.ledger.seq:
            return
        policies = (one.seq for one in self._desk.book.ledger.chain.policies)
        fresh = [seq for seq in policies if seq > self._laid_out]
        for entry_id, row in self._desk.store.each("entry", EntryRow, "seq > ?", (self._laid_out,)):
            fresh += self._change(entry_id, _wanted(row))
        self._fresh = sorted({*self._fresh, *fresh})
        self._laid_out = self._desk.book.ledger.seq

    def _change(self, entry_id: str, wanted: tuple[int, ...]) -> Iterable[int]:
        """Take an entry's old records out; give those that have no page yet."""
        for seq in self._of.get(entry_id, ()):
            if seq in wanted:
                continue
            if seq in self._place:
                self._take_out(seq)
            else:
                self._fresh.remove(seq)
        self._of[entry_id] = wanted
        return [seq for seq in wanted if seq not in self._place]

    def _take_out(self, seq: int) -> None:
        number = self._place.pop(seq)
        page = self._pages[number]
        page.seqs.remove(seq)
        page.digest = None  # its room is not filled again: later pages keep their numbers
        self._made.pop(number, None)

    def _add(self, seq: int) -> None:
        size = size_of(self._items.item(seq))
        closed = len(self._pages) == self._closed
        if closed or self._pages[-1].size + size > PAGE_ROOM:
            if self._pages:
                self._digest(len(self._pages) - 1)
            self._pages.append(_Page())
        page, number = self._pages[-1], len(self._pages) - 1
        page.seqs.append(seq)
        page.size += size
        page.digest = None
        self._made.pop(number, None)
        self._place[seq] = number

    def _digest(self, number: int) -> bytes:
        page = self._pages[number]
        if page.digest is None:
            page.digest = sha256(self._content(number)).digest()
        return page.digest

    def _content(self, number: int) -> bytes:
        made = self._made.get(number)
        if made is None:
            made = canonical.encode([self._items.item(seq) for seq in self._pages[number].seqs])
            self._made[number] = made
            if len(self._made) > MOST_KEPT_PAGES:
                self._made.popitem(last=False)
        return made


def _wanted(row: EntryRow) -> tuple[int, ...]:
    """Tell which records of an entry a snapshot holds, ascending."""
    leaf = leaf_of(row)
    if leaf.state is State.GONE or not row.puts:
        return (leaf.seq,)
    newest = row.puts[-1]
    return (newest, row.mark) if row.mark > newest else (newest,)
