"""Reasons, terms and declarations; who signs is shown in test_ledger."""

from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from paper_hub import DAY, NOW_MS, VENUES, A, key, put, root
from sync.entries import LONGEST_DAYS, Category, Reason, category_of
from sync.errors import Code, Refused
from sync.rules import SKEW_MS, check_put, venue_keys
from sync.statement.field import LATEST_MS
from sync.statement.policy import DAY_MS, Policy
from sync.statement.root import Venue


def refused(policy: Policy | None = None, issued_ms: int = NOW_MS, **changes: object) -> Code:
    with pytest.raises(Refused) as caught:
        check_put(put(**changes), policy or Policy(), issued_ms)
    return caught.value.code


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"reason": Reason.MISSING}, Code.RULE),
        ({"category": Category.WELFARE}, Code.RULE),
        ({"declared": False}, Code.RULE),
        ({"evidence": ""}, Code.RULE),
        ({"incident_on": "2026-09-23"}, Code.RULE),
        ({"created_ms": NOW_MS + SKEW_MS + 1}, Code.RULE),
        ({"valid_until_ms": NOW_MS}, Code.TERM),
        ({"valid_until_ms": NOW_MS - 1}, Code.TERM),
        ({"valid_until_ms": NOW_MS + 731 * DAY_MS + 1}, Code.TERM),
        ({"created_ms": NOW_MS - 10, "valid_until_ms": NOW_MS}, Code.TERM),
    ],
)
def test_an_entry_that_breaks_a_rule_is_refused(changes: dict[str, object], code: Code) -> None:
    assert refused(**changes) is code


@pytest.mark.parametrize("reason", Reason)
def test_each_reason_has_its_longest_term(reason: Reason) -> None:
    longest_ms = (LONGEST_DAYS[reason] + 1) * DAY_MS
    fitting = {"reason": reason, "category": category_of(reason)}
    check_put(put(valid_until_ms=NOW_MS + longest_ms, **fitting), Policy(), NOW_MS)
    assert refused(valid_until_ms=NOW_MS + longest_ms + 1, **fitting) is Code.TERM


def test_a_policy_shortens_terms_and_never_lengthens_them() -> None:
    strict = Policy(max_days=frozenset({(Reason.VIOLENCE, 30), (Reason.THEFT, 1)}))
    loose = Policy(max_days=frozenset({(Reason.DAMAGE, 730)}))
    check_put(put(valid_until_ms=NOW_MS + 31 * DAY_MS), strict, NOW_MS)
    assert refused(strict, valid_until_ms=NOW_MS + 31 * DAY_MS + 1) is Code.TERM
    assert loose.longest_days(Reason.DAMAGE) == LONGEST_DAYS[Reason.DAMAGE]
    assert strict.longest_days(Reason.WEAPON) == LONGEST_DAYS[Reason.WEAPON]


def test_an_incident_may_have_happened_where_it_is_tomorrow_already() -> None:
    check_put(put(incident_on=DAY), Policy(), NOW_MS)
    late_evening = int(datetime(2026, 9, 21, 23, tzinfo=UTC).timestamp() * 1000)
    late = {"created_ms": late_evening, "valid_until_ms": late_evening + DAY_MS}
    check_put(put(incident_on="2026-09-22", **late), Policy(), late_evening)
    assert refused(incident_on="2026-09-23", issued_ms=late_evening, **late) is Code.RULE


@given(st.integers(0, LATEST_MS), st.integers(0, LATEST_MS))
@example(LATEST_MS, LATEST_MS)
def test_no_moment_of_ten_thousand_years_is_more_than_refused(created: int, until: int) -> None:
    one = put(created_ms=created, valid_until_ms=until)
    try:
        check_put(one, Policy(), NOW_MS)
    except Refused:
        return
    assert NOW_MS < until <= created + 731 * DAY_MS
    assert created <= NOW_MS + SKEW_MS


def test_self_exclusion_and_welfare_need_no_evidence() -> None:
    one = put(
        category=Category.SELF_EXCLUDED,
        reason=Reason.SELF_EXCLUSION,
        evidence="",
    )
    check_put(one, Policy(), NOW_MS)


def test_a_former_key_counts_for_what_it_signed_in_its_time() -> None:
    old, new = key("old").public, key("new").public
    trusted = root(venues=(Venue(A, "a", old, 7), Venue(A, "b", new)))
    assert venue_keys(trusted, 7) == {old: A, new: A}
    assert venue_keys(trusted, 8) == venue_keys(trusted) == {new: A}
    assert set(venue_keys(root()).values()) == set(VENUES)
