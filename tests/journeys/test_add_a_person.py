"""A manager who has never seen the page adds somebody: from a photo to a door that matches.

In a real browser; the last one with a real hub, broker and unit. Screenshots go to the folder
named by DOORWATCH_SHOTS, where there is one.
"""

import io
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import PIL.Image
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from browsing import IN_A_BROWSER
from consortium import Consortium, until
from hub_pages import PHONE
from hub_site import HubSite
from sync.hub.web.holding import HOLD_S

HELD_S = 1.5
QUIET_MACHINE_S = 5.0
"""What the machine's own part takes at the most where nothing else runs; see FIGURES.md."""

pytestmark = [*IN_A_BROWSER, pytest.mark.faces]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("town")


@pytest.fixture(scope="module")
def site(folder: Path) -> Iterator[HubSite]:
    with HubSite(folder / "hub") as made:
        # The time to undo is counted, not waited for.
        made.hold_for(HELD_S)
        yield made


@pytest.fixture
def people(faces_root: Path) -> list[Path]:
    """Folders with two photos of one person each."""
    return sorted((faces_root / "portrait-pairs").iterdir())[:6]


@pytest.fixture
def page(browser: Browser, site: HubSite, url: str) -> Iterator[Page]:
    """Ana's phone."""
    context = browser.new_context(viewport=PHONE, base_url=url, color_scheme="dark")
    context.add_cookies(site.cookie("ana", url))
    opened = context.new_page()
    faults: list[str] = []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    yield opened
    assert faults == []
    context.close()


def jpeg(picture: PIL.Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=92)
    return buffer.getvalue()


def opened(path: Path) -> PIL.Image.Image:
    with PIL.Image.open(path) as picture:
        return picture.convert("RGB")


def show(page: Page, *contents: bytes) -> None:
    """Choose photos, as from the phone's album; the page looks at them by itself."""
    files = [{"name": "a.jpg", "mimeType": "image/jpeg", "buffer": one} for one in contents]
    page.locator("input[type=file]").last.set_input_files(files)  # type: ignore[arg-type]


def shot(page: Page, name: str) -> None:
    if folder := os.environ.get("DOORWATCH_SHOTS"):
        page.screenshot(path=Path(folder) / f"add-{name}.png", full_page=True)


