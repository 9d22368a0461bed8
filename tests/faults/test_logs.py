"""Nothing about anybody is in a log: all that a full run wrote, and all that 1,000 faults wrote.

A fault is a function of ours that fails once, in the middle of something a person does, mostly
with an exception whose words are everything that the function was given: names, photos,
templates, PINs, keys. That is worse than what libraries raise, and none of it may be written.
"""

import asyncio
import base64
import contextlib
import gc
import io
import re
import secrets
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from types import FunctionType
from typing import Any, Protocol

import anyio
import httpx
import numpy as np
import PIL.Image
import pytest
import structlog
from argon2 import PasswordHasher

from broken_functions import breakable, broken, called
from edge import journal
from edge.budget import ImpostorCurve
from edge.config import Budget, Decision
from edge.door import Completion
from edge.gallery.store import Store
from edge.gallery.template import pack
from edge.gallery.tonight import TonightShelf
from edge.keys.file import KeyFile
from edge.link import Link, LinkServer
from edge.listkeeper import ListKeeper, Measure
from edge.pin import PinFile
from edge.putting import ManagersDoor, Putting
from edge.questions import UnlockQuestion
from edge.recall import Recall
from edge.staff.app import build_app
from edge.vision.face import Face, Quality
from edge.vision.track import Track
from hub_site import HubSite, directions
from machines import results
from sync.entries import Category, Entry, Reason

pytestmark = pytest.mark.faults

FAULTS = {"door": 400, "list": 150, "hub": 450}
NAME, EVIDENCE = "Joanna Fielding-Example", "bitten by the cloakroom, book 977"
PIN, WRONG_PIN = "860417", "730925"
PHRASE = "nineteen quiet herons walk"


def shapes(secret: bytes) -> Iterator[str]:
    """Give what a secret looks like in a line: as itself, in hex, in base64, as Python shows it."""
    pieces = [secret] if len(secret) < 24 else [secret[at : at + 12] for at in (0, 24, 240, 600)]
    for piece in filter(None, pieces):
        yield piece.hex()
        yield repr(piece)[2:-1]
        yield base64.b64encode(piece[:9]).decode()
        yield base64.urlsafe_b64encode(piece[:9]).decode()


def values(template: np.ndarray) -> Iterator[str]:
    for value in template.ravel()[:8]:
        if abs(float(value)) not in {0.0, 1.0}:
            yield f"{float(value):.6f}"
            yield repr(float(value))[:9]


@dataclass
class Written:
    """What was logged, beside what never may be."""

    lines: io.StringIO
    secrets: set[str]

    def leaks(self, text: str) -> list[str]:
        return [secret for secret in self.secrets if len(secret) > 5 and secret in text]


class Scene(Protocol):
    """Somebody at work, with secrets; it can be done again and again."""

    secrets: set[str]

    def acts(self) -> list[Callable[[], object]]: ...

    def close(self) -> None: ...


