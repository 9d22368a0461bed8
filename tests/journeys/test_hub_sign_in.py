"""Somebody comes to the hub in a real browser: invited, welcomed, out, and in with both factors."""

import re
from collections.abc import Iterator

import pyotp
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from browsing import IN_A_BROWSER
from hub_pages import PHONE
from hub_site import PEOPLE, HubSite

GOOD = "nine lamps behind the bar"

pytestmark = IN_A_BROWSER


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubSite]:
    with HubSite(tmp_path_factory.mktemp("hub")) as made:
        yield made


@pytest.fixture
def tab(browser: Browser) -> Iterator[Page]:
    """A phone without JavaScript: none of these pages needs any."""
    context = browser.new_context(viewport=PHONE, java_script_enabled=False)
    yield context.new_page()
    context.close()


def enter(tab: Page, login: str, password: str) -> None:
    tab.get_by_label("Login").fill(login)
    tab.get_by_label("Password").fill(password)
    tab.get_by_role("button", name="Next").click()


def test_a_manager_signs_in_with_the_second_factor(tab: Page, site: HubSite, url: str) -> None:
    tab.goto(f"{url}/users")
    expect(tab).to_have_url(re.compile("/sign-in"))
    enter(tab, "ana", "not the password")
    expect(tab.get_by_role("alert")).to_contain_text("not a login with its password")
    enter(tab, "ana", PEOPLE["ana"].password)
    tab.get_by_label("Code").first.fill("000000")
    tab.get_by_role("button", name="Sign in").click()
    expect(tab.get_by_role("alert")).to_contain_text("does not count")
    tab.get_by_label("Code").first.fill(site.code("ana"))
    tab.get_by_role("button", name="Sign in").click()
    expect(tab).to_have_url(f"{url}/users")
    expect(tab.get_by_role("heading", name="Users")).to_be_visible()


def test_an_invitation_becomes_an_account_on_a_phone(
    tab: Page, browser: Browser, site: HubSite, url: str
) -> None:
    context = browser.new_context(viewport=PHONE)
    context.add_cookies(site.cookie("ana", url))
    ana = context.new_page()
    ana.goto(f"{url}/users/invite")
    ana.get_by_label("Name").fill("Amy")
    ana.get_by_label("Login").fill("amy")
    ana.get_by_role("button", name="Make the link").click()
    link = re.findall("/welcome/[0-9a-f]{64}", ana.content())[0]

    tab.goto(url + link)
    secret = tab.locator("input[name=secret]").input_value()
    tab.get_by_label("New password", exact=True).fill(GOOD)
    tab.get_by_label("New password once more").fill(GOOD)
    tab.get_by_label("Six digits").fill(pyotp.TOTP(secret).now())
    tab.get_by_role("button", name="Finish").click()
    codes = tab.locator(".codes code").all_inner_texts()
    assert len(codes) == 10
    tab.get_by_role("link", name="I have written them down").click()
    expect(tab.get_by_role("link", name="Amy")).to_be_visible()
    tab.get_by_role("link", name="Amy").click()
    tab.get_by_role("button", name="Sign out").last.click()

    enter(tab, "amy", GOOD)
    tab.get_by_text("No phone at hand?").click()
    tab.get_by_label("Recovery code").fill(codes[0])
    tab.get_by_role("button", name="Sign in").click()
    expect(tab.get_by_role("link", name="Amy")).to_be_visible()
    ana.goto(f"{url}/users")
    expect(ana.get_by_role("main")).to_contain_text("Amy")
    context.close()


def test_the_pages_before_an_account_are_fit_for_everybody(
    browser: Browser, site: HubSite, url: str
) -> None:
    link = site.link("zoe")
    tab = browser.new_page(viewport=PHONE, color_scheme="dark")
    tab.goto(f"{url}/sign-in")
    enter(tab, "ben", PEOPLE["ben"].password)
    held = grave(tab)
    tab.goto(f"{url}{link}")
    held += grave(tab)
    tab.goto(f"{url}/welcome/x")
    assert held + grave(tab) == []
    tab.close()


def grave(tab: Page) -> list[str]:
    found = Axe().run(tab).response["violations"]
    wide = tab.evaluate("document.documentElement.scrollWidth > innerWidth")
    grave = [f"{tab.url} {one['id']}" for one in found if one["impact"] in {"serious", "critical"}]
    return grave + ([f"{tab.url} is too wide"] if wide else [])
