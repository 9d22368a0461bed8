"""Requests of people in a browser: logged, answered by a file, signed by the right venue."""

import base64
import io
import json
import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from edge.enrolment import enrol
from edge.errors import PhotoError
from edge.gallery.template import pack
from edge.photo import read_photo
from edge.vision import load_engine
from hub_site import HubSite, directions
from sync.hub.examining.findings import Examined, FoundFace
from sync.hub.facts import Standing
from sync.hub.hubclock import day_of, now_ms
from sync.hub.reference import packed
from sync.hub.rights.calendar import due_on
from sync.hub.web.rightssearch import MOST_SEARCHES
from sync.hub.web.times import day

EVIL = "<script>alert(1)</script>"
CAME = day_of(now_ms()) - timedelta(25)


def opened(site: HubSite, who: str = "olivia", **changes: str) -> str:
    """Log a request and give its address."""
    form = {
        "kind": "access",
        "received_on": str(CAME),
        "asker": f"Jo Fielding {EVIL}",
        "words": "what do you hold?",
        "proof": "document",
    }
    answer = site.client(who).post("/rights/new", form | changes)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def attached(site: HubSite, entry_id: str, **changes: str) -> str:
    path = opened(site, **changes)
    assert site.client("olivia").post(f"{path}/attach", {"entry_id": entry_id}).status_code == 303
    return path


def test_a_request_is_logged_with_its_clock_and_its_words_do_no_harm(site: HubSite) -> None:
    path = opened(site)
    page = site.client("olivia").get(path).text
    assert EVIL not in page
    assert "Jo Fielding" in page
    assert day(str(due_on(CAME))) in page
    listed = site.client("ida").get("/rights").text
    assert path in listed
    assert "left to answer" in site.client("olivia").get("/").text


def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(site: HubSite) -> None:
    form = {"kind": "nothing", "received_on": "2999-01-01", "asker": "", "words": "as before"}
    answer = site.client("olivia").post("/rights/new", form)
    assert answer.status_code == 422
    assert "Choose what the person asks for." in answer.text
    assert "still to come" in answer.text
    assert "as before" in answer.text


def test_an_auditor_reads_and_changes_nothing(site: HubSite) -> None:
    path = opened(site)
    assert site.client("ida").get(path).status_code == 200
    assert site.client("ida").post("/rights/new", {"kind": "access"}).status_code == 403
    closing = {"outcome": "given", "words": "x"}
    assert site.client("ida").post(f"{path}/close", closing).status_code == 403


def test_a_manager_sees_the_requests_of_the_own_venue_alone(site: HubSite) -> None:
    own, office = opened(site, "ana"), opened(site)
    assert site.client("ana").get(own).status_code == 200
    assert site.client("ben").get(own).status_code == 404
    assert site.client("ana").get(office).status_code == 404
    assert own in site.client("ana").get("/rights").text
    assert f'"{own}"' not in site.client("ben").get("/rights").text


def test_a_manager_cannot_take_a_copy_of_another_venues_entry(site: HubSite) -> None:
    theirs = site.entry("Blue Room", scope="venue")
    path = opened(site, "ana")
    assert site.client("ana").post(f"{path}/attach", {"entry_id": theirs}).status_code == 404
    assert site.client("ana").get(f"{path}/copy/{theirs}").status_code == 404


@pytest.mark.parametrize("typed", ["", "x", "the man with the hat", "-1", "f" * 16])
def test_what_is_no_entry_is_attached_to_nothing(site: HubSite, typed: str) -> None:
    path = opened(site)
    answer = site.client("olivia").post(f"{path}/attach", {"entry_id": typed})
    assert answer.status_code == 409
    assert "there is no entry" in answer.text


def test_an_entry_that_the_office_attached_stays_hidden_from_another_venue(site: HubSite) -> None:
    theirs = site.entry("Blue Room", scope="venue")
    path = opened(site, "ana")
    site.client("olivia").post(f"{path}/attach", {"entry_id": theirs})
    assert theirs in site.client("olivia").get(path).text
    assert theirs not in site.client("ana").get(path).text
    assert site.client("ana").get(f"{path}/copy/{theirs}").status_code == 404
    for act in ("copy", "proof"):
        answer = site.client("ana").post(f"{path}/{act}/{theirs}", {"kind": "json"})
        assert answer.status_code == 404


