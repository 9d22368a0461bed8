"""Lift, extend, correct, contest, reinstate, withdraw: asked once, undoable, and by whom."""

import re
import time
from datetime import UTC, datetime, timedelta

import pytest

from hub_site import VENUES, HubSite, Visitor
from sync.entries import Reason
from sync.hub.facts import Standing
from sync.hub.hubclock import now_ms
from sync.statement.proposal import RemoveProposal, Why, parse_proposal


def standing(site: HubSite, entry_id: str) -> Standing:
    return site.do(lambda service: service.entry(entry_id).standing)


def pressed(site: HubSite, who: str, entry_id: str, act: str, **form: str) -> Visitor:
    """Press a button and give the browser it was pressed in."""
    client = site.client(who)
    answer = client.post(f"/entries/{entry_id}/{act}", form)
    assert answer.status_code == 303, answer.text
    return client


def held(client: Visitor, button: str) -> None:
    """Press "Undo" or "Now" for what waits."""
    (path,) = re.findall(rf'action="(/held/[^"]+/{button})"', client.get("/").text)
    assert client.post(path).status_code == 303


def later(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).date().isoformat()


def test_a_page_says_what_a_lift_will_do_and_nothing_happens_before_the_press(
    site: HubSite,
) -> None:
    entry_id = site.entry("Anchor", "venue")
    page = site.client("ana").get(f"/entries/{entry_id}/lift").text
    assert "erases photo and reference" in page
    assert "never comes back" in page
    assert standing(site, entry_id) is Standing.LIVE


def test_a_lift_can_be_undone_before_any_door_is_told(site: HubSite) -> None:
    entry_id = site.entry("Anchor", "venue")
    client = pressed(site, "ana", entry_id, "lift")
    assert "Goes to the doors in" in client.get(f"/entries/{entry_id}").text
    held(client, "undo")
    assert standing(site, entry_id) is Standing.LIVE


def test_a_lifted_entry_shows_its_receipts_and_gives_them_away(site: HubSite) -> None:
    door = site.door("Anchor", "Front door")
    entry_id = site.entry("Anchor", "venue")
    held(pressed(site, "ana", entry_id, "lift"), "now")
    assert standing(site, entry_id) is Standing.GONE
    page = site.client("ana").get(f"/entries/{entry_id}").text
    assert "No door has signed yet" in page
    assert "data:image" not in page
    door.report(erased=(entry_id,))
    page = site.client("ana").get(f"/entries/{entry_id}").text
    assert "Front door: signed" in page
    file = site.client("ana").get(f"/entries/{entry_id}/receipts")
    assert "attachment" in file.headers["content-disposition"]
    assert file.json()[0]["erased"] == [entry_id]
    assert site.client("ben").get(f"/entries/{entry_id}").status_code == 404


def test_a_lift_of_what_counts_everywhere_waits_for_another_venue(site: HubSite) -> None:
    entry_id = site.entry("Anchor")
    assert "manager of another venue" in site.client("ana").get(f"/entries/{entry_id}/lift").text
    client = pressed(site, "ana", entry_id, "lift")
    assert "Goes to the other venues for approval in" in client.get(f"/entries/{entry_id}").text
    held(client, "now")
    assert "Sent to the other venues for approval: Lift" in client.get("/").text
    assert standing(site, entry_id) is Standing.LIVE
    assert "proposed to lift this" in site.client("ana").get(f"/entries/{entry_id}").text


def test_an_entry_is_contested_at_once_by_any_venue_and_reinstated_by_its_own(
    site: HubSite,
) -> None:
    entry_id = site.entry("Anchor", reason=Reason.VIOLENCE)
    pressed(site, "ben", entry_id, "contest")
    assert standing(site, entry_id) is Standing.CONTESTED
    assert entry_id in site.client("ana").get("/entries?show=contested").text
    assert site.client("ana").post(f"/entries/{entry_id}/contest").status_code == 409
    assert site.client("ana").get(f"/entries/{entry_id}/extend").status_code == 409
    held(pressed(site, "ana", entry_id, "reinstate"), "now")
    assert "that this counts again" in site.client("ben").get(f"/entries/{entry_id}").text


def test_what_does_not_wait_can_not_be_withdrawn_and_what_waits_not_lifted(site: HubSite) -> None:
    live, waits = site.entry("Anchor"), site.entry("Anchor", by="-")
    assert site.client("ana").get(f"/entries/{live}/withdraw").status_code == 409
    assert site.client("ana").get(f"/entries/{waits}/lift").status_code == 409
    assert site.client("ben").get(f"/entries/{waits}/withdraw").status_code == 403


