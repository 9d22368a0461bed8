"""The manager's panel over the wire: closed without the PIN, and to every other phone."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from edge.door import Completion, PasserView, TonightView
from edge.machine.view import MachineView
from edge.staff.app import build_app
from edge.staff.putting import MONTHS, Membership, _last_day
from sync.entries import Reason

SAID = {
    "reason": "threats",
    "incident": "2027-01-15",
    "evidence": "book 12",
    "months": "3",
    "declared": "yes",
}
PASSERS = [
    PasserView(7, 0.2, in_view=True, faces=4, entry_id=None, claimed=False),
    PasserView(6, 12.9, in_view=False, faces=1, entry_id="00ff", claimed=False),
    PasserView(5, 40.0, in_view=False, faces=2, entry_id="e5", claimed=True),
]


@pytest.fixture
def manager(staff: Any, scene: Any) -> Any:
    assert staff.post("/manager/unlock", data={"pin": scene.managers_pin}).status_code == 200
    return staff


@pytest.mark.parametrize("path", ["/manager", "/manager/people/7.jpg", "/manager/tonight/e7.jpg"])
def test_without_the_managers_pin_nothing_is_shown(staff: Any, path: str) -> None:
    assert staff.get(path).status_code == 403


@pytest.mark.parametrize("path", ["people/7/take", "tonight/e7/drop", "tonight/e7/complete"])
def test_without_the_managers_pin_nothing_is_done(staff: Any, door: Any, path: str) -> None:
    assert staff.post(f"/manager/{path}", data=SAID).status_code == 403
    assert (door.listed, door.completed) == ([], [])


def test_a_wrong_pin_is_one_line_and_opens_nothing(staff: Any) -> None:
    answer = staff.post("/manager/unlock", data={"pin": "000001"})
    assert answer.json() == {"error": "that is not the manager's PIN"}
    assert staff.get("/manager").status_code == 403


def test_another_phone_has_to_give_the_pin_itself(manager: Any, scene: Any) -> None:
    other = scene.browser(manager.app)
    other.sign_in()
    assert other.get("/manager").status_code == 403


def test_the_panel_closes_when_told_to(manager: Any) -> None:
    assert manager.get("/manager").status_code == 200
    manager.post("/manager/lock")
    assert manager.get("/manager").status_code == 403


def test_the_last_minute_is_shown_with_what_is_known(manager: Any, door: Any) -> None:
    door.there = PASSERS
    people = manager.get("/manager").json()["people"]
    assert [one["line"] for one in people] == [
        "Person 7, here now",
        "Person 6, 12 seconds ago",
        "Person 5, 40 seconds ago",
    ]
    assert [one["listed"] for one in people] == [
        "",
        "May be on the list already.",
        "Put on the list a moment ago.",
    ]
    assert people[0]["seen"] == "4 good views of the face"
    picture = manager.get(people[0]["photo"])
    assert (picture.content, picture.headers["cache-control"]) == (b"passer 7", "no-store")


def test_one_reason_takes_a_person_for_tonight(manager: Any, door: Any) -> None:
    entry = manager.post("/manager/people/7/take", data={"reason": "violence"}).json()
    assert (entry["category"], entry["words"]) == ("Banned", "Violence")
    assert entry["until"].endswith("unless completed.")
    assert [one["id"] for one in manager.get("/manager").json()["tonight"]] == ["e7"]
    assert manager.get(entry["photo"]).content == b"entry e7"
    assert manager.post("/manager/tonight/e7/drop").status_code == 200
    assert door.listed == []


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({}, ""),
        ({"one_in": 8_732.0}, "Of strangers about 1 in 9,000 would be stopped as well."),
        ({"one_in": 284.0, "doubtful": True}, "about 1 in 300 would be stopped as well: far too"),
        ({"one_in": 1e12}, "Of strangers fewer than 1 in a million would"),
    ],
)
def test_how_often_it_would_ring_is_said(
    manager: Any, door: Any, said: dict[str, Any], words: str
) -> None:
    door.listed = [TonightView("e1", "banned", "theft", 1.0, 2.0, **said)]
    (entry,) = manager.get("/manager").json()["tonight"]
    assert words in entry["rings"]
    assert entry["doubtful"] is said.get("doubtful", False)


def test_nobody_is_taken_without_a_reason_of_the_list(manager: Any, door: Any) -> None:
    for reason in ("", "other", "VIOLENCE"):
        answer = manager.post("/manager/people/7/take", data={"reason": reason})
        assert answer.status_code == 400
    assert door.listed == []


def test_completed_with_grounds_it_goes_to_the_engine(manager: Any, door: Any) -> None:
    manager.post("/manager/people/7/take", data={"reason": "violence"})
    answer = manager.post("/manager/tonight/e7/complete", data=SAID)
    assert answer.status_code == 200
    ((entry_id, said),) = door.completed
    assert (entry_id, said.reason, said.incident_on) == ("e7", Reason.THREATS, "2027-01-15")
    assert (said.evidence, said.declared) == ("book 12", True)
    assert said.last_day == answer.json()["until"]


@pytest.mark.parametrize("wrong", [{"reason": "other"}, {"months": "99"}, {"months": ""}])
def test_a_form_with_a_gap_is_refused(manager: Any, door: Any, wrong: dict[str, str]) -> None:
    manager.post("/manager/people/7/take", data={"reason": "violence"})
    assert manager.post("/manager/tonight/e7/complete", data=SAID | wrong).status_code == 400
    assert door.completed == []


def test_what_is_not_for_tonight_is_not_completed(manager: Any) -> None:
    assert manager.post("/manager/tonight/e9/complete", data=SAID).status_code == 409


@pytest.mark.parametrize(
    ("way", "status"),
    [
        (("http://localhost:8080", "127.0.0.1"), 200),
        (("https://door.local", "127.0.0.1"), 200),  # a proxy on the unit
        (("http://door.local", "127.0.0.1"), 403),  # the same, in the open
        (("https://door.local:8080", "192.0.2.9"), 200),
        (("http://door.local:8080", "192.0.2.9"), 403),
    ],
)
def test_in_a_consortium_the_venue_signs_and_its_passphrase_never_travels_in_the_open(
    door: Any, pin_hash: str, scene: Any, way: tuple[str, str], status: int
) -> None:
    signed: list[tuple[str, Completion, str]] = []
    member = Membership(lambda: True, lambda *said: signed.append(said), signed.append)
    browser = scene.browser(build_app(door, lambda: pin_hash, member), *way)
    browser.sign_in()
    browser.post("/manager/unlock", data={"pin": scene.managers_pin})
    shown = browser.get("/manager").json()
    assert (shown["signed"], bool(shown["refused"])) == (True, status == 403)
    browser.post("/manager/people/7/take", data={"reason": "violence"})
    said = SAID | {"passphrase": "a phrase of the venue"}
    assert browser.post("/manager/tonight/e7/complete", data=said).status_code == status
    expected = [("e7", Reason.THREATS, "a phrase of the venue")] if status == 200 else []
    assert [(name, terms.reason, phrase) for name, terms, phrase in signed] == expected
    assert door.completed == []


@pytest.mark.parametrize(
    ("months", "reason", "last"),
    [
        (1, Reason.VIOLENCE, "2027-02-15"),
        (12, Reason.VIOLENCE, "2028-01-15"),
        (12, Reason.DAMAGE, "2027-07-14"),
        (1, Reason.MISSING, "2027-02-14"),
    ],
)
def test_a_term_is_cut_to_what_its_reason_admits(
    scene: Any, months: int, reason: Reason, last: str
) -> None:
    assert months in MONTHS
    now = datetime.fromtimestamp(scene.now, UTC)
    entry = TonightView("e1", "banned", reason, scene.now - 3 * 3600, scene.now + 3600)
    assert _last_day(months, reason, entry, now).isoformat() == last


def test_a_manager_is_told_of_an_opened_box_and_takes_it_back(manager: Any, door: Any) -> None:
    assert manager.get("/manager").json()["opened"] == ""
    door.now = msgspec.structs.replace(door.now, machine=MachineView(opened_at=1_800_000_000.0))
    assert "box was opened on 15 January 2027" in manager.get("/manager").json()["opened"]
    assert manager.post("/manager/box-closed").status_code == 200
    assert door.box_seen_to == 1


def test_staff_without_the_managers_pin_take_no_box_back(staff: Any, door: Any) -> None:
    assert staff.post("/manager/box-closed").status_code == 403
    assert door.box_seen_to == 0


def test_a_list_that_waits_for_its_key_is_opened_by_a_managers_token(
    door: Any, pin_hash: str, scene: Any
) -> None:
    told: list[str] = []
    member = Membership(lambda: True, lambda *_: None, told.append)
    browser = scene.browser(build_app(door, lambda: pin_hash, member))
    browser.sign_in()
    door.waits = True
    assert browser.post("/manager/token", data={"code": "DWT1-RIGHT"}).status_code == 403
    browser.post("/manager/unlock", data={"pin": scene.managers_pin})
    shown = browser.get("/manager").json()
    assert (shown["waits"], shown["tonight"]) == (True, [])
    wrong = browser.post("/manager/token", data={"code": "DWT1-WRONG"})
    assert wrong.json() == {"error": "the code cannot be read"}
    assert browser.post("/manager/token", data={"code": "DWT1-RIGHT"}).status_code == 200
    assert told == ["DWT1-RIGHT"]
    assert not browser.get("/manager").json()["waits"]


def test_a_token_never_travels_in_the_open(door: Any, pin_hash: str, scene: Any) -> None:
    browser = scene.browser(
        build_app(door, lambda: pin_hash), "http://door.local:8080", "192.0.2.9"
    )
    browser.sign_in()
    door.waits = True
    browser.post("/manager/unlock", data={"pin": scene.managers_pin})
    assert "https only" in browser.get("/manager").json()["refused"]
    assert browser.post("/manager/token", data={"code": "DWT1-RIGHT"}).status_code == 403
    assert door.waits
