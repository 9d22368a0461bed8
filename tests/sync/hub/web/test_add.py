"""Adding a person: photos are judged at once, mistakes told by their field, slips undone."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from random import Random
from typing import Any

import httpx
import numpy as np
import pytest

from consortium import until
from edge.errors import PhotoError
from edge.gallery.template import pack
from edge.preflight import _known
from edge.vision.face import Flaw, FloatArray
from edge.vision.models.card import read_card
from hub_site import VENUES, HubSite, Visitor, directions, drawn_face
from sync.errors import HubError
from sync.hub import notes
from sync.hub.card import Card
from sync.hub.examining import Examined, FoundFace
from sync.hub.hubclock import now_ms

WORDS = {
    "reason": "theft",
    "incident": "2026-01-02",
    "evidence": "incident book 7",
    "scope": "venue",
    "until": "3m",
    "declared": "yes",
}
DAY_MS = 86_400_000


class Eyes:
    """Knows a photo by its bytes, without a network and without a child process."""

    def __init__(self) -> None:
        self.photos: dict[bytes, Examined] = {}
        self.ready = False

    def start(self) -> None:
        self.ready = True

    def examine(self, content: bytes) -> Examined:
        if content == b"no examiner":
            raise HubError("photos cannot be examined")
        if content not in self.photos:
            raise PhotoError("the photo is not a picture")
        return self.photos[content]

    def close(self) -> None:
        """There is no child."""


@pytest.fixture
def eyes(site: HubSite, monkeypatch: pytest.MonkeyPatch) -> Iterator[Eyes]:
    made = Eyes()
    monkeypatch.setattr(site.office, "examiner", made)
    yield made
    site.office.drafts._drafts.clear()


def face(template: FloatArray, *flaws: Flaw, background: bool = False) -> FoundFace:
    jpeg = drawn_face(Random(1))
    return FoundFace((10, 10, 90, 90), 0.9, flaws, background, template.tobytes(), jpeg)


def photo(*faces: FoundFace) -> Examined:
    return Examined(320, 240, b"\xff\xd8 preview", read_card("embed").model_id, faces)


def person(site: HubSite) -> FloatArray:
    """Somebody who looks like nobody else."""
    made: FloatArray = directions(site.chance, 1)[0]
    return made


def upload(*contents: bytes) -> Any:
    return {"files": [("photos", ("a.jpg", content, "image/jpeg")) for content in contents]}


def begun(ana: Visitor, *contents: bytes) -> str:
    """Send the first photos; the draft's address."""
    answer = ana.post("/add", {}, **upload(*contents))
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def saved(ana: Visitor, draft: str, **changes: str) -> httpx.Response:
    fields = {name: value for name, value in (WORDS | changes).items() if value}
    return ana.post(f"{draft}/save", fields, **upload(b""))


def card(site: HubSite, entry_id: str) -> Card:
    found = site.run(site.office.ask(lambda: site.office.register.cards().get(entry_id)))
    assert found is not None
    return found


def published(site: HubSite, ana: Visitor, draft: str) -> str:
    """Press Now; the entry's id."""
    held = re.findall(r'action="/held/([^/"]+)/now"', ana.get(f"{draft}/saved").text)[-1]
    where = ana.post(f"/held/{held}/now").headers["location"]
    return where.removeprefix("/entries/").partition("#")[0]


@pytest.mark.parametrize("login", ["ida", "olivia"])
def test_who_has_no_venue_adds_nobody(site: HubSite, login: str) -> None:
    somebody = site.client(login)
    assert somebody.get("/add").status_code == 403
    assert somebody.post("/add", {}, **upload(b"x")).status_code == 403
    assert site.client().get("/add").status_code == 303


def test_the_networks_are_loaded_while_somebody_looks_for_a_photo(
    site: HubSite, eyes: Eyes
) -> None:
    assert "Take a photo" in site.client("ana").get("/add").text
    until(lambda: eyes.ready)


