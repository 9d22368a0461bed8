"""What attackers try, on every route there is: a new page is tried by itself as soon as it stands.

The list is OWASP's (Application Security Verification Standard 4.0.3); deploy/SECURITY.md says
which test shows which line.
"""

import re
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from starlette.routing import Route
from structlog.testing import capture_logs

from hub_site import ORIGIN, PEOPLE, VENUES, HubSite, Visitor
from sync.hub.web.guard import POLICY
from sync.hub.web.intake import LARGEST_FORM

EVIL = """"><script>alert(1)</script><img src=x onerror=alert(2)>'{{7*7}}"""
RAW = ("<script>alert", "<img src=x", "{{7*7}}'", "49</")
"""Pieces of ``EVIL`` that no page may carry as they are."""

OPEN = {"/sign-in", "/sign-in/second", "/welcome/{token}", "/privacy"}
"""All that answers somebody who is not signed in."""

OWN = {"/sign-out", "/sign-in", "/sign-in/second", "/welcome/{token}"}
"""Posts that are nobody's right but whoever's: the way in and out. Besides these, ``/account``."""

READING = {"look", "letter"}
"""Reading that is written down."""


@dataclass
class Town:
    """A site with something of everybody's on it, and how its routes are filled."""

    site: HubSite
    filled: dict[str, str]

    def routes(self, method: str) -> list[Route]:
        return [
            route
            for route in self.site.app.routes
            if isinstance(route, Route) and method in (route.methods or ())
        ]

    def path(self, route: Route, **changes: str) -> str:
        """Fill the parameters of a route; whatever is not known by name is nonsense."""
        values = self.filled | changes

        def value(found: re.Match[str]) -> str:
            return values.get(found.group(1), "1")

        return re.sub(r"{(\w+)(?::\w+)?}", value, route.path)

    def state(self) -> tuple[object, ...]:
        """Give what a change would change."""

        def look() -> tuple[object, ...]:
            service, accounts = self.site.office.service, self.site.office.accounts
            lines = [(one.who, one.did) for one in service.audit() if one.did not in READING]
            return service.head().body, lines, accounts.accounts()

        return self.site.run(self.site.office.ask(look))


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Everything here belongs to the Blue Room and to ben; ana of the Anchor is the attacker."""
    with HubSite(tmp_path_factory.mktemp("hub")) as site:
        ben = site.person("ben")
        request = site.client("olivia").post(
            "/rights/new",
            {"kind": "access", "received_on": "2026-01-02", "asker": EVIL, "words": EVIL},
        )
        draft = site.office.drafts.begin(ben.account_id, time.monotonic())
        invited = site.client("ben").post(
            "/users/invite", {"name": "Bob", "login": "bob", "role": "manager"}
        )
        welcome = re.findall(r"/users/invitations/(\w+)/", site.client("ben").get("/users").text)
        yield Town(
            site,
            {
                "entry_id": site.entry("Blue Room", "venue", evidence=EVIL),
                "unit_id": site.door("Blue Room", "Blue door").unit_id,
                "account_id": ben.account_id,
                "welcome_id": welcome[0],
                "draft_id": draft.draft_id,
                "token": re.findall(r"/welcome/(\w+)", invited.text)[0],
                "number": (re.findall(r"/(\d+)$", request.headers.get("location", "")) or ["1"])[0],
                "held_id": "x",
                "remedy": "erase",
            },
        )


# --- who may come in ---------------------------------------------------------------------------
def test_nothing_is_open_to_strangers_but_the_way_in(town: Town) -> None:
    """ASVS 4.1.1, 4.1.5, 1.4.4."""
    stranger, found = town.site.client(), set()
    for route in town.routes("GET"):
        if stranger.get(town.path(route)).status_code == 200:
            found.add(route.path)
    assert found <= OPEN
    for route in town.routes("POST"):
        if route.path not in OPEN:
            assert stranger.post(town.path(route)).status_code in {303, 401}, route.path


def test_no_form_without_its_token_changes_anything(town: Town) -> None:
    """ASVS 4.2.2, 13.2.3."""
    before = town.state()
    for login, csrf in (("olivia", ""), ("ben", "0" * 64)):
        client = town.site.client(login)
        for route in town.routes("POST"):
            answer = client.post(town.path(route), {"csrf": csrf})
            assert answer.status_code in {303, 403, 404}, (route.path, answer.status_code)
    assert town.state() == before


def test_no_form_of_another_site_changes_anything(town: Town) -> None:
    """ASVS 4.2.2; a signed-in browser of ben that visits evil.test."""
    client, before = town.site.client("ben"), town.state()
    csrf = {"csrf": client.csrf()}
    for origin in ("null", "https://hub.test.evil.test", "http://hub.test:80", ""):
        assert client.post("/sign-out", csrf, headers={"Origin": origin}).status_code == 403
    for route in town.routes("POST"):
        answer = client.post(town.path(route), csrf, headers={"Origin": "https://evil.test"})
        assert answer.status_code == 403, route.path
    assert town.state() == before


def test_following_a_link_changes_nothing(town: Town) -> None:
    """A page that is only looked at may be fetched by a prefetcher or from a forged link."""
    before = town.state()
    for login in ("olivia", "ben"):
        client = town.site.client(login)
        for route in town.routes("GET"):
            client.get(town.path(route))
    assert town.state() == before


def test_an_auditor_changes_nothing_whatever_is_posted(town: Town) -> None:
    """ASVS 4.1.3."""
    ida, before = town.site.client("ida"), town.state()
    csrf = ida.csrf()
    for route in town.routes("POST"):
        if route.path in OWN or route.path.startswith(("/account", "/audit")):
            continue
        answer = ida.post(town.path(route), {"csrf": csrf})
        assert answer.status_code in {303, 403, 404, 409}, (route.path, answer.status_code)
    assert town.state() == before


# --- what is somebody else's -------------------------------------------------------------------
def test_what_belongs_to_another_venue_is_not_there(town: Town) -> None:
    """ASVS 4.2.1: the ids are known, and still nothing of the Blue Room opens for the Anchor."""
    ana, before = town.site.client("ana"), town.state()
    csrf = ana.csrf()
    theirs = ("{entry_id}", "{account_id}", "{welcome_id}", "{draft_id}", "{held_id}")
    for route in town.routes("GET"):
        if any(one in route.path for one in theirs):
            answer = ana.get(town.path(route))
            assert answer.status_code in {403, 404}, (route.path, answer.status_code)
            assert "Blue" not in answer.text
    for route in town.routes("POST"):
        if any(one in route.path for one in theirs) or "{unit_id" in route.path:
            answer = ana.post(town.path(route), {"csrf": csrf})
            assert answer.status_code in {303, 403, 404, 409}, (route.path, answer.status_code)
    assert town.state() == before


def test_an_entry_of_all_doors_is_changed_by_its_own_venue_alone(town: Town) -> None:
    """ASVS 4.2.1."""
    site = town.site
    entry_id = site.entry("Blue Room", "consortium", by="Cellar")
    ana, before = site.client("ana"), town.state()
    csrf = ana.csrf()
    assert ana.get(f"/entries/{entry_id}").status_code == 200
    for act in ("lift", "extend", "correct", "photo", "withdraw", "note", "reinstate"):
        path = f"/entries/{entry_id}/{act}"
        assert ana.post(path, {"csrf": csrf}).status_code in {403, 404, 409}, act
    assert town.state() == before


def test_ids_are_not_guessed(town: Town) -> None:
    """ASVS 4.2.1, 6.3.1: whatever stands in an address was drawn at random, 64 bits or more."""
    for name, value in town.filled.items():
        if name.endswith("_id") and name != "held_id":
            assert len(value) >= 16, name
    drawn = {town.site.entry("Anchor") for _ in range(5)}
    assert len({one[:4] for one in drawn}) > 1


# --- what is typed into fields and addresses ---------------------------------------------------
def harmless(text: str) -> bool:
    return not any(piece in text for piece in RAW)


def test_no_field_brings_a_script_into_a_page(town: Town) -> None:
    """ASVS 5.3.3, 5.2.5: stored (names, evidence, requests), and given back beside a fault."""
    site = town.site
    site.do(lambda service: service.rename(town.filled["unit_id"], EVIL[:60], "test", 1))
    ben = site.client("ben")
    ben.post(f"/entries/{town.filled['entry_id']}/note", {"note": EVIL})
    ben.post("/users/invite", {"name": EVIL[:60], "login": "eve", "role": "manager"})
    fields = ("name", "login", "words", "note", "evidence", "asker", "code", "old", "then", "until")
    fields += ("q", "reason", "incident", "search", "password", "secret", "recovery", "kind")
    for login in ("ben", "olivia"):
        client = site.client(login)
        for route in town.routes("GET"):
            answer = client.get(town.path(route), params=dict.fromkeys(fields, EVIL))
            if "html" in answer.headers.get("content-type", ""):
                assert harmless(answer.text), (login, route.path)
    csrf, other = ben.csrf(), site.entry("Blue Room", "venue")
    for route in town.routes("POST"):
        if not route.path.startswith(("/sign-out", "/account/sessions", "/users/{", "/doors/{")):
            path = town.path(route, entry_id=other)
            answer = ben.post(path, {"csrf": csrf} | dict.fromkeys(fields, EVIL))
            assert harmless(answer.text), route.path
            assert answer.status_code < 500
    site.run(site.office.holding.publish_all())


NONSENSE = ("..%2f..%2fhub.db", "%00", "'%20OR%201=1--", "%3Cscript%3E", "%c3%a9", "9" * 40, "-1")


@pytest.mark.parametrize("nonsense", NONSENSE)
def test_nonsense_in_an_address_opens_nothing_and_breaks_nothing(town: Town, nonsense: str) -> None:
    """ASVS 5.1.3, 5.3.4, 7.4.1: no file, no statement of SQL, no trace of the program."""
    before = town.state()
    client = town.site.client("olivia")
    for route in town.routes("GET"):
        if "{" in route.path:
            path = re.sub(r"{\w+(?::\w+)?}", nonsense, route.path)
            answer = client.get(path)
            assert answer.status_code in {303, 403, 404, 409}, (path, answer.status_code)
            assert "Traceback" not in answer.text
    assert town.state() == before


@pytest.mark.parametrize(
    "path",
    [
        "/static/../office.py",
        "/static/..%2foffice.py",
        "/static/%2e%2e/office.py",
        "/static/....//office.py",
        "/static//etc/passwd",
        "/static/%2fetc%2fpasswd",
        "/static/..%5coffice.py",
        "/static/hub.css%00.html",
        "/static/",
    ],
)
def test_no_file_outside_of_static_is_served(town: Town, path: str) -> None:
    """ASVS 12.3.1, 14.3.3 and 12.5.1."""
    assert town.site.client().get(path).status_code in {303, 400, 404}


@pytest.mark.parametrize("method", ["TRACE", "PUT", "DELETE", "PATCH", "CONNECT", "DEBUG"])
def test_methods_that_no_page_needs_do_nothing(town: Town, method: str) -> None:
    """ASVS 13.2.1, 14.5.1."""
    client = town.site.client("olivia")
    for path in ("/", "/users", "/entries"):
        answer = town.site.run(client._client.request(method, path, headers={"Origin": ORIGIN}))
        assert answer.status_code == 405


def test_of_a_field_that_is_sent_twice_the_first_counts(town: Town) -> None:
    """ASVS 5.1.1."""
    client = town.site.client("ben")
    body = {"csrf": [client.csrf(), "x"], "name": "Bix", "login": "bix", "role": ["x", "manager"]}
    assert client.post("/users/invite", body).status_code == 422
    body["role"] = ["manager", "administrator"]
    answer = client.post("/users/invite", body)
    assert answer.status_code == 200
    assert "Administrator" not in client.get("/users").text


# --- how much is sent --------------------------------------------------------------------------
def test_a_form_that_is_too_large_or_of_another_kind_is_refused(town: Town) -> None:
    """ASVS 12.1.1, 13.1.5, 11.1.4."""
    before = town.state()
    for path in ("/sign-in", "/users/invite", "/account/password"):
        client = town.site.client("ben")
        answer = client.post(path, {"csrf": client.csrf(), "name": "x" * (LARGEST_FORM + 1)})
        assert answer.status_code == 413
    for kind in ("application/json", "text/plain", "application/xml"):
        client = town.site.client("ben")
        answer = client.post("/users/invite", {}, headers={"Content-Type": kind})
        assert answer.status_code in {400, 403}
    assert town.state() == before


def test_a_file_that_is_no_photo_is_refused_in_words(town: Town) -> None:
    """ASVS 12.2.1: what it says of itself means nothing."""
    shell = b"<?php system($_GET['c']); ?>" + bytes(64)
    answer = town.site.client("ben").post(
        "/add", {}, files={"photos": ("../../face.jpg", shell, "image/jpeg")}
    )
    assert answer.status_code in {303, 422}
    assert not list(Path(town.site.folder).rglob("face.jpg"))


def test_what_was_refused_stands_in_the_log_without_what_was_sent(town: Town) -> None:
    """ASVS 7.1.1, 7.1.3, 7.2.2, 7.3.1."""
    with capture_logs() as lines:
        town.site.client("ida").post("/users/invite", {"name": EVIL})
        town.site.client("ben").post("/sign-out", headers={"Origin": "https://evil.test"})
    assert [(one["event"], one["path"]) for one in lines] == [
        ("refused", "/users/…"),
        ("refused a form that another site sent", "/sign-out"),
    ]
    assert len(lines[0]["account"]) == 16
    assert "ida" not in repr(lines)
    assert harmless(repr(lines))


# --- what browsers are told --------------------------------------------------------------------
def test_every_answer_carries_its_headers(town: Town) -> None:
    """ASVS 14.4, 8.2.1, 3.4."""
    for login, routes in (("", town.routes("GET")[:3]), ("ben", town.routes("GET"))):
        client: Visitor = town.site.client(login)
        for route in routes:
            said = client.get(town.path(route)).headers
            assert said["content-security-policy"].startswith("default-src 'none'")
            assert "unsafe" not in said["content-security-policy"]
            assert said["x-content-type-options"] == "nosniff"
            assert said["strict-transport-security"] == "max-age=31536000"
            assert said["referrer-policy"] in {"no-referrer", "same-origin"}
            assert said["x-frame-options"] == "DENY"
            assert "no-store" in said["cache-control"]
            assert "server" not in said
            assert "access-control-allow-origin" not in said
    assert "'unsafe" not in POLICY


def test_links_name_the_hub_and_never_what_a_request_says_it_is(town: Town) -> None:
    """A poisoned Host header must not put an attacker's address into an invitation."""
    client = town.site.client("ben")
    client._client.base_url = "https://evil.test"
    form = {"csrf": client.csrf(), "name": "Bea", "login": "bea", "role": "manager"}
    headers = {"Host": "evil.test", "Origin": "https://evil.test"}
    client.cookies.set("__Host-doorwatch", town.site.token("ben"), domain="evil.test", path="/")
    text = client.post("/users/invite", form, headers=headers).text
    assert "evil.test" not in text


