"""The live set: one hash over who stands where, cheap to change."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.liveset import Leaf, LiveSet, State

IDS = st.text("0123456789abcdef", min_size=16, max_size=16)
LEAVES = st.builds(
    Leaf,
    st.binary(min_size=32, max_size=32),
    st.integers(0, 10**12),
    st.just("consortium/banned"),
    st.sampled_from(State),
    st.integers(0, 100),
)
LISTS = st.dictionaries(IDS, LEAVES, max_size=30)


def leaf(state: State = State.LIVE, name: bytes = b"h" * 32) -> Leaf:
    return Leaf(name, 0, "consortium/banned", state, 1)


def test_the_root_is_what_the_protocol_says() -> None:
    ids = ["ab" + "0" * 14, "ab" + "1" * 14, "00" * 8]
    live = LiveSet.of({ids[1]: leaf(State.GONE), ids[0]: leaf(), ids[2]: leaf(State.CONTESTED)})
    buckets = [bytes(32)] * 256
    row = b"h" * 32
    buckets[0x00] = sha256(b"\x00" + bytes(8) + row + b"\x02").digest()
    both = bytes.fromhex(ids[0]) + row + b"\x01" + bytes.fromhex(ids[1]) + row + b"\x03"
    buckets[0xAB] = sha256(b"\x00" + both).digest()
    assert live.root == sha256(b"\x01" + b"".join(buckets)).digest()
    assert LiveSet().root == sha256(b"\x01" + bytes(32 * 256)).digest()


@given(LISTS, LISTS)
def test_order_and_portions_do_not_matter(first: dict[str, Leaf], second: dict[str, Leaf]) -> None:
    both = {**first, **second}
    assert LiveSet.of(first).updated(second) == LiveSet.of(both)
    assert dict(LiveSet.of(both).items()) == both


@given(LISTS)
def test_every_entry_is_found_and_counted(leaves: dict[str, Leaf]) -> None:
    live = LiveSet.of(leaves)
    assert all(live.get(name) == one for name, one in leaves.items())
    assert live.get("f" * 16) == leaves.get("f" * 16)
    assert live.entries == sum(one.state is not State.GONE for one in leaves.values())


@given(LISTS, IDS, LEAVES, LEAVES)
def test_another_state_is_another_root(
    leaves: dict[str, Leaf], name: str, one: Leaf, other: Leaf
) -> None:
    same = (one.record_hash, one.state) == (other.record_hash, other.state)
    first, second = (LiveSet.of({**leaves, name: leaf}) for leaf in (one, other))
    assert (first.root == second.root) == same


def test_a_change_leaves_the_old_set_as_it_was() -> None:
    old = LiveSet.of({"a" * 16: leaf()})
    root, new = old.root, old.updated({"a" * 16: leaf(State.GONE)})
    assert old.root == root != new.root
    assert old.updated({}) == old


@pytest.mark.parametrize("state", State)
def test_a_leaf_is_stored_as_it_is(state: State) -> None:
    one = leaf(state)
    assert Leaf.of_values(one.values()) == one
