"""The open database together with what was read of it: where every operation of the hub works.

What is read often (root, policy, live set, units, keys of epochs) is kept as one frozen
:class:`Book`. A change replaces it; a change that fails puts the old one back; a change by another
process is noticed and read.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

import msgspec

from sync import seal
from sync.errors import HubError
from sync.hub import audit, outbox
from sync.hub.reading import Book, Unit, leaf_of, read, reread
from sync.hub.rows import AuditRow, EntryRow, EpochRow, encode
from sync.hub.store import Store
from sync.ledger import Ledger
from sync.signing import Signed
from sync.statement.root import Root

_WITH_ENTRY = ("note", "alarm")
"""Tables of what is known of an entry beside the ledger; a row's key is the entry's id."""


class Desk:
    """One open hub, for the operations on it.

    Attributes:
        store: Its database.
    """

    def __init__(self, store: Store) -> None:
        """Read what ``store`` holds.

        Raises:
            HubError: It is damaged.
        """
        self.store = store
        self._version = store.version()
        self._book = read(store)
        self._erased = False
        self._changing = 0
        self._signers: dict[bytes, seal.SigningKey] = {}

    @property
    def book(self) -> Book:
        """What the database holds now, also if another process changed it."""
        if not self._changing:  # nobody else can, then
            self._refresh()
        return self._book

    @property
    def root(self) -> Root:
        """The newest root.

        Raises:
            HubError: The hub has none yet.
        """
        if self.book.root is None:
            raise HubError("this hub has no root yet: finish doorwatch-hub init")
        return self.book.root

    @property
    def signer(self) -> seal.SigningKey:
        """The hub's signing key in use."""
        seed = self.store.state.signing_seed
        if seed not in self._signers:
            self._signers = {seed: seal.SigningKey(seed)}
        return self._signers[seed]

    @contextmanager
    def change(self) -> Iterator[None]:
        """Run the block as one change of database and book, or of neither."""
        before, version = self._book, self._version
        try:
            with self.store.change():
                if not self._changing:
                    self._refresh()
                self._changing += 1
                try:
                    yield
                finally:
                    self._changing -= 1
        except BaseException:
            self._book, self._version = before, version
            raise
        if self._erased:
            self._erased = not self.store.forget_log()

    @contextmanager
    def look(self) -> Iterator[None]:
        """See one state throughout the block, which changes nothing."""
        with self.store.moment():
            if not self._changing:
                self._refresh()
            self._changing += 1
            try:
                yield
            finally:
                self._changing -= 1

    def note(self, now_ms: int, who: str, did: str, what: str = "", detail: str = "") -> None:
        """Write a line of the audit log, within a change."""
        audit.note(self.store, AuditRow(now_ms, who, did, what, detail))

    def keep_root(self, signed: Signed, root: Root) -> None:
        """Make this the newest root, within a change."""
        self.store.put("root", root.version, signed.encode())
        self._turn(replace(self.book, root=root))

    def keep_unit(self, unit: Unit) -> None:
        """Write a unit, within a change."""
        unit_id = unit.registration.unit_id
        self.store.put("unit", unit_id, encode(unit.row))
        self._turn(replace(self.book, units={**self.book.units, unit_id: unit}))

    def keep_epoch(self, number: int, row: EpochRow | None) -> None:
        """Write the secrets of an epoch, or destroy them (None), within a change."""
        epochs = {key: value for key, value in self.book.epochs.items() if key != number}
        if row is None:
            self.store.drop("epoch", number)
        else:
            self.store.put("epoch", number, encode(row))
            epochs[number] = row
        self._turn(replace(self.book, epochs=epochs))

    def keep_restored(self, restored_ms: int) -> None:
        """Write since when this hub listens before it appends, 0 for not; within a change."""
        state = self.store.state
        self.store.state = msgspec.structs.replace(state, restored_ms=restored_ms)
        self._turn(replace(self.book, restored_ms=restored_ms))

    def keep_ledger(self, ledger: Ledger, rows: Mapping[str, EntryRow]) -> None:
        """Write where the ledger stands now, with the entries that changed, within a change."""
        for entry_id, row in rows.items():
            self.store.put("entry", entry_id, encode(row), seq=leaf_of(row).seq)
        state = self.store.state
        self.store.state = msgspec.structs.replace(state, chain=ledger.chain.encode())
        self._book = replace(self.book, ledger=ledger)

    def destroy(self, table: str, key: str | int) -> None:
        """Erase a row so that no copy of it stays, in this file or its backups; within a change."""
        self.store.drop(table, key)
        outbox.add(self.store, outbox.PURGE, f"{table}/{key}", 0)
        self._erased = True

    def forget(self, entry_id: str) -> None:
        """Erase what the hub alone keeps about an entry that goes, within a change."""
        for table in _WITH_ENTRY:
            if self.store.take(table, entry_id) is not None:
                self.destroy(table, entry_id)

    def _refresh(self) -> None:
        version = self.store.version()
        if version != self._version:
            self._book, self._version = reread(self.store, self._book), version

    def _turn(self, book: Book) -> None:
        state = self.store.state
        self.store.state = msgspec.structs.replace(state, turns=state.turns + 1)
        self._book = replace(book, turns=state.turns + 1)
