"""A whole evening of real processes, with accidents: what all of them wrote names nobody."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import psutil
import pytest

from consortium import PHRASE, ROOT, Consortium, until
from edge.cli.main import main
from edge.config import Config
from edge.errors import LinkError
from edge.link import Link
from edge.pin import PinFile
from machines import results
from ports import free_port
from sync.entries import Reason

pytestmark = [pytest.mark.faults, pytest.mark.faces, pytest.mark.timeout(600)]

PIN, WRONG_PIN = "860417", "730925"
EVIDENCE = "incident book 212"
NAMES = ("Northgate", "Southbank")


class Evening:
    """A hub with its broker and pages, and one door with all its processes."""

    def __init__(self, folder: Path, clip: Path) -> None:
        self.hub = Consortium(folder / "hub")
        self.hub.found(*NAMES)
        self.port, self.web_port = free_port(), free_port()
        self.state, self.run = folder / "state", folder / "run"
        self.config = folder / "door.toml"
        self.config.write_text(
            f"[camera]\nsource = 'video:{clip}'\nloop = true\n"
            f"[paths]\nstate = '{self.state}'\nrun = '{self.run}'\n"
            f"[indicator]\npins = 'mock'\n[page]\nport = {self.port}\n[vision]\nthreads = 1\n"
        )
        self.places = Config.load(self.config).places({})
        self.link = Link(self.places.engine_socket, timeout_s=20.0)
        self.logs = {name: folder / f"{name}.log" for name in ("door", "pages")}
        self.running: list[subprocess.Popen[bytes]] = []

    def begin(self) -> str:
        """Start everything, and let the door join; gives the invitation."""
        self.hub.start()
        invitation = self.hub.invite(NAMES[0])
        assert main(["join", invitation, "--config", str(self.config)]) == 0
        self.places.prepare()
        PinFile(self.places.manager_pin_file).write(PIN)
        PinFile(self.places.pin_file).write(PIN)
        self._start("door", "edge.cli", "run", "--config", str(self.config))
        plain = ("--plain", "--listen", "127.0.0.1", "--port", str(self.web_port))
        self._start("pages", "sync.hub.cli", "web", *plain, "--hub", str(self.hub.hub))
        return invitation

    def _start(self, log: str, *words: str) -> None:
        with self.logs[log].open("ab") as out:
            command = [sys.executable, "-m", *words]
            self.running.append(subprocess.Popen(command, stdout=out, stderr=out, cwd=ROOT))

    def screened(self, faces: int) -> bool:
        with suppress(LinkError):
            return self.link.state().counts.get("encounters", 0) >= faces
        return False

    def post(self, port: int, path: str, **fields: str) -> None:
        """Send a form, whatever comes back."""
        with suppress(httpx.HTTPError):
            here = f"http://127.0.0.1:{port}"
            httpx.post(f"{here}{path}", data=fields, headers={"Origin": here}, timeout=5)

    def kill(self, word: str) -> None:
        """Kill one process of the door."""
        for child in psutil.Process(self.running[0].pid).children(recursive=True):
            if word in child.cmdline():
                child.kill()

    def end(self) -> str:
        """Stop everything; all that was written."""
        for process in self.running:
            process.send_signal(signal.SIGTERM)
            process.wait(30)
        self.hub.stop()
        logs = (self.hub.log, *self.logs.values())
        return "".join(log.read_text() for log in logs if log.exists())


@pytest.fixture
def evening(tmp_path: Path, faces_root: Path, mosquitto: Path) -> Iterator[Evening]:
    (tmp_path / "hub").mkdir()
    made = Evening(tmp_path, faces_root / "clips" / "face-demographics-walking-and-pause.gif")
    yield made
    made.end()


def test_what_an_evening_with_accidents_writes_names_nobody(
    evening: Evening, faces_root: Path
) -> None:
    invitation = evening.begin()
    secrets = {*NAMES, PIN, WRONG_PIN, PHRASE, EVIDENCE, invitation, invitation[8:40]}
    secrets |= _listed(evening, faces_root)
    until(lambda: evening.screened(2), 60)
    secrets |= _managed(evening)
    _guessed(evening)
    _hurt(evening)
    until(lambda: evening.screened(1), 60)
    evening.hub.says("unit", "revoke", NAMES[0], "--yes")
    until(lambda: "destroyed" in evening.logs["door"].read_text(), 60)
    written = evening.end()
    codes = set(re.findall(r"code=([\w-]+)", written))
    found = sorted(secret for secret in secrets if secret in written)
    results.keep(
        "faults",
        "logs-full-run",
        lines=written.count("\n"),
        codes=sorted(codes),
        secrets_looked_for=len(secrets),
        secrets_found=len(found),
    )
    assert {"hub-ready", "unit-joined", "sync-ready", "list-in-force", "tonight-put"} <= codes
    assert {"pin-refused", "sign-in-refused", "process-again", "broker-again"} <= codes
    assert "Traceback" not in written
    assert found == []


def _listed(evening: Evening, faces_root: Path) -> set[str]:
    """Have somebody put on the list of all doors; the entry's id."""
    photo = str(min((faces_root / "portrait-pairs").glob("*/*.jpg")))
    terms = ("--reason", "theft", "--until", "30d", "--incident", "2026-01-02", "--declared")
    words = ("entry", "add", photo, *terms, "--evidence", EVIDENCE, "--wait", "0", "--yes")
    entry_id = evening.hub.tells(*words, "--key", evening.hub.key(NAMES[0]))["entry_id"]
    evening.hub.approve(entry_id, NAMES[1], wait=0)
    return {entry_id}


def _managed(evening: Evening) -> set[str]:
    """Put somebody who stands there on tonight's list, and take him off again."""
    with suppress(LinkError):
        evening.link.unlock(WRONG_PIN)
    key = evening.link.unlock(PIN)
    (first, *_) = until(lambda: evening.link.passers(key), 30)
    entry_id = evening.link.take(key, first.encounter, Reason.VIOLENCE).entry_id
    time.sleep(1)
    evening.link.drop(key, entry_id)
    return {key, entry_id}


def _guessed(evening: Evening) -> None:
    """Guess at the door's page, at the hub's pages, and at every socket."""
    evening.post(evening.port, "/login", pin=WRONG_PIN)
    evening.post(evening.web_port, "/sign-in", login=NAMES[0], password=PHRASE)
    for path in evening.run.rglob("sock"):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            with socket.socket(socket.AF_UNIX, kind) as peer, suppress(OSError):
                peer.settimeout(1)
                peer.connect(str(path))
                peer.send(f"{NAMES[0]} {EVIDENCE}".encode() * 9)


def _hurt(evening: Evening) -> None:
    """Kill the broker, the engine and the page; let the disk flip the middle of the list."""
    os.kill(evening.hub.broker_pid(), signal.SIGKILL)
    for word in ("page", "engine"):
        evening.kill(word)
        time.sleep(2)
    gallery = evening.places.gallery.read_bytes()
    middle = len(gallery) // 2
    evening.places.gallery.write_bytes(gallery[:middle] + bytes(512) + gallery[middle + 512 :])
    time.sleep(3)
    evening.places.gallery.write_bytes(gallery)
