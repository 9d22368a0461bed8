"""The log of requests: in time, signed where it must be, and forgotten in the end."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.office import Office
from sync.errors import HubError, Refused
from sync.hub.facts import Standing
from sync.hub.rights import remedies
from sync.hub.rights.book import KEPT_DAYS, WORDS_KEPT_DAYS, Requests
from sync.hub.rights.calendar import acknowledged_by, due_on, months_later
from sync.hub.rights.request import (
    LONGEST_WORDS,
    MOST_ENTRIES,
    Ask,
    Kind,
    Outcome,
    Proof,
    Remedy,
    Request,
    Step,
)
from sync.statement.policy import DAY_MS

ASKER = "Jo Fielding, 4 Mill Lane"


def request(kind: Kind = Kind.ACCESS, **changes: object) -> Request:
    given = {"received_on": "2026-12-30", "asker": ASKER, "words": "what do you hold?"} | changes
    return Request(kind, **given)


@pytest.fixture
def requests(office: Office) -> Requests:
    return Requests(office.service.desk)


def test_an_answer_is_due_on_the_same_day_of_the_next_month() -> None:
    assert due_on(date(2026, 11, 3)) == date(2026, 12, 3)
    assert due_on(date(2027, 1, 31)) == date(2027, 3, 1)  # 28 February 2027 is a Sunday
    assert due_on(date(2028, 1, 31)) == date(2028, 2, 29)
    assert due_on(date(2026, 11, 3), extended=True) == date(2027, 2, 3)
    assert acknowledged_by(date(2026, 11, 3)) == date(2026, 12, 3)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 40))
def test_a_month_later_is_in_that_month_and_never_past_it(day: date, months: int) -> None:
    later = months_later(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (later.day < day.day and (later + timedelta(1)).day == 1)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_an_answer_is_never_due_at_a_weekend_nor_earlier_than_after_a_month(day: date) -> None:
    due = due_on(day)
    assert due.weekday() < 5
    assert timedelta(0) <= due - months_later(day, 1) <= timedelta(2)


def test_a_request_is_numbered_logged_and_audited_without_its_words(
    office: Office, requests: Requests
) -> None:
    number = requests.open(request(), "user olivia", office.now_ms)
    assert number == 1
    assert requests.open(request(Kind.ERASE), "user olivia", office.now_ms) == 2
    assert requests.find(1).asker == ASKER
    assert requests.find(1).days_left(date(2027, 1, 2)) == 30  # 30 January is a Saturday
    lines = [one for one in office.service.audit() if one.did == "request-open"]
    assert [(one.what, one.detail) for one in lines] == [
        ("request 1", "access"),
        ("request 2", "erase"),
    ]
    assert not any("Fielding" in repr(one) for one in office.service.audit())


def test_a_request_says_whom_to_answer_and_did_come_already(
    office: Office, requests: Requests
) -> None:
    with pytest.raises(HubError, match="how to reach"):
        requests.open(request(asker=" "), "x", office.now_ms)
    with pytest.raises(HubError, match="still to come"):
        requests.open(request(received_on="2027-01-09"), "x", office.now_ms)
    with pytest.raises(HubError, match="too long"):
        requests.open(request(words="x" * (LONGEST_WORDS + 1)), "x", office.now_ms)
    with pytest.raises(HubError, match="no request 7"):
        requests.find(7)


def test_a_complaint_is_acknowledged_within_thirty_days(office: Office, requests: Requests) -> None:
    number = requests.open(request(Kind.COMPLAINT), "x", office.now_ms)
    assert requests.find(number).acknowledge_by == date(2027, 1, 29)
    step = Step(office.now_ms, "x", "acknowledge")
    requests.step(number, step, acknowledged_ms=office.now_ms)
    assert requests.find(number).acknowledge_by is None


def test_a_request_is_about_a_few_entries_each_once(office: Office, requests: Requests) -> None:
    number = requests.open(request(), "x", office.now_ms)
    for name in [f"{one:016x}" for one in range(MOST_ENTRIES)]:
        requests.attach(number, name, "x", office.now_ms)
        requests.attach(number, name, "x", office.now_ms)
    assert len(requests.find(number).entries) == MOST_ENTRIES
    assert [one for one, _ in requests.about(f"{1:016x}")] == [number]
    with pytest.raises(HubError, match="at most"):
        requests.attach(number, "f" * 16, "x", office.now_ms)
    requests.detach(number, f"{0:016x}", "x", office.now_ms)
    assert f"{0:016x}" not in requests.find(number).entries


def test_a_closed_request_is_not_changed(office: Office, requests: Requests) -> None:
    number = requests.open(request(), "x", office.now_ms)
    requests.close(number, Outcome.NOTHING_HELD, "told so by letter", "x", office.now_ms)
    assert not requests.find(number).open
    with pytest.raises(HubError, match="closed"):
        requests.step(number, Step(office.now_ms, "x", "acknowledge"))


def asked(office: Office, requests: Requests, remedy: Remedy, entry_id: str) -> tuple[int, Ask]:
    venue = remedies.venue_to_ask(office.service.desk, entry_id)
    number = requests.open(request(proof=Proof.DOCUMENT), "user olivia", office.now_ms)
    requests.attach(number, entry_id, "user olivia", office.now_ms)
    requests.ask(number, Ask(remedy, entry_id, venue, office.now_ms), "user olivia")
    ((again, ask),) = requests.asked_of(venue)
    assert again == number
    return number, ask


def test_a_venue_suspends_an_entry_that_it_is_asked_to(office: Office, requests: Requests) -> None:
    entry_id = office.ban().entry_id
    at = asked(office, requests, Remedy.SUSPEND, entry_id)
    signer = office.people.managers[at[1].venue_id]
    remedies.sign(requests, at, signer, "user ana", office.now_ms)
    assert office.service.entry(entry_id).standing is Standing.CONTESTED
    assert requests.asked_of(at[1].venue_id) == []
    with pytest.raises(HubError, match="settled"):
        remedies.sign(requests, at, signer, "user ana", office.now_ms)


def test_an_erasure_for_every_door_waits_for_a_second_venue(
    office: Office, requests: Requests
) -> None:
    entry_id = office.ban().entry_id
    at = asked(office, requests, Remedy.ERASE, entry_id)
    signer = office.people.managers[at[1].venue_id]
    outcome = remedies.sign(requests, at, signer, "user ana", office.now_ms)
    assert outcome.waits_for
    assert office.service.entry(entry_id).standing is Standing.LIVE
    assert requests.find(at[0]).asks[0].signed_ms == office.now_ms


def test_another_venues_key_signs_nothing(office: Office, requests: Requests) -> None:
    entry_id = office.ban().entry_id
    at = asked(office, requests, Remedy.SUSPEND, entry_id)
    other = next(one for name, one in office.people.managers.items() if name != at[1].venue_id)
    with pytest.raises(Refused):
        remedies.sign(requests, at, other, "user ben", office.now_ms)
    assert requests.find(at[0]).asks[0].open


def test_a_venue_that_declines_says_why(office: Office, requests: Requests) -> None:
    at = asked(office, requests, Remedy.ERASE, office.ban().entry_id)
    with pytest.raises(HubError, match="say why"):
        remedies.decline(requests, at, "", "user ana", office.now_ms)
    changed = remedies.decline(requests, at, "the case is at court", "user ana", office.now_ms)
    assert changed.asks[0].declined == "the case is at court"
    assert not changed.asks[0].open


def test_what_is_asked_twice_is_asked_once(office: Office, requests: Requests) -> None:
    number, ask = asked(office, requests, Remedy.SUSPEND, office.ban().entry_id)
    assert len(requests.ask(number, ask, "user olivia").asks) == 1
    with pytest.raises(HubError, match="not about"):
        requests.ask(number, Ask(Remedy.ERASE, "0" * 16, ask.venue_id, 1), "user olivia")


def test_the_words_of_a_closed_request_go_first_and_its_line_later(
    office: Office, requests: Requests, tmp_path: Path
) -> None:
    number = requests.open(request(), "x", office.now_ms)
    requests.attach(number, office.ban().entry_id, "x", office.now_ms)
    requests.forget(office.now_ms + 10 * KEPT_DAYS * DAY_MS)
    assert requests.find(number).asker == ASKER, "an open request is never forgotten"
    requests.close(number, Outcome.GIVEN, "sent to Mill Lane", "x", office.now_ms)
    requests.forget(office.now_ms + WORDS_KEPT_DAYS * DAY_MS)
    bare = requests.find(number)
    assert (bare.asker, bare.words, bare.entries, bare.outcome) == ("", "", (), Outcome.GIVEN)
    assert b"Mill Lane" not in repr(bare).encode()
    requests.forget(office.now_ms + KEPT_DAYS * DAY_MS)
    with pytest.raises(HubError, match="gone"):
        requests.find(number)
