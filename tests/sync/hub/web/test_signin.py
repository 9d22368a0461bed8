"""Signing in and out in the pages."""

import re
from dataclasses import replace
from urllib.parse import quote

import httpx
import pytest

from edge.attempts import FREE_TRIES
from hub_site import PEOPLE, HubSite, Someone, Visitor
from sync.hub.hubclock import now_ms
from sync.hub.web.signin import then_of

COOKIE = "__Host-doorwatch"


def first(visitor: Visitor, who: Someone, password: str = "", then: str = "/") -> httpx.Response:
    typed = {"login": who.login, "password": password or who.password, "then": then}
    return visitor.post("/sign-in", typed)


def second(visitor: Visitor, code: str) -> httpx.Response:
    return visitor.post("/sign-in/second", {"code": code, "then": "/"})


def test_password_and_code_open_the_pages(site: HubSite, who: Someone) -> None:
    visitor = site.client()
    answer = first(visitor, who, then="/entries?venue=x")
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/sign-in/second?then={quote('/entries?venue=x')}"
    page = visitor.get(answer.headers["location"])
    assert 'value="/entries?venue=x"' in page.text
    answer = second(visitor, site.code(who.login))
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "Some One" in visitor.get("/").text
    assert visitor.get("/sign-in").headers["location"] == "/"


def test_the_second_step_alone_opens_nothing(site: HubSite, who: Someone) -> None:
    visitor = site.client()
    assert visitor.get("/sign-in/second").headers["location"] == "/sign-in"
    answer = second(visitor, site.code(who.login))
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert "more than five minutes" in visitor.get("/sign-in").text


def test_the_password_alone_opens_nothing(site: HubSite, who: Someone) -> None:
    visitor = site.client()
    first(visitor, who)
    assert COOKIE not in visitor.cookies
    assert visitor.get("/").headers["location"].startswith("/sign-in")


def test_every_mistake_in_the_first_step_gets_the_same_page(site: HubSite, who: Someone) -> None:
    pages = []
    nobody = replace(who, login="nobody")
    for one, password in ((who, "wrong"), (nobody, "wrong"), (nobody, who.password)):
        answer = first(site.client(), one, password)
        assert answer.status_code == 422
        pages.append(re.sub(r'value="[^"]*"', "", answer.text))
    assert len(set(pages)) == 1


def test_a_wrong_code_can_be_corrected_and_a_recovery_code_works(
    site: HubSite, who: Someone
) -> None:
    visitor = site.client()
    first(visitor, who)
    assert second(visitor, "000000").status_code == 422
    renew, person = site.office.accounts.renew_codes, site.person(who.login)
    codes = site.run(site.office.ask(lambda: renew(person, site.code(who.login), now_ms())))
    answer = visitor.post("/sign-in/second", {"recovery": codes[0].lower(), "then": "/"})
    assert answer.status_code == 303
    assert COOKIE in visitor.cookies


def test_guessing_is_slowed_down_and_said_so(site: HubSite, who: Someone) -> None:
    visitor = site.client()
    statuses = [first(visitor, who, "wrong").status_code for _ in range(FREE_TRIES)]
    assert statuses == [422] * FREE_TRIES
    answer = first(visitor, who)
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["retry-after"]) <= 15
    assert "Try again in" in answer.text
    other = site.client()
    ana = PEOPLE["ana"]
    first(other, ana)
    assert second(other, site.code("ana")).status_code == 303


def test_codes_are_not_guessed_either(site: HubSite, who: Someone) -> None:
    visitor = site.client()
    first(visitor, who)
    statuses = [second(visitor, "000000").status_code for _ in range(FREE_TRIES)]
    assert statuses == [422] * (FREE_TRIES - 1) + [429]
    assert second(visitor, site.code(who.login)).status_code == 429


def test_the_cookie_is_for_this_host_alone_and_for_no_script(site: HubSite, who: Someone) -> None:
    visitor = site.client()
    answers = [first(visitor, who), second(visitor, site.code(who.login))]
    cookies = [line for one in answers for line in one.headers.get_list("set-cookie")]
    assert {line.partition("=")[0] for line in cookies} == {COOKIE, "__Host-half"}
    for line in cookies:
        flags = {flag.strip().lower() for flag in line.split(";")[1:]}
        assert {"secure", "httponly", "samesite=strict", "path=/"} <= flags
        assert not any(flag.startswith("domain") for flag in flags)


def test_a_session_that_somebody_laid_down_before_is_not_taken_over(
    site: HubSite, who: Someone
) -> None:
    visitor = site.client()
    visitor.cookies.set(COOKIE, "laid-down-by-an-attacker", domain="hub.test", path="/")
    first(visitor, who)
    second(visitor, site.code(who.login))
    assert visitor.cookies[COOKIE] != "laid-down-by-an-attacker"
    attacker = site.client()
    attacker.cookies.set(COOKIE, "laid-down-by-an-attacker", domain="hub.test", path="/")
    assert attacker.get("/").status_code == 303


def test_signing_in_over_another_session_ends_that_one(site: HubSite, who: Someone) -> None:
    visitor = site.client("olivia")
    token = visitor.cookies[COOKIE]
    first(visitor, who)
    second(visitor, site.code(who.login))
    assert "Some One" in visitor.get("/").text
    stale = site.client()
    stale.cookies.set(COOKIE, token, domain="hub.test", path="/")
    assert stale.get("/").status_code == 303


def test_signing_out_ends_the_session_at_the_hub(site: HubSite, who: Someone) -> None:
    visitor = site.client(who.login)
    token = visitor.cookies[COOKIE]
    answer = visitor.post("/sign-out")
    assert answer.headers["location"] == "/sign-in"
    assert '"storage"' in answer.headers["clear-site-data"]
    assert COOKIE not in visitor.cookies
    thief = site.client()
    thief.cookies.set(COOKIE, token, domain="hub.test", path="/")
    assert thief.get("/").status_code == 303


def test_signing_out_takes_a_form_of_our_own(site: HubSite, who: Someone) -> None:
    visitor = site.client(who.login)
    assert visitor.get("/sign-out").status_code == 405
    assert visitor.post("/sign-out", {"csrf": "0"}).status_code == 403
    assert visitor.get("/").status_code == 200


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("/entries", "/entries"),
        ("/entries?venue=a b", "/entries?venue=a b"),
        ("", "/"),
        ("entries", "/"),
        ("//evil.test", "/"),
        ("/\\evil.test", "/"),
        ("https://evil.test", "/"),
        ("javascript:alert(1)", "/"),
        ("/x\r\nSet-Cookie: a=b", "/"),
        ("/sign-out", "/"),
        ("/welcome/x", "/"),
    ],
)
def test_the_way_on_leads_to_a_page_of_ours(asked: str, given: str) -> None:
    assert then_of(asked) == given


def test_nobody_is_sent_elsewhere_after_signing_in(site: HubSite, who: Someone) -> None:
    visitor = site.client()
    assert first(visitor, who, then="//evil.test").headers["location"].endswith("?then=/")
    answer = visitor.post(
        "/sign-in/second", {"code": site.code(who.login), "then": "https://evil.test/"}
    )
    assert answer.headers["location"] == "/"


def test_a_live_row_keeps_nobody_signed_in(site: HubSite, who: Someone) -> None:
    visitor = site.client(who.login)
    sessions, token = site.office.accounts.sessions, visitor.cookies[COOKIE]
    before = sessions.find(token, active=False)
    assert visitor.get("/held", headers={"HX-Request": "true"}).status_code == 200
    assert sessions.find(token, active=False) == before
    visitor.get("/account")
    assert sessions.find(token, active=False) != before
