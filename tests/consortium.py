"""A consortium for tests: the real command line, the real hub process, units in threads."""

import contextlib
import io
import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import SystemRandom
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
import numpy as np
import PIL.Image

from edge.vision.face import Face, Flaw, Image, Quality
from ports import free_port
from simulator.ram_shelf import DestroyedError, RamShelf
from sync.authority import new_key, request, write_private
from sync.clock import Now
from sync.connection import Access, Will
from sync.hub.cli.main import main
from sync.hub.config import HubConfig, HubPlaces
from sync.hub.hubclock import now_ms
from sync.invitation import Invitation
from sync.joining import join
from sync.ledger import Ledger
from sync.message import Arrival, Connected, Disconnected
from sync.seal import BoxKey, SigningKey
from sync.tls import Tls
from sync.transport import Transport
from sync.unit.keys import UnitKeys
from sync.unit.reports import Condition
from sync.unit.session import Session
from sync.unit.shelf import Trusted

if TYPE_CHECKING:
    from sync.unit.standing import Standing

ROOT = Path(__file__).parents[1]
HOST = "127.0.0.1"
PHRASE = "a passphrase for tests"
Found = TypeVar("Found")


class Eyes:
    """Reads the person off the photo's colour: each red is somebody else, black is nobody."""

    model_id = "net-1"

    def faces(self, rgb: Image, *, embed: bool = True) -> list[Face]:
        who = round(float(rgb[0, 0, 0]) / 10)
        if not who:
            return []
        flaws = (Flaw.BLURRED,) if rgb[0, 0, 1] > 100 else ()
        marks = np.zeros((5, 2), np.float32)
        return [
            Face((5, 5, 35, 35), marks, 0.9, Quality(0.8, flaws), np.eye(32, dtype=np.float32)[who])
        ]


class Consortium:
    """One hub with its officers and venues, used as people use it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.hub = folder / "hub"
        self.port, self.join_port = self._ports()
        self.process: subprocess.Popen[bytes] | None = None
        self.log = folder / "hub.log"
        self.doors: list[Door] = []
        (folder / "phrase").write_text(f"{PHRASE}\n")

    @classmethod
    def copied(cls, founded: Path, folder: Path) -> "Consortium":
        """Take over one that was founded before; stretching passphrases takes a while."""
        shutil.copytree(founded, folder, dirs_exist_ok=True)
        return cls(folder)

    def _ports(self) -> tuple[int, int]:
        """Take ports that are free now, also where the hub was made with others."""
        ports = free_port(), free_port()
        settings = HubPlaces(self.hub).settings
        if settings.exists():
            config = HubConfig.parse(settings.read_text(), settings)
            moved = msgspec.structs.replace(config, port=ports[0], join_port=ports[1])
            settings.write_text(moved.text())
        return ports

    # --- the command line ---------------------------------------------------------------------
    def run(self, *words: str, phrase: str = "phrase") -> tuple[int, str, str]:
        """Run one command in this process; its exit status, output and refusal."""
        out, err = io.StringIO(), io.StringIO()
        around = {
            "DOORWATCH_HUB": str(self.hub),
            "DOORWATCH_PASSPHRASE_FILE": str(self.folder / phrase),
        }
        with environment(around), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = main(words)
        return status, out.getvalue(), err.getvalue()

    def says(self, *words: str) -> str:
        """Run a command that has to succeed; what it wrote."""
        status, out, err = self.run(*words)
        assert (status, err) == (0, ""), (words, err)
        return out

    def tells(self, *words: str) -> Any:
        """Run a command that has to succeed; its JSON."""
        return json.loads(self.says(*words, "--json"))

    def refuses(self, *words: str, phrase: str = "phrase") -> str:
        """Run a command that has to be refused; its one line."""
        status, _, err = self.run(*words, phrase=phrase)
        assert status != 0, words
        assert err.startswith("doorwatch-hub: "), err
        assert err.count("\n") == 1, err
        return err

    # --- what people do -----------------------------------------------------------------------
    def found(self, *venues: str) -> None:
        """Make the hub and its venues."""
        ports = ("--port", str(self.port), "--join-port", str(self.join_port))
        self.says("init", "--name", "Six", *ports, "--officers", str(self.folder / "officers"))
        for name in venues:
            self.says("venue", "add", name, "--key", self.key(name), *self.officers(1, 3))

    def key(self, venue: str) -> str:
        return str(self.folder / f"{venue.lower()}.key")

    def officers(self, *numbers: int) -> list[str]:
        """Name officers' key files as options."""
        files = [self.folder / "officers" / f"officer-{number}.key" for number in numbers]
        return [word for file in files for word in ("--officer", str(file))]

    def photo(self, who: int, name: str = "", *, green: int = 0) -> str:
        """Take a photo of somebody."""
        path = self.folder / (name or f"{who}.png")
        PIL.Image.new("RGB", (40, 40), (who * 10, green, 0)).save(path)
        return str(path)

    def propose(self, who: int, venue: str, *more: str, reason: str = "theft") -> str:
        """Propose somebody for the list; the entry's id."""
        terms = ("--reason", reason, "--until", "30d", "--incident", "2026-01-02", "--declared")
        terms = (*terms, "--evidence", "incident book 212")
        words = ("entry", "add", self.photo(who), *terms, "--key", self.key(venue), *more)
        entry_id: str = self.tells(*words, "--wait", "0")["entry_id"]
        return entry_id

    def approve(self, entry_id: str, venue: str, wait: float = 5.0) -> Any:
        words = ("entry", "approve", entry_id, "--key", self.key(venue), "--yes")
        return self.tells(*words, "--wait", str(wait))

    def add(self, who: int, proposer: str, approver: str) -> str:
        """Put somebody on the list of all doors, without waiting for them; the entry's id."""
        entry_id = self.propose(who, proposer)
        self.approve(entry_id, approver, wait=0)
        return entry_id

    def invite(self, venue: str, *more: str) -> str:
        text: str = self.tells("unit", "invite", venue, *more)["invitation"]
        return text

    # --- the running hub ----------------------------------------------------------------------
    def start(self) -> None:
        """Start the hub's process with its broker, and wait until it is ready."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "sync.hub.cli", "run", "--with-broker"],
                env={**os.environ, "DOORWATCH_HUB": str(self.hub), "PYTHONWARNINGS": "error"},
                stdout=log,
                stderr=log,
                cwd=ROOT,
            )
        seen = self.log.read_text().count("event=ready")
        until(lambda: self.log.read_text().count("event=ready") > seen or self._ended(), 60)

    def _ended(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log.read_text()
        return False

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End the hub's process."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(20)
            self.process = None

    def broker_pid(self) -> int:
        return int((self.hub / "broker" / "mosquitto.pid").read_text())

    def door(self, venue: str, name: str = "", invitation: str = "") -> "Door":
        """Let a new unit join at a venue."""
        text = invitation or self.invite(venue, *(("--name", name) if name else ()))
        made = Door(self.folder / f"door{len(self.doors)}", text)
        self.doors.append(made)
        return made

    def end(self) -> None:
        """End everything, and leave the hub's log for whoever reads why a test failed."""
        for door in self.doors:
            door.go()
        self.stop()
        if self.log.exists():
            print(self.log.read_text())


