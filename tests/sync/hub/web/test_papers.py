"""Papers in a browser: filled from what is so, with gaps where nobody said anything."""

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from hub_site import VENUES, HubSite
from sync.entries import Reason
from sync.hub.papers.accuracy import accuracy
from sync.hub.papers.risks import HARMS, Grade, weighed
from sync.hub.web.papersdesk import PapersDesk, often, percent
from sync.hub.web.times import day

EVIL = "<script>alert(1)</script>"
SAID = {
    "controller": "Harbour Pubwatch Ltd",
    "address": "1 Quay Street",
    "contact": "data@pubwatch.test",
    "authority": "Information Commissioner's Office",
    "authority_web": "https://ico.org.uk",
    "notice_web": "https://pubwatch.test/privacy",
    "appeal": "Write to the secretary, 1 Quay Street",
    "answer_days": "14",
    "banned": "unlawful-acts",
    "self_excluded": "consent",
    "welfare": "safeguarding",
    "entrants": "2400",
    "false_stops": "1",
    "need": f"Four assaults since May {EVIL}",
}
PAGES = ("assessment", "balance", "accuracy", "agreement", "notice")


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[HubSite]:
    """A hub whose papers nobody filled."""
    with HubSite(tmp_path / "hub") as made:
        yield made


def filled(site: HubSite, **changes: str) -> None:
    answer = site.client("olivia").post("/papers/particulars", SAID | changes)
    assert answer.status_code == 303, answer.text


def test_a_paper_shows_a_gap_where_nobody_said_anything(empty: HubSite) -> None:
    visitor = empty.client("olivia")
    assert "still to be filled in" in visitor.get("/papers/assessment").text
    assert "8 things are missing" in visitor.get("/papers").text
    assert "The papers have gaps" in visitor.get("/").text
    assert "The impact assessment was never signed" in visitor.get("/").text
    assert empty.client().get("/privacy").status_code == 404
    assert "A sign without it is not enough" in visitor.get(f"/papers/sign/{'a' * 16}").text


def test_every_paper_is_a_page_and_a_file_that_stands_alone(site: HubSite) -> None:
    filled(site)
    for name in PAGES:
        page = site.client("ida").get(f"/papers/{name}")
        assert page.status_code == 200, name
        assert EVIL not in page.text
        file = site.client("ida").get(f"/papers/{name}?file=1")
        assert file.headers["content-disposition"].startswith("attachment"), name
        assert "/static/" not in file.text
        assert "@page" in file.text


def test_the_assessment_states_the_settings_counts_and_answers(site: HubSite) -> None:
    filled(site)
    site.entry(reason=Reason.SPIKING)
    page = site.client("olivia").get("/papers/assessment").text
    assert "Four assaults since May" in page
    assert "2400 people on a busy night" in page
    assert "Schedule 1 paragraph 10" in page
    assert re.search(r"<td>Spiking</td><td class=\"number\">[1-9]", page)
    assert "The doors have not counted a whole night yet." in page
    assert "no answered stops yet" in page


def test_a_change_of_settings_after_signing_is_shown_field_by_field(empty: HubSite) -> None:
    filled(empty)
    visitor = empty.client("olivia")
    nobody = visitor.post("/papers/assessment/sign", {"signed": "", "decision": ""})
    assert nobody.status_code == 422
    signing = {"signed": "Olivia Grant, secretary", "decision": "Go on; review in May."}
    assert visitor.post("/papers/assessment/sign", signing).status_code == 303
    assert "No setting and no answer has changed since." in visitor.get("/papers").text
    filled(empty, entrants="3000", banned="consent", **{f"sign_on-{'a' * 16}": "2026-11-01"})
    assert "Settings have changed since" in visitor.get("/").text
    changes = visitor.get("/papers/changes").text
    assert "<td>2400</td><td>3000</td>" in changes
    assert "<td>Legitimate interests; preventing unlawful acts</td>" in changes
    assert "At each venue: Anchor" in changes
    copy = visitor.get("/papers/assessment/1").text
    assert "2400 people" in copy
    assert "Go on; review in May." in copy
    assert visitor.get("/papers/assessment/2").status_code == 404


def test_what_is_typed_wrongly_is_said_beside_the_field_and_stays(site: HubSite) -> None:
    wrong = SAID | {"notice_web": "javascript:alert(1)", "entrants": "many", "need": "kept"}
    answer = site.client("olivia").post("/papers/particulars", wrong)
    assert answer.status_code == 422
    assert "begins with https://" in answer.text
    assert "Write a whole number." in answer.text
    assert "kept</textarea>" in answer.text
    assert site.client("olivia").post("/papers/particulars", {"banned": "x"}).status_code == 400


