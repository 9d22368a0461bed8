"""The staff page in a real browser, over a real socket, in a process of its own.

The engine is played: a script answers on the engine's socket and draws its pictures. Screenshots
go to the folder named by DOORWATCH_SHOTS, where there is one.
"""

import contextlib
import io
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image, ImageDraw, ImageFilter
from playwright.sync_api import Browser, Page, expect

from browsing import IN_A_BROWSER
from edge.door import (
    AlertView,
    CandidateView,
    DoorState,
    EncounterView,
    ListView,
    PasserView,
    TonightView,
)
from edge.errors import LinkError, PhotoError
from edge.link import LinkServer
from edge.machine.view import MachineView, Note
from edge.pin import PinFile
from edge.questions import (
    AnswerQuestion,
    AwaitsKeyQuestion,
    BoxClosedQuestion,
    CheckQuestion,
    CheckReferenceQuestion,
    CompleteQuestion,
    CropQuestion,
    DropQuestion,
    PasserPhotoQuestion,
    PassersQuestion,
    QuietQuestion,
    ReferenceQuestion,
    StateQuestion,
    TakeQuestion,
    TokenQuestion,
    TonightPhotoQuestion,
    TonightQuestion,
    UnlockQuestion,
)
from ports import free_port

PIN, MANAGERS_PIN, TOKEN = "314159", "271828", "DWT1-RIGHT"
PHONE: Any = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2}
TOUCH: Any = PHONE | {"has_touch": True, "is_mobile": True}
DESK: Any = {"viewport": {"width": 1280, "height": 800}}
SERVE = (
    "import sys; from pathlib import Path; from edge.link import Link;"
    "from edge.pin import PinFile; from edge.staff.serve import serve_page;"
    "serve_page(Link(Path(sys.argv[1])), '127.0.0.1', int(sys.argv[3]),"
    " PinFile(Path(sys.argv[2])).read)"
)
HURRIED = f"import edge.staff.bell as bell; bell.ESCALATE_S = 5.0; {SERVE}"
"""A page that waits five seconds for an answer, so that no test waits twenty."""

pytestmark = IN_A_BROWSER


def drawn_face(*, light: float, tilt: float = 0.0) -> bytes:
    """Draw a face that belongs to nobody, as JPEG."""
    picture = Image.new("RGB", (320, 320), (38, 52, 74) if light > 0.8 else (24, 20, 44))
    pen = ImageDraw.Draw(picture)
    skin, hair = (214, 160, 122), (58, 36, 26)
    pen.ellipse((30, 240, 290, 470), fill=(70, 88, 120))
    pen.rounded_rectangle((135, 205, 185, 275), 20, fill=(190, 136, 100))
    pen.ellipse((86, 44, 234, 210), fill=hair)
    pen.ellipse((96, 70, 224, 244), fill=skin)
    pen.pieslice((90, 40, 230, 180), 185, 355, fill=hair)
    for x in (132, 188):
        pen.ellipse((x - 13, 143, x + 13, 159), fill=(250, 248, 244))
        pen.ellipse((x - 6, 144, x + 6, 158), fill=(48, 62, 66))
        pen.arc((x - 20, 122, x + 20, 150), 205, 335, fill=hair, width=6)
    pen.line((160, 150, 152, 186, 166, 188), fill=(180, 124, 90), width=4)
    pen.arc((136, 180, 184, 214), 25, 155, fill=(150, 70, 62), width=6)
    picture = picture.rotate(tilt, fillcolor=picture.getpixel((2, 2)))
    if light < 1:
        picture = picture.filter(ImageFilter.GaussianBlur(1.4)).point(lambda v: int(v * light))
    encoded = io.BytesIO()
    picture.save(encoded, "JPEG", quality=90)
    return encoded.getvalue()