def test_a_good_photo_is_praised_and_the_form_opens(site: HubSite, eyes: Eyes) -> None:
    ana = site.client("ana")
    eyes.photos[b"good"] = photo(face(person(site)))
    page = ana.get(begun(ana, b"good")).text
    assert "Good photo." in page
    assert re.search(
        r"(About 1 in [\d,]+|Fewer than 1 in a million) strangers would ring: good", page
    )
    assert "recognises this person about" in page
    assert "Put on the list" in page
    assert "may be the same person" not in page


def test_what_is_no_photo_is_refused_before_a_draft_is_made(site: HubSite, eyes: Eyes) -> None:
    ana = site.client("ana")
    for content, says in ((b"text", "The photo is not a picture."), (b"no examiner", "examined.")):
        answer = ana.post("/add", {}, **upload(content))
        assert answer.status_code == 422
        assert says in answer.text
    assert "Add a photo that shows" in ana.post("/add", {}, **upload(b"")).text
    assert len(site.office.drafts) == 0


@pytest.mark.parametrize(
    ("flaw", "says", "advice"),
    [
        (Flaw.DARK, "too dark", "more light on the face"),
        (Flaw.TURNED_AWAY, "turned away", "faces the camera"),
        (Flaw.TOO_SMALL, "too small", "from nearer"),
        (Flaw.BLURRED, "blurred", "sharper one"),
        (Flaw.COVERED, "covered", "without mask"),
    ],
)
def test_a_poor_photo_is_refused_with_advice(
    site: HubSite, eyes: Eyes, flaw: Flaw, says: str, advice: str
) -> None:
    ana = site.client("ana")
    eyes.photos[b"poor"] = photo(face(person(site), flaw))
    draft = begun(ana, b"poor")
    page = ana.get(draft).text
    assert f"the face is {says}. This photo is not used." in page
    assert advice in page
    assert "Put on the list" not in page
    refused = saved(ana, draft)
    assert refused.status_code == 422
    assert "Add a photo that shows the person" in refused.text


def test_a_photo_without_a_face_gets_advice(site: HubSite, eyes: Eyes) -> None:
    ana = site.client("ana")
    eyes.photos[b"wall"] = photo()
    page = ana.get(begun(ana, b"wall")).text
    assert "No face found." in page
    assert "whole face in the picture" in page


def test_every_mistake_is_told_by_its_field_and_what_was_typed_stays(
    site: HubSite, eyes: Eyes
) -> None:
    ana = site.client("ana")
    eyes.photos[b"good"] = photo(face(person(site)))
    draft = begun(ana, b"good")
    nothing = dict.fromkeys(WORDS, "")
    page = saved(ana, draft, **nothing).text
    for name in ("reason", "incident", "evidence", "scope", "until", "declared"):
        assert f'href="#f-{name}"' in page
        assert f'id="f-{name}"' in page
        assert f'id="f-{name}-fault"' in page
    kept = saved(ana, draft, evidence="book 99", until="12m", reason="", note="calm").text
    assert "One thing is missing or wrong" in kept
    assert 'value="book 99"' in kept
    assert re.search(r'value="12m"[^>]* checked', kept)
    assert ">calm</textarea>" in kept
    assert ana.get(draft).status_code == 200


def test_further_photos_keep_what_was_typed(site: HubSite, eyes: Eyes) -> None:
    ana, template = site.client("ana"), person(site)
    eyes.photos |= {b"one": photo(face(template)), b"two": photo(face(template))}
    draft = begun(ana, b"one")
    ana.post(f"{draft}/photos", WORDS, **upload(b"two", b"text"))
    page = ana.get(draft).text
    assert "Photo 2" in page
    assert "The photo is not a picture." in page
    assert 'value="incident book 7"' in page
    assert "not a picture" not in ana.get(draft).text


def test_photos_beyond_the_fifth_are_left_out_with_a_word(site: HubSite, eyes: Eyes) -> None:
    ana, template = site.client("ana"), person(site)
    eyes.photos |= {b"%d" % number: photo(face(template)) for number in range(7)}
    page = ana.get(begun(ana, *eyes.photos, b"")).text
    assert "Photo 5" in page
    assert "Photo 6" not in page
    assert "5 photos are enough; the others were left out." in page
    assert "Add another photo" not in page


