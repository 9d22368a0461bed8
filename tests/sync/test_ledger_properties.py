"""What holds for every history: order, loss and doubling of records change nothing."""

from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from paper_hub import (
    LIST,
    NOW_MS,
    Item,
    PaperHub,
    contest,
    entry_name,
    head,
    manifest,
    policy,
    put,
    reinstate,
    remove,
    root,
)  # fmt: skip
from sync.errors import Code, Refused
from sync.ledger import Ledger
from sync.liveset import Leaf, State
from sync.seal import verify
from sync.snapshot import Snapshot
from sync.statement.record import Op, Record

EMPTY = Ledger.empty(LIST)
PEOPLE = st.integers(1, 4)
WISHES = st.lists(
    st.tuples(
        st.sampled_from(["put", "remove", "contest", "reinstate", "expire", "policy", "rekey"]),
        PEOPLE,
    ),
    max_size=12,
)


class Honest:
    """An honest hub: of what it is asked, it writes what the rules admit."""

    def __init__(self, wishes: list[tuple[str, int]]) -> None:
        self.pen = PaperHub()
        self.items: list[Item] = []
        self.states = [EMPTY]
        for number, (wish, person) in enumerate(wishes):
            self._try(wish, person, NOW_MS + number + 1)

    def _try(self, wish: str, person: int, at_ms: int) -> None:
        pen = self.pen
        before = (pen.seq, pen.prev, pen.epoch, pen.issued_ms)
        item = self._written(wish, person, at_ms)
        try:
            after, _ = self.states[-1].extended([item], root(), verify)
        except Refused:
            pen.seq, pen.prev, pen.epoch, pen.issued_ms = before
            return
        self.items.append(item)
        self.states.append(after)

    def _written(self, wish: str, person: int, at_ms: int) -> Item:
        pen = self.pen
        made = {
            "put": lambda: pen.put(put(person, revision=at_ms - NOW_MS)),
            "remove": lambda: pen.about(remove(person, at_ms=at_ms)),
            "contest": lambda: pen.about(contest(person, at_ms=at_ms)),
            "reinstate": lambda: pen.about(reinstate(person, at_ms=at_ms)),
            "expire": lambda: pen.expire(person),
            "policy": lambda: pen.about(policy(at_ms)),
            "rekey": pen.rekey,
        }
        return made[wish]()

    @property
    def last(self) -> Ledger:
        return self.states[-1]


HISTORIES = WISHES.map(Honest)


def attempt(ledger: Ledger, run: list[Item]) -> tuple[Ledger, Code | None]:
    """Extend a ledger; a refusal leaves it as it is."""
    seen = (ledger.seq, ledger.hash, ledger.live.root)
    try:
        return ledger.extended(run, root(), verify)[0], None
    except Refused as refusal:
        code = refusal.code
    assert (ledger.seq, ledger.hash, ledger.live.root) == seen
    return ledger, code


@settings(max_examples=60)
@given(HISTORIES, st.data())
def test_any_order_loss_and_doubling_converges_once_the_range_arrives(
    hub: Honest, data: st.DataObject
) -> None:
    ledger = EMPTY
    numbers = st.integers(0, max(len(hub.items) - 1, 0))
    for first in data.draw(st.lists(numbers, max_size=10)):
        run = hub.items[first : first + data.draw(st.integers(0, 4))]
        ledger, code = attempt(ledger, run)
        assert code in {None, Code.GAP, Code.REPLAY}
        assert ledger == hub.states[ledger.seq]
    ledger, code = attempt(ledger, hub.items[ledger.seq :])
    assert code is None
    assert ledger == hub.last
    assert ledger.matches(head(hub.last))


@settings(max_examples=60)
@given(HISTORIES, st.data())
def test_shuffled_records_are_refused_or_in_order_after_all(
    hub: Honest, data: st.DataObject
) -> None:
    run = data.draw(st.permutations(hub.items))
    ledger, code = attempt(EMPTY, run)
    assert code in {None, Code.GAP, Code.REPLAY}
    assert (ledger == hub.last) == (run == hub.items)


