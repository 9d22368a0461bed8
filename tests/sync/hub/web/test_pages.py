"""Pages: their words, their times, and what is refused."""

import httpx
import pytest
from jinja2 import UndefinedError
from starlette.requests import Request

from hub_site import ORIGIN, HubSite
from sync.hub.web import times
from sync.hub.web.pages import Faults, html
from sync.hub.web.texts import t

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000


@pytest.mark.parametrize(
    ("span_ms", "words"),
    [
        (900, "0 seconds"), (1_000, "1 second"), (59_999, "59 seconds"), (MINUTE, "1 minute"),
        (HOUR - 1, "59 minutes"), (HOUR, "1 hour"), (2 * DAY + 5, "2 days"), (-5, "0 seconds"),
    ],
)  # fmt: skip
def test_a_span_is_said_by_its_largest_unit(span_ms: int, words: str) -> None:
    assert times.duration(span_ms) == words


def test_a_moment_that_is_hardly_over_is_now() -> None:
    assert times.ago(1_999) == "just now"
    assert times.ago(2 * HOUR) == "2 hours ago"


def test_a_day_is_said_without_doubt_about_its_month() -> None:
    assert times.day("2031-03-04") == "4 Mar 2031"


def test_one_is_not_many() -> None:
    assert t("times.days", count=1) == "1 day"
    assert t("times.days", count=0) == "0 days"


def test_a_sentence_that_is_missing_is_an_error_and_no_empty_line() -> None:
    with pytest.raises(KeyError):
        t("times.nowhere")


def request_of(site: HubSite, login: str) -> Request:
    person = site.person(login)
    state = {"person": person, "csrf": "x", "session": None, "token": ""}
    return Request({"type": "http", "app": site.app, "path": "/", "headers": [], "state": state})


def test_a_template_that_names_what_is_not_there_is_an_error(site: HubSite) -> None:
    with pytest.raises(UndefinedError):
        html(request_of(site, "ana"), "home.html", notices=[])


def test_what_people_typed_is_shown_as_text(site: HubSite) -> None:
    faults: Faults = {}
    page = html(
        request_of(site, "ana"), "error.html", words="<script>alert(1)</script>", faults=faults
    )
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_what_is_not_there_is_said_on_a_page_of_ours(site: HubSite) -> None:
    answer = site.client("ana").get("/nowhere")
    assert answer.status_code == 404
    assert "There is nothing here." in answer.text


def test_where_the_program_is_at_fault_nothing_of_it_is_told(
    site: HubSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_scopes: object) -> None:
        raise ValueError("a secret of the inside")

    monkeypatch.setattr(site.office.register, "tally", fail)
    transport = httpx.ASGITransport(site.app, raise_app_exceptions=False)
    cookies = site.client("ana").cookies
    with_errors = httpx.AsyncClient(transport=transport, base_url=ORIGIN, cookies=cookies)
    answer = site.run(with_errors.get("/"))
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "Something went wrong in the hub" in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