def test_a_person_goes_on_the_list_with_all_that_was_said(site: HubSite, eyes: Eyes) -> None:
    ana, template = site.client("ana"), person(site)
    eyes.photos[b"good"] = photo(face(template))
    draft = begun(ana, b"good")
    answer = saved(ana, draft, note="Came with two others.")
    assert answer.headers["location"] == f"{draft}/saved"
    page = ana.get(f"{draft}/saved").text
    assert "Ban of a person." in page
    assert "Undo" in page
    entry_id = published(site, ana, draft)
    shown = card(site, entry_id)
    assert (shown.reason, shown.scope, shown.evidence) == (
        "theft", VENUES["Anchor"], "incident book 7",
    )  # fmt: skip
    assert shown.incident_on == "2026-01-02"
    assert shown.note == "Came with two others."
    put = site.do(lambda service: service.content(entry_id, "test", now_ms()))
    assert put.templates == pack(template[None])
    assert put.declared
    assert ana.get(f"{draft}/saved").headers["location"] == f"/entries/{entry_id}#reach"
    assert ana.get(f"{draft}/waits").headers["hx-redirect"] == f"{draft}/saved"


def test_a_second_press_adds_nobody_twice(site: HubSite, eyes: Eyes) -> None:
    ana = site.client("ana")
    eyes.photos[b"good"] = photo(face(person(site)))
    draft, before = begun(ana, b"good"), len(site.do(lambda service: service.entries()))
    for _ in range(2):
        assert saved(ana, draft).headers["location"] == f"{draft}/saved"
    published(site, ana, draft)
    assert saved(ana, draft).headers["location"] == f"{draft}/saved"
    assert len(site.do(lambda service: service.entries())) == before + 1


def test_a_double_click_adds_nobody_twice(site: HubSite, eyes: Eyes) -> None:
    ana, holding = site.client("ana"), site.office.holding
    eyes.photos[b"good"] = photo(face(person(site)))
    draft, account = begun(ana, b"good"), site.person("ana").account_id
    before = len(holding.of(account))
    ana.csrf()
    with ThreadPoolExecutor(2) as hands:
        clicks = [hands.submit(saved, ana, draft) for _ in range(2)]
    assert {click.result().headers["location"] for click in clicks} == {f"{draft}/saved"}
    assert len(holding.of(account)) == before + 1


def test_undo_leads_back_to_the_form_as_it_was(site: HubSite, eyes: Eyes) -> None:
    ana = site.client("ana")
    eyes.photos[b"good"] = photo(face(person(site)))
    draft = begun(ana, b"good")
    saved(ana, draft, evidence="book 12")
    held = re.findall(r'action="/held/([^/"]+)/undo"', ana.get(f"{draft}/saved").text)[-1]
    assert ana.post(f"/held/{held}/undo").headers["location"] == draft
    assert 'value="book 12"' in ana.get(draft).text
    assert ana.get(f"{draft}/saved").headers["location"] == draft
    assert saved(ana, draft).headers["location"] == f"{draft}/saved"
    assert card(site, published(site, ana, draft)).evidence == "incident book 7"


def test_the_term_never_exceeds_what_the_reason_allows(site: HubSite, eyes: Eyes) -> None:
    ana = site.client("ana")
    for reason, span, days in (("damage", "12m", 180), ("missing", "3m", 30), ("theft", "1m", 31)):
        eyes.photos[b"good"] = photo(face(person(site)))
        draft = begun(ana, b"good")
        saved(ana, draft, reason=reason, until=span)
        shown = card(site, published(site, ana, draft))
        assert abs((shown.until_ms - shown.created_ms) / DAY_MS - days) < 1.1


def test_a_consortium_wide_entry_waits_for_another_venue(site: HubSite, eyes: Eyes) -> None:
    ana = site.client("ana")
    eyes.photos[b"good"] = photo(face(person(site)))
    draft = begun(ana, b"good")
    saved(ana, draft, scope="consortium", reason="violence")
    assert card(site, published(site, ana, draft)).standing == "waiting"


