"""What journeys start from: a consortium founded once, a hub with eyes of its own, a browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from browsing import CHROMIUM
from consortium import Consortium, Eyes
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


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a consortium of two venues; stretching its passphrases takes a while."""
    folder = tmp_path_factory.mktemp("founded")
    Consortium(folder).found("North", "South")
    return folder


@pytest.fixture
def eyes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the hub's command line see who is on a photo by its colour."""
    monkeypatch.setattr("sync.hub.cli.entry.load_engine", lambda *_: Eyes())
