"""The hub's commands without any door: what they do, and each refusal in one line."""

import json
import stat
from pathlib import Path

import pytest

from consortium import Consortium
from sync.hub.cli.main import FAMILIES, commands
from sync.invitation import Invitation


def test_every_command_is_owned_by_the_file_that_registers_it() -> None:
    app = commands()
    for word in FAMILIES:
        assert word in app
        assert word in commands(word)


def test_a_new_hub_leaves_three_keys_to_carry_away(tmp_path: Path) -> None:
    made = Consortium(tmp_path)
    told = made.says("init", "--name", "Six", "--officers", str(tmp_path / "officers"))
    files = sorted((tmp_path / "officers").iterdir())
    assert [file.name for file in files] == [f"officer-{n}.key" for n in (1, 2, 3)]
    assert all(str(file) in told for file in files)
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in files)
    assert stat.S_IMODE((tmp_path / "hub").stat().st_mode) == 0o700
    assert "two of the three" in told.lower()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--port", "0"), "port"),
        (("--name", ""), "name"),
    ],
)
def test_a_hub_with_wrong_settings_is_not_made(
    tmp_path: Path, words: tuple[str, str], says: str
) -> None:
    made = Consortium(tmp_path)
    assert says in made.refuses("init", *words, "--officers", str(tmp_path / "officers"))
    assert not made.hub.exists()
    assert not (tmp_path / "officers").exists()


def test_a_hub_is_made_wholly_or_not_at_all(tmp_path: Path) -> None:
    made = Consortium(tmp_path)
    (tmp_path / "short").write_text("short\n")
    words = ("init", "--officers", str(tmp_path / "officers"))
    assert "passphrase is too short" in made.refuses(*words, phrase="short")
    assert list(made.hub.iterdir()) == []
    assert list((tmp_path / "officers").iterdir()) == []
    made.says(*words)


def test_a_second_hub_never_takes_the_place_of_the_first(consortium: Consortium) -> None:
    other = str(consortium.folder / "others")
    assert "not empty" in consortium.refuses("init", "--officers", other)
    again = ("init", "--hub", str(consortium.folder / "second"))
    officers = str(consortium.folder / "officers")
    assert "is there already" in consortium.refuses(*again, "--officers", officers)
    assert [venue["name"] for venue in consortium.tells("venue", "list")] == ["North", "South"]


def test_a_venue_takes_two_different_officers(consortium: Consortium) -> None:
    words = ("venue", "add", "East", "--key", consortium.key("East"))
    assert "2 different officers" in consortium.refuses(*words)
    assert "2 different officers" in consortium.refuses(*words, *consortium.officers(1))
    assert "2 different officers" in consortium.refuses(*words, *consortium.officers(2, 2))
    stranger = ("--officer", consortium.key("North"))
    refused = consortium.refuses(*words, *consortium.officers(1), *stranger)
    assert "not the key of an officer" in refused
    (consortium.folder / "wrong").write_text("not the passphrase\n")
    refused = consortium.refuses(*words, *consortium.officers(1, 2), phrase="wrong")
    assert "does not open" in refused
    assert len(consortium.tells("venue", "list")) == 2
    consortium.says(*words, *consortium.officers(2, 3))
    assert len(consortium.tells("venue", "list")) == 3


def test_a_lost_root_key_is_replaced_while_two_are_left(consortium: Consortium) -> None:
    before = consortium.tells("officer", "list")
    lost = (consortium.folder / "officers" / "officer-2.key").read_text().splitlines()[1]
    assert lost[:16] in consortium.says("officer", "list")
    fresh = str(consortium.folder / "fresh.key")
    words = ("officer", "replace", lost[:8], "--key", fresh, "--yes")
    assert "2 different officers" in consortium.refuses(*words, *consortium.officers(1))
    assert "who stay" in consortium.refuses(*words, *consortium.officers(1, 2))
    assert "--yes" in consortium.refuses(*words[:-1], *consortium.officers(1, 3))
    consortium.says(*words, *consortium.officers(1, 3))
    after = consortium.tells("officer", "list")
    assert set(before) - set(after) == {lost}
    assert "names no officer's key" in consortium.refuses(*words, *consortium.officers(1, 3))
    east = ("venue", "add", "East", "--key", consortium.key("East"))
    refused = consortium.refuses(*east, *consortium.officers(1, 2))
    assert "not the key of an officer" in refused
    consortium.says(*east, *consortium.officers(3), "--officer", fresh)


