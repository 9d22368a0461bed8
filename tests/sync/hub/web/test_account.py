"""What people see and change about their own account."""

import re

import pyotp
import pytest

from hub_site import HubSite, Someone

GOOD = "nine lamps behind the bar"


def log(site: HubSite) -> list[str]:
    return site.do(lambda service: [line.did for line in service.audit()])


def secret_in(page: str) -> str:
    return re.findall(r'name="secret" value="([A-Z2-7]{32})"', page)[0]


def test_a_password_is_changed_and_other_devices_are_signed_out(
    site: HubSite, who: Someone
) -> None:
    here, there = site.client(who.login), site.client(who.login)
    before = here.cookies["__Host-doorwatch"]
    typed = {"old": who.password, "password": GOOD, "again": GOOD}
    answer = here.post("/account/password", typed)
    assert answer.headers["location"] == "/account"
    assert here.cookies["__Host-doorwatch"] != before
    assert there.get("/").status_code == 303
    assert "The password is changed" in here.get("/account").text
    assert "can sign" in here.get("/account").text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"old": "wrong"}, "not your password"),
        ({"password": "some one: anchor", "again": "some one: anchor"}, "hardly more than a name"),
        ({"again": "x"}, "not the same"),
    ],
)
def test_a_password_that_cannot_be_changed_says_why(
    site: HubSite, who: Someone, changes: dict[str, str], words: str
) -> None:
    typed = {"old": who.password, "password": GOOD, "again": GOOD} | changes
    answer = site.client(who.login).post("/account/password", typed)
    assert answer.status_code == 422
    assert words in answer.text


def test_another_phone_takes_over(site: HubSite, who: Someone) -> None:
    ana, there = site.client(who.login), site.client(who.login)
    secret = secret_in(ana.get("/account/authenticator").text)
    typed = {"old": who.password, "secret": secret, "code": "000000"}
    assert ana.post("/account/authenticator", typed).status_code == 422
    typed["code"] = pyotp.TOTP(secret).now()
    assert ana.post("/account/authenticator", typed | {"old": "wrong"}).status_code == 422
    assert ana.post("/account/authenticator", typed).headers["location"] == "/account"
    assert there.get("/").status_code == 303


def test_new_recovery_codes_take_a_code(site: HubSite, who: Someone) -> None:
    ana = site.client(who.login)
    assert ana.post("/account/codes", {"code": "123"}).status_code == 422
    answer = ana.post("/account/codes", {"code": site.code(who.login)})
    assert len(re.findall(r"<code>([0-9A-Z-]{19})</code>", answer.text)) == 10
    assert ana.post("/account/codes", {"code": site.code(who.login)}).status_code == 422


def test_other_devices_are_signed_out_after_a_question(site: HubSite, who: Someone) -> None:
    here, there = site.client(who.login), site.client(who.login)
    assert "1 other device" in here.get("/account/sessions").text
    here.post("/account/sessions")
    assert there.get("/").status_code == 303
    assert here.get("/").status_code == 200


@pytest.mark.parametrize("path", ["", "/password", "/authenticator", "/codes", "/sessions"])
def test_looking_changes_nothing(site: HubSite, path: str) -> None:
    before = log(site)
    assert site.client("ida").get(f"/account{path}").status_code == 200
    assert log(site) == before


def test_the_first_page_tells_of_a_changed_password_and_of_few_codes(
    site: HubSite, who: Someone
) -> None:
    ana = site.client(who.login)
    assert "Was that not you?" not in ana.get("/").text
    typed = {"old": who.password, "password": GOOD, "again": GOOD}
    ana.post("/account/password", typed)
    assert "Was that not you?" in ana.get("/").text
