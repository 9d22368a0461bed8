"""Draw the pictures of the README out of a real run: ``python deploy/draw_pictures.py``.

Runs the clip of the demonstration in a unit of its own, waits for the moment at which one of two
people is stopped, and saves the panel as SVG and the staff page as PNG. Needs the packages of the
checks and Debian's chromium.
"""

import io
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright
from rich.console import Console

from edge.demo.clip import EVENING, make_clip
from edge.demo.evening import Evening, free_port
from edge.demo.panel import Lamps, draw
from edge.demo.run import KEPT
from edge.demo.samples import fetch_samples
from edge.door import DoorState
from edge.errors import LinkError

PICTURES = Path(__file__).with_name("pictures")
CHROMIUM = "/usr/bin/chromium"


def main() -> None:
    """Save both pictures."""
    samples = fetch_samples(KEPT / "portraits", print)
    clip = make_clip(EVENING, samples, KEPT, lambda _: None)
    source = f"video:{clip.path.absolute()}"
    with (
        Evening(source, loop=False, port=free_port(8090), log=io.StringIO()) as evening,
        sync_playwright() as playwright,
    ):
        evening.command("set-pin", typed=f"{evening.pin}\n")
        words = ("--reason", "self-exclusion", "--until", "30d")
        evening.command("enrol", str(samples.listed), *words)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 850})
        evening.start()
        sign_in(page, evening)
        save_panel(wait_for_two(evening), evening)
        page.wait_for_selector("[data-lamp=red][data-lit]", timeout=10_000)
        page.screenshot(path=PICTURES / "page.png")
        browser.close()


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
    console = Console(record=True, width=112, file=io.StringIO(), force_terminal=True)
    footing = f"page: http://127.0.0.1:8080  PIN {evening.pin} · ends by itself"
    console.print(draw(state, Lamps().levels(state, 0.0), footing))
    console.save_svg(str(PICTURES / "panel.svg"), title="make demo")


if __name__ == "__main__":
    main()