def test_a_manager_may_bring_a_key_made_elsewhere(consortium: Consortium) -> None:
    key = consortium.key("East")
    told = consortium.says("venue", "key", key)
    assert "public half" in told
    assert "never overwritten" in consortium.refuses("venue", "key", key)
    consortium.says("venue", "add", "East", "--key", key, *consortium.officers(1, 2))
    (east,) = [one for one in consortium.tells("venue", "list") if one["name"] == "East"]
    assert east["key"] in told


def test_a_venue_may_change_its_key_and_leave(consortium: Consortium) -> None:
    first = consortium.propose(1, "North")
    fresh = str(consortium.folder / "fresh.key")
    changed = ("venue", "change-key", "North", "--key", fresh, *consortium.officers(1, 2))
    consortium.says(*changed)
    refused = consortium.refuses("entry", "contest", first, "--key", consortium.key("North"))
    assert "does not count any more" in refused
    consortium.says("venue", "remove", "North", *consortium.officers(1, 2), "--yes")
    assert [venue["name"] for venue in consortium.tells("venue", "list")] == ["South"]


def test_an_entry_for_all_doors_takes_two_venues(consortium: Consortium) -> None:
    entry_id = consortium.propose(1, "North")
    (waiting,) = consortium.tells("entry", "list")
    assert (waiting["standing"], waiting["entry_id"]) == ("waiting", entry_id)
    same = ("entry", "approve", entry_id, "--key", consortium.key("North"), "--yes")
    assert "another venue" in consortium.refuses(*same)
    outcome = consortium.approve(entry_id, "South", wait=0)
    assert outcome["seq"]
    (live,) = consortium.tells("entry", "list")
    assert live["standing"] == "live"
    shown = consortium.says("entry", "show", entry_id, "--details")
    for words in ("banned", "theft", "North", "every door", "2026-01-02"):
        assert words in shown


def test_an_entry_for_one_venue_takes_that_venue_alone(consortium: Consortium) -> None:
    entry_id = consortium.propose(1, "North", "--scope", "venue")
    shown = consortium.tells("entry", "show", entry_id)
    assert shown["standing"] == "live"
    assert "North only" in consortium.says("entry", "show", entry_id)


def test_a_lift_takes_two_venues_and_a_dispute_only_one(consortium: Consortium) -> None:
    entry_id = consortium.add(1, "North", "South")
    key = ("--key", consortium.key("South"), "--wait", "0")
    assert "suspended; there is no door yet" in consortium.says("entry", "contest", entry_id, *key)
    assert consortium.tells("entry", "show", entry_id)["standing"] == "contested"
    consortium.says("entry", "reinstate", entry_id, *key)
    assert consortium.tells("entry", "show", entry_id)["standing"] == "contested"
    consortium.approve(entry_id, "North", wait=0)
    assert consortium.tells("entry", "show", entry_id)["standing"] == "live"
    told = consortium.says("entry", "lift", entry_id, *key, "--yes")
    assert f"doorwatch-hub entry approve {entry_id}" in told
    (listed,) = consortium.tells("entry", "list")
    assert (listed["standing"], listed["asks"]) == ("live", "remove")
    assert "approve that it is lifted" in consortium.says("entry", "list")
    consortium.approve(entry_id, "North", wait=0)
    assert consortium.tells("entry", "show", entry_id)["standing"] == "gone"
    assert consortium.tells("entry", "list") == []


def test_an_approver_sees_what_is_asked_and_the_photo(consortium: Consortium) -> None:
    entry_id = consortium.propose(1, "North", reason="violence")
    photo = consortium.folder / "seen" / "photo.jpg"
    shown = consortium.says("entry", "show", entry_id, "--details", "--photo", str(photo))
    assert "violence" in shown
    assert photo.read_bytes().startswith(bytes.fromhex("ffd8"))
    assert stat.S_IMODE(photo.stat().st_mode) == 0o600
    words = ("entry", "approve", entry_id, "--key", consortium.key("South"))
    assert "Does South approve?" in consortium.refuses(*words)
    assert [line["did"] for line in consortium.tells("audit", "show")].count("look") == 1