class Door:
    """A unit: it has joined, and follows the list in a thread of its own."""

    def __init__(self, folder: Path, invitation: str) -> None:
        folder.mkdir(exist_ok=True)
        self.key, self.box = SigningKey.generate(), BoxKey.generate()
        self.tls = Tls(folder / "ca.pem", folder / "unit.pem", folder / "unit.key")
        write_private(self.tls.key, new_key())
        wanted = request(self.tls.key.read_bytes())
        self.joined = join(Invitation.of_text(invitation), wanted, self.key, self.box)
        write_private(self.tls.authority, self.joined.authority)
        write_private(self.tls.certificate, self.joined.certificate)
        root = self.joined.root
        self.shelf = RamShelf(
            Trusted(
                root,
                (self.joined.keyring,),
                Ledger.empty(root.list_id),
                box_ms=self.joined.box.issued_ms,
            )
        )
        self.standing: Standing | None = None
        self.connected = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def unit_id(self) -> str:
        return self.joined.registration.unit_id

    def come(self) -> None:
        """Connect and follow the list."""
        self._stopping.clear()
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    def go(self) -> None:
        """Leave, as a unit does whose plug is pulled."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(15)
            self._thread = None
        self.connected.clear()

    def matched(self) -> set[str]:
        """Give the entries that the door compares faces with."""
        return self.shelf.matched()

    @property
    def seq(self) -> int:
        return self.standing.seq if self.standing else 0

    def _follow(self) -> None:
        session, transport = self._session(), self._transport()
        session_topics = session.topics()
        transport.subscribe(session_topics)
        transport.start()
        try:
            while not self._stopping.is_set():
                with contextlib.suppress(DestroyedError):
                    self._turn(session, transport)
                topics = session.topics()
                if topics != session_topics:
                    session_topics = topics
                    transport.subscribe(topics)
        finally:
            transport.stop()

    def _turn(self, session: Session, transport: Transport) -> None:
        outs = []
        try:
            event = transport.events.get(timeout=0.05)
        except queue.Empty:
            event = None
        now = Now(now_ms(), trusted=True)
        match event:
            case Connected():
                self.connected.set()
                outs += session.connected(now)
            case Disconnected():
                self.connected.clear()
                session.disconnected()
            case Arrival():
                outs += session.receive(event, now)
                transport.done(event)
        outs += session.tick(now)
        for out in outs:
            transport.publish(out)
        self.standing = session.standing
        if self.standing.silent:
            transport.restart()

    def _session(self) -> Session:
        one = self.joined.registration
        keys = UnitKeys(
            self.joined.root.list_id, one.unit_id, one.venue_id, one.mailbox, self.key, self.box
        )
        condition = Condition(model_id="net-1", version="test")
        return Session(
            self.shelf, keys, SystemRandom(), notify=lambda: None, condition=lambda: condition
        )

    def _transport(self) -> Transport:
        mailbox = self.joined.registration.mailbox
        will = Will(f"m/{mailbox}/will", bytes(2048))
        return Transport(Access(self.joined.host, self.joined.port, mailbox, will), self.tls)


def until(found: Callable[[], Found], patience_s: float = 15.0) -> Found:
    """Wait until something is there; what it is."""
    deadline = time.monotonic() + patience_s
    while True:
        what = found()
        if what:
            return what
        assert time.monotonic() < deadline, f"not within {patience_s} s"
        time.sleep(0.02)


@contextlib.contextmanager
def environment(changed: dict[str, str]) -> Iterator[None]:
    """Change the environment for a while."""
    before = {name: os.environ.get(name) for name in changed}
    os.environ.update(changed)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
