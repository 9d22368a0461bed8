"""The page "What happened": alarms on top, numbers of one's own doors, and no way around."""

import re

import pytest

from hub_nights import a_night, many_nights
from hub_site import HubSite, SiteDoor
from sync.entries import Reason
from sync.hub import alarms
from sync.hub.hubclock import now_ms


@pytest.fixture(scope="module")
def front(site: HubSite) -> SiteDoor:
    return site.door("Anchor", "Anchor front")


@pytest.fixture
def ringing(site: HubSite, front: SiteDoor) -> str:
    entry_id = site.entry("Anchor", by="Cellar", reason=Reason.THREATS)
    front.report(rings=((entry_id, 3, 0, 2),))
    return entry_id


def cautioned(site: HubSite) -> tuple[str, ...]:
    found = site.do(lambda service: alarms.caution_in_force(service.desk, now_ms()))
    return found.entries if found else ()


def test_an_entry_that_rings_wrongly_is_on_top_of_the_first_page_and_of_this_one(
    site: HubSite, ringing: str
) -> None:
    home = site.client("ben").get("/").text
    assert f"Entry {ringing[:8]} rang for the wrong person twice in a night" in home
    page = site.client("ben").get("/nights").text
    assert "Staff said “not them” twice in one night." in page
    assert "Anchor front: rang 3 times, “not them” 2 times" in page
    assert "Amber instead of red, at all doors until noon" in page


def test_letting_it_count_again_says_what_happens_and_asks_once(
    site: HubSite, ringing: str
) -> None:
    ana, path = site.client("ana"), f"/nights/alarms/{ringing}"
    asked = ana.get(path).text
    assert "All doors show red for this person again" in asked
    assert ringing in cautioned(site)  # asking changes nothing
    answer = ana.post(path)
    assert (answer.status_code, answer.headers["location"]) == (303, "/nights")
    assert f"Entry {ringing[:8]} may be stopped for again." in ana.get("/nights").text
    assert ringing not in cautioned(site)
    assert ana.get(path).status_code == 404
    lines = site.do(lambda service: list(service.audit()))
    done = [(line.who, line.what) for line in lines if line.did == "clear-alarm"]
    assert done == [("user ana", ringing)]


def test_an_auditor_reads_the_alarm_and_cannot_clear_it(site: HubSite, ringing: str) -> None:
    ida, path = site.client("ida"), f"/nights/alarms/{ringing}"
    page = ida.get("/nights").text
    assert ringing[:8] in page
    assert path not in page
    assert ida.get(path).status_code == 403
    assert ida.post(path).status_code == 403
    assert ringing in cautioned(site)


def test_a_manager_neither_sees_nor_clears_an_alarm_about_another_venues_own_entry(
    site: HubSite,
) -> None:
    entry_id = site.entry("Blue Room", "venue", reason=Reason.DAMAGE)
    site.door("Blue Room", "Blue Room").report(rings=((entry_id, 2, 0, 2),))
    ana, path = site.client("ana"), f"/nights/alarms/{entry_id}"
    assert entry_id[:8] not in ana.get("/nights").text
    assert entry_id[:8] not in ana.get("/").text
    assert (ana.get(path).status_code, ana.post(path).status_code) == (404, 404)
    assert entry_id[:8] in site.client("ben").get("/nights").text
    assert entry_id in cautioned(site)


@pytest.mark.parametrize("entry_id", ["0" * 16, "x", "..%2f..%2fusers", "%00"])
def test_there_is_no_alarm_about_nobody(site: HubSite, entry_id: str) -> None:
    assert site.client("ana").get(f"/nights/alarms/{entry_id}").status_code == 404


def test_a_form_without_its_token_clears_nothing(site: HubSite, ringing: str) -> None:
    answer = site.client("ana").post(f"/nights/alarms/{ringing}", {"csrf": "wrong"})
    assert answer.status_code == 403
    assert ringing in cautioned(site)


def test_who_looked_at_the_photos_stands_in_the_audit_log_once_for_a_page(
    site: HubSite, ringing: str
) -> None:
    before = site.do(lambda service: len(list(service.audit())))
    site.client("cleo").get("/nights")
    lines = site.do(lambda service: list(service.audit()))[before:]
    assert [(one.who, one.did) for one in lines] == [("user cleo", "look")]


def test_nights_are_shown_as_plots_and_as_numbers(site: HubSite) -> None:
    door = site.door("Cellar", "Cellar stairs")
    a_night(door, 1, encounters=1234, reds=3, alerts=5, red_not_them=1, red_refused=1)
    a_night(door, 0, encounters=50)
    page = site.client("cleo").get("/nights").text
    assert "1,284" in page
    assert "False reds against the budget" in page
    assert page.count("<svg") >= 7
    assert page.count('<rect class="people"') == 2
    assert page.count('<rect class="wrong"') == 1
    assert re.search(r"0\.50 false reds a night at a door \(95 % sure: 0\.01 to 2\.7\d\)", page)
    assert "Too early to say" in page


def test_a_manager_sees_the_nights_of_the_own_doors_alone(site: HubSite, front: SiteDoor) -> None:
    other = site.door("Blue Room", "Blue yard")
    many_nights(front, 3)
    a_night(other, 0, encounters=98_765)
    assert "98,765" not in site.client("ana").get("/nights").text
    assert "Blue yard" not in site.client("ana").get("/nights").text
    assert site.client("ana").get(f"/nights?door={other.unit_id}").status_code == 404
    for login in ("ben", "olivia", "ida"):
        assert "98,765" in site.client(login).get(f"/nights?door={other.unit_id}").text


@pytest.mark.parametrize("asked", ["nights=396", "nights=-1", "nights=x&door=", "nights=60&x=1"])
def test_whatever_is_asked_there_is_a_page(site: HubSite, asked: str) -> None:
    assert site.client("olivia").get(f"/nights?{asked}").status_code == 200


def test_a_door_that_nobody_knows_has_no_page(site: HubSite) -> None:
    assert site.client("olivia").get("/nights?door=<script>").status_code == 404


def test_nobody_who_is_not_signed_in_sees_anything(site: HubSite) -> None:
    assert site.client().get("/nights").status_code == 303


def test_no_style_and_no_script_stands_in_the_page(site: HubSite, ringing: str) -> None:
    page = site.client("ana").get("/nights?nights=396").text
    assert " style=" not in page
    assert "<style" not in page
    assert not re.search(r"<script(?![^>]*src=)", page)
