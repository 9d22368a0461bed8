"""A new data key for the hub while it runs, and whoever gives it is killed at any moment."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
import pytest

from consortium import ROOT, Consortium, Eyes, until
from machines.results import keep
from sync.hub.config import HubPlaces
from sync.hub.hubclock import now_ms
from sync.hub.hubkey import hub_key
from sync.hub.service import Service
from sync.hub.store import KEYS

KILLS = int(os.environ.get("DOORWATCH_KILLS", "8"))
SEED = int(os.environ.get("DOORWATCH_SEED", "11"))
LINES = 1_500
"""Lines of the audit log, so that a rotation takes its time."""

ROTATE = """
import sys
from sync.hub.cli import rotate
from sync.hub.cli.main import main
print("go", flush=True)
sys.exit(main(["rotate-data-key", "--hub", sys.argv[1], "--json"]))
"""

pytestmark = [pytest.mark.faults, pytest.mark.usefixtures("mosquitto")]


@pytest.fixture
def consortium(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Consortium]:
    """A hub that runs, with a long audit log."""
    monkeypatch.setattr("sync.hub.cli.entry.load_engine", lambda *_: Eyes())
    made = Consortium(tmp_path)
    made.found("North", "South")
    with opened(made.hub) as service, service.together():
        for number in range(LINES):
            service.looked([f"{number:016x}"], "test", now_ms())
    made.start()
    yield made
    made.end()


@contextmanager
def opened(hub: Path) -> Iterator[Service]:
    places = HubPlaces(hub)
    with Service.open(places.database, hub_key(places, places.load())) as service:
        yield service


class Pages:
    """Reads and writes as the pages do, on what was opened once; keeps what went wrong."""

    def __init__(self, hub: Path) -> None:
        self.wrong: list[str] = []
        self.looks = 0
        self._hub, self._ending = hub, threading.Event()
        self._thread = threading.Thread(target=self._run)

    @contextmanager
    def open(self) -> Iterator["Pages"]:
        self._thread.start()
        try:
            yield self
        finally:
            self._ending.set()
            self._thread.join()

    def _run(self) -> None:
        with opened(self._hub) as service:
            while not self._ending.wait(0.01):
                try:
                    for entry in service.entries():
                        service.content(entry.entry_id, "test", now_ms())
                    assert sum(1 for _ in service.audit()) > LINES
                except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
                    self.wrong.append(repr(error))
                self.looks += 1


@contextmanager
def rotation(hub: Path) -> Iterator[subprocess.Popen[str]]:
    """Begin to give the hub a new data key; comes back once it is about to."""
    words = [sys.executable, "-c", ROTATE, str(hub)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, cwd=ROOT, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "go\n"
        yield process


def ended(hub: Path) -> float:
    """Give the hub a new data key, or end what was begun; seconds that it took."""
    with rotation(hub) as process:
        began = time.monotonic()
        assert process.wait() == 0
        took_s = time.monotonic() - began
    with opened(hub) as service:
        assert len(service.desk.store.sealer.data_keys) == 1
    return took_s


def killed(hub: Path, after_s: float) -> bool:
    """Kill a rotation after so long; tell whether it was cut short."""
    with rotation(hub) as process:
        try:
            process.wait(after_s)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        return process.wait() != 0


def sealed(hub: Path) -> set[bytes]:
    """Everything sealed that stands in the database now."""
    with closing(sqlite3.connect(hub / "hub.db")) as raw:
        found = set(raw.execute("SELECT data_key, state FROM hub").fetchone())
        for table in KEYS:
            query = f"SELECT sealed FROM {table}"  # noqa: S608 - names of our own tables
            found |= {one for (one,) in raw.execute(query)}
    return found


def left_of(wanted: set[bytes], hub: Path) -> int:
    """How many of these begin or end anywhere in the database, its log or its free pages."""
    raw = b"".join(path.read_bytes() for path in hub.glob("hub.db*"))
    return sum(one[:16] in raw or one[-16:] in raw for one in wanted)


def test_nobody_notices_a_new_data_key_and_no_kill_harms_the_hub(consortium: Consortium) -> None:
    hub, cut, half = consortium.hub, 0, 0
    door = consortium.door("North")
    door.come()
    first, before = consortium.add(1, "North", "South"), sealed(hub)
    print(f"seed {SEED}, {KILLS} kills")
    with Pages(hub).open() as pages:
        whole_s = ended(hub)
        for moment in np.random.default_rng(SEED).uniform(0.0, whole_s, KILLS):
            cut += killed(hub, float(moment))
            with opened(hub) as service:
                half += len(service.desk.store.sealer.data_keys) > 1
                service.verify_audit()
        drilled = consortium.tells("drill", str(consortium.folder / "copies"))
        second = consortium.add(2, "North", "South")
        until(lambda: door.matched() == {first, second})
    print(f"{cut} of {KILLS} cut short, {half} left half, {whole_s:.1f} s, {pages.looks} looks")
    assert half, "no kill came while the key was changed"
    ended(hub)
    last = sealed(hub)
    ended(hub)
    assert pages.wrong == []
    assert "hub-stuck" not in consortium.log.read_text()
    assert drilled["entries"] == 1
    assert left_of(sealed(hub), hub) > LINES, "the search finds what is there"
    assert left_of((before | last) - sealed(hub), hub) == 0
    consortium.says("audit", "verify")
    keep(
        "faults",
        "hub_key_rotation",
        kills=KILLS,
        cut_short=cut,
        left_half=half,
        looks=pages.looks,
        false_looks=0,
        rotation_s=round(whole_s, 2),
        old_bytes_left=0,
    )
