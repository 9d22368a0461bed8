"""Approvals: shown whole, signed by a second venue, refused by the same."""

import re

from hub_site import HubSite
from sync.hub.facts import Standing
from sync.hub.hubclock import now_ms
from sync.statement.proposal import RemoveProposal, Why


def standing(site: HubSite, entry_id: str) -> Standing:
    return site.do(lambda service: service.entry(entry_id).standing)


def digest(page: str) -> str:
    return re.findall(r'name="digest" value="([0-9a-f]+)"', page)[0]


def approve(site: HubSite, who: str, entry_id: str) -> None:
    client = site.client(who)
    page = client.get(f"/entries/{entry_id}/approve").text
    client.post(f"/entries/{entry_id}/approve", {"digest": digest(page)})
    (now,) = re.findall(r'action="(/held/[^"]+/now)"', client.get("/").text)
    client.post(now)


def test_a_second_venue_sees_it_all_and_approves(site: HubSite) -> None:
    entry_id = site.entry("Anchor", by="-", evidence="incident book 7")
    site.client("ana").post(f"/entries/{entry_id}/note", {"note": "seen on tape twice"})
    assert "/approvals" in site.client("ben").get("/").text
    assert f"/entries/{entry_id}/approve" in site.client("ben").get("/approvals").text
    page = site.client("ben").get(f"/entries/{entry_id}/approve").text
    assert "Anchor proposes this person" in page
    assert "incident book 7" in page
    assert "seen on tape twice" in page
    assert "data:image/jpeg" in page
    approve(site, "ben", entry_id)
    assert standing(site, entry_id) is Standing.LIVE
    history = site.client("ana").get(f"/entries/{entry_id}").text
    assert "Anchor, Blue Room" in history


def test_what_was_just_approved_asks_nobody_again_unless_it_is_undone(site: HubSite) -> None:
    entry_id, ben = site.entry("Anchor", by="-"), site.client("ben")
    way = f"/entries/{entry_id}/approve"
    ben.post(way, {"digest": digest(ben.get(way).text)})
    assert way not in ben.get("/approvals").text
    (undo,) = re.findall(r'action="(/held/[^"]+/undo)"', ben.get("/").text)
    ben.post(undo)
    assert way in ben.get("/approvals").text


def test_the_venue_that_proposed_it_is_refused_with_a_sentence(site: HubSite) -> None:
    entry_id = site.entry("Anchor", by="-")
    for answer in (
        site.client("ana").get(f"/entries/{entry_id}/approve"),
        site.client("ana").post(f"/entries/{entry_id}/approve", {"digest": "0" * 64}),
    ):
        assert answer.status_code == 403
        assert "Anchor proposed this, so somebody of another venue" in answer.text
    assert standing(site, entry_id) is Standing.WAITING


def test_who_has_no_venues_key_approves_nothing(site: HubSite) -> None:
    entry_id = site.entry("Anchor", by="-")
    for who in ("olivia", "ida"):
        assert site.client(who).get(f"/entries/{entry_id}/approve").status_code == 403
        page = site.client(who).get("/approvals").text
        assert entry_id in page
        assert f"{entry_id}/approve" not in page


def test_what_was_not_shown_is_not_signed(site: HubSite) -> None:
    entry_id = site.entry("Anchor")
    anchor = site.person("ana")

    def propose(why: Why) -> None:
        proposal = RemoveProposal(
            site.office.service.list_id, entry_id, anchor.venue_id, why, now_ms()
        )
        site.do(lambda service: service.propose(proposal.signed(anchor.signer), now_ms()))

    propose(Why.LIFTED)
    shown = digest(site.client("ben").get(f"/entries/{entry_id}/approve").text)
    site.do(lambda service: service.withdraw(entry_id, "test", now_ms()))
    propose(Why.ERASED)
    answer = site.client("ben").post(f"/entries/{entry_id}/approve", {"digest": shown})
    assert answer.status_code == 409
    assert "Look again" in answer.text
    assert standing(site, entry_id) is Standing.LIVE


def test_a_lift_is_approved(site: HubSite) -> None:
    entry_id = site.entry("Anchor")
    ana = site.client("ana")
    ana.post(f"/entries/{entry_id}/lift")
    (now,) = re.findall(r'action="(/held/[^"]+/now)"', ana.get("/").text)
    ana.post(now)
    assert "proposes to lift this" in site.client("cleo").get(f"/entries/{entry_id}/approve").text
    approve(site, "cleo", entry_id)
    assert standing(site, entry_id) is Standing.GONE


def test_a_change_is_shown_before_and_after(site: HubSite) -> None:
    entry_id = site.entry("Anchor", days=30)
    ana = site.client("ana")
    form = {"reason": "threats", "incident": "2026-02-03", "evidence": "incident book 99"}
    ana.post(f"/entries/{entry_id}/correct", form)
    (now,) = re.findall(r'action="(/held/[^"]+/now)"', ana.get("/").text)
    ana.post(now)
    page = site.client("ben").get(f"/entries/{entry_id}/approve").text
    assert page.index("incident book 212") < page.index("incident book 99")
    assert page.count("data:image/jpeg") == 1
    assert "The photo stays" in page
    assert '<dd class="changed">Threats</dd>' in page
    approve(site, "ben", entry_id)
    assert "incident book 99" in site.client("ben").get(f"/entries/{entry_id}").text


def test_what_does_not_wait_is_not_approved(site: HubSite) -> None:
    entry_id = site.entry("Anchor")
    assert site.client("ben").get(f"/entries/{entry_id}/approve").status_code == 409