def test_all_that_is_held_comes_as_one_file_for_people_and_machines(site: HubSite) -> None:
    entry_id = site.entry(evidence=f"book 7 {EVIL}")
    path = attached(site, entry_id)
    shown = site.client("olivia").get(f"{path}/copy/{entry_id}").text
    assert "book 7 &lt;script" in shown
    file = site.client("olivia").post(
        f"{path}/copy/{entry_id}", {"kind": "html", "evidence": "book 7", "note": ""}
    )
    assert file.headers["content-disposition"].startswith("attachment")
    assert EVIL not in file.text
    assert "What is held on you" in file.text
    assert "Something that speaks of other people was left out" in file.text
    assert "olivia" not in file.text, "no name of anybody who works here"
    (inside,) = re.findall(
        r'<script type="application/json" id="data">(.*?)</script>', file.text, re.DOTALL
    )
    data = json.loads(inside)
    assert data["evidence"] == "book 7"
    assert data["left_out_about_others"] is True
    assert data["entry"] == entry_id
    assert base64.b64decode(data["photo"]["base64"]).startswith(b"\xff\xd8")
    alone = site.client("olivia").post(
        f"{path}/copy/{entry_id}", {"kind": "json", "evidence": "book 7", "note": ""}
    )
    assert json.loads(alone.content)["reason"] == data["reason"]
    lines = site.do(lambda service: [one.did for one in service.audit()])
    assert lines.count("request-copy") == 2


def test_an_office_without_a_key_asks_the_venue_and_the_venue_signs(site: HubSite) -> None:
    entry_id = site.entry("Cellar", scope="venue")
    path = attached(site, entry_id, kind="restrict")
    ask = f"{path}/ask/suspend/{entry_id}"
    assert "Cellar is asked to sign" in site.client("olivia").get(ask).text
    assert site.client("olivia").post(ask).headers["location"] == path
    number = path.rpartition("/")[2]
    sign = f"/rights/{number}/sign/suspend/{entry_id}"
    assert sign in site.client("cleo").get("/").text
    assert site.client("ana").get(sign).status_code == 404
    assert site.client("olivia").get(sign).status_code == 403
    assert "suspend" in site.client("cleo").get(sign).text
    assert site.client("cleo").post(sign).status_code == 303
    assert site.do(lambda service: service.entry(entry_id).standing) is Standing.CONTESTED
    assert sign not in site.client("cleo").get("/").text
    assert "Cellar signed on" in site.client("olivia").get(path).text


def test_an_erasure_is_signed_held_and_then_proven(site: HubSite) -> None:
    entry_id = site.entry("Cellar", scope="venue")
    path = attached(site, entry_id, kind="erase")
    number = path.rpartition("/")[2]
    sign = f"/rights/{number}/sign/erase/{entry_id}"
    site.client("olivia").post(f"{path}/ask/erase/{entry_id}")
    assert "destroyed everywhere" in site.client("cleo").get(sign).text
    assert site.client("cleo").post(sign).status_code == 303
    (held,) = site.office.holding.of(site.person("cleo").account_id)
    assert held.entry_id == entry_id
    site.run(site.office.holding.publish_now(held.held_id, held.account_id))
    page = site.client("olivia").get(path).text
    assert "Cellar signed on" in page
    assert "No door has this entry." in page
    proof = site.client("olivia").post(f"{path}/proof/{entry_id}", {"kind": "html"})
    assert "Proof of erasure" in proof.text
    data = json.loads(
        site.client("olivia").post(f"{path}/proof/{entry_id}", {"kind": "json"}).content
    )
    assert data["entry"] == entry_id
    assert data["receipts"] == []


def test_a_venue_that_declines_says_why_and_the_request_shows_it(site: HubSite) -> None:
    entry_id = site.entry("Anchor")
    path = attached(site, entry_id, kind="erase")
    site.client("olivia").post(f"{path}/ask/erase/{entry_id}")
    number = path.rpartition("/")[2]
    decline = f"/rights/{number}/decline/erase/{entry_id}"
    assert site.client("ana").post(decline, {"why": ""}).status_code == 409
    closing = {"outcome": "refused", "words": "told by letter"}
    assert site.client("olivia").post(f"{path}/close", closing).status_code == 409
    assert site.client("ana").post(decline, {"why": "it is before a court"}).status_code == 303
    assert "it is before a court" in site.client("olivia").get(path).text
    assert site.client("olivia").post(f"{path}/close", closing).headers["location"] == "/rights"
    assert site.client("olivia").post(f"{path}/close", closing).status_code == 409


def test_a_complaint_is_acknowledged_and_a_hard_request_takes_longer(site: HubSite) -> None:
    path = opened(site, kind="complaint")
    assert "Acknowledge by" in site.client("olivia").get(path).text
    site.client("olivia").post(f"{path}/acknowledge")
    assert "Acknowledge by" not in site.client("olivia").get(path).text
    assert site.client("olivia").post(f"{path}/extend", {"why": ""}).status_code == 409
    site.client("olivia").post(f"{path}/extend", {"why": "three venues keep records"})
    assert day(str(due_on(CAME, extended=True))) in site.client("olivia").get(path).text