class PlayedEngine:
    """Answers the page's questions from a snapshot that the test changes."""

    def __init__(self) -> None:
        self.crop, self.reference = drawn_face(light=0.62, tilt=-7), drawn_face(light=1.0)
        self.begin()

    def begin(self) -> None:
        """Start a new evening: nobody is there, nothing was said."""
        self.state = quiet_door()
        self.answers: list[tuple[str, str]] = []
        self.quieted = 0
        self.passers = [
            PasserView(313, 0.1, in_view=True, faces=6, entry_id=None, claimed=False),
            PasserView(312, 21.0, in_view=False, faces=3, entry_id=None, claimed=False),
        ]
        self.tonight: list[TonightView] = []
        self.managed: list[Any] = []
        self.waits = False
        self.codes: list[str] = []

    def show(self, **said: Any) -> None:
        self.state = msgspec.structs.replace(self.state, **said)

    def __call__(self, question: Any) -> object:  # noqa: PLR0911 - one for each question
        match question:
            case StateQuestion():
                return msgspec.structs.replace(self.state, taken_at=time.time())
            case CropQuestion():
                return self.crop
            case ReferenceQuestion() | CheckReferenceQuestion():
                return self.reference
            case AnswerQuestion(alert_id, answer):
                self._answered(alert_id, answer)
                return None
            case QuietQuestion():
                self.quieted += 1
                return None
            case CheckQuestion(photo):
                return self._checked(photo)
        return self._managed(question)

    def _answered(self, alert_id: str, answer: Any) -> None:
        if alert_id not in {one.alert_id for one in self.state.alerts if one.answer is None}:
            raise LinkError("this alert is not open any more")
        self.answers.append((alert_id, answer))
        alerts = tuple(
            msgspec.structs.replace(one, answer=answer) if one.alert_id == alert_id else one
            for one in self.state.alerts
        )
        self.show(alerts=alerts)

    def _unlocked(self, pin: str) -> str:
        if pin != MANAGERS_PIN:
            raise LinkError("that is not the manager's PIN")
        return "a key"

    def _opened(self, code: str) -> None:
        self.codes.append(code)
        if code != TOKEN:
            raise LinkError("the code cannot be read, group 2 is mistyped")
        self.waits = False

    def _managed(self, question: Any) -> object:  # noqa: PLR0911 - one for each question
        match question:
            case UnlockQuestion(pin):
                return self._unlocked(pin)
            case PassersQuestion():
                return self.passers
            case AwaitsKeyQuestion():
                return self.waits
            case TokenQuestion(code=code):
                self._opened(code)
                return None
            case PasserPhotoQuestion() | TonightPhotoQuestion():
                return self.crop
            case TakeQuestion(encounter=encounter, reason=reason):
                return self._taken(encounter, reason)
            case TonightQuestion():
                return self.tonight
            case DropQuestion(entry_id=entry_id) | CompleteQuestion(entry_id=entry_id):
                self.tonight = [one for one in self.tonight if one.entry_id != entry_id]
                self.managed.append(question)
                return None
            case BoxClosedQuestion():
                self.show(machine=MachineView())
                return None
        raise LinkError("not in this play")

    def _taken(self, encounter: int, reason: Any) -> TonightView:
        now = time.time()
        view = TonightView(f"e{encounter}", "banned", reason, now, now + 9 * 3600)
        self.tonight.append(view)
        self.passers = [
            msgspec.structs.replace(one, claimed=one.claimed or one.encounter == encounter)
            for one in self.passers
        ]
        return view

    def _checked(self, photo: bytes) -> list[CandidateView]:
        if not photo.startswith(b"\xff\xd8"):
            raise PhotoError("this is not a photo: take it again")
        until = time.time() + 90 * 86_400
        return [CandidateView("00ff", "banned", "theft", until, 0.7, "strong likeness", "token")]


