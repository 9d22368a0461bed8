"""Doors in a browser: what is wrong on top, invited once, renamed, locked out after a question."""

import html
import re
from pathlib import Path

import pytest

from edge.decision import Fault
from edge.machine.view import Note
from hub_site import VENUES, HubSite
from sync.hub.doors import HOT
from sync.hub.hubclock import now_ms
from sync.hub.web.texts import known
from sync.invitation import Invitation

HOUR_MS = 3_600_000


def words(page: str) -> str:
    """Give what a page says, without its tags."""
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page)))


def names(page: str) -> list[str]:
    """Give the doors of a page from the top."""
    return [html.unescape(name) for name in re.findall(r'id="door-\w+"[^>]*>([^<]*)<', page)]


@pytest.fixture(scope="module")
def doors(site: HubSite) -> dict[str, str]:
    """Give the ids of some doors: one fine, one covered, one hot."""
    fine = site.door("Anchor", "Fine", counts=(("temperature", 51),))
    covered = site.door("Anchor", "Covered", faults=("covered", "made-up"))
    hot = site.door("Blue Room", "Hot", counts=(("temperature", HOT + 2),))
    return {"fine": fine.unit_id, "covered": covered.unit_id, "hot": hot.unit_id}


def test_what_needs_attention_stands_on_top(site: HubSite, doors: dict[str, str]) -> None:
    page = site.client("olivia").get("/doors").text
    assert names(page) == ["Covered", "Hot", "Fine"]
    said = words(page)
    assert "Something covers the camera" in said
    assert "no words for: made-up" in said
    assert "82 °C inside" in said
    assert "51 °C" in said
    assert "embed-" in said


def test_a_door_is_drawn_as_it_describes_itself(site: HubSite, doors: dict[str, str]) -> None:
    page = site.client("olivia").get("/doors").text
    covered, hot, fine = re.findall(r'<svg class="door.*?</svg>', page, re.DOTALL)
    assert "amber lit" in covered
    assert 'class="strike"' in covered
    assert "green lit" in hot
    assert "green lit" in fine
    assert "<image" not in page


def test_a_silent_door_shows_no_lamp(site: HubSite, doors: dict[str, str]) -> None:
    silent = site.door("Cellar", "Quiet")
    silent.report(at_ms=now_ms() - HOUR_MS)
    page = site.client("cleo").get(f"/doors/{silent.unit_id}").text
    assert " lit" not in page
    assert "Is it switched on" in words(page)


def test_the_live_rows_are_a_part_of_the_page(site: HubSite, doors: dict[str, str]) -> None:
    ana = site.client("ana")
    rows = ana.get("/doors/rows").text
    assert rows.strip().startswith('<div id="doors"')
    assert "<html" not in rows
    state = ana.get(f"/doors/{doors['fine']}/state").text
    assert state.strip().startswith('<section id="state"')


def test_the_first_page_tells_each_what_is_theirs(site: HubSite, doors: dict[str, str]) -> None:
    told = {login: site.client(login).get("/").text for login in ("ana", "ben", "olivia")}
    assert "Covered: Something covers" in told["ana"]
    assert "Hot: 82" not in told["ana"]
    assert "Hot: 82" in told["ben"]
    assert "Covered" not in told["ben"]
    assert "Covered: Something" in told["olivia"]
    assert "Hot: 82" in told["olivia"]


def test_an_invitation_is_shown_once(site: HubSite) -> None:
    ana = site.client("ana")
    page = ana.post(
        "/doors/invite", {"venue": VENUES["Anchor"], "name": "Garden", "hours": "48"}
    ).text
    (text,) = re.findall(r"DW1-[0-9A-Z-]+", words(page))
    invited = Invitation.of_text(text)
    assert abs(invited.expires_ms - now_ms() - 48 * HOUR_MS) < 60_000
    assert "data:image/svg" in page
    again = ana.get("/doors").text
    assert "Garden" in again
    assert text not in again


def test_a_second_invitation_ends_the_first(site: HubSite) -> None:
    ana = site.client("ana")
    unit_id = re.findall(r"/doors/(\w{16})/invite", ana.get("/doors").text)[0]
    assert "the new one counts" in words(ana.get(f"/doors/{unit_id}/invite").text)
    page = ana.post(f"/doors/{unit_id}/invite", {"hours": "2"}).text
    (text,) = re.findall(r"DW1-[0-9A-Z-]+", words(page))
    assert Invitation.of_text(text).unit_id == unit_id


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"venue": "", "hours": "2"}, "Choose a venue"),
        ({"venue": VENUES["Blue Room"], "hours": "2"}, "Choose a venue"),
        ({"venue": VENUES["Anchor"], "hours": "9999"}, "Choose how long"),
        ({"venue": VENUES["Anchor"], "hours": "2", "name": "x" * 81}, "1 to 80"),
    ],
)
def test_a_wrong_field_is_said_beside_it(site: HubSite, typed: dict[str, str], said: str) -> None:
    page = site.client("ana").post("/doors/invite", typed)
    assert page.status_code == 422
    assert said in words(page.text)
    assert f'value="{typed.get("name", "")}"' in page.text


