"""Somebody asks what is held on them, in a real browser without JavaScript: found, told, erased."""

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from browsing import IN_A_BROWSER
from edge.gallery.template import pack
from hub_pages import PHONE
from hub_requests import SAID, came
from hub_site import HubSite, directions, drawn_face
from sync import seal
from sync.hub.examining import Examined, FoundFace
from sync.hub.facts import Standing
from sync.signing import Signed
from sync.statement.report import Report

Visit = Callable[[str], Page]

pytestmark = IN_A_BROWSER


@dataclass
class Eyes:
    """Stands in for the examining process: sees one given face in every photo."""

    face: FoundFace

    def examine(self, content: bytes) -> Examined:
        assert content
        return Examined(10, 10, b"", "embed-test", (self.face,))

    def close(self) -> None:
        """End nothing."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubSite]:
    with HubSite(tmp_path_factory.mktemp("hub")) as made:
        made.client("olivia").post("/papers/particulars", SAID)
        yield made


@pytest.fixture
def visit(browser: Browser, site: HubSite, url: str) -> Iterator[Visit]:
    """Give the phone of somebody who is signed in, without JavaScript."""
    contexts = []

    def opened(login: str) -> Page:
        context = browser.new_context(
            viewport=PHONE, base_url=url, java_script_enabled=False, accept_downloads=True
        )
        context.add_cookies(site.cookie(login, url))
        contexts.append(context)
        return context.new_page()

    yield opened
    for context in contexts:
        context.close()


def listed(site: HubSite) -> str:
    """Put somebody on the list whom the site's eyes see in every photo from now on."""
    (template,) = directions(site.chance, 1)
    box, raw = (0, 0, 9, 9), template.tobytes()
    face = FoundFace(box, 0.9, (), background=False, template=raw, photo_jpeg=b"")
    site.office.examiner = Eyes(face)  # type: ignore[assignment] # nothing else is asked of it
    return site.entry("Cellar", "venue", templates=pack(template[None]), model_id="embed-test")


def taken(page: Page, button: str, folder: Path) -> Path:
    """Press a button that sends a file, and give the file."""
    with page.expect_download() as waiting:
        page.get_by_role("button", name=button).click()
    target = folder / waiting.value.suggested_filename
    waiting.value.save_as(target)
    return target


def test_somebody_asks_is_found_told_and_erased_with_proof(
    site: HubSite, visit: Visit, browser: Browser, tmp_path: Path
) -> None:
    door = site.door("Cellar", "Cellar stairs")
    entry_id, page = listed(site), visit("olivia")
    photo = tmp_path / "me.jpg"
    photo.write_bytes(drawn_face(site.chance))

    page.goto("/rights")
    page.get_by_role("link", name="New request").click()
    page.get_by_label("Erasure", exact=True).check()
    page.get_by_label("Who asks, and how do we answer?").fill("Jo Fielding, 4 Mill Lane")
    page.get_by_label("When did it come?").fill(came("erase", "", 2)["received_on"])
    page.get_by_role("button", name="Log the request").click()
    expect(page.get_by_role("heading", name="Request 1")).to_be_visible()

    page.get_by_label("Photos").set_input_files(photo)
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_text("1 entry looks like this person")).to_be_visible()
    page.get_by_role("button", name="This is the person").click()
    page.get_by_role("link", name="Take the copy").click()
    copy = taken(page, "Take the file", tmp_path)
    reader = browser.new_page()
    reader.goto(copy.as_uri())
    expect(reader.get_by_role("heading", name="What is held on you")).to_be_visible()
    assert reader.locator("img.portrait").evaluate("one => one.naturalWidth") > 0
    held = json.loads(reader.locator("#data").text_content() or "")
    assert (held["entry"], held["counts_at"]) == (entry_id, "Cellar")
    reader.close()

    page.get_by_role("link", name="Back to the request").click()
    page.get_by_role("link", name="Erase it").click()
    page.get_by_role("button", name="Ask Cellar").click()
    manager = visit("cleo")
    manager.goto("/")
    manager.get_by_role("link", name="your venue is asked to erase").click()
    manager.get_by_role("button", name="Erase it").click()
    manager.get_by_role("button", name="Now").click()
    assert site.do(lambda service: service.entry(entry_id).standing) is Standing.GONE

    page.goto("/rights/1")
    expect(page.get_by_text("not yet; its right to use the entry ends")).to_be_visible()
    door.report(erased=(entry_id,))
    page.reload()
    expect(page.get_by_text("Every door has signed.")).to_be_visible()
    proof = json.loads(taken(page, "Proof as data", tmp_path).read_bytes())
    (receipt,) = proof["receipts"]
    carried = Signed.parse(base64.b64decode(receipt["signed_report"]), Report.KIND)
    carried.require(base64.b64decode(receipt["signed_with"]), seal.verify)
    assert entry_id in Report.parse(carried.body).erased
    page.get_by_label("Done as asked").check()
    page.get_by_label("What was the person told").fill("told by letter, with the proof")
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.get_by_text("Request 1 is closed.")).to_be_visible()
    site.do(lambda service: service.verify_audit())


def test_the_notice_is_read_by_somebody_who_is_not_signed_in(browser: Browser, url: str) -> None:
    stranger = browser.new_page(base_url=url, viewport=PHONE)
    stranger.goto("/privacy")
    expect(stranger.get_by_text("Harbour Town Pubwatch Ltd")).to_be_visible()
    assert stranger.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    stranger.close()
