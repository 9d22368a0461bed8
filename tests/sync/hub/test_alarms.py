"""The alarm guard from a steward's press to amber at every door, and back to red."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from edge.night import night_ends_s
from simulator.office import Door, Office
from simulator.street import House, Street
from sync.cautions import held_back
from sync.errors import HubError
from sync.frames import LARGE
from sync.hub import alarms, words
from sync.hub.guarding import MOST_OF_ONE_DOOR, OFTEN, Why
from sync.hub.speaking import BURST
from sync.signing import Signed
from sync.statement.caution import Caution

MINUTE_MS = 60_000
NIGHT_MS = 24 * 60 * MINUTE_MS


@pytest.fixture
def street(tmp_path: Path) -> Iterator[Street]:
    made = Street(tmp_path)
    made.office.now_ms += 10 * 60 * MINUTE_MS  # in the night, wherever the machine stands
    yield made
    made.office.service.close()


def rang(house: House, *rings: tuple[str, int, int, int]) -> None:
    house.condition = replace(house.condition, rings=rings)


def back_at(house: House, street: Street) -> frozenset[str]:
    return held_back(house.shelf.trusted().caution, street.now)


def tell(office: Office, door: Door, *rings: tuple[str, int, int, int], **told: object) -> None:
    desk = office.service.desk
    with desk.change():
        unit = desk.book.units[door.registration.unit_id]
        wire = door.report(office.service, rings=tuple(sorted(rings)), **told)
        words.take(desk, unit, wire, office.now_ms)


def cautioned(office: Office) -> tuple[str, ...]:
    caution = alarms.caution_in_force(office.service.desk, office.now_ms)
    return caution.entries if caution else ()


def standing(office: Office) -> dict[str, tuple[Why, bool]]:
    found = alarms.standing(office.service.desk, office.now_ms)
    return {one.entry_id: (one.why, one.held_back) for one in found}


# --- from one end to the other -------------------------------------------------------------------
def test_two_not_them_at_one_door_are_amber_at_all_doors_until_noon(street: Street) -> None:
    office = street.office
    person = office.ban()
    street.wait(200)
    rang(street.houses[0], (person.entry_id, 2, 0, 2))
    street.wait(31_000, 500)
    for house in street.houses:
        assert back_at(house, street) == {person.entry_id}
        assert person.entry_id in house.shelf.matched()
    caution = street.houses[1].shelf.trusted().caution
    assert caution is not None
    noon = datetime.fromtimestamp(caution.until_ms / 1000, UTC).astimezone()
    assert (noon.hour, noon.minute) == (12, 0)
    assert street.in_step()


def test_a_door_that_was_away_hears_of_it_when_it_comes_back(street: Street) -> None:
    office, (first, second) = street.office, street.houses
    person = office.ban()
    street.wait(200)
    second.online = False
    rang(first, (person.entry_id, 2, 0, 2))
    street.wait(31_000, 500)
    assert back_at(second, street) == frozenset()
    street.connect(second)
    assert back_at(second, street) == {person.entry_id}


def test_a_manager_who_clears_it_turns_it_red_again_everywhere(street: Street) -> None:
    office, desk = street.office, street.office.service.desk
    person = office.ban()
    street.wait(200)
    rang(street.houses[0], (person.entry_id, 2, 0, 2))
    street.wait(31_000, 500)
    alarms.clear(desk, person.entry_id, "user ana", office.now_ms)
    street.wait(1_000, 100)
    assert all(back_at(house, street) == frozenset() for house in street.houses)
    rang(street.houses[0], (person.entry_id, 3, 0, 3))
    street.wait(31_000, 500)
    assert all(back_at(house, street) == frozenset() for house in street.houses)
    with pytest.raises(HubError, match="no alarm stands"):
        alarms.clear(desk, person.entry_id, "user ana", office.now_ms)


def test_to_the_broker_a_caution_looks_like_any_burst(street: Street) -> None:
    office = street.office
    person = office.ban()
    street.wait(200)
    street.seen.clear()
    rang(street.houses[0], (person.entry_id, 2, 0, 2))
    street.wait(31_000, 500)
    bursts = [out for out in street.seen if out.topic.startswith("l/") and not out.retain]
    assert len(bursts) == BURST
    assert {len(out.payload) for out in bursts} == {LARGE}


def test_the_caution_goes_out_again_under_the_hubs_next_key(street: Street) -> None:
    office, desk = street.office, street.office.service.desk
    person = office.ban()
    street.wait(200)
    rang(street.houses[0], (person.entry_id, 2, 0, 2))
    street.wait(31_000, 500)
    service = office.service
    key = service.next_hub_key(office.now_ms)
    head = desk.book.ledger
    root = office.people.next_root(service.root, key, head.seq, head.hash)
    service.add_root(root, office.now_ms)
    street.wait(1_000, 100)
    for house in street.houses:
        assert house.shelf.trusted().root.hub_key == key
        assert back_at(house, street) == {person.entry_id}


# --- at the hub ----------------------------------------------------------------------------------
@pytest.fixture
def evening(office: Office) -> Office:
    office.now_ms += 10 * 60 * MINUTE_MS
    return office


def test_entries_that_nobody_knows_here_are_passed_over(evening: Office) -> None:
    tell(evening, evening.door(), ("f" * 16, 9, 0, 9))
    assert standing(evening) == {}


def test_a_door_says_nothing_about_entries_of_another_venue(evening: Office) -> None:
    first, second = evening.venues[:2]
    person, own, other = evening.ban(first), evening.door(first), evening.door(second)
    tell(evening, other, (person.entry_id, 2, 0, 2))
    assert standing(evening) == {}
    tell(evening, own, (person.entry_id, 2, 0, 2))
    assert standing(evening) == {person.entry_id: (Why.NOT_THEM, True)}


def test_a_revoked_door_is_not_heard(evening: Office) -> None:
    person, door = evening.ban(), evening.door()
    evening.service.revoke(door.registration.unit_id, "test", evening.now_ms)
    tell(evening, door, (person.entry_id, 2, 0, 2))
    assert standing(evening) == {}


def test_an_older_report_shown_again_is_not_heard(evening: Office) -> None:
    person, door = evening.ban(), evening.door()
    unit_id, desk = door.registration.unit_id, evening.service.desk
    old = door.report(evening.service, rings=((person.entry_id, 2, 0, 2),))
    tell(evening, door)
    with desk.change():
        words.take(desk, desk.book.units[unit_id], old, evening.now_ms)
    assert standing(evening) == {}


def test_a_door_that_lies_about_many_entries_holds_back_three_elsewhere(evening: Office) -> None:
    people, door = [evening.ban() for _ in range(6)], evening.door()
    for number, one in enumerate(people):
        tell(evening, door, *((p.entry_id, 2, 0, 2) for p in people[: number + 1]))
        evening.now_ms += MINUTE_MS
        assert one.entry_id in standing(evening)
    assert len(cautioned(evening)) == MOST_OF_ONE_DOOR
    assert set(cautioned(evening)) == {one.entry_id for one in people[:MOST_OF_ONE_DOOR]}


def test_a_second_door_that_says_the_same_is_enough(evening: Office) -> None:
    people, door, other = [evening.ban() for _ in range(5)], evening.door(), evening.door()
    tell(evening, door, *((one.entry_id, 2, 0, 2) for one in people))
    assert len(cautioned(evening)) == MOST_OF_ONE_DOOR
    tell(evening, other, *((one.entry_id, 1, 0, 1) for one in people))
    assert len(cautioned(evening)) == 5


def test_staff_who_confirm_an_entry_after_all_turn_it_red_again(evening: Office) -> None:
    person, door = evening.ban(), evening.door()
    tell(evening, door, (person.entry_id, OFTEN, 0, 0))
    assert cautioned(evening) == (person.entry_id,)
    tell(evening, door, (person.entry_id, OFTEN, 1, 0))
    assert (cautioned(evening), standing(evening)) == ((), {})
    assert [line.did for line in evening.service.audit()].count("alarm") == 2


def test_what_was_cleared_tonight_may_be_noticed_tomorrow(evening: Office) -> None:
    person, door = evening.ban(), evening.door()
    tell(evening, door, (person.entry_id, 2, 0, 2))
    alarms.clear(evening.service.desk, person.entry_id, "user ana", evening.now_ms)
    tell(evening, door, (person.entry_id, 4, 0, 4))
    assert standing(evening) == {}
    evening.now_ms += NIGHT_MS
    tell(evening, door, (person.entry_id, 2, 0, 2))
    assert standing(evening) == {person.entry_id: (Why.NOT_THEM, True)}


def test_at_noon_everything_is_red_again_and_the_alarm_still_waits_for_somebody(
    evening: Office,
) -> None:
    person, door, desk = evening.ban(), evening.door(), evening.service.desk
    tell(evening, door, (person.entry_id, 2, 0, 2))
    evening.now_ms = round(night_ends_s(evening.now_ms / 1000) * 1000)
    assert cautioned(evening) == ()
    assert alarms.signed_caution(desk, evening.now_ms) is None
    assert standing(evening) == {person.entry_id: (Why.NOT_THEM, False)}
    tell(evening, door, (person.entry_id, 1, 0, 1))
    assert cautioned(evening) == ()


def test_what_rang_without_being_noticed_is_destroyed_when_the_night_is_over(
    evening: Office,
) -> None:
    quiet, noticed, door = evening.ban(), evening.ban(), evening.door()
    desk = evening.service.desk
    tell(evening, door, (quiet.entry_id, 1, 1, 0), (noticed.entry_id, 2, 0, 2))
    for days, left in (
        (0, {quiet.entry_id, noticed.entry_id}),
        (1, {noticed.entry_id}),
        (31, set()),
    ):
        evening.now_ms += days * NIGHT_MS
        with desk.change():
            alarms.tidy(desk, evening.now_ms)
        assert {name for name, _ in desk.store.each("alarm", alarms.AlarmRow)} == left


def test_the_alarm_goes_with_its_entry(evening: Office) -> None:
    person, door, desk = evening.ban(), evening.door(), evening.service.desk
    tell(evening, door, (person.entry_id, 2, 0, 2))
    evening.lift(person.entry_id)
    assert list(desk.store.each("alarm", alarms.AlarmRow)) == []
    assert standing(evening) == {}


def test_each_caution_is_newer_than_the_one_before_even_if_the_clock_went_back(
    evening: Office,
) -> None:
    people, door, desk = [evening.ban(), evening.ban()], evening.door(), evening.service.desk
    issued = []
    for one in people:
        tell(evening, door, (one.entry_id, 2, 0, 2))
        issued.append(Caution.parse(desk.store.state.caution).issued_ms)
        evening.now_ms -= MINUTE_MS
    assert issued[0] < issued[1]


def test_a_caution_is_signed_by_the_key_in_use(evening: Office) -> None:
    person, door, desk = evening.ban(), evening.door(), evening.service.desk
    tell(evening, door, (person.entry_id, 2, 0, 2))
    carried = alarms.signed_caution(desk, evening.now_ms)
    assert carried is not None
    assert Signed.parse(carried.encode(), Caution.KIND).signatures == carried.signatures
    assert desk.store.state.caution == carried.body
