"""A hub with its broker and real units, in one folder and on loopback, for as long as it takes."""

import contextlib
import queue
import random
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self

import msgspec

from edge.config import Config
from edge.keys.file import KeyFile
from edge.syncing.membership import become_member
from sync.authority import new_key, request
from sync.bench.crowd import Job, Simulated
from sync.bench.index import InForce
from sync.bench.meter import used
from sync.bench.people import People
from sync.errors import HubError
from sync.hub.certificates import Certificates
from sync.hub.config import HubConfig, HubPlaces
from sync.hub.hubclock import now_ms
from sync.hub.nudge import nudge
from sync.hub.service import Service
from sync.invitation import Invitation
from sync.seal import BoxKey, SigningKey

HOST = "127.0.0.1"
HOUR_MS = 3_600_000
TOGETHER = 500
"""Entries that are put on the list in one transaction while it is filled."""

_START_S = 20.0
_STOP_S = 10.0
_SETTLED_S = 300.0
_IDLE_S = 0.06


@dataclass(frozen=True, slots=True)
class Accepted:
    """A ban that the hub has on its disk.

    Attributes:
        entry_id: Whom.
        seq: Number of its record.
        at: When; seconds of the machine's monotonic clock.
    """

    entry_id: str
    seq: int
    at: float