class AtTheDoor:
    """A manager signs in at the door's page, looks who is there, and puts somebody on the list."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        key = KeyFile(folder / "gallery.key")
        with Store.open(folder / "gallery.db", key):
            pass
        cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PIN)
        (folder / "manager.pin").write_text(cheap)
        template = np.random.default_rng(7).normal(size=32).astype(np.float32)
        template /= np.linalg.norm(template)
        self.recall, self.template = Recall(lambda: True), template
        self.putting = Putting(
            self.recall,
            ManagersDoor(PinFile(folder / "manager.pin"), time.monotonic),
            lambda: TonightShelf.open(folder / "gallery.db", key),
            "net-1",
            lambda: None,
            lambda: 0.6,
            lambda: None,
        )
        self.server = LinkServer(folder / "e.sock", self._answer)
        self.link = Link(folder / "e.sock", timeout_s=2.0)
        self.app = build_app(self.link, lambda: cheap)  # type: ignore[arg-type]
        self.secrets = {NAME, EVIDENCE, PIN, WRONG_PIN, *values(template)}
        self.secrets |= {key.kek().hex(), *shapes(key.kek()), *shapes(pack(template[None]))}

    def _answer(self, question: Any) -> object:
        if isinstance(question, UnlockQuestion):
            return self.putting.door.unlock(question.pin)
        return self.putting(question)

    def acts(self) -> list[Callable[[], object]]:
        return [self._stand_there, partial(anyio.run, self._browse), self._manage]

    def _stand_there(self) -> None:
        now = time.monotonic()
        self.recall.sweep(now)
        shown = Face((5, 5, 35, 35), np.zeros((5, 2)), 0.9, Quality(0.9), self.template)  # type: ignore[arg-type]
        track = Track(7, now, now, shown, 1, self.template, lost=False)
        self.recall.see(track, np.full((60, 60, 3), 90, np.uint8), None)

    async def _browse(self) -> None:
        transport = httpx.ASGITransport(self.app)
        page = httpx.AsyncClient(
            transport=transport,
            base_url="http://door.local",
            headers={"Origin": "http://door.local"},
        )
        async with page:
            await page.post("/login", data={"pin": WRONG_PIN})
            await page.post("/login", data={"pin": PIN})
            await page.get("/")
            await page.post("/manager/unlock", json={"pin": PIN})
            await page.get("/manager")

    def _manage(self) -> None:
        self._stand_there()
        key = self.link.unlock(PIN)
        self.secrets.add(key)
        self.secrets |= set(shapes(self.link.passer_photo(key, 7)))
        entry_id = self.link.take(key, 7, Reason.VIOLENCE).entry_id
        self.secrets |= {entry_id, *shapes(self.link.tonight_photo(key, entry_id))}
        last = (datetime.now().astimezone().date() + timedelta(days=30)).isoformat()
        incident = datetime.now().astimezone().date().isoformat()
        said = Completion(Reason.THREATS, incident, f"{NAME}: {EVIDENCE}", last, declared=True)
        with contextlib.suppress(Exception):  # a unit alone has no venue to sign for it
            self.link.complete(key, entry_id, said)
        with contextlib.suppress(Exception):
            self.link.drop(key, entry_id)

    def close(self) -> None:
        self.server.close()


class InTheEngine:
    """The engine follows its list while people are put on it and taken off."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.key, self.gallery = KeyFile(folder / "gallery.key"), folder / "gallery.db"
        with self._open():
            pass
        self.photo = AtTheHub.photo()
        self.template = np.random.default_rng(9).normal(size=(1, 32)).astype(np.float32)
        self.template /= np.linalg.norm(self.template)
        curve = ImpostorCurve((1e-1, 1e-3, 1e-5), (0.3, 0.45, 0.6))
        measure = Measure("net-1", curve, Budget(), Decision())
        self.keeper = ListKeeper(self._open, measure)
        self.secrets = {*shapes(self.photo), *values(self.template), self.key.kek().hex()}
        self.secrets |= {*shapes(self.key.kek()), *shapes(pack(self.template))}

    def _open(self) -> Store:
        return Store.open(self.gallery, self.key)

    def acts(self) -> list[Callable[[], object]]:
        return [self._put_and_lift, self._compare]

    def _put_and_lift(self) -> None:
        entry_id, now = secrets.token_hex(8), time.time()
        self.secrets.add(entry_id)
        entry = Entry(entry_id, Category.BANNED, Reason.VIOLENCE, now, now + 9 * 86_400)
        with self._open() as store:
            store.add(entry, self.photo, self.template, "net-1")
        self.keeper.refresh()
        with self._open() as store:
            store.lift(entry_id)
        self.keeper.refresh()

    def _compare(self) -> None:
        self.keeper.refresh()
        self.keeper.in_force.best(self.template[0])
        for entry_id in self.keeper.in_force.entries:
            self.keeper.photo(entry_id)

    def close(self) -> None:
        self.keeper.close()


class AtTheHub:
    """Managers at the hub's pages: wrong and right passwords, entries, requests, photos."""

    def __init__(self, folder: Path) -> None:
        self.site = HubSite(folder)
        photo = self.photo()
        template = directions(self.site.chance, 1)
        self.entry = self.site.entry(
            "Anchor", evidence=EVIDENCE, photo=photo, templates=pack(template)
        )
        kek = KeyFile(folder / "hub.key").kek()
        self.secrets = {NAME, EVIDENCE, PHRASE, self.entry, *shapes(photo), *values(template)}
        self.secrets |= {kek.hex(), *shapes(kek), *shapes(pack(template)), "ana", "olivia"} - {
            "ana"
        }
        seeds = [key.seed for key in self.site.keys.values()]
        self.secrets |= {shape for seed in seeds for shape in (seed.hex(), *shapes(seed))}

    @staticmethod
    def photo() -> bytes:
        noise = np.random.default_rng(3).integers(0, 255, (64, 64, 3), np.uint8)
        out = io.BytesIO()
        PIL.Image.fromarray(noise).save(out, "JPEG")
        return out.getvalue()

    def acts(self) -> list[Callable[[], object]]:
        asked = {"kind": "access", "received_on": "2026-01-02", "asker": NAME, "words": EVIDENCE}
        invited = {"name": NAME, "login": "joanna", "role": "administrator"}
        elsewhere = {"Origin": "https://elsewhere.test"}
        sign_in = {"login": "ana", "password": PHRASE}
        stranger, ana, olivia = map(self.site.client, ("", "ana", "olivia"))
        here, files = f"/entries/{self.entry}", {"photos": ("a.jpg", self.photo(), "image/jpeg")}
        return [
            lambda: stranger.post("/sign-in", sign_in),
            lambda: stranger.post("/sign-out", headers=elsewhere),
            lambda: olivia.post("/rights/new", asked | {"proof": "document"}),
            lambda: ana.post("/users/invite", invited),
            lambda: ana.post(f"{here}/contest", {"note": f"{NAME} says no"}),
            lambda: ana.post(f"{here}/correct", {"evidence": EVIDENCE}),
            lambda: ana.post("/add", {}, files=files),
            *(partial(ana.get, path) for path in ("/", "/entries", here, "/audit", "/doors")),
            *(partial(olivia.get, path) for path in ("/rights", "/users", "/retention")),
            lambda: self.site.door("Anchor", f"{NAME}'s door"),
        ]

    def close(self) -> None:
        self.site.close()


