"""Entries and the rules of reason and term."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.entries import (
    DAY_S,
    LONGEST_DAYS,
    REASONS_OF,
    Category,
    Entry,
    EntryRefusedError,
    Reason,
    category_of,
    check_entry,
)

NOW = 1_800_000_000.0


def entry(reason: Reason, days: float, category: Category | None = None) -> Entry:
    """An entry that begins now."""
    return Entry("0" * 16, category or category_of(reason), reason, NOW, NOW + days * DAY_S)


def test_every_reason_belongs_to_one_category_and_has_a_longest_term() -> None:
    owned = [reason for reasons in REASONS_OF.values() for reason in reasons]
    assert sorted(owned) == sorted(Reason) == sorted(LONGEST_DAYS)
    assert set(REASONS_OF) == set(Category)
    for category, reasons in REASONS_OF.items():
        assert {category_of(reason) for reason in reasons} == {category}


@pytest.mark.parametrize("reason", Reason)
def test_a_reason_stands_for_its_longest_term_and_no_longer(reason: Reason) -> None:
    longest = LONGEST_DAYS[reason]
    check_entry(entry(reason, longest))
    with pytest.raises(EntryRefusedError, match=f"{reason} may stand for {longest} days at most"):
        check_entry(entry(reason, longest + 1.01))


@pytest.mark.parametrize("days", [0, -1])
def test_an_entry_ends_after_it_begins(days: float) -> None:
    with pytest.raises(EntryRefusedError, match="end before it begins"):
        check_entry(entry(Reason.THEFT, days))


@given(st.sampled_from(Category), st.sampled_from(Reason))
def test_a_reason_fits_its_own_category_only(category: Category, reason: Reason) -> None:
    tried = entry(reason, 1, category)
    if category is category_of(reason):
        check_entry(tried)
    else:
        with pytest.raises(EntryRefusedError, match="does not fit category"):
            check_entry(tried)


@pytest.mark.parametrize("end", [float("nan"), float("inf")])
def test_an_end_that_is_no_moment_is_refused(end: float) -> None:
    with pytest.raises(EntryRefusedError, match="moment"):
        check_entry(Entry("0" * 16, Category.BANNED, Reason.THEFT, NOW, end))


def test_an_entry_is_in_force_up_to_its_end() -> None:
    one = entry(Reason.THEFT, 1)
    assert one.in_force(one.valid_until - 1)
    assert not one.in_force(one.valid_until)