def test_a_session_is_nobody_elses(town: Town) -> None:
    """ASVS 3.2.2: a token that was not given out opens nothing, however close."""
    token = town.site.token("ben")
    swapped = token[:-1] + ("A" if token[-1] != "A" else "B")
    for guess in (swapped, token.upper(), token[:-1], secrets.token_urlsafe(32), "", "null"):
        client = town.site.client()
        client.cookies.set("__Host-doorwatch", guess, domain="hub.test", path="/")
        assert client.get("/").status_code == 303


# --- what a thief of the disk finds ------------------------------------------------------------
def test_nothing_about_people_stands_in_the_database_in_the_open(town: Town) -> None:
    """ASVS 6.1.1, 6.4.1, 8.3.7: neither entries nor accounts nor requests nor the venues' keys."""
    folder = Path(town.site.folder)
    content = b"".join(path.read_bytes() for path in folder.glob("hub.db*"))
    assert len(content) > 100_000
    told = [EVIL.encode(), b"onerror=alert", b"incident book", b"\xff\xd8\xff", b"Blue Room"]
    told += [one.name.encode() for one in PEOPLE.values()]
    told += [one.password.encode() for one in PEOPLE.values()]
    told += [town.site.secrets[login].encode() for login in PEOPLE]
    told += [town.site.keys[name].seed for name in VENUES]
    told += [town.site.office.service.hub_key, town.filled["token"].encode()]
    assert [one for one in told if one in content] == []
