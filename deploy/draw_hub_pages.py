"""Makes pictures of the hub's pages, as a phone and a desk show them.

Run with the packages of the checks and Debian's Chromium. Without a folder it draws what
deploy/pages.md shows into deploy/pictures; with one it draws every page into that:
    .venv/bin/python deploy/draw_hub_pages.py [FOLDER]
"""

import io
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.sync_api import Browser, sync_playwright
from playwright.sync_api import Page as Tab

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))  # the site that the tests look at

from edge.demo.samples import fetch_samples  # noqa: E402
from hub_pages import DESK, PHONE, Page, furnish, pages  # noqa: E402
from hub_site import HubSite  # noqa: E402

CHROMIUM = "/usr/bin/chromium"
ROOMS = (
    "sign-in", "home", "add", "draft", "entries", "entry", "approvals", "doors", "invite", "nights",
    "rights", "retention", "papers", "audit", "users",
)  # fmt: skip
"""The pages that deploy/pages.md shows."""

COLOURS = (128, 64, 32)
"""Numbers of colours to try for a picture; pages have few."""

LARGEST = 60_000
"""Bytes of a picture, if fewer colours do it."""


def main(folder: Path, *names: str) -> None:
    """Draw the pages of these names into ``folder``, by default every page."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        TemporaryDirectory() as hub,
        HubSite(Path(hub)) as site,
        sync_playwright() as play,
    ):
        shown = pages(furnish(site))
        url = site.serve()
        browser = play.chromium.launch(executable_path=CHROMIUM)
        for page in shown:
            if names and page.name not in names:
                continue
            draw(browser, site, url, page, folder)
        browser.close()


def draw(browser: Browser, site: HubSite, url: str, page: Page, folder: Path) -> None:
    """Draw one page: dark on a phone, light on a desk."""
    for size, viewport, scheme in (("phone", PHONE, "dark"), ("desk", DESK, "light")):
        context = browser.new_context(viewport=viewport, color_scheme=scheme)  # type: ignore[arg-type]
        if page.login:
            context.add_cookies(site.cookie(page.login, url))
        tab = context.new_page()
        answer = tab.goto(url + page.path)
        if answer is None or not answer.ok:
            sys.exit(f"{page.path} does not answer")
        if page.path == "/add":
            choose_photo(tab)
        keep(tab.screenshot(), folder / f"hub-{page.name}-{size}.png")
        context.close()


def choose_photo(tab: Tab) -> None:
    """Choose the demonstration's portrait, and wait for what the hub says of it."""
    portrait = fetch_samples(ROOT / ".demo" / "portraits", print).listed
    tab.set_input_files("input[name=photos][multiple]", portrait)
    tab.wait_for_selector(".preflight")


def keep(png: bytes, path: Path) -> None:
    """Write a picture with as few colours as it takes to be small."""
    with Image.open(io.BytesIO(png)) as picture:
        for colours in COLOURS:
            picture.convert("RGB").quantize(colours).save(path, optimize=True)
            if path.stat().st_size <= LARGEST:
                return


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        main(ROOT / "deploy" / "pictures", *ROOMS)
