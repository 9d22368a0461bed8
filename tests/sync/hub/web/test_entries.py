"""The list and the page of one entry: what is found, what is shown, what may be done."""

import re
from html import unescape

import pytest

from hub_site import VENUES, HubSite
from sync.entries import Reason
from sync.hub.finding import PAGE
from sync.hub.hubclock import now_ms


def ids(page: str) -> set[str]:
    return set(re.findall(r'href="/entries/([0-9a-f]{16})"', page))


@pytest.fixture(scope="module")
def people(site: HubSite) -> dict[str, str]:
    """Some entries, by what is special about them."""
    return {
        "wide": site.entry("Anchor", evidence="incident book 300"),
        "anchor": site.entry("Anchor", "venue", reason=Reason.WEAPON, days=300),
        "blue": site.entry("Blue Room", "venue", reason=Reason.SELF_EXCLUSION, days=5),
        "waiting": site.entry("Blue Room", by="-", reason=Reason.SPIKING),
    }


def test_a_manager_sees_what_counts_everywhere_and_at_the_own_venue(
    site: HubSite, people: dict[str, str]
) -> None:
    seen = ids(site.client("ana").get("/entries").text)
    assert {people["wide"], people["anchor"], people["waiting"]} <= seen
    assert people["blue"] not in seen
    assert people["blue"] in ids(site.client("ida").get("/entries").text)


@pytest.mark.parametrize(
    ("query", "fits"),
    [
        ("words=BOOK+300", {"wide"}),
        ("category=self-excluded", {"blue"}),
        ("show=ending", {"blue"}),
        ("show=waiting", {"waiting"}),
        ("show=contested", set()),
        (f"venue={VENUES['Anchor']}", {"wide", "anchor"}),
        ("order=ending&view=table", {"wide", "anchor", "blue", "waiting"}),
        ("category=nonsense&show=nonsense&page=nonsense", {"wide", "anchor", "blue", "waiting"}),
        ("page=99999", {"wide", "anchor", "blue", "waiting"}),
    ],
)
def test_the_list_is_sieved(
    site: HubSite, people: dict[str, str], query: str, fits: set[str]
) -> None:
    page = site.client("ida").get(f"/entries?{query}")
    assert page.status_code == 200
    assert ids(page.text) & set(people.values()) == {people[name] for name in fits}


def test_one_page_of_the_list_is_one_line_of_the_audit_log(
    site: HubSite, people: dict[str, str]
) -> None:
    before = site.do(lambda service: service.desk.store.state.audited)
    site.client("ida").get("/entries")
    lines = site.do(lambda service: list(service.audit(before)))
    looked = [line for line in lines if line.did == "look"]
    assert len(looked) == 1
    assert looked[0].who == "user ida"
    assert set(people.values()) <= set(looked[0].detail.split())


def test_a_long_list_is_shown_page_by_page(site: HubSite, people: dict[str, str]) -> None:
    for _ in range(PAGE):
        site.entry("Cellar", "venue", evidence="many")
    cleo = site.client("cleo")
    first = cleo.get("/entries?words=many&venue=" + VENUES["Cellar"])
    assert len(ids(first.text)) == PAGE
    site.entry("Cellar", "venue", evidence="many")
    first = cleo.get("/entries?words=many")
    (following,) = re.findall(r'href="(/entries[^"]+)" rel="next"', first.text)
    rest = ids(cleo.get(following.replace("&amp;", "&")).text)
    assert len(rest) == 1
    assert not rest & ids(first.text)


def test_the_page_of_an_entry_says_why_and_until_when(
    site: HubSite, people: dict[str, str]
) -> None:
    page = site.client("ben").get(f"/entries/{people['wide']}").text
    assert "incident book 300" in page
    assert "Anchor" in page
    assert "data:image/jpeg;base64," in page
    assert "/contest" in page
    assert "/lift" not in page, "it is Anchor's entry"
    assert "/lift" in site.client("ana").get(f"/entries/{people['wide']}").text


def test_a_waiting_entry_says_that_no_door_has_it(site: HubSite, people: dict[str, str]) -> None:
    page = site.client("ben").get(f"/entries/{people['waiting']}").text
    assert "No door has heard of it" in page
    assert "/withdraw" in page
    assert "/approve" not in page