def test_a_door_gets_another_name(site: HubSite, doors: dict[str, str]) -> None:
    ana, page = site.client("ana"), f"/doors/{doors['fine']}"
    assert ana.post(f"{page}/name", {"name": "<b>Front</b>"}).status_code == 303
    assert "&lt;b&gt;Front&lt;/b&gt;" in ana.get(page).text
    refused = ana.post(f"{page}/name", {"name": " "})
    assert refused.status_code == 422
    assert "Give one line" in words(refused.text)
    ana.post(f"{page}/name", {"name": "Fine"})


def test_nobody_touches_the_doors_of_another_venue(site: HubSite, doors: dict[str, str]) -> None:
    for login in ("ben", "ida"):
        other = site.client(login)
        assert other.get(f"/doors/{doors['fine']}").status_code == 200
        assert "/revoke" not in other.get(f"/doors/{doors['fine']}").text
        for path in ("revoke", "name", "invite"):
            sent = other.post(f"/doors/{doors['fine']}/{path}", {"name": "x", "hours": "2"})
            assert sent.status_code == (409 if path == "invite" else 403)
        assert other.get(f"/doors/{doors['fine']}/revoke").status_code == 403
    assert site.client("ida").get("/doors/invite").status_code == 403


def test_a_door_nobody_knows_is_not_there(site: HubSite) -> None:
    olivia = site.client("olivia")
    for path in ("", "/state", "/revoke", "/invite"):
        assert olivia.get(f"/doors/{'9' * 16}{path}").status_code == 404
    assert olivia.post(f"/doors/{'9' * 16}/revoke").status_code == 404


def test_revoking_says_first_what_will_happen(site: HubSite) -> None:
    gone, olivia = site.door("Anchor", "Gone"), site.client("olivia")
    asked = words(olivia.get(f"/doors/{gone.unit_id}/revoke").text)
    assert "cannot be undone" in asked
    assert "other doors get new keys" in asked
    assert site.do(lambda service: service.unit(gone.unit_id, now_ms()).revoked_ms) == 0
    assert olivia.post(f"/doors/{gone.unit_id}/revoke").status_code == 303
    page = olivia.get(f"/doors/{gone.unit_id}").text
    assert "counts as stolen" in words(page)
    assert f"/doors/{gone.unit_id}/invite" in page
    assert olivia.get(f"/doors/{gone.unit_id}/revoke").status_code == 409
    line = site.do(lambda service: list(service.audit())[-1])
    assert (line.who, line.did) == ("user olivia", "revoke")


def test_revoking_the_only_door_speaks_of_no_others(tmp_path: Path) -> None:
    with HubSite(tmp_path) as alone:
        only = alone.door("Anchor", "Only")
        asked = words(alone.client("ana").get(f"/doors/{only.unit_id}/revoke").text)
    assert "cannot be undone" in asked
    assert "other door" not in asked


def test_a_hub_that_listens_after_a_backup_says_so(site: HubSite) -> None:
    def restored(moment_ms: int) -> None:
        def write() -> None:
            desk = site.office.service.desk
            with desk.change():
                desk.keep_restored(moment_ms)

        site.run(site.office.ask(write))

    restored(now_ms())
    try:
        assert "This hub was restored" in words(site.client("olivia").get("/doors").text)
        assert "This hub was restored" in words(site.client("ana").get("/").text)
    finally:
        restored(0)


def test_a_door_says_what_somebody_should_see_to(site: HubSite) -> None:
    weak = site.door("Anchor", "Weak", counts=(("note.under-voltage", 1), ("note.made-up", 1)))
    page = words(site.client("olivia").get(f"/doors/{weak.unit_id}").text)
    assert "Its power supply is too weak" in page
    assert "no words for: made-up" in page
    assert "Look at it soon" in page


def test_the_hub_has_words_for_all_that_a_door_can_say() -> None:
    assert {f"doors.fault.{fault.code}" for fault in Fault} <= set(known())
    assert {f"doors.need.{note.code}" for note in Note} <= set(known())
