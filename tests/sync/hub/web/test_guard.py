"""What stands before every page of the hub."""

import pytest
from structlog.testing import capture_logs

from hub_site import HubSite


def test_a_stranger_is_sent_to_the_sign_in(site: HubSite) -> None:
    answer = site.client().get("/")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?then=/")


def test_a_live_row_of_a_session_that_is_over_leads_to_the_sign_in(site: HubSite) -> None:
    answer = site.client().get("/held", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["hx-redirect"]) == (401, "/sign-in")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.test"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_form_that_another_site_sent_changes_nothing(
    site: HubSite, headers: dict[str, str]
) -> None:
    answer = site.client("ana").post("/held/x/undo", headers=headers)
    assert answer.status_code == 403


def test_a_form_without_its_token_changes_nothing(site: HubSite) -> None:
    answer = site.client("ana").post("/held/x/undo", {"csrf": ""})
    assert answer.status_code == 403


def test_a_form_with_somebody_elses_token_changes_nothing(site: HubSite) -> None:
    stolen = site.client("ben").csrf()
    assert site.client("ana").post("/held/x/undo", {"csrf": stolen}).status_code == 403


def test_every_answer_forbids_what_is_inline_and_what_is_from_elsewhere(site: HubSite) -> None:
    for path in ("/", "/nowhere", "/static/hub.css"):
        headers = site.client("ana").get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["strict-transport-security"]


def test_cookies_are_for_this_host_alone_and_for_no_script(site: HubSite) -> None:
    (cookie,) = site.client().get("/").headers.get_list("set-cookie")
    assert cookie.startswith("__Host-visitor=")
    assert all(word in cookie for word in ("HttpOnly", "SameSite=Strict", "Secure", "Path=/"))


def test_no_page_is_kept_by_a_browser_but_the_look_of_all_is(site: HubSite) -> None:
    ana = site.client("ana")
    assert ana.get("/").headers["cache-control"] == "no-store"
    assert ana.get("/static/hub.css").headers["cache-control"] == "max-age=300"


@pytest.mark.parametrize(
    "path", ["/static/../app.py", "/static/%2e%2e/app.py", "/static//etc/passwd"]
)
def test_static_files_lead_nowhere_else(site: HubSite, path: str) -> None:
    assert site.client("ana").get(path).status_code == 404


def test_nobody_is_looked_up_for_what_is_the_same_for_all(site: HubSite) -> None:
    for client in (site.client(), site.client("ana")):
        answer = client.get("/static/hub.css")
        assert answer.status_code == 200
        assert "set-cookie" not in answer.headers
        assert client.get("/static/nowhere.css").status_code == 404


def test_an_address_without_end_is_refused_before_anybody_reads_it(site: HubSite) -> None:
    answer = site.client("olivia").get(f"/rights/{'9' * 5_000}")
    assert answer.status_code == 414


def test_the_secret_of_an_invitation_stands_in_no_log(site: HubSite) -> None:
    link, stranger = site.link("dora"), site.client()
    with capture_logs() as logged:
        assert stranger.post(link, {"csrf": "of an older page"}).status_code == 403
        elsewhere = {"Origin": "https://elsewhere.test"}
        assert stranger.post(link, headers=elsewhere).status_code == 403
    assert [line["path"] for line in logged] == ["/welcome/…", "/welcome/…"]