@pytest.mark.parametrize("entry_id", ["x", "A" * 16, "../../../etc", "0" * 15])
@pytest.mark.parametrize("verb", ["show", "approve", "withdraw", "lift", "contest", "reinstate"])
def test_what_is_no_id_is_refused_before_anything_is_asked(
    consortium: Consortium, verb: str, entry_id: str
) -> None:
    key = () if verb in {"show", "withdraw"} else ("--key", consortium.key("North"))
    assert "is no entry's id" in consortium.refuses("entry", verb, entry_id, *key)


def test_a_proposal_may_be_withdrawn(consortium: Consortium) -> None:
    entry_id = consortium.propose(1, "North")
    assert "--yes" in consortium.refuses("entry", "withdraw", entry_id)
    consortium.says("entry", "withdraw", entry_id, "--yes")
    assert consortium.tells("entry", "list") == []
    assert entry_id in consortium.refuses("entry", "approve", entry_id, "--key", "x", "--yes")


def test_somebody_who_looks_like_somebody_on_the_list_needs_a_yes(consortium: Consortium) -> None:
    first = consortium.add(1, "North", "South")
    words = ("--reason", "theft", "--until", "30d", "--incident", "2026-01-02", "--declared")
    words = (*words, "--evidence", "incident book 213")
    again = ("entry", "add", consortium.photo(1), *words, "--key", consortium.key("South"))
    refused = consortium.refuses(*again)
    assert f"looks alike: {first} (score 1.00)" in refused
    assert consortium.propose(1, "South", "--yes") != first
    assert consortium.propose(2, "South")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"--until": "3y"}, "365 days at most"),
        ({"--until": "tomorrow"}, "no date"),
        ({"--incident": "last week"}, "no day"),
        ({"--incident": "2199-01-01"}, "still to come"),
        ({"--category": "welfare"}, "does not fit category welfare"),
        ({"--evidence": "x" * 201}, "at most 200"),
        ({"--evidence": None}, "give --evidence"),
        ({"--declared": None}, "--declared"),
        ({"--key": "officers/officer-1.key"}, "no venue's key"),
        ({"--key": "nowhere.key"}, "no key file"),
        ({"photo": "0.png"}, "shows no face"),
        ({"photo": "blurred.png"}, "is blurred: take a sharper one"),
        ({"photo": "phrase"}, "not a JPEG"),
        ({"photo": "gone.png"}, "no photo"),
        ({"photo": None}, "at least one photo"),
    ],
)
def test_what_cannot_be_entered_is_refused_with_one_line(
    consortium: Consortium, change: dict[str, str | None], says: str
) -> None:
    consortium.photo(0)
    consortium.photo(1)
    consortium.photo(1, "blurred.png", green=200)
    said: dict[str, str | None] = {
        "photo": "1.png",
        "--reason": "theft",
        "--until": "30d",
        "--incident": "2026-01-02",
        "--declared": "",
        "--evidence": "incident book 212",
        "--key": consortium.key("North"),
    } | change
    words = ["entry", "add"]
    for name, value in said.items():
        if value is not None:
            words += [value] if name == "photo" else [name, value] if value else [name]
    assert says in consortium.refuses(*words)
    assert consortium.tells("entry", "list") == []


def test_an_invitation_carries_what_a_unit_needs_and_an_end(consortium: Consortium) -> None:
    text = consortium.invite("north", "--hours", "2")
    invitation = Invitation.of_text(text)
    assert (invitation.host, invitation.port) == ("127.0.0.1", consortium.join_port)
    assert "there is no venue 'West'" in consortium.refuses("unit", "invite", "West")
    assert "between 0 and 744" in consortium.refuses("unit", "invite", "North", "--hours", "0")
    consortium.says("unit", "invite", "North", "--qr", str(consortium.folder / "q.svg"))
    assert (consortium.folder / "q.svg").read_text().startswith("<?xml")
    assert ".svg or .png" in consortium.refuses("unit", "invite", "North", "--qr", "q.jpg")
    assert "No doors yet" in consortium.says("unit", "list")
    assert "no unit 'x'" in consortium.refuses("unit", "revoke", "x", "--yes")