@pytest.mark.parametrize(
    "path",
    ["", "/photo.jpg", "/reach", "/receipts", "/lift", "/extend", "/correct", "/contest",
     "/reinstate", "/withdraw", "/approve"],
)  # fmt: skip
def test_a_manager_of_one_venue_finds_nothing_at_the_address_of_anothers_entry(
    site: HubSite, people: dict[str, str], path: str
) -> None:
    assert site.client("ana").get(f"/entries/{people['blue']}{path}").status_code == 404


@pytest.mark.parametrize("act", ["lift", "contest", "reinstate", "extend", "correct", "note"])
def test_a_manager_of_one_venue_can_not_touch_anothers_entry(
    site: HubSite, people: dict[str, str], act: str
) -> None:
    form = {"until": "12m", "note": "x", "incident": "2026-01-02", "evidence": "y"}
    hidden = site.client("ana").post(f"/entries/{people['blue']}/{act}", form)
    assert hidden.status_code == 404
    if act != "contest":  # anybody may, in favour of the person
        seen = site.client("ben").post(f"/entries/{people['wide']}/{act}", form)
        assert seen.status_code == 403
    assert site.client("ida").post(f"/entries/{people['wide']}/{act}", form).status_code == 403


@pytest.mark.parametrize("name", ["..%2f..%2fhub.db", "ABCDEF0123456789", "x", "0" * 17])
def test_an_address_that_is_no_entrys_leads_nowhere(site: HubSite, name: str) -> None:
    for path in ("", "/photo.jpg", "/lift"):
        assert site.client("ana").get(f"/entries/{name}{path}").status_code == 404


def test_the_photo_is_sent_and_noted(site: HubSite, people: dict[str, str]) -> None:
    answer = site.client("ana").get(f"/entries/{people['wide']}/photo.jpg")
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.content.startswith(b"\xff\xd8")
    last = list(site.do(lambda service: list(service.audit())))[-1]
    assert (last.who, last.did, last.what) == ("user ana", "look", people["wide"])


def test_a_note_is_kept_found_and_shown_as_text(site: HubSite, people: dict[str, str]) -> None:
    ana, page = site.client("ana"), f"/entries/{people['anchor']}"
    assert ana.post(f"{page}/note", {"note": "<b>Red coat</b>\r\nlimps"}).status_code == 303
    shown = ana.get(page).text
    assert "&lt;b&gt;Red coat&lt;/b&gt;\nlimps" in shown
    assert people["anchor"] in ids(ana.get("/entries?words=red+coat").text)
    wrong = ana.post(f"{page}/note", {"note": "x" * 301})
    assert wrong.status_code == 422
    assert "x" * 301 in wrong.text, "what was typed stays"
    assert "too long" in wrong.text


def test_the_live_row_names_each_door_and_calls_the_page_anew_after_a_change(
    site: HubSite,
) -> None:
    door = site.door("Cellar", "Back door")
    entry_id = site.entry("Cellar", "venue")
    cleo, page = site.client("cleo"), f"/entries/{entry_id}"
    (again,) = re.findall(rf'hx-get="({page}/reach\?seq=\d+)"', cleo.get(page).text)
    waiting = cleo.get(again)
    assert "Back door" in waiting.text
    assert "Not yet" in waiting.text
    assert "hx-refresh" not in waiting.headers
    door.report(at_ms=now_ms())
    assert "1 of 1 doors have it" in cleo.get(again).text
    cleo.post(f"{page}/contest")
    assert cleo.get(again).headers["hx-refresh"] == "true"


def test_the_page_comes_anew_with_the_receipt_of_a_door(site: HubSite) -> None:
    door = site.door("Cellar", "Side door")
    entry_id = site.entry("Cellar", "venue")
    cleo, page = site.client("cleo"), f"/entries/{entry_id}"
    cleo.post(f"{page}/lift")
    (now,) = re.findall(r'action="(/held/[^"]+/now)"', cleo.get(page).text)
    cleo.post(now)
    (again,) = re.findall(rf'hx-get="({page}/reach\?[^"]+)"', cleo.get(page).text)
    again = unescape(again)
    assert "hx-refresh" not in cleo.get(again).headers
    door.report(at_ms=now_ms())
    assert cleo.get(again).headers["hx-refresh"] == "true"
