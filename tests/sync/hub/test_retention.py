"""Retention: what is over has gone, what will go is named, what cannot be proven is shown."""

from pathlib import Path

from simulator.office import Office
from sync.entries import LONGEST_DAYS, Category, Reason
from sync.hub import retention
from sync.hub.card import Card
from sync.hub.exchange import TIDY_MS, Exchange
from sync.hub.facts import Standing
from sync.hub.rights.book import KEPT_DAYS, Requests
from sync.hub.rights.request import Kind, Outcome, Request
from sync.statement.policy import DAY_MS

NOW = 1_798_804_800_000


def card(number: int = 1, **changes: object) -> Card:
    one = {
        "entry_id": f"{number:016x}",
        "standing": Standing.LIVE,
        "category": Category.BANNED,
        "reason": Reason.VIOLENCE,
        "scope": "consortium",
        "venue_id": "a",
        "created_ms": NOW - 10 * DAY_MS,
        "until_ms": NOW + 90 * DAY_MS,
        "incident_on": "2026-12-20",
        "evidence": "book 1",
        "revision": 1,
        "seq": number,
        "changed_ms": NOW - 10 * DAY_MS,
        "templates": 1,
        "model_id": "net",
    }
    return Card(**(one | changes))


def cards(*every: Card) -> dict[str, Card]:
    return {one.entry_id: one for one in every}


def test_entries_that_end_soon_are_named_the_soonest_first() -> None:
    soon = [card(n, until_ms=NOW + days * DAY_MS) for n, days in enumerate((29, 3, 31, 12))]
    waiting = card(9, standing=Standing.WAITING, until_ms=NOW + DAY_MS)
    found = retention.ending([*soon, waiting], NOW)
    assert [round((one.until_ms - NOW) / DAY_MS) for one in found] == [3, 12, 29]


def test_a_dispute_that_nobody_settles_is_named() -> None:
    old = card(1, standing=Standing.CONTESTED, changed_ms=NOW - 20 * DAY_MS)
    new = card(2, standing=Standing.CONTESTED, changed_ms=NOW - DAY_MS)
    assert retention.long_contested([old, new, card(3)], NOW) == (old,)


def test_terms_are_told_beside_what_the_software_and_the_venues_admit(office: Office) -> None:
    found = {one.reason: one for one in retention.terms(office.service.desk, [card(1), card(2)])}
    assert set(found) == set(LONGEST_DAYS)
    violence = found[Reason.VIOLENCE]
    assert (violence.entries, violence.mean_days, violence.longest_days) == (2, 100, 730)
    assert violence.policy_days == 730
    assert found[Reason.THEFT].mean_days == 0


def test_an_erasure_is_unproven_until_every_door_has_signed(office: Office) -> None:
    entry_id, door = office.ban().entry_id, office.door()
    office.lift(entry_id)
    keeping = retention.look(office.service.desk, {}, office.now_ms)
    (open_,) = keeping.unproven
    assert (open_.entry_id, open_.doors) == (entry_id, (door.registration.name,))
    assert open_.lapses_ms > office.now_ms


def test_what_ended_by_itself_and_what_waits_is_shown(office: Office) -> None:
    office.door()
    put = office.ban()
    other = office.people.person()
    office.service.propose(office.signed(other, other.venue_id), office.now_ms)
    over_ms = put.valid_until_ms + 1
    late = retention.look(office.service.desk, {}, over_ms)
    assert (late.over, late.next_end_ms) == (1, put.valid_until_ms)
    assert [one.entry_id for one in late.waits] == [other.entry_id]
    office.service.expire(over_ms)
    after = retention.look(office.service.desk, {}, over_ms)
    assert (after.over, after.ended) == (0, ((put.entry_id, over_ms),))


def test_backups_are_shown_with_what_is_still_to_be_erased_there(
    office: Office, tmp_path: Path
) -> None:
    desk = office.service.desk
    (tmp_path / "there.db").touch()
    office.service.copied(tmp_path / "there.db", "test", office.now_ms)
    office.service.copied(tmp_path / "away.db", "test", office.now_ms)
    office.lift(office.ban().entry_id)
    keeping = retention.look(desk, {}, office.now_ms)
    assert [(Path(one.path).name, one.there) for one in keeping.copies] == [
        ("there.db", True),
        ("away.db", False),
    ]
    assert keeping.unpurged


def test_the_running_hub_forgets_old_requests_by_itself(office: Office) -> None:
    requests = Requests(office.service.desk)
    number = requests.open(Request(Kind.CHECK, "2027-01-01", "Jo"), "x", office.now_ms)
    requests.close(number, Outcome.NOTHING_HELD, "", "x", office.now_ms)
    assert retention.look(office.service.desk, {}, office.now_ms).requests == 1
    exchange = Exchange(office.service)
    exchange.tick(office.now_ms)
    exchange.tick(office.now_ms + KEPT_DAYS * DAY_MS + TIDY_MS)
    assert list(requests.each()) == []
