"""Long messages come whole or not at all, and never without an end."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.errors import Code, Refused
from sync.transfer import MOST_OPEN, PAGE_BYTES, STALE_MS, Assembly, pages

NAME = "0123456789abcdef"


@settings(max_examples=40, deadline=None)
@given(
    size=st.integers(0, 4 * PAGE_BYTES), multiple=st.sampled_from([1, 5]), seed=st.integers(0, 99)
)
def test_a_blob_comes_whole_in_any_order_and_twice(size: int, multiple: int, seed: int) -> None:
    order = Random(seed)
    blob = order.randbytes(size)
    sent = pages(blob, NAME, multiple)
    assert len(sent) % multiple == 0
    doubled = [*sent[:-1], *sent[:-1]]
    order.shuffle(doubled)
    assembly = Assembly()
    assert all(assembly.add(list(page), 0) is None for page in doubled)
    assert assembly.add(list(sent[-1]), 0) == blob


def test_a_short_blob_fills_a_burst_with_empty_pages() -> None:
    assert [len(page[4]) for page in pages(b"abc", NAME, 5)] == [3, 0, 0, 0, 0]


def test_a_transfer_without_an_end_is_refused_before_it_is_kept() -> None:
    assembly = Assembly(largest=1000)
    with pytest.raises(Refused) as refusal:
        assembly.add(["page", NAME, 0, 10_000_000, b""], 0)
    assert refusal.value.code is Code.ENDLESS
    with pytest.raises(Refused) as refusal:
        assembly.add(["page", NAME, 0, 2, bytes(1001)], 0)
    assert refusal.value.code is Code.ENDLESS
    assert not assembly._open


@pytest.mark.parametrize(
    "page",
    [
        [],
        ["page", NAME, 0, 1],
        ["page", "short", 0, 1, b""],
        ["page", NAME, 1, 1, b""],
        ["page", NAME, 0, 0, b""],
        ["page", NAME, "0", 1, b""],
        ["page", NAME, False, True, b""],
        ["page", 5, 0, 1, b""],
        ["page", NAME, 0, 1, "text"],
    ],
)
def test_what_is_no_page_is_refused(page: list[object]) -> None:
    with pytest.raises(Refused) as refusal:
        Assembly().add(page, 0)
    assert refusal.value.code is Code.MALFORMED


def test_pages_that_differ_about_their_number_are_refused() -> None:
    assembly = Assembly()
    assembly.add(["page", NAME, 0, 2, b"a"], 0)
    with pytest.raises(Refused):
        assembly.add(["page", NAME, 1, 3, b"b"], 0)


def test_few_transfers_are_kept_and_stale_ones_forgotten() -> None:
    assembly = Assembly()
    for i in range(10 * MOST_OPEN):
        assembly.add(["page", f"{i:016x}", 0, 2, b"a"], i)
    assert len(assembly._open) == MOST_OPEN
    assembly.add(["page", NAME, 0, 2, b"a"], STALE_MS + 1000)
    assert list(assembly._open) == [NAME]


def test_what_is_too_long_is_not_sent() -> None:
    with pytest.raises(Refused) as refusal:
        pages(bytes(3 * 1024 * 1024), NAME)
    assert refusal.value.code is Code.TOO_LARGE