def test_a_withdrawn_proposal_leaves_nothing(site: HubSite) -> None:
    entry_id = site.entry("Anchor", by="-")
    site.client("ana").post(f"/entries/{entry_id}/note", {"note": "seen twice"})
    pressed(site, "ana", entry_id, "withdraw")
    assert site.client("ana").get(f"/entries/{entry_id}").status_code == 404
    rows = "SELECT 1 FROM note WHERE entry_id = ? UNION SELECT 1 FROM waiting WHERE entry_id = ?"
    assert not site.do(lambda service: service.desk.store.rows(rows, (entry_id, entry_id)))


def test_an_entry_is_extended_by_a_preset(site: HubSite) -> None:
    entry_id = site.entry("Anchor", "venue", days=10)
    before = site.do(lambda service: service.entry(entry_id).not_after_ms)
    assert "1 month" in site.client("ana").get(f"/entries/{entry_id}/extend").text
    held(pressed(site, "ana", entry_id, "extend", until="3m"), "now")
    after = site.do(lambda service: service.entry(entry_id).not_after_ms)
    assert 75 < (after - before) / 86_400_000 < 85
    page = site.client("ana").get(f"/entries/{entry_id}").text
    assert page.count("<li>Put on the list") == 1
    assert page.count("<li>Changed") == 1


@pytest.mark.parametrize(
    ("until", "day", "words"),
    [
        ("day", later(400), "longer than this reason allows"),
        ("day", later(2), "only move forward"),
        ("day", "soon", "a day to come"),
        ("", "", "a day to come"),
        ("1m", "", "only move forward"),
    ],
)
def test_an_end_that_can_not_be_is_refused_beside_its_field(
    site: HubSite, until: str, day: str, words: str
) -> None:
    entry_id = site.entry("Anchor", "venue", days=60)
    form = {"until": until, "day": day}
    answer = site.client("ana").post(f"/entries/{entry_id}/extend", form)
    assert answer.status_code == 422
    assert words in answer.text
    assert f'value="{day}"' in answer.text


def test_only_terms_that_move_the_end_are_offered(site: HubSite) -> None:
    entry_id = site.entry("Anchor", "venue", days=120)
    page = site.client("ana").get(f"/entries/{entry_id}/extend").text
    assert re.findall(r'name="until" value="(\w+)"', page) == ["6m", "12m", "day"]


def test_facts_are_corrected(site: HubSite) -> None:
    entry_id = site.entry("Anchor", "venue")
    page = site.client("ana").get(f"/entries/{entry_id}/correct").text
    assert "incident book 212" in page
    form = {"reason": "threats", "incident": "2026-02-03", "evidence": "incident book 213"}
    held(pressed(site, "ana", entry_id, "correct", **form), "now")
    page = site.client("ana").get(f"/entries/{entry_id}").text
    assert "<h1>Threats</h1>" in page
    assert "3 Feb 2026" in page
    assert "incident book 213" in page


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("incident", "31 March", "This is no day"),
        ("incident", later(3), "still to come"),
        ("evidence", "", "say where it is kept"),
        ("evidence", "x" * 201, "at most 200"),
        ("reason", "damage", "the term is too long"),
    ],
)
def test_wrong_facts_are_refused_beside_their_field(
    site: HubSite, field: str, typed: str, words: str
) -> None:
    entry_id = site.entry("Anchor", "venue", days=300)
    form = {"reason": "theft", "incident": "2026-02-03", "evidence": "book 1"} | {field: typed}
    answer = site.client("ana").post(f"/entries/{entry_id}/correct", form)
    assert answer.status_code == 422
    assert re.search(rf'id="f-{field}-fault">[^<]*{words}', answer.text)


def test_an_entry_with_a_change_on_its_way_is_not_changed_twice(site: HubSite) -> None:
    entry_id = site.entry("Anchor", "venue", days=10)
    client = pressed(site, "ana", entry_id, "extend", until="3m")
    assert client.get(f"/entries/{entry_id}/correct").status_code == 409
    held(client, "undo")
    assert client.get(f"/entries/{entry_id}/correct").status_code == 200


def test_a_withdrawal_drops_nothing_that_another_venue_proposed(site: HubSite) -> None:
    entry_id, list_id = site.entry("Anchor"), site.office.service.list_id
    for venue, why in (("Blue Room", Why.ERASED), ("Anchor", Why.LIFTED)):
        removal = RemoveProposal(list_id, entry_id, VENUES[venue], why, now_ms())
        signed = removal.signed(site.keys[venue])
        assert site.do(lambda service, one=signed: service.propose(one, now_ms())).seq is None
        time.sleep(0.002)
    pressed(site, "ana", entry_id, "withdraw")
    left = site.do(lambda service: parse_proposal(service.waiting(entry_id).body))
    assert left.venue_id == VENUES["Blue Room"]
    assert site.client("ana").get(f"/entries/{entry_id}/withdraw").status_code == 403