def removed(items: list[Item]) -> Iterator[tuple[int, str]]:
    for number, (carried, _) in enumerate(items, start=1):
        record = Record.parse(carried.body)
        if record.op is Op.REMOVE:
            yield number, record.entry_id


@settings(max_examples=60)
@given(HISTORIES)
def test_a_tombstone_stays(hub: Honest) -> None:
    for number, entry_id in removed(hub.items):
        leaves = [ledger.live.get(entry_id) for ledger in hub.states[number:]]
        assert {leaf.state for leaf in leaves if leaf} == {State.GONE}
        assert None not in leaves


@settings(max_examples=60)
@given(HISTORIES, st.integers(1, 4), st.data())
def test_portions_do_not_matter(hub: Honest, size: int, data: st.DataObject) -> None:
    blind = data.draw(st.sampled_from([None, frozenset[str]()]))
    ledger = EMPTY
    for first in range(0, len(hub.items), size):
        ledger, _ = ledger.extended(hub.items[first : first + size], root(), verify, blind)
    assert ledger == hub.last


@settings(max_examples=60)
@given(HISTORIES, st.data())
def test_a_snapshot_gives_the_list_of_the_chain_whatever_was_held(
    hub: Honest, data: st.DataObject
) -> None:
    before = hub.states[data.draw(st.integers(0, len(hub.states) - 1))]
    snapshot = Snapshot(manifest(hub.last), before, root(), verify)
    snapshot.add(counting(hub))
    ledger = snapshot.ledger()
    assert ledger.matches(head(hub.last))
    assert ledger.chain.policies == hub.last.chain.policies
    assert {name: where(leaf) for name, leaf in ledger.live.items()} == {
        name: where(leaf) for name, leaf in hub.last.live.items()
    }


@settings(max_examples=60)
@given(HISTORIES, st.data())
def test_a_snapshot_never_takes_back(hub: Honest, data: st.DataObject) -> None:
    older = data.draw(st.integers(0, len(hub.states) - 1))
    cut = Honest([])
    cut.items, cut.states = hub.items[:older], hub.states[: older + 1]
    snapshot = Snapshot(manifest(cut.last), hub.last, root(), verify)
    snapshot.add(counting(cut))
    try:
        ledger = snapshot.ledger()
    except Refused:
        return
    assert ledger.live.root == hub.last.live.root


def where(leaf: Leaf) -> tuple[object, ...]:
    """Give what a leaf says, but for the time of a decision that a snapshot may leave out."""
    return (leaf.record_hash, leaf.not_after_ms, leaf.ring, leaf.state, leaf.revision)


def counting(hub: Honest) -> list[Item]:
    """Give the records that still count, as PROTOCOL.md says what a snapshot holds."""
    kept: dict[int, Item] = {}
    puts: dict[str, int] = {}
    moves: dict[str, int] = {}
    for number, item in enumerate(hub.items):
        record = Record.parse(item[0].body)
        if record.op is Op.POLICY:
            kept[number] = item
        elif record.op in {Op.PUT, Op.REMOVE}:
            puts[record.entry_id] = number
            moves.pop(record.entry_id, None)
        elif record.op in {Op.CONTEST, Op.REINSTATE}:
            moves[record.entry_id] = number
    kept |= {number: hub.items[number] for number in (*puts.values(), *moves.values())}
    return [kept[number] for number in sorted(kept)]


def test_the_honest_hub_writes_something() -> None:
    made = Honest([("put", 1), ("contest", 1), ("put", 1), ("reinstate", 1), ("expire", 1)])
    assert len(made.items) == 4
    leaf = made.last.live.get(entry_name(1))
    assert leaf is not None
    assert leaf.state is State.GONE
