"""Doors on the command line, registered without a network."""

from consortium import Consortium
from edge.keys.file import KeyFile
from edge.keys.pairs import Share
from edge.keys.token import shares_of
from sync.hub.config import HubPlaces
from sync.hub.hubclock import now_ms
from sync.hub.service import Service
from sync.invitation import Invitation
from sync.seal import BoxKey, SigningKey


def joined(consortium: Consortium, venue: str, name: str = "") -> str:
    """Let a unit join as the hub's desk does; its id."""
    more = ("--name", name) if name else ()
    invited = Invitation.of_text(consortium.invite(venue, *more))
    keys = SigningKey.generate().public, BoxKey.generate().public
    places = HubPlaces(consortium.hub)
    with Service.open(places.database, KeyFile(places.folder / "hub.key")) as service:
        service.join(invited.unit_id, invited.secret, *keys, now_ms())
    return invited.unit_id


def test_the_list_of_doors_says_how_each_is(consortium: Consortium) -> None:
    unit_id = joined(consortium, "North", "north front")
    joined(consortium, "South")
    told = consortium.says("unit", "list")
    assert "north front" in told
    assert unit_id in told
    assert told.count("joined, not heard yet") == 2
    assert "on 0 of 2 doors" in told
    assert [unit["venue"] for unit in consortium.tells("unit", "list")] == ["North", "South"]


def test_a_door_is_revoked_by_name_or_by_id(consortium: Consortium) -> None:
    first, _ = (joined(consortium, "North", "twin") for _ in range(2))
    refused = consortium.refuses("unit", "revoke", "twin", "--yes")
    assert "2 units are called 'twin'" in refused
    assert first in refused
    assert "--yes" in consortium.refuses("unit", "revoke", first)
    assert consortium.tells("unit", "revoke", first, "--yes")["revoked"]
    consortium.says("unit", "revoke", "TWIN", "--yes")
    assert "no unit 'twin' in good standing" in consortium.refuses(
        "unit", "revoke", "twin", "--yes"
    )
    assert consortium.says("unit", "list").count("counts as stolen") == 2
    assert "No doors yet" in consortium.says("unit", "list")


def test_a_revoked_door_may_be_invited_again_but_not_one_in_good_standing(
    consortium: Consortium,
) -> None:
    unit_id = joined(consortium, "North")
    again = ("unit", "invite", "North", "--again", unit_id)
    assert "revoke it before" in consortium.refuses(*again)
    consortium.says("unit", "revoke", unit_id, "--yes")
    assert Invitation.of_text(consortium.invite("North", "--again", unit_id)).unit_id == unit_id


def test_a_venue_with_doors_does_not_leave(consortium: Consortium) -> None:
    unit_id = joined(consortium, "North")
    words = ("venue", "remove", "North", *consortium.officers(1, 2), "--yes")
    assert f"doorwatch-hub unit revoke {unit_id}" in consortium.refuses(*words)
    assert "North" in consortium.says("venue", "list")
    assert [venue["units"] for venue in consortium.tells("venue", "list")] == [1, 0]
    consortium.says("unit", "revoke", unit_id, "--yes")
    consortium.says(*words)
    assert "1 venue." in consortium.says("venue", "list")


def test_a_door_that_did_not_confirm_is_named(consortium: Consortium) -> None:
    joined(consortium, "North", "north front")
    entry_id = consortium.add(1, "North", "South")
    told = consortium.says("entry", "show", entry_id)
    assert "live on 0 of 1 door" in told
    assert "north front" in told
    assert "lapses by itself in" in told
    key = ("--key", consortium.key("North"))
    told = consortium.says("entry", "contest", entry_id, *key)
    assert "The hub is not running" in told
    consortium.says("entry", "lift", entry_id, *key, "--yes")
    consortium.approve(entry_id, "South", wait=0)
    told = consortium.says("entry", "show", entry_id, "--receipts", str(consortium.folder / "r"))
    assert "0 signed receipts" in told


def test_a_restored_hub_says_whom_it_waits_for(consortium: Consortium) -> None:
    joined(consortium, "North")
    copy = consortium.tells("backup", str(consortium.folder / "copies"))["backup"]
    key = consortium.folder / "kept"
    key.write_bytes((consortium.hub / "hub.key").read_bytes())
    consortium.hub = consortium.folder / "second"
    told = consortium.tells("restore", copy, "--key", str(key))
    assert told["hub"] == str(consortium.hub)
    assert "until 1 more door told what they hold" in consortium.says("unit", "list")
    consortium.says("resume", "--yes")
    assert "restored" not in consortium.says("unit", "list")


def test_a_share_is_told_once_the_door_has_one_and_never_after_it_was_revoked(
    consortium: Consortium,
) -> None:
    unit_id = joined(consortium, "North")
    assert "has no share here" in consortium.refuses("unit", "share", unit_id, "--yes")
    places = HubPlaces(consortium.hub)
    with Service.open(places.database, KeyFile(places.folder / "hub.key")) as service:
        mailbox = service.unit(unit_id, now_ms()).mailbox
        share = service.release(mailbox, now_ms(), certified=True)
    assert "--yes" in consortium.refuses("unit", "share", unit_id)
    told = consortium.tells("unit", "share", unit_id, "--yes")["share"]
    assert shares_of(told) == {Share.HUB: share}
    assert told in consortium.says("unit", "share", unit_id, "--yes")
    lines = consortium.tells("audit", "show")
    assert [line["what"] for line in lines if line["did"] == "release"] == [unit_id] * 3
    consortium.says("unit", "revoke", unit_id, "--yes")
    assert "no unit" in consortium.refuses("unit", "share", unit_id, "--yes")
