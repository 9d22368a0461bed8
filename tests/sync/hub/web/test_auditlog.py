"""The audit log in a browser: read by those who may, checked, signed, taken away."""

import csv
import io
import json

import pytest

from hub_site import HubSite


def test_an_auditor_reads_the_log_and_a_manager_does_not(site: HubSite) -> None:
    site.entry()
    page = site.client("ida").get("/audit")
    assert page.status_code == 200
    assert "join-user" in page.text
    assert site.client("ana").get("/audit").status_code == 403


def test_the_log_is_sieved_by_what_was_done(site: HubSite) -> None:
    entry_id = site.entry()
    page = site.client("ida").get("/audit", params={"did": "put", "words": entry_id})
    assert page.text.count(f'<a href="/entries/{entry_id}">') == 1
    assert "Anchor + Blue Room" in page.text
    none = site.client("ida").get("/audit", params={"until": "2001-01-01", "from": "nonsense"})
    assert "No line fits." in none.text


def test_checking_the_log_says_that_no_line_was_touched(site: HubSite) -> None:
    page = site.client("olivia").post("/audit/verify")
    assert "none of them touched" in page.text


def test_the_whole_log_is_taken_away_and_that_is_a_line_of_it(site: HubSite) -> None:
    visitor = site.client("ida")
    table = visitor.post("/audit/file", {"kind": "csv"})
    assert table.headers["content-disposition"].startswith('attachment; filename="audit-log-')
    rows = list(csv.DictReader(io.StringIO(table.text)))
    assert [int(row["number"]) for row in rows] == list(range(1, len(rows) + 1))
    assert (rows[-1]["did"], rows[-1]["who"]) == ("export", "user ida")
    lines = [
        json.loads(line) for line in visitor.post("/audit/file", {"kind": "jsonl"}).iter_lines()
    ]
    assert len(lines) == len(rows) + 1
    assert visitor.post("/audit/file", {"kind": "exe"}).status_code == 400


def test_a_venue_signs_the_log_and_is_named_beside_it(site: HubSite) -> None:
    home = site.client("ben").get("/").text
    assert "/audit/sign" in home
    shown = site.client("ben").get("/audit/sign").text
    assert "Blue Room puts its name" in shown
    assert site.client("ben").post("/audit/sign").status_code == 303
    assert "Blue Room: up to line" in site.client("olivia").get("/audit").text
    assert site.client("ida").get("/audit/sign").status_code == 403


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_day_beyond_all_clocks_counts_as_none(site: HubSite, day: str) -> None:
    ida = site.client("ida")
    for end in ("from", "until"):
        assert "create" in ida.get(f"/audit?{end}={day}&did=create").text