def quiet_door() -> DoorState:
    now = time.time()
    return DoorState(
        taken_at=now,
        frame=1,
        verdict=None,
        category=None,
        faults=(),
        encounters=(),
        alerts=(),
        gallery=ListView(83, 249, 12, now - 7_300, now + 6.1 * 86_400, "embed"),
        thresholds=(0.5, 0.6),
        counts={"encounters": 312, "clear": 300, "stop": 2, "check": 10},
        fps=15.0,
        dropped=0,
        latency_ms=60.0,
        stages_ms={},
        finished=False,
    )


def person(
    number: int, verdict: str | None, why: str, category: str | None = None
) -> EncounterView:
    box = (0.2, 0.2, 0.4, 0.6)
    return EncounterView(
        number, verdict, why, None, None, category, 5, 1, 9, 1.0, box, ended=False, latency_ms=90.0
    )


def alert(alert_id: str, number: int, category: str, reason: str, verdict: str) -> AlertView:
    now = time.time()
    return AlertView(
        alert_id, number, verdict, category, reason, now + 102.5 * 86_400, "00ff", 0.71,
        "strong likeness", now - 3, None,
    )  # fmt: skip


CLEARED = "Compared with the list: not on it."
MATCHED = "On the list: compare with the photo."


def banned_person(engine: PlayedEngine) -> None:
    engine.show(
        verdict="STOP",
        category="banned",
        encounters=(person(313, "STOP", MATCHED, "banned"), person(312, "CLEAR", CLEARED)),
        alerts=(alert("a1", 313, "banned", "violence", "STOP"),),
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("door")


@pytest.fixture(scope="module")
def played(folder: Path) -> Iterator[PlayedEngine]:
    engine = PlayedEngine()
    server = LinkServer(folder / "engine.sock", engine)
    yield engine
    server.close()


@pytest.fixture
def engine(played: PlayedEngine) -> PlayedEngine:
    played.begin()
    return played


def answers_at(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


class PageProcess:
    """The page, started as its own process."""

    def __init__(self, folder: Path, program: str = SERVE) -> None:
        PinFile(folder / "page.pin").write(PIN)
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._command = [
            sys.executable, "-c", program,
            str(folder / "engine.sock"), str(folder / "page.pin"), str(self.port),
        ]  # fmt: skip
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(self._command)
        until = time.monotonic() + 20
        while not answers_at(self.port):
            assert self.process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.05)

    def stop(self) -> None:
        self.process.send_signal(signal.SIGCONT)
        self.process.terminate()
        self.process.wait(10)


@pytest.fixture(scope="module")
def page_process(played: PlayedEngine, folder: Path) -> Iterator[PageProcess]:
    del played  # the page asks it
    process = PageProcess(folder)
    yield process
    process.stop()


@pytest.fixture
def hurried_page(engine: PlayedEngine, folder: Path) -> Iterator[PageProcess]:
    """A page of its own, which no phone knows yet, and which waits for nobody."""
    del engine
    process = PageProcess(folder, HURRIED)
    yield process
    process.stop()


def signed_in(browser: Browser, process: PageProcess, device: Any) -> Page:
    page = browser.new_context(**device).new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda said: troubles.append(said.text) if "Security" in said.text else None)
    page.goto(process.address)
    page.get_by_label("PIN of this door").fill(PIN)
    page.keyboard.press("Enter")
    expect(page.locator("body[data-live]")).to_have_count(1, timeout=15_000)
    assert troubles == []
    return page


@pytest.fixture
def desk(browser: Browser, page_process: PageProcess, engine: PlayedEngine) -> Iterator[Page]:
    del engine
    page = signed_in(browser, page_process, DESK)
    yield page
    page.context.close()


@pytest.fixture
def phone(browser: Browser, page_process: PageProcess, engine: PlayedEngine) -> Iterator[Page]:
    del engine
    page = signed_in(browser, page_process, TOUCH)
    yield page
    page.context.close()


def shoot(page: Page, name: str) -> None:
    """Keep a screenshot where one is asked for."""
    folder = os.environ.get("DOORWATCH_SHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png")


