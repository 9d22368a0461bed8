"""What is wrong with a door is said worst first, and what needs attention stands on top."""

from dataclasses import replace
from pathlib import Path

import pytest

from simulator.office import Door as SimulatedDoor
from simulator.office import Office
from sync.errors import HubError
from sync.hub import doors
from sync.hub.config import HubConfig, HubPlaces
from sync.hub.doors import HOT, Look, Trouble, judged, ordered
from sync.hub.facts import UnitFacts
from sync.hub.inviting import invitation

NET = "embed-0123456789ab"
NOW = 1_000_000
FINE = UnitFacts(
    unit_id="1" * 16, venue_id="a" * 16, name="Front", mailbox="m", joined_ms=1,
    heard_ms=NOW - 1_000, seq=5, agrees=True, model_id=NET, lapses_ms=NOW * 2,
    counts=(("temperature", 54),),
)  # fmt: skip


def test_a_door_that_is_fine_says_nothing() -> None:
    door = judged(FINE, NET, NOW)
    assert (door.look, door.troubles, door.temperature) == (Look.GOOD, (), 54)


@pytest.mark.parametrize(
    ("changed", "trouble", "look"),
    [
        ({"agrees": False}, Trouble.OTHER_LIST, Look.NOW),
        ({"silent": True, "lapses_ms": NOW}, Trouble.LAPSED, Look.NOW),
        ({"silent": True}, Trouble.SILENT, Look.NOW),
        ({"faults": ("covered",)}, Trouble.FAULT, Look.NOW),
        ({"model_id": "embed-of-last-year"}, Trouble.OTHER_NETWORK, Look.NOW),
        ({"revoked_ms": 7}, Trouble.STOLEN, Look.SOON),
        ({"counts": (("temperature", HOT),)}, Trouble.HOT, Look.SOON),
        ({"counts": (("note.worn", 1),)}, Trouble.NEEDS, Look.SOON),
        ({"refusals": (("gap", 2), ("replay", 3))}, Trouble.REFUSED, Look.SOON),
        ({"heard_ms": 0, "agrees": False}, Trouble.UNHEARD, Look.SOON),
        ({"behind": 3}, Trouble.BEHIND, Look.GOOD),
    ],
)
def test_each_trouble_is_seen(changed: dict[str, object], trouble: Trouble, look: Look) -> None:
    door = judged(replace(FINE, **changed), NET, NOW)  # type: ignore[arg-type]
    assert door.troubles == (trouble,)
    assert door.look is look


def test_a_message_that_came_twice_is_no_attack() -> None:
    assert judged(replace(FINE, refusals=(("replay", 1),)), NET, NOW).look is Look.GOOD


def test_an_engine_that_is_still_starting_bothers_nobody() -> None:
    unit = replace(FINE, faults=("no-engine",), joined_ms=NOW - 30_000)
    assert judged(unit, NET, NOW).look is Look.GOOD
    assert judged(unit, NET, NOW + 31_000).troubles == (Trouble.FAULT,)


def test_the_worst_is_said_first() -> None:
    unit = replace(FINE, faults=("clock",), behind=2, agrees=False, refusals=(("replay", 9),))
    assert judged(unit, NET, NOW).troubles == (
        Trouble.OTHER_LIST, Trouble.FAULT, Trouble.REFUSED, Trouble.BEHIND,
    )  # fmt: skip


def test_what_was_destroyed_is_over() -> None:
    unit = replace(FINE, revoked_ms=7, destroyed_ms=8, agrees=False, faults=("gallery",))
    assert judged(unit, NET, NOW).look is Look.OFF


def test_what_needs_attention_comes_first_and_what_is_gone_last() -> None:
    units = (
        replace(FINE, revoked_ms=7, destroyed_ms=8, name="gone"),
        replace(FINE, name="fine"),
        replace(FINE, counts=(), refusals=(("replay", 9),), name="soon"),
        replace(FINE, faults=("black",), name="now"),
    )
    told = ordered(judged(unit, NET, NOW) for unit in units)
    assert [one.unit.name for one in told] == ["now", "soon", "fine", "gone"]
    assert told[1].temperature is None


def test_an_invitation_is_expected_until_it_is_used(office: Office) -> None:
    service, now = office.service, office.now_ms
    unit_id, secret = service.invite(office.venues[0], "Back", now + 1_000, "test", now)
    (one,) = doors.expected(service.desk)
    assert (one.unit_id, one.venue_id, one.name) == (unit_id, office.venues[0], "Back")
    door = SimulatedDoor(office.chance)
    service.join(unit_id, secret, door.signer.public, door.box.public, now)
    assert doors.expected(service.desk) == ()
    service.revoke(unit_id, "test", now)
    service.reinvite(unit_id, now + 1_000, "test", now)
    assert [one.unit_id for one in doors.expected(service.desk)] == [unit_id]


def test_a_door_is_called_what_the_hub_calls_it(office: Office) -> None:
    service, now = office.service, office.now_ms
    unit_id, secret = service.invite(office.venues[0], "Back", now + 1_000, "test", now)
    door = SimulatedDoor(office.chance)
    service.join(unit_id, secret, door.signer.public, door.box.public, now)
    service.rename(unit_id, "  Garden  ", "user ana", now)
    assert service.unit(unit_id, now).name == "Garden"
    assert [line.did for line in service.audit()][-1] == "rename"
    assert "Garden" not in "".join(line.detail for line in service.audit())
    service.revoke(unit_id, "test", now)
    service.reinvite(unit_id, now + 1_000, "test", now)
    assert doors.expected(service.desk)[0].name == "Garden"


@pytest.mark.parametrize("name", ["", "   ", "x" * 81, "two\nlines"])
def test_what_is_no_name_is_refused(office: Office, name: str) -> None:
    unit_id, secret = office.service.invite(
        office.venues[0], "Back", office.now_ms + 1_000, "test", office.now_ms
    )
    door = SimulatedDoor(office.chance)
    office.service.join(unit_id, secret, door.signer.public, door.box.public, office.now_ms)
    with pytest.raises(HubError, match="one line of 1 to 80"):
        office.service.rename(unit_id, name, "test", office.now_ms)


def test_an_invitation_without_an_authority_is_none(office: Office, tmp_path: Path) -> None:
    hub = (HubPlaces(tmp_path), HubConfig("Town"), office.service)
    with pytest.raises(HubError, match="authority"):
        invitation(hub, "1" * 16, b"x" * 16, 1)