@dataclass
class Eyes:
    """Stands in for the examining process: sees one given face in every photo."""

    faces: tuple[FoundFace, ...] = ()

    def examine(self, content: bytes) -> Examined:
        if not content.startswith(b"photo"):
            raise PhotoError("this is no photo")
        return Examined(10, 10, b"", "embed-test", self.faces)


def face(shown: np.ndarray, **changes: object) -> FoundFace:
    given = {
        "box": (0, 0, 9, 9), "quality": 0.9, "flaws": (), "background": False,
        "template": shown.tobytes(), "photo_jpeg": b"",
    }  # fmt: skip
    return FoundFace(**(given | changes))


@pytest.fixture
def eyes(site: HubSite, monkeypatch: pytest.MonkeyPatch) -> Eyes:
    made = Eyes()
    monkeypatch.setattr(site.office, "examiner", made, raising=False)
    return made


def searched(site: HubSite, path: str, who: str = "olivia", content: bytes = b"photo") -> str:
    files = {"photos": ("me.jpg", io.BytesIO(content), "image/jpeg")}
    return site.client(who).post(f"{path}/search", {}, files=files).text


def test_a_photo_finds_the_person_and_nobody_else(site: HubSite, eyes: Eyes) -> None:
    (template,) = directions(site.chance, 1)
    entry_id = site.entry(templates=pack(template[None]), model_id="embed-test")
    path = opened(site, kind="check")
    eyes.faces = (face(template),)
    found = searched(site, path)
    assert "1 entry looks like this person" in found
    assert entry_id in found
    assert found.count('<img class="photo"') == 2, "the sent one stands beside the listed one"
    eyes.faces = (face(directions(site.chance, 1)[0]),)
    nobody = searched(site, path)
    assert "Nobody on the list looks like this person." in nobody
    assert "about one time in twenty" in nobody
    looks = site.do(lambda service: [one for one in service.audit() if one.did == "request-search"])
    assert len(looks) == 2


def test_a_manager_finds_no_entry_that_another_venue_keeps_to_itself(
    site: HubSite, eyes: Eyes
) -> None:
    (template,) = directions(site.chance, 1)
    secret = site.entry(
        "Blue Room", scope="venue", templates=pack(template[None]), model_id="embed-test"
    )
    path = opened(site, "ana", kind="check")
    eyes.faces = (face(template),)
    found = searched(site, path, "ana")
    assert secret not in found
    assert "were not searched" in found
    assert secret in searched(site, opened(site, kind="check"))


def test_a_photo_that_cannot_be_compared_is_refused_with_advice(site: HubSite, eyes: Eyes) -> None:
    (template,) = directions(site.chance, 1)
    path = opened(site, kind="check")
    assert "No face was found in photo 1" in searched(site, path)
    eyes.faces = (face(template), face(template))
    assert "shows 2 faces" in searched(site, path)
    eyes.faces = (face(template, template=b""),)
    assert "can&#39;t be compared" in searched(site, path)
    assert "this is no photo" in searched(site, path, content=b"%PDF")
    assert "Choose a photo first." in site.client("olivia").post(f"{path}/search").text


def test_one_request_is_not_a_way_to_look_for_many_people(site: HubSite, eyes: Eyes) -> None:
    path = opened(site, kind="check")
    for _ in range(MOST_SEARCHES):
        eyes.faces = (face(directions(site.chance, 1)[0]),)
        assert "Nobody on the list" in searched(site, path)
    assert "That is enough for one person" in searched(site, path)


def test_a_copy_warns_while_nobody_made_sure_who_asks(site: HubSite) -> None:
    entry_id = site.entry()
    path = attached(site, entry_id, proof="none")
    assert "Do that first" in site.client("olivia").get(f"{path}/copy/{entry_id}").text
    assert site.client("olivia").post(f"{path}/identity", {"proof": "x"}).status_code == 400
    site.client("olivia").post(f"{path}/identity", {"proof": "in-person"})
    assert "Do that first" not in site.client("olivia").get(f"{path}/copy/{entry_id}").text
    assert "Known in person" in site.client("olivia").get(path).text


@pytest.mark.slow
@pytest.mark.faces
def test_another_photograph_finds_most_people_and_nobody_else(
    site: HubSite, faces_root: Path
) -> None:
    engine = load_engine("cpu")
    people = sorted((faces_root / "portrait-pairs").iterdir())[:5]
    listed = {}
    for person in people:
        first, second = sorted(person.iterdir())[:2]
        reference = enrol([read_photo(first)], engine)
        listed[second] = site.entry(templates=packed(reference), model_id=reference.model_id)
    path = opened(site, kind="check")
    pages = [(searched(site, path, content=one.read_bytes()), listed[one]) for one in listed]
    assert sum(entry_id in page for page, entry_id in pages) >= 4
    assert all(
        other not in page
        for page, entry_id in pages
        for other in listed.values()
        if other != entry_id
    )