def lit(page: Page, lamp: str) -> bool:
    return page.locator(f"[data-lamp={lamp}][data-lit]").count() > 0


def seen_lit(page: Page, lamp: str, seconds: float) -> set[bool]:
    until, seen = time.monotonic() + seconds, set()
    while time.monotonic() < until:
        seen.add(lit(page, lamp))
        page.wait_for_timeout(20)
    return seen


def test_a_wrong_pin_is_said_and_the_form_stays(
    browser: Browser, page_process: PageProcess
) -> None:
    page = browser.new_context(**TOUCH).new_page()
    page.goto(page_process.address)
    shoot(page, "phone-login")
    page.get_by_label("PIN of this door").fill("999999")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("That is not the PIN.")
    shoot(page, "phone-login-wrong")
    page.context.close()


def test_a_clear_is_a_green_pulse_that_ends_while_the_word_stays(
    desk: Page, engine: PlayedEngine
) -> None:
    shoot(desk, "desk-ready")
    engine.show(verdict="CLEAR", encounters=(person(312, "CLEAR", CLEARED),))
    desk.wait_for_selector("[data-lamp=green][data-lit]", timeout=2_000)
    expect(desk.locator("#word")).to_have_text("CLEAR")
    shoot(desk, "desk-clear")
    desk.wait_for_timeout(1_700)
    assert seen_lit(desk, "green", 0.5) == {False}
    expect(desk.locator("#instruction")).to_have_text("Let in.")


def test_a_stop_shows_the_card_and_one_press_answers_it(phone: Page, engine: PlayedEngine) -> None:
    banned_person(engine)
    card = phone.locator(".card")
    expect(card).to_contain_text("Violence")
    expect(card).to_contain_text("strong likeness")
    expect(card).to_contain_text("102 days left")
    for picture in card.locator("img").all():
        expect(picture).to_have_js_property("complete", value=True)
        assert picture.evaluate("image => image.naturalWidth") == 320
    assert seen_lit(phone, "red", 1.5) == {True, False}
    phone.wait_for_selector("[data-lamp=red][data-lit]")
    shoot(phone, "phone-stop")
    phone.get_by_role("button", name="Not them").tap()
    expect(phone.locator(".card")).to_have_count(0)
    assert engine.answers == [("a1", "not them")]
    expect(phone.locator("#night")).to_contain_text("The last red was not right.")


def test_a_desk_answers_by_keyboard(desk: Page, engine: PlayedEngine) -> None:
    banned_person(engine)
    button = desk.get_by_role("button", name="Refused")
    expect(button).to_be_visible()
    desk.wait_for_timeout(600)
    shoot(desk, "desk-stop")
    for _ in range(12):
        desk.keyboard.press("Tab")
        if desk.evaluate("document.activeElement.dataset.answer") == "refused":
            break
    shoot(desk, "desk-stop-focus")
    desk.keyboard.press("Enter")
    expect(desk.locator(".card")).to_have_count(0)
    assert engine.answers == [("a1", "refused")]


def test_several_alerts_stack_and_keep_their_places(desk: Page, engine: PlayedEngine) -> None:
    first = alert("a1", 313, "banned", "violence", "STOP")
    second = alert("a2", 314, "welfare", "missing", "STOP")
    engine.show(verdict="STOP", category="banned", alerts=(first,))
    expect(desk.locator(".card")).to_have_count(1)
    engine.show(alerts=(second, first))
    expect(desk.locator(".card")).to_have_count(2)
    assert desk.locator(".card .title").all_inner_texts() == ["Banned", "Welfare"]
    shoot(desk, "desk-two-alerts")


def test_a_press_meant_for_something_else_is_not_taken(desk: Page, engine: PlayedEngine) -> None:
    banned_person(engine)
    desk.wait_for_selector(".card")
    desk.evaluate("document.querySelector('[data-answer=refused]').click()")
    desk.wait_for_timeout(300)
    assert engine.answers == []


