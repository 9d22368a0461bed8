"""Users are invited, welcomed and ended in the pages."""

import re
from html import unescape
from itertools import count

import pyotp
import pytest

from hub_site import PEOPLE, HubSite, Someone, Visitor
from sync.hub.hubclock import now_ms

GOOD = "nine lamps behind the bar"

_NUMBERS = count(1)


def invite(visitor: Visitor, login: str = "", role: str = "manager") -> str:
    """Invite somebody; the path of the link."""
    typed = {"name": "Amy", "login": login or f"amy-{next(_NUMBERS)}", "role": role}
    answer = visitor.post("/users/invite", typed)
    assert answer.status_code == 200, answer.text
    return re.findall(r"https://127\.0\.0\.1:8443(/welcome/[0-9a-f]{64})", answer.text)[0]


def secret_in(page: str) -> str:
    return re.findall(r'name="secret" value="([A-Z2-7]{32})"', page)[0]


def accept(visitor: Visitor, link: str, **changes: str) -> tuple[int, str]:
    secret = secret_in(visitor.get(link).text)
    typed = {"password": GOOD, "again": GOOD, "secret": secret, "code": pyotp.TOTP(secret).now()}
    answer = visitor.post(link, typed | changes)
    return answer.status_code, answer.text


def log(site: HubSite) -> list[tuple[str, str]]:
    return site.do(lambda service: [(line.who, line.did) for line in service.audit()])


def waits(site: HubSite) -> list[str]:
    accounts = site.office.accounts
    return [one.login for one in site.run(site.office.ask(lambda: accounts.waiting(now_ms())))]


