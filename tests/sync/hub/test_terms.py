"""What a manager says is checked field by field, and becomes proposals that the rules accept."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from edge.enrolment import Reference
from simulator.office import NOON_MS, Office
from sync.entries import Category, Reason
from sync.errors import HubError
from sync.hub.terms import Flaw, Terms, corrected, drafted, extended, rephotographed, terms_of
from sync.statement.policy import DAY_MS, Policy

GOOD = Terms(
    reason=Reason.THEFT, incident="2026-12-31", until="6m", evidence="book 1", declared=True
)
REFERENCE = Reference(np.eye(1, 64, dtype=np.float32), "model", b"\xff\xd8", ())


def flaws(terms: Terms, policy: Policy | None = None) -> set[tuple[str, Flaw]]:
    found = terms.problems(NOON_MS, policy or Policy())
    return {(one.field, one.flaw) for one in found}


def test_good_terms_have_no_flaw() -> None:
    assert not flaws(GOOD)


@pytest.mark.parametrize(
    ("changes", "field", "flaw"),
    [
        ({"incident": "yesterday"}, "incident", Flaw.NO_DAY),
        ({"incident": "2027-01-09"}, "incident", Flaw.COMING),
        ({"until": ""}, "until", Flaw.NO_TERM),
        ({"until": "2020-01-01"}, "until", Flaw.NO_TERM),
        ({"until": "2y"}, "until", Flaw.TOO_LONG),
        ({"category": Category.WELFARE}, "reason", Flaw.MISFIT),
        ({"evidence": ""}, "evidence", Flaw.NO_EVIDENCE),
        ({"evidence": "  "}, "evidence", Flaw.NO_EVIDENCE),
        ({"evidence": "x" * 201}, "evidence", Flaw.LONG_EVIDENCE),
        ({"evidence": "two\nlines"}, "evidence", Flaw.LONG_EVIDENCE),
        ({"declared": False}, "declared", Flaw.UNDECLARED),
    ],
)
def test_each_flaw_is_told_at_its_field(changes: dict[str, object], field: str, flaw: Flaw) -> None:
    wrong = replace(GOOD, **changes)
    assert flaws(wrong) == {(field, flaw)}
    with pytest.raises(HubError):
        wrong.ends_ms(NOON_MS)


def test_all_flaws_are_told_at_once() -> None:
    assert len(flaws(Terms(reason=Reason.THEFT, incident="", until="", declared=False))) == 4


def test_a_policy_shortens_terms() -> None:
    policy = Policy(max_days=frozenset({(Reason.THEFT, 90)}))
    assert flaws(GOOD, policy) == {("until", Flaw.TOO_LONG)}


def test_what_is_drafted_extended_corrected_and_photographed_anew_is_accepted(
    office: Office,
) -> None:
    put = drafted(GOOD, REFERENCE, office.venues[0], office.service.list_id, office.now_ms)
    again = Reference(np.eye(2, 64, dtype=np.float32), "model", b"\xff\xd8\xff", ())
    office.service.propose(office.signed(put), office.now_ms)
    later = extended(put, "9m", office.now_ms + DAY_MS)
    right = corrected(later, Reason.VIOLENCE, "2026-12-30", "book 2")
    photo = rephotographed(right, again)
    office.now_ms += 2 * DAY_MS
    for revision, newer in enumerate((later, right, photo), 2):
        assert newer.revision == revision
        assert newer.salt != put.salt
        assert office.service.propose(office.signed(newer), office.now_ms).seq
    assert photo.valid_until_ms == later.valid_until_ms > put.valid_until_ms
    assert (photo.reason, photo.evidence, photo.photo) == (
        Reason.VIOLENCE, "book 2", b"\xff\xd8\xff",
    )  # fmt: skip


def test_terms_of_an_entry_name_its_last_day(office: Office) -> None:
    last = (datetime.fromtimestamp(NOON_MS / 1000, UTC) + timedelta(days=40)).date().isoformat()
    terms = replace(GOOD, until=last)
    put = drafted(terms, REFERENCE, office.venues[0], office.service.list_id, NOON_MS)
    assert terms_of(put) == replace(terms, category=Category.BANNED)