def grave(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [one["id"] for one in found if one["impact"] in {"serious", "critical"}]


class Novice:
    """Counts what somebody does who reads the page from the top."""

    def __init__(self) -> None:
        self.presses, self.typed = 0, 0

    def press(self, what: Locator) -> None:
        what.click()
        self.presses += 1

    def type(self, where: Locator, words: str) -> None:
        where.fill(words)
        self.typed += len(words)

    @property
    def seconds(self) -> float:
        """By the keystroke-level model (Card, Moran and Newell, 1980), slow end, on glass.

        3 s to find, think of and press each thing, 0.6 s for each character.
        """
        return 3.0 * self.presses + 0.6 * self.typed


def fill(page: Page, novice: Novice) -> None:
    """Answer what is asked for, from the top."""
    novice.press(page.get_by_role("radio", name=re.compile("^Theft")))
    novice.type(page.get_by_label("Where the evidence is kept"), "incident book 212")
    novice.press(page.get_by_role("radio", name=re.compile("^3 months")))
    novice.press(page.get_by_label(re.compile("Not known to be under 18")))
    novice.press(page.get_by_role("button", name="Put on the list"))


def test_a_poor_photo_is_refused_with_advice_before_anything_is_saved(
    page: Page, people: list[Path]
) -> None:
    page.goto("/add")
    show(page, jpeg(opened(people[0] / "1.jpg").point(lambda value: value // 9)))
    expect(page.locator(".verdict")).to_contain_text("too dark")
    expect(page.locator(".verdict")).to_contain_text("Try a frame with more light on the face.")
    expect(page.get_by_role("button", name="Put on the list")).to_have_count(0)
    assert grave(page) == []
    shot(page, "poor")
    show(page, jpeg(opened(people[0] / "1.jpg").resize((40, 50))))
    expect(page.locator("#photo-2 .verdict")).to_contain_text("Try one from nearer")


def test_the_face_is_drawn_where_it_is_and_of_several_one_is_tapped(
    page: Page, people: list[Path]
) -> None:
    scene = PIL.Image.new("RGB", (900, 420), "grey")
    for place, person in enumerate(people[:3]):
        scene.paste(opened(person / "1.jpg").resize((240, 300)), (40 + 290 * place, 60))
    page.goto("/add")
    show(page, jpeg(scene))
    expect(page.locator(".verdict")).to_contain_text("3 faces. Tap the person to enter.")
    expect(page.get_by_role("button", name="Put on the list")).to_have_count(0)
    assert grave(page) == []
    boxes = [float(box.get_attribute("x") or 0) for box in page.locator("rect.box").all()]
    leftmost = boxes.index(min(boxes))
    page.locator("button.tap").nth(leftmost).click()
    expect(page.locator(".verdict")).to_contain_text("Good photo.")
    chosen = page.locator("rect.box.good")
    expect(chosen).to_have_count(1)
    assert float(chosen.get_attribute("x") or 0) == min(boxes)
    shot(page, "several")


def test_a_likely_duplicate_stands_beside_the_new_photo(
    page: Page, site: HubSite, people: list[Path]
) -> None:
    page.goto("/add")
    show(page, (people[3] / "1.jpg").read_bytes())
    fill(page, Novice())
    page.get_by_role("button", name="Now", exact=True).click()
    expect(page).to_have_url(re.compile("/entries/"))
    page.goto("/add")
    show(page, (people[3] / "2.jpg").read_bytes())
    likely = page.locator(".alike")
    expect(likely).to_contain_text("This may be the same person")
    expect(likely).to_contain_text("Theft")
    expect(likely.locator("img")).to_have_count(2)
    assert grave(page) == []
    fill(page, Novice())
    expect(page.get_by_role("alert").first).to_contain_text("say that you did")
    shot(page, "duplicate")
    likely.get_by_role("checkbox").check()
    page.get_by_role("button", name="Put on the list").click()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_label("Where the evidence")).to_have_value("incident book 212")


def test_it_works_without_javascript(
    browser: Browser, site: HubSite, url: str, people: list[Path]
) -> None:
    context = browser.new_context(viewport=PHONE, base_url=url, java_script_enabled=False)
    context.add_cookies(site.cookie("ana", url))
    page = context.new_page()
    page.goto("/add")
    show(page, (people[4] / "1.jpg").read_bytes())
    shot(page, "bare")
    page.get_by_role("button", name="Look at these photos").click()
    expect(page.locator(".verdict")).to_contain_text("photo")
    page.get_by_text("Damage").click()
    page.get_by_label("Where the evidence is kept").fill("book 1")
    page.get_by_text("12 months").click()
    page.get_by_label(re.compile("Not known to be under 18")).check()
    page.get_by_role("button", name="Put on the list").click()
    page.get_by_role("button", name="Now", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text("Damage")
    context.close()


def test_a_novice_puts_somebody_on_a_real_door_in_less_than_a_minute(
    page: Page, site: HubSite, folder: Path, people: list[Path], mosquitto: Path
) -> None:
    town = Consortium(folder)
    town.start()
    try:
        door = town.door("Anchor")
        door.come()
        novice, begun = Novice(), time.monotonic()
        page.goto("/")
        novice.press(page.get_by_role("link", name="Add", exact=True).first)
        novice.presses += 3  # "Choose photos", the photo in the album, "Done"
        show(page, (people[5] / "1.jpg").read_bytes())
        expect(page.locator(".rings")).to_contain_text("strangers would ring: good")
        assert grave(page) == []
        shot(page, "good")
        fill(page, novice)
        expect(page.get_by_text("left to undo")).to_be_visible()
        shot(page, "saved")
        page.wait_for_url(re.compile(r"/entries/\w{16}"), timeout=60_000)
        entry_id = page.url.partition("/entries/")[2][:16]
        until(lambda: entry_id in door.matched(), 60)
        expect(page.locator("#reach")).to_contain_text("1 of 1", timeout=20_000)
        shot(page, "reached")
        spent = time.monotonic() - begun + HOLD_S - HELD_S
    finally:
        town.end()
    print(f"{novice.presses} presses, {novice.typed} characters: {novice.seconds:.0f} s, ", end="")
    print(f"and the machine's {spent:.1f} s, of which {HOLD_S:g} s to undo")
    assert novice.seconds + HOLD_S + QUIET_MACHINE_S < 60
