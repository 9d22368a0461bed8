"""Who may come in, from where, with how much; and what every answer carries."""

from typing import Any

import pytest

from edge.attempts import FREE_TRIES
from edge.staff.app import build_app
from edge.staff.guard import PAGE_HEADERS
from edge.staff.intake import LARGEST_FORM

ROUTES = [
    "/",
    "/events",
    "/alerts/a1/crop.jpg",
    "/alerts/a1/reference.jpg",
    "/check/x/reference.jpg",
]


@pytest.mark.parametrize("path", [*ROUTES, "/nothing-here", "/static", "/loginx"])
def test_nothing_is_given_without_signing_in(stranger: Any, path: str) -> None:
    assert stranger.get(path).status_code == 401
    page = stranger.get(path, headers={"Accept": "text/html"})
    assert (page.status_code, page.headers["location"]) == (303, "/login")


@pytest.mark.parametrize("path", ["/alerts/a1/answer", "/quiet", "/check?reason=asked", "/logout"])
def test_nothing_is_taken_without_signing_in(stranger: Any, door: Any, path: str) -> None:
    assert stranger.post(path).status_code == 401
    assert not door.quieted


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "http://door.local:9999"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_request_sent_by_another_page_is_refused(
    staff: Any, door: Any, headers: dict[str, str]
) -> None:
    assert staff.post("/quiet", headers=headers).status_code == 403
    assert staff.post("/login", headers=headers, data={"pin": "x"}).status_code == 403
    assert not door.quieted


@pytest.mark.parametrize("path", ["/", "/login", "/static/door.css", "/nothing-here", "/quiet"])
def test_every_answer_carries_the_headers(staff: Any, path: str) -> None:
    answer = staff.get(path)
    for name, value in PAGE_HEADERS.items():
        if (path, name) != ("/login", "Referrer-Policy"):
            assert answer.headers[name] == value
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_cookie_is_closed_to_scripts_and_other_sites(stranger: Any) -> None:
    cookie = stranger.sign_in().headers["set-cookie"]
    assert cookie.startswith("doorwatch=")
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Secure" not in cookie


def test_by_https_the_cookie_is_secure_and_bound_to_the_host(
    door: Any, pin_hash: str, scene: Any
) -> None:
    browser = scene.browser(build_app(door, lambda: pin_hash), "https://door.example")
    cookie = browser.sign_in().headers["set-cookie"]
    assert cookie.startswith("__Host-doorwatch=")
    assert "Secure" in cookie
    assert "Domain" not in cookie
    assert browser.get("/").status_code == 200


def test_a_wrong_pin_is_refused_and_the_sixth_try_has_to_wait(stranger: Any, scene: Any) -> None:
    statuses = [stranger.sign_in("000001").status_code for _ in range(FREE_TRIES)]
    assert statuses == [401] * FREE_TRIES
    late = stranger.sign_in(scene.pin)
    assert late.status_code == 429
    assert 0 < int(late.headers["retry-after"]) <= 15
    assert "Too many wrong PINs" in late.text


def test_no_pin_is_ever_said_back(stranger: Any) -> None:
    assert "86420975" not in stranger.sign_in("86420975").text


def test_signing_out_closes_the_door(staff: Any) -> None:
    assert staff.get("/").status_code == 200
    token = dict(staff.cookies)
    assert staff.post("/logout").status_code == 303
    staff.cookies.update(token)
    assert staff.get("/").status_code == 401


def test_a_changed_pin_signs_everybody_out(door: Any, pin_hash: str, scene: Any) -> None:
    hashes = [pin_hash]
    browser = scene.browser(build_app(door, lambda: hashes[0]))
    browser.sign_in()
    hashes[0] = "$argon2id$another"
    assert browser.get("/").status_code == 401


def test_without_a_pin_the_page_says_how_to_set_one(door: Any, scene: Any) -> None:
    browser = scene.browser(build_app(door, lambda: None))
    page = browser.get("/login")
    assert "doorwatch set-pin" in page.text
    assert browser.sign_in("").status_code == 401
    assert browser.get("/").status_code == 401


def test_a_damaged_pin_file_is_one_line(door: Any, scene: Any) -> None:
    browser = scene.browser(build_app(door, lambda: "garbage"))
    answer = browser.sign_in()
    assert answer.status_code == 409
    assert "set it again" in answer.json()["error"]


def test_a_form_that_is_too_large_or_no_form_is_refused(staff: Any) -> None:
    large = staff.post("/alerts/a1/answer", content=b"x" * (LARGEST_FORM + 1))
    assert large.status_code == 413
    assert staff.post("/alerts/a1/answer", content=b"\xff\xfe=1").status_code == 400
    many = "&".join(f"f{n}=1" for n in range(99))
    assert staff.post("/alerts/a1/answer", content=many).status_code == 400


def test_a_body_that_hides_its_length_is_cut_off(staff: Any) -> None:
    async def endless() -> Any:
        while True:
            yield b"x" * 1024

    assert staff.post("/alerts/a1/answer", content=endless()).status_code == 413


def test_an_unknown_page_is_an_ordinary_answer_for_staff(staff: Any) -> None:
    answer = staff.get("/nothing-here")
    assert (answer.status_code, answer.json()) == (404, {"error": "Not Found"})


def test_templates_ask_for_nothing_outside_and_hold_nothing_inline(
    staff: Any, stranger: Any
) -> None:
    for page in (staff.get("/").text, stranger.get("/login").text):
        assert "http://" not in page.replace("http://www.w3.org", "")
        assert "https://" not in page
        assert "style=" not in page
        assert "onclick" not in page