def test_of_several_faces_one_is_chosen(site: HubSite, eyes: Eyes) -> None:
    ana, wanted = site.client("ana"), person(site)
    eyes.photos[b"group"] = photo(face(person(site)), face(wanted), face(person(site)))
    draft = begun(ana, b"group")
    page = ana.get(draft).text
    assert "3 faces. Tap the person to enter." in page
    assert "Put on the list" not in page
    assert "A photo shows several people." in saved(ana, draft).text
    for nonsense in ("", "1", "1.9", "x.y", "9.0", "-1.0", "9" * 5000 + ".0"):
        ana.post(f"{draft}/face", {"face": nonsense}, **upload(b""))
    assert "Tap the person to enter" in ana.get(draft).text
    ana.post(f"{draft}/face", {"face": "1.1"}, **upload(b""))
    assert "Good photo." in ana.get(draft).text
    saved(ana, draft)
    put_id = published(site, ana, draft)
    put = site.do(lambda service: service.content(put_id, "test", now_ms()))
    assert put.templates == pack(wanted[None])


def test_photos_of_two_people_are_not_one_entry(site: HubSite, eyes: Eyes) -> None:
    ana = site.client("ana")
    eyes.photos |= {b"one": photo(face(person(site))), b"two": photo(face(person(site)))}
    draft = begun(ana, b"one", b"two")
    assert "seem to show different people" in ana.get(draft).text
    assert "Remove the wrong one" in saved(ana, draft).text
    ana.post(f"{draft}/drop", {"drop": "2"}, **upload(b""))
    assert "different people" not in ana.get(draft).text


def test_likely_duplicates_stand_side_by_side_and_have_to_be_looked_at(
    site: HubSite, eyes: Eyes
) -> None:
    ana, template = site.client("ana"), person(site)
    listed = site.entry("Blue Room", templates=pack(template[None]), evidence="their book")
    hidden = site.entry("Cellar", "venue", templates=pack(template[None]))
    eyes.photos[b"good"] = photo(face(template))
    draft = begun(ana, b"good")
    page = ana.get(draft).text
    assert "This may be the same person" in page
    assert f'href="/entries/{listed}"' in page
    assert "entered by Blue Room" in page
    assert hidden not in page
    refused = saved(ana, draft)
    assert "say that you did" in refused.text
    assert "say that you did" in saved(ana, draft, alike="yes", looked="0" * 16).text
    assert saved(ana, draft, alike="yes", looked=listed).headers["location"] == f"{draft}/saved"
    looks = [line for line in site.do(lambda s: list(s.audit())) if line.who == "user ana"]
    assert any(listed in line.what + line.detail for line in looks)


def test_a_reference_that_rings_too_often_is_not_saved_without_a_word(
    site: HubSite, eyes: Eyes
) -> None:
    ana, crowd = site.client("ana"), _known()[0]
    everybody = np.linalg.eigh(crowd.covariance)[1][:, -1].astype(np.float32)
    eyes.photos[b"average"] = photo(face(everybody))
    draft = begun(ana, b"average")
    assert "which is too many: take another photo" in ana.get(draft).text
    assert "say that there is none" in saved(ana, draft).text
    ana.post(f"{draft}/photos", WORDS | {"poor": "yes"}, **upload(b"average"))
    assert not re.search('name="poor"[^>]* checked', ana.get(draft).text)
    assert saved(ana, draft, poor="yes").headers["location"] == f"{draft}/saved"


def test_a_draft_and_its_photos_are_its_owners_alone(site: HubSite, eyes: Eyes) -> None:
    ana, ben = site.client("ana"), site.client("ben")
    eyes.photos[b"good"] = photo(face(person(site)))
    draft = begun(ana, b"good")
    mine = ana.get(f"{draft}/1.jpg")
    assert mine.content == b"\xff\xd8 preview"
    assert mine.headers["cache-control"] == "no-store"
    assert ana.get(f"{draft}/2.jpg").status_code == 404
    for path in (draft, f"{draft}/1.jpg", f"{draft}/saved", f"{draft}/waits"):
        assert ben.get(path).status_code == 404
    for path in ("save", "photos", "face", "drop", "discard"):
        assert ben.post(f"{draft}/{path}", WORDS, **upload(b"")).status_code == 404