def test_new_rules_take_two_venues(consortium: Consortium) -> None:
    north, south = consortium.key("North"), consortium.key("South")
    before = consortium.tells("policy", "show")
    change = ("--lease-days", "2", "--max-days", "theft=90", "--two-person", "banned")
    consortium.says("policy", "set", *change, "--key", north)
    assert consortium.tells("policy", "show") == before
    assert "another venue" in consortium.refuses("policy", "approve", "--key", north, "--yes")
    consortium.says("policy", "approve", "--key", south, "--yes")
    after = consortium.tells("policy", "show")
    assert (after["lease_ms"], after["two_person"]) == (2 * 86_400_000, ["banned"])
    assert after["max_days"]["theft"] == 90
    assert "2 days" in consortium.says("policy", "show")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "nothing would change"),
        (("--two-person", "everybody"), "none, or some of banned"),
        (("--max-days", "theft"), "write it as"),
        (("--max-days", "theft=900"), "1 to 365 days"),
        (("--lease-days", "900"), "lease_ms"),
    ],
)
def test_rules_that_cannot_be_are_refused(
    consortium: Consortium, words: tuple[str, ...], says: str
) -> None:
    refused = consortium.refuses("policy", "set", *words, "--key", consortium.key("North"))
    assert says in refused


def test_the_log_tells_who_did_what_and_venues_sign_it(consortium: Consortium) -> None:
    entry_id = consortium.add(1, "North", "South")
    consortium.says("entry", "show", entry_id, "--details")
    lines = consortium.tells("audit", "show")
    assert [line["number"] for line in lines] == list(range(1, len(lines) + 1))
    assert {"create", "root", "put", "look"} <= {line["did"] for line in lines}
    assert consortium.tells("audit", "show", "--after", str(len(lines) - 1)) == lines[-1:]
    told = consortium.tells("audit", "sign", "--key", consortium.key("South"))
    assert told["chain"] == lines[-1]["chain"]
    assert consortium.tells("audit", "verify")["lines"] == len(lines)
    assert entry_id in consortium.says("audit", "show")


def test_the_hub_key_is_changed_by_two_officers(consortium: Consortium) -> None:
    consortium.add(1, "North", "South")
    before = consortium.tells("audit", "verify")["lines"]
    assert "2 different officers" in consortium.refuses(
        "rotate-key", *consortium.officers(2), "--yes"
    )
    first = consortium.tells("rotate-key", *consortium.officers(1, 2), "--yes")
    second = consortium.tells("rotate-key", *consortium.officers(2, 3), "--yes")
    assert second["root"] == first["root"] + 1
    assert second["hub_key"] != first["hub_key"]
    assert consortium.tells("audit", "verify")["lines"] > before
    consortium.add(2, "South", "North")


@pytest.mark.parametrize(
    "words",
    [
        ("unit", "list"),
        ("entry", "list"),
        ("audit", "verify"),
        ("run",),
        ("rotate-key",),
        ("policy", "show"),
    ],
)
def test_without_a_hub_the_way_to_one_is_told(tmp_path: Path, words: tuple[str, ...]) -> None:
    assert "doorwatch-hub init" in Consortium(tmp_path).refuses(*words)


def test_a_hub_without_its_key_does_not_open(consortium: Consortium) -> None:
    key = consortium.hub / "hub.key"
    key.write_text("00" * 32 + "\n")
    assert "key" in consortium.refuses("entry", "list")
    key.unlink()
    assert "is missing" in consortium.refuses("entry", "list")


def test_scripts_and_people_are_told_the_same(consortium: Consortium) -> None:
    entry_id = consortium.add(1, "North", "South")
    (listed,) = json.loads(consortium.says("entry", "list", "--json"))
    shown = consortium.tells("entry", "show", entry_id)
    assert listed.pop("asks") == ""
    assert {name: shown[name] for name in listed} == listed
    assert "1 entry; 0 proposals waiting" in consortium.says("entry", "list")