def test_targets_are_large_enough_for_gloves(phone: Page, engine: PlayedEngine) -> None:
    banned_person(engine)
    phone.wait_for_selector(".card")
    for button in phone.locator(".answers .press, .tools .press").all():
        size = button.bounding_box()
        assert size
        assert size["height"] >= 56
        assert size["width"] >= 100
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_dead_page_process_is_no_connection_within_three_seconds_and_comes_back(
    phone: Page, engine: PlayedEngine, page_process: PageProcess
) -> None:
    engine.show(verdict="CLEAR", encounters=(person(312, "CLEAR", CLEARED),))
    expect(phone.locator("#word")).to_have_text("CLEAR")
    page_process.process.send_signal(signal.SIGSTOP)
    expect(phone.locator("#lost")).to_be_visible(timeout=3_000)
    assert not lit(phone, "green")
    expect(phone.locator("#lost")).to_have_css("background-color", "rgb(255, 178, 36)")
    shoot(phone, "phone-lost")
    page_process.process.send_signal(signal.SIGCONT)
    expect(phone.locator("#lost")).to_be_hidden(timeout=8_000)
    page_process.stop()
    expect(phone.locator("#lost")).to_be_visible(timeout=3_000)
    page_process.start()
    expect(phone.get_by_label("PIN of this door")).to_be_visible(timeout=15_000)


def test_an_engine_that_goes_away_is_a_fault_and_never_an_old_green(
    desk: Page, engine: PlayedEngine, folder: Path
) -> None:
    engine.show(verdict="CLEAR", encounters=(person(312, "CLEAR", CLEARED),))
    expect(desk.locator("#word")).to_have_text("CLEAR")
    (folder / "engine.sock").rename(folder / "away.sock")
    expect(desk.locator("#word")).to_have_text("FAULT", timeout=2_500)
    expect(desk.locator("#faults")).to_contain_text("not answering")
    assert not lit(desk, "green")
    expect(desk.locator("#inside")).to_be_hidden()
    shoot(desk, "desk-fault")
    (folder / "away.sock").rename(folder / "engine.sock")
    expect(desk.locator("#word")).to_have_text("CLEAR", timeout=3_000)


def test_a_face_not_seen_and_a_fault_say_what_to_do(phone: Page, engine: PlayedEngine) -> None:
    why = "Face not seen: ask them to look up."
    engine.show(verdict="CHECK", encounters=(person(315, "CHECK", why),))
    expect(phone.locator("#instruction")).to_have_text("Ask them to look up.")
    shoot(phone, "phone-check")
    engine.show(verdict="FAULT", faults=("Something covers the camera: clear the lens.",))
    expect(phone.locator("#faults")).to_contain_text("clear the lens")
    shoot(phone, "phone-fault")