def test_what_is_discarded_is_forgotten(site: HubSite, eyes: Eyes) -> None:
    ana = site.client("ana")
    eyes.photos[b"good"] = photo(face(person(site)))
    draft = begun(ana, b"good")
    assert ana.post(f"{draft}/discard", {}, **upload(b"")).headers["location"] == "/add"
    assert "Nothing was saved." in ana.get("/add").text
    answer = ana.get(draft)
    assert answer.status_code == 404
    assert "This draft is over" in answer.text


def test_what_is_typed_is_never_markup(site: HubSite, eyes: Eyes) -> None:
    ana, evil = site.client("ana"), "\"><script>alert('x')</script>"
    eyes.photos[b"good"] = photo(face(person(site)))
    draft = begun(ana, b"good")
    page = saved(ana, draft, evidence=evil, note=evil, incident=evil, until=evil, reason=evil).text
    assert "<script>alert" not in page
    assert "alert(&#39;x&#39;)" in page


def test_a_note_that_is_too_long_is_told(site: HubSite, eyes: Eyes) -> None:
    ana = site.client("ana")
    eyes.photos[b"good"] = photo(face(person(site)))
    answer = saved(ana, begun(ana, b"good"), note="x" * (notes.LONGEST_NOTE + 1))
    assert "The note is too long" in answer.text


def test_a_photo_is_replaced_and_nothing_else_of_the_entry(site: HubSite, eyes: Eyes) -> None:
    ana, template = site.client("ana"), person(site)
    entry_id = site.entry("Anchor", "venue", templates=pack(template[None]), evidence="book 3")
    assert "Replace the photo" in ana.get(f"/entries/{entry_id}/photo").text
    eyes.photos[b"better"] = photo(face(template))
    answer = ana.post(f"/entries/{entry_id}/photo", {}, **upload(b"better"))
    draft = answer.headers["location"]
    page = ana.get(draft).text
    assert "What happened?" not in page
    assert "does not look like" not in page
    ana.post(f"{draft}/save", {}, **upload(b""))
    assert published(site, ana, draft) == entry_id
    shown = card(site, entry_id)
    assert (shown.revision, shown.evidence) == (2, "book 3")


def test_a_photo_of_somebody_else_is_not_taken_without_a_word(site: HubSite, eyes: Eyes) -> None:
    ana = site.client("ana")
    entry_id = site.entry("Anchor", "venue")
    eyes.photos[b"other"] = photo(face(person(site)))
    draft = ana.post(f"/entries/{entry_id}/photo", {}, **upload(b"other")).headers["location"]
    assert "does not look like the person on the list" in ana.get(draft).text
    assert "say that you are sure" in ana.post(f"{draft}/save", {}, **upload(b"")).text
    answer = ana.post(f"{draft}/save", {"other": "yes"}, **upload(b""))
    assert answer.headers["location"] == f"{draft}/saved"


def test_another_venues_entry_keeps_its_photo(site: HubSite, eyes: Eyes) -> None:
    ana = site.client("ana")
    seen, hidden = site.entry("Blue Room"), site.entry("Cellar", "venue")
    for entry_id, status in ((seen, 403), (hidden, 404), ("0" * 16, 404), ("..", 404)):
        assert ana.get(f"/entries/{entry_id}/photo").status_code == status
        assert ana.post(f"/entries/{entry_id}/photo", {}, **upload(b"x")).status_code == status


def test_the_page_says_when_each_term_ends(site: HubSite, eyes: Eyes) -> None:
    ana = site.client("ana")
    eyes.photos[b"good"] = photo(face(person(site)))
    page = ana.get(begun(ana, b"good")).text
    today = datetime.now().astimezone().date().isoformat()
    assert f'value="{today}"' in page
    assert "up to 180 days" in page
    assert page.count("data-longest=") == 11
