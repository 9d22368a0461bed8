"""What journeys start from: a hub with eyes of its own, a browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from browsing import CHROMIUM
from consortium import Eyes
from hub_site import HubSite


@pytest.fixture(scope="module")
def play() -> Iterator[Playwright]:
    """Playwright for one file of tests: while it runs, its thread can run no other event loop."""
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="module")
def browser(play: Playwright) -> Iterator[Browser]:
    """One Chromium for one file of tests; each opens a context of its own."""
    launched = play.chromium.launch(executable_path=CHROMIUM)
    yield launched
    launched.close()


@pytest.fixture(scope="module")
def url(site: HubSite) -> str:
    """The address of the pages of the test file's own ``site``."""
    return site.serve()


@pytest.fixture
def eyes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the hub's command line see who is on a photo by its colour."""
    monkeypatch.setattr("sync.hub.cli.entry.load_engine", lambda *_: Eyes())
