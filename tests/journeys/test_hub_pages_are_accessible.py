"""Every page of the hub in a real browser: axe finds nothing serious, and nothing overflows.

axe-core checks WCAG 2.1 A and AA as far as a machine can: contrast in light and dark, names of
controls, order of headings, landmarks.
"""

from collections.abc import Iterator

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page

from browsing import IN_A_BROWSER
from hub_pages import PHONE, furnish, pages
from hub_site import HubSite

GRAVE = {"serious", "critical"}
LOGINS = sorted({page.login for page in pages("")})

pytestmark = IN_A_BROWSER


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubSite]:
    with HubSite(tmp_path_factory.mktemp("hub")) as made:
        yield made


@pytest.fixture(scope="module")
def entry_id(site: HubSite) -> str:
    return furnish(site)


def found(tab: Page, *rules: str) -> list[str]:
    """Give what axe holds against a page by these rules, by default all of them, one line each."""
    options = {"resultTypes": ["violations"]} | ({"runOnly": list(rules)} if rules else {})
    return [
        f"{one['id']}: {node['html'][:160]}"
        for one in tab.evaluate("(options) => axe.run(options)", options)["violations"]
        if one["impact"] in GRAVE
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("login", LOGINS)
def test_every_page_is_for_everybody(
    site: HubSite, url: str, browser: Browser, entry_id: str, login: str
) -> None:
    # Without motion a colour is there at once when light turns dark.
    context = browser.new_context(viewport=PHONE, reduced_motion="reduce")  # type: ignore[arg-type]
    if login:
        context.add_cookies(site.cookie(login, url))
    tab = context.new_page()
    said: list[str] = []
    tab.on("console", lambda one: said.append(one.text) if one.type == "error" else None)
    for page in pages(entry_id):
        if page.login != login:
            continue
        tab.emulate_media(color_scheme="light")
        answer = tab.goto(url + page.path)
        assert answer, page.path
        assert answer.ok, page.path
        tab.evaluate(AXE_SCRIPT)
        assert found(tab) == [], page.path
        tab.emulate_media(color_scheme="dark")
        assert found(tab, "color-contrast") == [], f"{page.path}, in the dark"
        wider = tab.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wider <= 0, f"{page.path} is {wider} pixels wider than the screen"
    context.close()
    assert said == []