def test_a_hand_held_check_asks_the_reason_first_and_forgets(
    phone: Page, engine: PlayedEngine
) -> None:
    phone.get_by_role("button", name="Hand-held check").tap()
    expect(phone.locator("#photo")).to_be_disabled()
    shoot(phone, "phone-check-reason")
    phone.get_by_label("The lamp said: look again").check()
    photo = {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": engine.crop}
    phone.locator("#photo").set_input_files(photo)  # type: ignore[arg-type]
    expect(phone.locator(".found")).to_contain_text("Theft")
    expect(phone.locator(".found img")).to_have_js_property("naturalWidth", 320)
    expect(phone.locator(".found figcaption")).to_contain_text("Shown for")
    expect(phone.locator("#photo")).to_be_disabled()
    shoot(phone, "phone-check-found")
    phone.get_by_role("button", name="Close").tap()
    expect(phone.locator(".found")).to_have_count(0)


def test_a_file_that_is_no_photo_is_one_clear_line(phone: Page) -> None:
    phone.get_by_role("button", name="Hand-held check").tap()
    phone.get_by_label("They ask whether they are on the list").check()
    torn = {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": b"no photo"}
    phone.locator("#photo").set_input_files(torn)  # type: ignore[arg-type]
    expect(phone.locator("#handheld-result")).to_contain_text("this is not a photo: take it again")


def test_the_buzzer_is_quieted_and_the_shift_ends(desk: Page, engine: PlayedEngine) -> None:
    desk.get_by_role("button", name="Quiet the buzzer").click()
    expect(desk.locator("#toast")).to_contain_text("The buzzer is quiet.")
    assert engine.quieted == 1
    desk.get_by_role("button", name="Sign out").click()
    expect(desk.get_by_label("PIN of this door")).to_be_visible()


def test_text_stands_out_from_its_ground(phone: Page, engine: PlayedEngine) -> None:
    banned_person(engine)
    phone.wait_for_selector(".card")
    ratios = phone.evaluate(CONTRASTS)
    assert len(ratios) > 10
    assert [line for line in ratios if line[1] < 4.5] == []


CONTRASTS = """() => {
  const parts = (colour) => (colour.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const colour = parts(getComputedStyle(one).backgroundColor);
      if (colour.length === 3 || colour[3] > 0.9) return colour;
    }
    return [10, 12, 16];
  };
  const texts = [...document.querySelectorAll("h1,h2,p,dd,dt,b,li span,button,figcaption,label")];
  return texts.filter((one) => one.innerText.trim() && one.checkVisibility()).map((one) => {
    const [a, b] = [light(parts(getComputedStyle(one).color)), light(ground(one))];
    return [one.innerText, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)];
  });
}"""


# --- the page as an alert device ---------------------------------------------------------------


def on_duty(page: Page, duty: str) -> None:
    """Say what a phone is for, with the press that lets it sound."""
    expect(page.locator("#duty")).to_be_visible()
    page.get_by_role("button", name=duty).click()
    expect(page.locator("#duty")).to_be_hidden()


def test_the_first_phone_rings_at_once_and_the_second_when_nobody_answers(
    browser: Browser, hurried_page: PageProcess, engine: PlayedEngine
) -> None:
    first, second = (signed_in(browser, hurried_page, TOUCH) for _ in range(2))
    shoot(first, "phone-duty")
    on_duty(second, "Second: rings when nobody answers in 20 seconds")
    second.locator("#duty-open").tap()
    alone = "No first phone is awake: this one rings at once."
    expect(second.locator("#crew")).to_have_text(alone)
    on_duty(first, "First: rings at once")
    expect(second.locator("#crew")).to_have_text("On duty: 1 first phone and 1 second phone.")
    banned_person(engine)
    expect(first.locator("#duty-open[data-ringing=loud]")).to_have_count(1)
    expect(second.locator(".card")).to_have_count(1)
    assert second.locator("#duty-open").get_attribute("data-ringing") == "none"
    ringing = second.locator("#duty-open[data-ringing=loud]")
    expect(ringing).to_have_count(1, timeout=10_000)
    expect(second.locator("#late")).to_contain_text("Nobody has answered for 20 s.")
    shoot(second, "phone-second-rings")
    second.get_by_role("button", name="On my way").tap()
    expect(ringing).to_have_count(0)
    expect(first.locator("#duty-open[data-ringing=none]")).to_have_count(1)
    expect(first.locator(".card .expected")).to_have_text("Somebody is on the way.")
    second.get_by_role("button", name="Refused").tap()
    expect(first.locator(".card")).to_have_count(0)
    assert engine.answers == [("a1", "refused")]
    for page in (first, second):
        page.context.close()


def test_a_phone_that_cannot_load_the_page_says_so_and_has_kept_nothing_of_people(
    phone: Page, engine: PlayedEngine, page_process: PageProcess
) -> None:
    banned_person(engine)
    expect(phone.locator(".card")).to_have_count(1)
    phone.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page_process.stop()
    phone.goto(page_process.address)
    expect(phone.locator("h1")).to_have_text("NO CONNECTION")
    expect(phone.locator("body")).to_have_css("background-color", "rgb(255, 178, 36)")
    shoot(phone, "phone-offline")
    kept = phone.evaluate(KEPT_IN_CACHES)
    assert sorted(kept) == [
        "/static/base.css",
        "/static/offline.css",
        "/static/offline.html",
        "/static/offline.js",
    ]
    page_process.start()
    expect(phone.get_by_label("PIN of this door")).to_be_visible(timeout=15_000)


def test_the_page_can_be_installed(phone: Page, page_process: PageProcess) -> None:
    found = phone.request.get(f"{page_process.address}/static/door.webmanifest").json()
    assert found["display"] == "standalone"
    for icon in found["icons"]:
        picture = Image.open(
            io.BytesIO(phone.request.get(page_process.address + icon["src"]).body())
        )
        assert icon["sizes"] == f"{picture.width}x{picture.height}"


def test_a_manager_puts_the_person_of_the_last_encounter_on_the_list(
    phone: Page, engine: PlayedEngine
) -> None:
    on_duty(phone, "Watch only: never rings")
    phone.get_by_role("button", name="Put on the list").tap()
    phone.locator("#managers-pin").fill("000001")
    phone.keyboard.press("Enter")
    expect(phone.locator("#manager-trouble")).to_have_text("that is not the manager's PIN")
    phone.locator("#managers-pin").fill(MANAGERS_PIN)
    phone.keyboard.press("Enter")
    people = phone.locator("#passers .passer")
    expect(people).to_have_count(2)
    expect(people.first).to_contain_text("Person 313, here now")
    expect(people.first.locator("img")).to_have_js_property("naturalWidth", 320)
    people.first.tap()
    shoot(phone, "phone-manager")
    phone.locator("#passers [data-reason=violence]").first.tap()
    expect(phone.locator("#tonight")).to_contain_text("Banned: Violence")
    expect(people.first).to_be_disabled()
    phone.get_by_role("button", name="Complete").tap()
    form = phone.locator("#tonight form")
    form.get_by_label("Evidence").fill("Incident book, page 12")
    form.get_by_label("3 months").check()
    form.get_by_label("Not known to be under 18").check()
    shoot(phone, "phone-manager-complete")
    form.get_by_role("button", name="Keep on the list").tap()
    expect(phone.locator("#tonight")).to_have_text("Nobody.")
    (done,) = engine.managed
    assert (done.entry_id, done.said.evidence) == ("e313", "Incident book, page 12")
    assert (done.said.reason, done.said.declared) == ("violence", True)
    phone.get_by_role("button", name="Close").tap()
    expect(phone.locator("#passers img")).to_have_count(0)


def test_a_person_put_on_the_list_by_mistake_is_taken_off_after_one_question(
    desk: Page, engine: PlayedEngine
) -> None:
    engine.tonight = [TonightView("e9", "banned", "theft", time.time(), time.time() + 3600)]
    desk.get_by_role("button", name="Put on the list").click()
    desk.locator("#managers-pin").fill(MANAGERS_PIN)
    desk.keyboard.press("Enter")
    desk.get_by_role("button", name="Take off").click()
    expect(desk.locator("#tonight .ask")).to_contain_text("Nothing of them stays.")
    desk.get_by_role("button", name="Yes, take off").click()
    expect(desk.locator("#tonight")).to_have_text("Nobody.")
    assert [one.entry_id for one in engine.managed] == ["e9"]


def test_a_manager_who_looked_into_the_opened_box_says_so(desk: Page, engine: PlayedEngine) -> None:
    engine.show(machine=MachineView(opened_at=time.time() - 60, notes=(Note.WORN,)))
    expect(desk.locator("#machine")).to_have_text(Note.WORN.value)
    desk.get_by_role("button", name="Put on the list").click()
    desk.locator("#managers-pin").fill(MANAGERS_PIN)
    desk.keyboard.press("Enter")
    expect(desk.locator("#box-opened")).to_contain_text("The unit's box was opened on")
    desk.get_by_role("button", name="I have looked: it is closed").click()
    expect(desk.locator("#box")).to_be_hidden()
    assert engine.state.machine.opened_at is None


def managers_panel(page: Page) -> None:
    page.get_by_role("button", name="Put on the list").click()
    page.locator("#managers-pin").fill(MANAGERS_PIN)
    page.keyboard.press("Enter")
    expect(page.locator("#passers .passer")).to_have_count(2)


def test_a_manager_opens_a_locked_list_by_the_staff_token(
    phone: Page, engine: PlayedEngine
) -> None:
    engine.waits = True
    on_duty(phone, "Watch only: never rings")
    managers_panel(phone)
    code = phone.get_by_label("Code of the staff token")
    expect(phone.locator("#token")).to_contain_text("The list is locked")
    shoot(phone, "phone-token")
    code.fill("DWT1-WRONG")
    phone.keyboard.press("Enter")
    expect(phone.locator("#manager-trouble")).to_contain_text("group 2 is mistyped")
    expect(phone.locator("#token")).to_be_visible()
    code.fill(TOKEN)
    phone.get_by_role("button", name="Open the list").tap()
    expect(phone.locator("#toast")).to_have_text("The list is open.")
    expect(phone.locator("#token")).to_be_hidden()
    expect(phone.locator("#manager-trouble")).to_be_hidden()
    assert engine.codes == ["DWT1-WRONG", TOKEN]
    assert (code.input_value(), "DWT1" in phone.url) == ("", False)


def test_a_token_that_was_typed_halfway_is_gone_with_the_panel(
    desk: Page, engine: PlayedEngine
) -> None:
    engine.waits = True
    managers_panel(desk)
    desk.locator("#token-code").fill("DWT1-RIG")
    desk.locator("#manager-close").click()
    assert desk.locator("#token-code").input_value() == ""
    assert engine.codes == []


def test_where_others_could_read_it_a_token_cannot_even_be_typed(
    browser: Browser, page_process: PageProcess, engine: PlayedEngine
) -> None:
    engine.waits = True
    elsewhere = {"X-Forwarded-For": "192.0.2.9"}  # as a phone in the network that came by http
    page = signed_in(browser, page_process, DESK | {"extra_http_headers": elsewhere})
    managers_panel(page)
    expect(page.locator("#token")).to_contain_text("Secrets are taken by https only")
    expect(page.locator("#token-code")).to_be_disabled()
    expect(page.get_by_role("button", name="Open the list")).to_be_disabled()
    found = Axe().run(page).response["violations"]
    assert [one["id"] for one in found if one["impact"] in {"serious", "critical"}] == []
    page.context.close()


@pytest.mark.parametrize("device", [TOUCH, DESK], ids=["phone", "desk"])
def test_nothing_serious_keeps_anybody_from_using_the_page(
    browser: Browser, page_process: PageProcess, engine: PlayedEngine, device: Any
) -> None:
    page = signed_in(browser, page_process, device)
    engine.show(machine=MachineView(opened_at=time.time(), notes=(Note.WARM, Note.WORN)))
    banned_person(engine)
    page.wait_for_selector(".card")
    page.get_by_role("button", name="Hand-held check").click()
    page.get_by_role("button", name="Put on the list").click()
    page.locator("#managers-pin").fill(MANAGERS_PIN)
    page.keyboard.press("Enter")
    page.locator(".passer").first.click()
    found = Axe().run(page).response["violations"]
    assert [one["id"] for one in found if one["impact"] in {"serious", "critical"}] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.context.close()


KEPT_IN_CACHES = """async () => {
  const kept = [];
  for (const name of await caches.keys()) {
    const requests = await (await caches.open(name)).keys();
    kept.push(...requests.map((request) => new URL(request.url).pathname));
  }
  return kept;
}"""
