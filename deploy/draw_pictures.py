"""Draw the pictures of the README out of a real run: ``python deploy/draw_pictures.py``.

Runs the clip of the demonstration in a unit of its own, waits for the moment at which one of two
people is stopped, and saves the panel and ``doorwatch status`` as SVG and the staff page as PNG, on
a desk and on a phone.
Needs the packages of the checks and Debian's chromium. Nobody's portrait is put on the list for a
picture: ``page-put-on-list.png`` shows a drawn face and comes from the journey of the page,
``DOORWATCH_SHOTS=FOLDER pytest tests/journeys/test_staff_page.py -k manager``.
"""

import io
import os
import time
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Page, sync_playwright
from rich.console import Console
from rich.text import Text

from edge.demo.clip import EVENING, make_clip
from edge.demo.evening import Evening, free_port
from edge.demo.panel import Lamps, draw
from edge.demo.run import KEPT
from edge.demo.samples import fetch_samples
from edge.door import DoorState
from edge.errors import LinkError

PICTURES = Path(__file__).with_name("pictures")
CHROMIUM = "/usr/bin/chromium"
PHONE: Any = {"width": 390, "height": 844}
COLOURS = 192
WIDTH = 112


def main() -> None:
    """Save the pictures."""
    samples = fetch_samples(KEPT / "portraits", print)
    clip = make_clip(EVENING, samples, KEPT, lambda _: None)
    source = f"video:{clip.path.absolute()}"
    with (
        Evening(source, loop=True, port=free_port(8090), log=io.StringIO()) as evening,
        sync_playwright() as playwright,
    ):
        evening.set_pins()
        words = ("--reason", "self-exclusion", "--until", "30d")
        evening.command("enrol", str(samples.listed), *words)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 850})
        phone = browser.new_page(viewport=PHONE, device_scale_factor=2, has_touch=True)
        evening.start()
        for one in (page, phone):
            sign_in(one, evening)
        save_panel(wait_for_two(evening), evening)
        save_status(evening)
        for one, name in ((page, "page"), (phone, "page-phone")):
            one.wait_for_selector("body[data-tone=stop] .card", timeout=90_000)
            save(one, name)
        browser.close()


def save(page: Page, name: str) -> None:
    """Save what a page shows, in as few colours as it takes to be small."""
    with Image.open(io.BytesIO(page.screenshot())) as picture:
        small = picture.convert("RGB").quantize(COLOURS)
    small.save(PICTURES / f"{name}.png", optimize=True)


def sign_in(page: Page, evening: Evening) -> None:
    """Open the page as door staff do, as soon as it is there."""
    until = time.monotonic() + 15
    while True:
        try:
            page.goto(f"http://127.0.0.1:{evening.port}")
            break
        except Exception:  # the process may still be starting; the last try tells why not
            if time.monotonic() > until:
                raise
            time.sleep(0.3)
    page.get_by_label("PIN of this door").fill(evening.pin)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="First: rings at once").click()


def wait_for_two(evening: Evening) -> DoorState:
    """Give a snapshot in which two people stand there and one of them is stopped."""
    link = evening.link
    while True:
        try:
            state = link.state()
        except LinkError:
            time.sleep(0.1)
            continue
        present = [view for view in state.encounters if not view.ended]
        if len(present) == 2 and {view.verdict for view in present} == {"STOP", "CLEAR"}:
            return state
        if state.finished:
            raise SystemExit("the clip ended before two people were seen at once")
        time.sleep(0.05)


def save_panel(state: DoorState, evening: Evening) -> None:
    """Draw the panel of a snapshot."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    footing = f"page: http://127.0.0.1:8080  PIN {evening.pin} · ends by itself"
    console.print(draw(state, Lamps().levels(state, 0.0), footing))
    console.save_svg(str(PICTURES / "panel.svg"), title="make demo")


def save_status(evening: Evening) -> None:
    """Draw what ``doorwatch status`` says."""
    os.environ |= {"FORCE_COLOR": "1", "COLUMNS": str(WIDTH)}
    words = Text.from_ansi(evening.command("status"))
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    console.print(words)
    console.save_svg(str(PICTURES / "status.svg"), title="doorwatch status")


if __name__ == "__main__":
    main()