SCENES: dict[str, Callable[[Path], Scene]] = {
    "door": AtTheDoor,
    "list": InTheEngine,
    "hub": AtTheHub,
}


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[Written]:
    """Log as a process does, with every line let through."""
    monkeypatch.setattr(journal, "BURST", 10**9)
    monkeypatch.setattr(HubSite, "run", _patient)
    for module, name in ((sys, "excepthook"), (sys, "unraisablehook"), (threading, "excepthook")):
        monkeypatch.setattr(module, name, getattr(module, name))
    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)
    lines = io.StringIO()
    journal.begin(lines)
    journal.hear_everything()
    yield Written(lines, set())
    structlog.reset_defaults()
    for left in [one for one in gc.get_objects() if isinstance(one, subprocess.Popen)]:
        if left.poll() is None:  # what would have ended this reader of photos was broken
            left.kill()
            left.wait()


def _patient(site: HubSite, work: Any) -> Any:
    """Wait less than usual for a site that a fault may have stopped for good."""
    return asyncio.run_coroutine_threadsafe(work, site._loop).result(20)


@pytest.mark.parametrize("name", SCENES)
@pytest.mark.timeout(900)
def test_a_thousand_faults_write_nothing_about_anybody(
    name: str, written: Written, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    chance, wanted = Random(name), FAULTS[name]
    functions = _functions(SCENES[name], tmp_path / "watched")
    scene, fired, told = SCENES[name](tmp_path / "0"), 0, 0
    acts = scene.acts()
    for number in range(1, 4 * wanted):
        which = chance.randrange(len(acts))
        began = time.monotonic()
        with broken(chance.choice(functions[which]), chance) as fault:
            _survive(acts[which])
        waited = time.monotonic() - began > 1  # for a thread that the fault has ended, mostly
        fired += fault.fired
        written.secrets |= scene.secrets
        told += bool(written.leaks(fault.words))
        if fired == wanted:
            break
        if waited or (number % 20 == 0 and not all(map(_survive, acts))):
            _survive(scene.close)
            scene = SCENES[name](tmp_path / str(number))
            acts = scene.acts()
    _survive(scene.close)
    out = written.lines.getvalue()
    shown = capfd.readouterr()
    found = {
        "faults": fired,
        "functions": len(set().union(*functions)),
        "faults_with_a_secret_in_their_words": told,
        "lines": out.count("\n"),
        "secrets_looked_for": len(written.secrets),
        "secrets_found": len(written.leaks(out + shown.out + shown.err)),
    }
    results.keep("faults", f"logs-{name}", **found)
    with capfd.disabled():
        print(f"\n{name}: {found}")
    assert fired == wanted
    assert told > wanted / 12
    assert len(re.findall("code=", out)) > wanted / 2
    assert not written.leaks(out + shown.out + shown.err)


def _functions(scene: Callable[[Path], Scene], folder: Path) -> list[list[FunctionType]]:
    """Find out which functions each act calls."""
    with called() as seen:
        watched, found = scene(folder), []
        for act in watched.acts():
            seen.clear()
            act()
            found.append(breakable(seen))
    watched.close()
    return found


def _survive(act: Callable[[], object]) -> bool:
    """Do something, and have what comes out of it logged as at the end of a process."""
    try:
        act()
    except Exception as error:  # noqa: BLE001 - whatever it is
        journal._uncaught(type(error), error, error.__traceback__)
        return False
    return True


def test_a_log_that_told_an_exceptions_words_would_be_found_out(
    written: Written, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "_told", lambda error: {"why": str(error)})
    functions, chance = _functions(AtTheDoor, tmp_path / "watched"), Random(1)
    scene = AtTheDoor(tmp_path / "door")
    for _ in range(200):
        which = chance.randrange(3)
        with broken(chance.choice(functions[which]), chance):
            _survive(scene.acts()[which])
        written.secrets |= scene.secrets
        if written.leaks(written.lines.getvalue()):
            break
    scene.close()
    assert written.leaks(written.lines.getvalue())