def test_only_the_administrator_writes_papers(site: HubSite) -> None:
    for who in ("ana", "ida"):
        assert site.client(who).get("/papers").status_code == 200
        assert site.client(who).get("/papers/particulars").status_code == 403
        assert site.client(who).post("/papers/particulars", SAID).status_code == 403
        assert site.client(who).post("/papers/assessment/sign", {}).status_code == 403


def test_the_door_sign_has_a_code_that_leads_to_the_notice(site: HubSite) -> None:
    filled(site)
    page = site.client("ana").get(f"/papers/sign/{VENUES['Anchor']}").text
    assert "Anchor" in page
    assert "https://pubwatch.test/privacy" in page
    assert 'class="square" src="data:image/svg' in page
    drawing = site.client("ana").get(f"/papers/sign/{VENUES['Anchor']}/drawing")
    assert drawing.headers["content-type"].startswith("image/svg+xml")
    root = ET.fromstring(drawing.content)  # noqa: S314 - our own drawing
    assert root.get("viewBox") == "0 0 210 297"
    rows = [float(one.get("y") or 0) for one in root.iter("{http://www.w3.org/2000/svg}text")]
    assert max(rows) < 285
    assert rows == sorted(rows)
    assert site.client("ana").get(f"/papers/sign/{'f' * 16}").status_code == 404


def test_anybody_reads_the_notice_without_signing_in(site: HubSite) -> None:
    filled(site)
    page = site.client().get("/privacy")
    assert page.status_code == 200
    assert "Harbour Pubwatch Ltd" in page.text
    assert 'href="/papers' not in page.text


def test_slips_say_how_to_appeal_and_never_why(site: HubSite) -> None:
    filled(site)
    page = site.client("ben").get(f"/papers/slips/{VENUES['Blue Room']}").text
    assert page.count("You were not let in tonight") == 5  # the title, and four slips
    assert "within 14 days" in page
    assert not any(word in page.lower() for word in ("violence", "theft", "spiking", "banned"))


def test_the_letter_says_why_until_when_and_how_to_appeal(site: HubSite) -> None:
    filled(site)
    entry_id = site.entry("Anchor", scope="venue", reason=Reason.THREATS)
    found = site.client("ana").get(f"/papers/letter?entry={entry_id.upper()}")
    letter = site.client("ana").get(found.headers["location"]).text
    assert f"Threats, on {day('2026-01-02')}." in letter
    assert "At the doors of Anchor." in letter
    assert "Write to the secretary" in letter
    assert site.client("ben").get(f"/papers/letter/{entry_id}").status_code == 404
    lines = site.do(lambda service: [one for one in service.audit() if one.did == "letter"])
    assert lines[-1].what == entry_id


def test_accuracy_stands_there_with_intervals_and_without_claims_that_do_not_hold(
    site: HubSite,
) -> None:
    page = site.client("ida").get("/papers/accuracy").text
    assert "Southeast Asian Female" in page
    assert "no claim: too few" in page
    assert "0 of 4760" in page
    assert accuracy().model_id in page


def test_a_risk_is_not_called_reduced_while_something_is_left_to_do(site: HubSite) -> None:
    filled(site)
    facts = site.run(PapersDesk(site.office).facts())
    risks = {one.name: one for one in weighed(facts.assessment, facts.accuracy.model_id)}
    assert set(risks) == {one.name for one in HARMS}
    assert risks["unaware"].open == ("sign",)
    assert risks["unaware"].after is risks["unaware"].before is Grade.HIGH
    assert risks["entry"].after < risks["entry"].before
    signs = {f"sign_on-{venue_id}": "2026-11-01" for venue_id in VENUES.values()}
    filled(site, **signs)
    facts = site.run(PapersDesk(site.office).facts())
    risks = {one.name: one for one in weighed(facts.assessment, facts.accuracy.model_id)}
    assert risks["unaware"].open == ()
    assert risks["unaware"].after is Grade.LOW
    other = {one.name: one for one in weighed(facts.assessment, "another-network")}
    assert other["groups"].open == risks["groups"].open == ()


def test_shares_are_written_as_people_read_them() -> None:
    assert (percent(0.406), percent(0.0008), percent(0)) == ("40.6 %", "0.08 %", "0.0 %")
    assert (often(1e-3), often(1e-4)) == ("10", "1")