class Rig:
    """One hub, made in ``folder``; use it as a context. Units are made by `door`."""

    def __init__(self, folder: Path, seed: int = 1) -> None:
        """Make the hub's files; nothing runs yet."""
        self.folder, self.people, self.chance = folder, People(), random.Random(seed)  # noqa: S311
        self.config = HubConfig(name="bench", host=HOST, port=free_port(), join_port=free_port())
        self.places = HubPlaces(folder / "hub")
        self.places.prepare()
        provider = KeyFile(self.places.key_file(self.config))
        self.certificates = Certificates.create(
            self.places.authority, provider.provision(), now_ms()
        )
        self.service = Service.create(self.places.database, provider, now_ms())
        self.people.found(self.service)
        self.places.settings.write_text(self.config.text(), encoding="utf-8")
        self._stack = contextlib.ExitStack()
        self._hub: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Give the rig itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop every process."""
        self._stack.close()
        self.service.close()

    def start(self) -> None:
        """Start hub and broker, and wait until both answer.

        Raises:
            HubError: They do not; the line says where their words are.
        """
        log = self._stack.enter_context((self.folder / "hub.log").open("ab"))
        command = ["sync.hub.cli", "run", "--with-broker", "--hub", str(self.places.folder)]
        self._hub = self._stack.enter_context(running(command, log))
        deadline = time.monotonic() + _START_S
        pid = self.places.broker / "mosquitto.pid"
        ports = self.config.port, self.config.join_port
        while not (pid.exists() and all(answers(port) for port in ports)):
            if time.monotonic() > deadline or self._hub.poll() is not None:
                raise HubError(f"the hub does not start: read {self.folder / 'hub.log'}")
            time.sleep(0.05)

    def settle(self) -> None:
        """Wait until hub and broker have nothing left to do.

        Raises:
            HubError: They are busy for minutes.
        """
        deadline = time.monotonic() + _SETTLED_S
        while time.monotonic() < deadline:
            before = self.cpu_s()
            time.sleep(1.0)
            if self.cpu_s() - before < _IDLE_S:
                return
        raise HubError(f"the hub does not come to rest: read {self.folder / 'hub.log'}")

    def cpu_s(self) -> float:
        """Tell the processor time of hub and broker so far, seconds."""
        return used(self.hub_pid).cpu_s + used(self.broker_pid).cpu_s

    @property
    def hub_pid(self) -> int:
        """Process id of the running hub."""
        assert self._hub is not None  # noqa: S101 - asked after the start
        return self._hub.pid

    @property
    def broker_pid(self) -> int:
        """Process id of the running broker."""
        return int((self.places.broker / "mosquitto.pid").read_bytes())

    def fill(self, count: int, photo_bytes: int) -> None:
        """Put ``count`` invented people on the list, before anybody listens."""
        for first in range(0, count, TOGETHER):
            with self.service.together():
                for _ in range(first, min(count, first + TOGETHER)):
                    ban = self.people.ban(self.service.list_id, photo_bytes, self.chance)
                    self.service.propose(ban, now_ms())

    def ban(self, photo_bytes: int) -> Accepted:
        """Have one ban accepted, as a command of the hub does, and tell the running hub."""
        ban = self.people.ban(self.service.list_id, photo_bytes, self.chance)
        outcome = self.service.propose(ban, now_ms())
        accepted = Accepted(outcome.entry_id, outcome.seq or 0, time.monotonic())
        nudge(self.places.nudge)
        return accepted

    def invite(self, name: str) -> tuple[str, bytes]:
        """Expect one new unit; gives its id and its secret."""
        venue, *_ = self.people.managers
        return self.service.invite(venue, name, now_ms() + HOUR_MS, "bench", now_ms())

    def door(self, name: str) -> "Door":
        """Let one real unit join the running hub; it does not run yet.

        Raises:
            SyncError: The hub does not take it.
        """
        unit_id, secret = self.invite(name)
        invitation = Invitation(
            unit=bytes.fromhex(unit_id),
            host=HOST,
            port=self.config.join_port,
            authority=self.certificates.authority.fingerprint,
            root=self.service.roots()[-1].digest,
            secret=secret,
            expires_ms=now_ms() + HOUR_MS,
        )
        door = Door(self.folder / name)
        places = door.settings.places()
        places.prepare()
        become_member(invitation, places, KeyFile(places.key_file))
        self._stack.enter_context(door)
        return door

    def simulated(self, count: int) -> Job:
        """Register units that will be simulated, before the hub is started."""
        folder, now = self.folder / "crowd", now_ms()
        folder.mkdir(mode=0o700)
        (folder / "ca.pem").write_bytes(self.certificates.authority.certificate)
        with self.service.together():
            units = tuple(self._simulated(folder, f"unit {number}", now) for number in range(count))
        venue, *_ = self.people.managers
        return Job(
            host=HOST,
            port=self.config.port,
            list_id=self.service.list_id,
            venue_id=venue,
            root=self.service.roots()[-1].encode(),
            folder=str(folder),
            units=units,
        )

    def _simulated(self, folder: Path, name: str, now: int) -> Simulated:
        signer, box, key = SigningKey.generate(), BoxKey.generate(), new_key()
        unit_id, secret = self.invite(name)
        told = self.service.join(unit_id, secret, signer.public, box.public, now)
        certificate = self.certificates.authority.issue_client(request(key), told.mailbox, now)
        (folder / f"{told.mailbox}.key").write_bytes(key)
        (folder / f"{told.mailbox}.pem").write_bytes(certificate)
        carried = self.service.key_box(unit_id, now)
        return Simulated(unit_id, told.mailbox, signer.seed, box.seed, carried.encode())


class Door:
    """One real unit without a camera: its sync process, and its index in a process of its own."""

    def __init__(self, folder: Path) -> None:
        """Make its configuration."""
        folder.mkdir(mode=0o700)
        self.folder = folder
        self._file = folder / "doorwatch.toml"
        self._file.write_text(f'[paths]\nstate = "{folder}"\n', encoding="utf-8")
        self.settings = Config.load(self._file)
        self.told: queue.Queue[InForce] = queue.Queue()
        self._stack = contextlib.ExitStack()
        self.sync: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Give the door itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop its processes."""
        self._stack.close()

    def start(self) -> float:
        """Start both processes; gives when, in seconds of the monotonic clock."""
        log = self._stack.enter_context((self.folder / "log").open("ab"))
        began = time.monotonic()
        index = self._stack.enter_context(
            running(["sync.bench.index", str(self._file)], log, subprocess.PIPE)
        )
        threading.Thread(target=self._listen, args=(index.stdout,), daemon=True).start()
        command = ["edge.cli", "sync", "--config", str(self._file)]
        self.sync = self._stack.enter_context(running(command, log))
        return began

    def await_entry(self, entry_id: str, patience_s: float) -> float | None:
        """Wait until an entry is in force; gives when, or None after ``patience_s``."""
        return self._await(lambda told: entry_id in told.new, patience_s)

    def await_count(self, entries: int, patience_s: float) -> float | None:
        """Wait until so many entries are in force; gives when, or None after ``patience_s``."""
        return self._await(lambda told: told.entries >= entries, patience_s)

    def _await(self, wanted: Callable[[InForce], bool], patience_s: float) -> float | None:
        deadline = time.monotonic() + patience_s
        with contextlib.suppress(queue.Empty):
            while True:
                told = self.told.get(timeout=max(0.0, deadline - time.monotonic()))
                if wanted(told):
                    return told.at
        return None

    def _listen(self, lines: IO[bytes]) -> None:
        for line in lines:
            self.told.put(msgspec.json.decode(line, type=InForce))


def free_port() -> int:
    """Give a TCP port that nobody listens on just now."""
    with socket.create_server((HOST, 0)) as server:
        return int(server.getsockname()[1])


@contextlib.contextmanager
def running(
    words: Sequence[str], log: IO[bytes], output: int | None = None, given: int | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run one of our modules with its arguments, and end it with the block."""
    command = [sys.executable, "-m", *words]
    with subprocess.Popen(command, stdin=given, stdout=output or log, stderr=log) as process:
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()


def answers(port: int) -> bool:
    """Tell whether somebody listens on a TCP port of this machine."""
    try:
        socket.create_connection((HOST, port), timeout=1).close()
    except OSError:
        return False
    return True