def test_a_manager_invites_a_colleague_who_can_sign(site: HubSite) -> None:
    link, amy = invite(site.client("ana"), "amy"), site.client()
    page = amy.get(link)
    assert "Manager of Anchor" in page.text
    assert 'src="data:image/svg+xml' in page.text
    assert "otpauth://totp/Harbour%20Town:amy" in unescape(page.text)
    status, text = accept(amy, link)
    assert status == 200
    codes = re.findall(r"<code>([0-9A-Z-]{19})</code>", text)
    assert len(set(codes)) == 10
    assert "Amy" in amy.get("/").text
    assert "can sign" in amy.get("/account").text
    assert ("user amy", "join-user") in log(site)
    assert amy.get(link).status_code == 404


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"password": "short", "again": "short"}, "too short"),
        ({"password": "password1234", "again": "password1234"}, "Guessers"),
        ({"again": GOOD + "x"}, "not the same"),
        ({"code": "000000"}, "not the code"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_the_link_still_works(
    site: HubSite, changes: dict[str, str], words: str
) -> None:
    link, amy = invite(site.client("ana")), site.client()
    secret = secret_in(amy.get(link).text)
    status, text = accept(amy, link, **changes, secret=secret)
    assert status == 422
    assert re.search(rf'class="trouble" id="f-\w+-fault">[^<]*{words}', text)
    assert secret_in(text) == secret
    assert GOOD not in text
    assert accept(amy, link)[0] == 200


def test_an_unknown_link_is_one_page_whatever_it_looks_like(site: HubSite) -> None:
    for link in ("/welcome/x", f"/welcome/{'0' * 64}", "/welcome/%3Cscript%3E"):
        answer = site.client().get(link)
        assert answer.status_code == 404
        assert "This invitation does not work" in answer.text
        assert "script>" not in answer.text.partition("</head>")[2]


def test_an_invitation_can_be_withdrawn(site: HubSite) -> None:
    ana = site.client("ana")
    link = invite(ana, "amy-w")
    (path,) = re.findall(r'href="(/users/invitations/\w+/withdraw)"', ana.get("/users").text)
    assert "stops working at once" in ana.get(path).text
    assert waits(site) == ["amy-w"]
    assert site.client("ben").post(path).status_code == 404
    assert ana.post(path).headers["location"] == "/users"
    assert "amy-w" not in waits(site)
    assert site.client().get(link).status_code == 404


def test_an_administrator_invites_no_manager_without_a_venues_key(site: HubSite) -> None:
    olivia = site.client("olivia")
    assert 'value="manager"' not in olivia.get("/users/invite").text
    answer = olivia.post("/users/invite", {"name": "Mo", "login": "mo", "role": "manager"})
    assert answer.status_code == 422
    assert accept(site.client(), invite(olivia, "mo", "auditor"))[0] == 200


def test_a_manager_makes_nobody_an_administrator(site: HubSite) -> None:
    ana = site.client("ana")
    for role in ("administrator", "auditor", "", "root"):
        answer = ana.post("/users/invite", {"name": "Mo", "login": "mo-2", "role": role})
        assert answer.status_code == 422
    assert "mo-2" not in waits(site)


def test_an_auditor_sees_all_users_and_changes_nothing(site: HubSite) -> None:
    ida, ana = site.client("ida"), site.person("ana").account_id
    page = ida.get("/users").text
    assert all(one.name in page for one in PEOPLE.values())
    assert "/end" not in page
    assert ida.get("/users/invite").status_code == 403
    assert ida.post("/users/invite", {"login": "x"}).status_code == 403
    for act in ("end", "again"):
        assert ida.get(f"/users/{ana}/{act}").status_code == 403
        assert ida.post(f"/users/{ana}/{act}").status_code == 403


def test_a_manager_sees_the_own_venues_users_and_no_other(site: HubSite) -> None:
    ana, ben = site.client("ana"), site.person("ben").account_id
    page = ana.get("/users").text
    assert "Ana Anchor" in page
    assert "Ben Blue" not in page
    for act in ("end", "again"):
        assert ana.get(f"/users/{ben}/{act}").status_code == 404
        assert ana.post(f"/users/{ben}/{act}").status_code == 404


def test_an_account_is_ended_after_a_question_and_its_sessions_with_it(
    site: HubSite, who: Someone
) -> None:
    olivia, ben = site.client("olivia"), site.client(who.login)
    path = f"/users/{site.person(who.login).account_id}/end"
    assert "signed out everywhere" in olivia.get(path).text
    assert ben.get("/").status_code == 200
    olivia.post(path)
    assert ben.get("/").status_code == 303
    assert "The account of Some One has ended" in olivia.get("/users").text
    assert olivia.post(path).status_code == 403


def test_nobody_ends_the_own_account(site: HubSite) -> None:
    path = f"/users/{site.person('olivia').account_id}/end"
    assert site.client("olivia").post(path).status_code == 403


def test_a_forgotten_password_is_a_new_invitation(site: HubSite, who: Someone) -> None:
    before, path = site.client(who.login), f"/users/{site.person(who.login).account_id}/again"
    assert "stop working" in site.client("ana").get(path).text
    answer = site.client("ana").post(path)
    link = re.findall(r"(/welcome/[0-9a-f]{64})", answer.text)[0]
    assert before.get("/").status_code == 200
    after = site.client()
    assert accept(after, link)[0] == 200
    assert before.get("/").status_code == 303
    assert "can sign" in after.get("/account").text


def test_a_login_that_went_to_somebody_else_is_said(site: HubSite, who: Someone) -> None:
    ana, path = site.client("ana"), f"/users/{site.person(who.login).account_id}"
    ana.post(f"{path}/end")
    accept(site.client(), invite(ana, who.login))
    assert ana.post(f"{path}/again").headers["location"] == "/users"
    assert "Somebody has this login already" in ana.get("/users").text


def test_the_administrator_is_told_of_guessing(site: HubSite) -> None:
    stranger, olivia = site.client(), site.client("olivia")
    assert "somebody may be guessing" not in olivia.get("/").text
    csrf = {"csrf": stranger.csrf()}
    for number in range(20):
        stranger.post("/sign-in", csrf | {"login": f"guess-{number}", "password": "x"})
    assert "sign-ins were refused" in olivia.get("/").text
    assert "guessing" not in site.client("ben").get("/").text
