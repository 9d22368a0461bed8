"""What the hub reads of its database when it is opened, and when another process changed it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sync import canonical
from sync.errors import HubError
from sync.hub.rows import EntryRow, EpochRow, State, UnitRow
from sync.hub.store import Store
from sync.ledger import Chain, Ledger
from sync.liveset import Leaf
from sync.signing import Signed
from sync.statement.head import Head
from sync.statement.membership import Registration
from sync.statement.root import Root

LARGEST_LEAF = 256


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit: what it registered with, and what became of it."""

    registration: Registration
    row: UnitRow

    @property
    def in_force(self) -> bool:
        """Whether it has a part in the list."""
        return not self.row.revoked_ms

    @property
    def name(self) -> str:
        """What people call it."""
        return self.row.name or self.registration.name


@dataclass(frozen=True, slots=True)
class Book:
    """What the database holds, without contents and reports; of one moment.

    Attributes:
        root: The newest root; None before the first.
        ledger: Chain position and live set.
        units: By unit id, in the order in which they joined.
        epochs: Secrets, by epoch.
        turns: See ``State.turns``.
        restored_ms: See ``State.restored_ms``.
    """

    root: Root | None
    ledger: Ledger
    units: Mapping[str, Unit]
    epochs: Mapping[int, EpochRow]
    turns: int
    restored_ms: int


def read(store: Store) -> Book:
    """Read everything.

    Raises:
        HubError: It is damaged: what lies in the rows is not what the head says.
    """
    with store.moment():
        state = store.state
        ledger = _ledger(store, Ledger.empty(store.list_id), state)
        return _surroundings(store, state, ledger)


def reread(store: Store, book: Book) -> Book:
    """Read what another process changed since ``book`` was read. Raises: HubError."""
    with store.moment():
        state = store.state
        ledger = _ledger(store, book.ledger, state)
        if state.turns == book.turns:
            return replace(book, ledger=ledger)
        return _surroundings(store, state, ledger)


def _ledger(store: Store, ledger: Ledger, state: State) -> Ledger:
    """Bring the ledger to where the chain stands, by the entries that changed since."""
    if not state.chain:
        return ledger
    chain = Chain.parse(state.chain)
    if chain.seq < ledger.seq:  # another process put a backup in place
        ledger = Ledger.empty(store.list_id)
    rows = store.each("entry", EntryRow, "seq > ?", (ledger.seq,))
    live = ledger.live.updated({entry_id: leaf_of(row) for entry_id, row in rows})
    head = Head.parse(Signed.parse(state.head, Head.KIND).body)
    if not Ledger(chain, live).matches(head):
        raise HubError(
            f"the hub's database {store.path} is damaged: its entries are not those of its head; "
            "restore a backup with doorwatch-hub restore"
        )
    return Ledger(chain, live)


def leaf_of(row: EntryRow) -> Leaf:
    """Read an entry's leaf."""
    return Leaf.of_values(canonical.decode(row.leaf, LARGEST_LEAF))


def _surroundings(store: Store, state: State, ledger: Ledger) -> Book:
    newest = store.rows("SELECT MAX(version) FROM root")[0][0]
    units = sorted(store.each("unit", UnitRow), key=lambda pair: pair[1].joined_ms)
    return Book(
        root=_root(store, newest) if newest else None,
        ledger=ledger,
        units={name: Unit(Registration.parse(row.registration), row) for name, row in units},
        epochs=dict(store.each("epoch", EpochRow)),
        turns=state.turns,
        restored_ms=state.restored_ms,
    )


def _root(store: Store, version: int) -> Root:
    return Root.parse(Signed.parse(store.take("root", version) or b"", Root.KIND).body)
