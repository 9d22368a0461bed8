"""Managers run the list in a real browser: approve, lift until the doors signed, change, contest.

The last one with a real hub, broker and unit.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from browsing import IN_A_BROWSER
from consortium import Consortium, until
from hub_pages import PHONE
from hub_site import HubSite
from sync.hub.facts import Standing

HELD_S = 60.0
"""Nothing is published by itself here: the tests press "Now" or "Undo"."""

Visit = Callable[..., Page]

pytestmark = IN_A_BROWSER


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("town")


@pytest.fixture(scope="module")
def site(folder: Path) -> Iterator[HubSite]:
    with HubSite(folder / "hub") as made:
        made.hold_for(HELD_S)
        yield made


@pytest.fixture
def visit(browser: Browser, site: HubSite, url: str) -> Iterator[Visit]:
    """Give the phone of somebody who is signed in."""
    contexts = []

    def opened(login: str, **more: bool) -> Page:
        context = browser.new_context(viewport=PHONE, base_url=url, **more)
        context.add_cookies(site.cookie(login, url))
        contexts.append(context)
        return context.new_page()

    yield opened
    for context in contexts:
        context.close()


def standing(site: HubSite, entry_id: str) -> Standing:
    return site.do(lambda service: service.entry(entry_id).standing)


def grave(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [one["id"] for one in found if one["impact"] in {"serious", "critical"}]


def now(page: Page) -> None:
    """Send what waits to the doors."""
    page.get_by_role("button", name="Now", exact=True).click()
    expect(page.get_by_text("Sent to the doors")).to_be_visible()


def test_a_proposal_is_approved_by_a_second_venue_and_not_by_the_same(
    site: HubSite, visit: Visit
) -> None:
    entry_id = site.entry("Anchor", by="-", evidence="incident book 31")
    ana = visit("ana")
    ana.goto(f"/entries/{entry_id}/approve")
    expect(ana.get_by_role("alert")).to_contain_text("Anchor proposed this, so somebody of another")
    ana.goto("/approvals")
    expect(ana.get_by_role("heading", name="Waiting for others")).to_be_visible()
    assert standing(site, entry_id) is Standing.WAITING

    ben = visit("ben")
    ben.goto("/")
    ben.get_by_role("link", name="1 proposal of another venue waits").click()
    ben.locator(f'a[href="/entries/{entry_id}/approve"]').click()
    expect(ben.get_by_role("heading", level=1)).to_have_text("Anchor proposes this person")
    expect(ben.get_by_role("main")).to_contain_text("incident book 31")
    assert grave(ben) == []
    ben.get_by_role("button", name="Approve").click()
    now(ben)
    expect(ben.get_by_role("main")).to_contain_text("Anchor, Blue Room")
    assert standing(site, entry_id) is Standing.LIVE


def test_a_manager_of_one_venue_can_not_touch_what_another_venue_entered(
    site: HubSite, visit: Visit
) -> None:
    wide, local = site.entry("Blue Room"), site.entry("Blue Room", "venue")
    ana = visit("ana")
    ana.goto("/entries")
    expect(ana.locator(f'a[href="/entries/{wide}"]')).to_be_visible()
    expect(ana.locator(f'a[href="/entries/{local}"]')).to_have_count(0)
    ana.goto(f"/entries/{wide}")
    expect(ana.get_by_role("link", name="Contest")).to_be_visible()
    for name in ("Lift", "Extend", "Correct"):
        expect(ana.get_by_role("link", name=name, exact=True)).to_have_count(0)
    for path, words in ((wide, "Somebody else has to do it"), (local, "There is nothing here")):
        ana.goto(f"/entries/{path}/lift")
        expect(ana.get_by_role("alert")).to_contain_text(words)


def test_a_manager_searches_extends_notes_and_undoes_without_javascript(
    site: HubSite, visit: Visit
) -> None:
    entry_id = site.entry("Cellar", "venue", days=20, evidence="tape 4711")
    cleo = visit("cleo", java_script_enabled=False)
    cleo.goto("/entries")
    cleo.get_by_label("Search").fill("4711")
    cleo.get_by_role("button", name="Search").click()
    expect(cleo.get_by_role("main")).to_contain_text("1 entry")
    cleo.locator(f'a[href="/entries/{entry_id}"]').click()
    cleo.get_by_label("For the managers").fill("Apologised in writing")
    cleo.get_by_role("button", name="Keep the note").click()
    expect(cleo.get_by_text("The note is kept.")).to_be_visible()
    cleo.get_by_role("link", name="Extend").click()
    cleo.get_by_text("6 months").click()
    cleo.get_by_role("button", name="Extend").click()
    expect(cleo.get_by_role("main")).to_contain_text("Extend: Theft.")
    cleo.get_by_role("button", name="Undo").click()
    expect(cleo.get_by_text("No door was told.")).to_be_visible()
    expect(cleo.get_by_role("link", name="Extend")).to_be_visible()
    assert site.do(lambda service: len(service.history(entry_id))) == 1


def test_a_lift_is_followed_until_a_real_door_has_signed_its_receipt(
    site: HubSite, folder: Path, visit: Visit, mosquitto: Path
) -> None:
    entry_id = site.entry("Anchor", "venue")
    town = Consortium(folder)
    town.start()
    try:
        door = town.door("Anchor")
        door.come()
        until(lambda: entry_id in door.matched())
        ana = visit("ana")
        ana.goto(f"/entries/{entry_id}")
        expect(ana.locator("#reach")).to_contain_text("1 of 1 doors have it")
        ana.get_by_role("link", name="Lift").click()
        expect(ana.get_by_role("main")).to_contain_text("It never comes back")
        assert grave(ana) == []
        ana.get_by_role("button", name="Lift").click()
        now(ana)
        expect(ana.get_by_role("heading", level=1)).to_have_text("Taken off the list")
        expect(ana.locator("#reach")).to_contain_text("1 of 1 doors have erased it", timeout=9000)
        ana.reload()
        expect(ana.get_by_role("main")).to_contain_text(re.compile("signed, heard on"))
        with ana.expect_download() as taken:
            ana.get_by_role("link", name="Take the receipts away").click()
        assert entry_id in taken.value.path().read_text("utf-8")
        assert entry_id not in door.matched()
    finally:
        town.end()
