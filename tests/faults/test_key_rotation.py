"""A new data key while engine and sync work, and whoever gives it is killed at any moment."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
import pytest

from edge.gallery.inspection import SEALED, damaged_rows
from edge.gallery.listfile import ListFile
from edge.gallery.shelf import GalleryShelf
from edge.gallery.store import Store
from edge.gallery.template import unpack
from edge.keys.file import KeyFile
from machines.results import keep
from simulator.shelf_samples import MODEL, template, trusted
from sync.entries import DAY_S, Category, Entry, Reason

KILLS = int(os.environ.get("DOORWATCH_KILLS", "20"))
SEED = int(os.environ.get("DOORWATCH_SEED", "11"))
CROWD = 150
STAYING = frozenset(f"{number:016x}" for number in range(CROWD))
"""Entries of the door alone, which stay throughout, so that a rotation takes its time."""

ROTATE = """
import sys
from edge.cli import key
from edge.cli.main import main
print("go", flush=True)
sys.exit(main(["key", "rotate", "--config", sys.argv[1]]))
"""

SYNC = """
import sys, time
from pathlib import Path
from simulator.shelf_worker import Worker, opened
Worker(opened(Path(sys.argv[1])), int(sys.argv[2])).work(lambda _: time.sleep(0.03))
"""

pytestmark = pytest.mark.faults


def around() -> dict[str, str]:
    tests = str(Path(__file__).parents[1])
    return {**os.environ, "PYTHONPATH": f"{tests}:{Path(tests).parent}", "OMP_NUM_THREADS": "1"}


class Screen:
    """Reads the list as the engine does, without end; keeps what it should never see."""

    def __init__(self, state: Path) -> None:
        self.wrong: list[str] = []
        self.looks = 0
        self.state, self._ending = state, threading.Event()
        self._thread = threading.Thread(target=self._run)

    @contextmanager
    def watching(self) -> Iterator["Screen"]:
        self._thread.start()
        try:
            yield self
        finally:
            self._ending.set()
            self._thread.join()

    def _run(self) -> None:
        with Store.open(self.state / "gallery.db", KeyFile(self.state / "gallery.key")) as store:
            reader = store.reader(MODEL)
            while not self._ending.wait(0.01):
                try:
                    while reader.read(time.time()) is None:
                        pass
                    store.time()
                    store.photo(f"{self.looks % CROWD:016x}")
                except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
                    self.wrong.append(repr(error))
                self.wrong += reader.unfit.values()
                self.looks += 1
                if not reader.entries.keys() >= STAYING:
                    self.wrong.append(f"{len(reader.entries)} people on the list")


@contextmanager
def syncing(state: Path) -> Iterator[None]:
    """A process that changes the list all the time, as sync does on a busy night."""
    with subprocess.Popen([sys.executable, "-c", SYNC, str(state), str(SEED)], env=around()) as one:
        yield
        assert one.poll() is None, "the one who writes ended"
        one.kill()


@contextmanager
def opened(state: Path) -> Iterator[ListFile]:
    with closing(ListFile(state / "gallery.db", KeyFile(state / "gallery.key"), 0.0, 0.0)) as file:
        yield file


def sealed(state: Path) -> set[bytes]:
    """Everything sealed that stands in the file now."""
    with opened(state) as file:
        found = {
            one
            for table, _, column, _ in SEALED
            for (one,) in file.rows(
                f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL"  # noqa: S608 - our names
            )
        }
        found.update(*file.rows("SELECT data_key, head, floor FROM list"))
    return found


def left_of(before: set[bytes], state: Path) -> int:
    """How many of their beginnings and ends can be read in the files, free pages and log too."""
    ends = b"".join(one[:8] + one[-8:] for one in before if len(one) >= 8)
    wanted = np.unique(np.frombuffer(ends, np.uint64))
    raw = b"".join(path.read_bytes() for path in state.glob("gallery.db*"))
    return sum(
        int(
            np.isin(np.frombuffer(raw[at : at + (len(raw) - at) // 8 * 8], np.uint64), wanted).sum()
        )
        for at in range(8)
    )


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """A configuration; in its state folder a member's list with people of the door alone."""
    state = tmp_path / "state"
    provider = KeyFile(state / "gallery.key")
    now = time.time()
    with Store.open(state / "gallery.db", provider) as store:
        for number in range(CROWD):
            entry = Entry(f"{number:016x}", Category.BANNED, Reason.THEFT, now, now + DAY_S)
            face = unpack(template(number), "")
            store.add(entry, b"\xff\xd8" + os.urandom(4_000), face, MODEL)
    with GalleryShelf.open(state / "gallery.db", provider) as shelf:
        shelf.join(trusted())
    config = tmp_path / "doorwatch.toml"
    config.write_text(f'[paths]\nstate = "{state}"\n')
    return config


def rotation(config: Path) -> subprocess.Popen[str]:
    """Begin to give the list a new data key; comes back once it is about to."""
    words = [sys.executable, "-c", ROTATE, str(config)]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, env=around(), text=True)
    assert process.stdout
    assert process.stdout.readline() == "go\n"
    return process


def killed(config: Path, after_s: float) -> bool:
    """Kill a rotation after so long; tell whether it was cut short."""
    with rotation(config) as process:
        try:
            process.wait(after_s)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        return process.wait() != 0


def ended(config: Path) -> None:
    """Give the list a new data key, or end what was begun."""
    with rotation(config) as process:
        assert process.wait() == 0
    with opened(config.parent / "state") as file:
        assert damaged_rows(file) == []
        assert len(file.sealer.data_keys) == 1


def test_nobody_notices_a_new_data_key_and_no_kill_harms_the_list(unit: Path) -> None:
    state = unit.parent / "state"
    before, cut = sealed(state), 0
    print(f"seed {SEED}, {KILLS} kills")
    with Screen(state).watching() as screen, syncing(state):
        with rotation(unit) as process:
            began = time.monotonic()
            assert process.wait() == 0
        whole_s = time.monotonic() - began
        for moment in np.random.default_rng(SEED).uniform(0.0, 1.2 * whole_s, KILLS):
            cut += killed(unit, float(moment))
            with opened(state) as file:
                assert damaged_rows(file) == []
        print(f"{cut} of {KILLS} cut short, {whole_s:.1f} s each, {screen.looks} looks meanwhile")
    ended(unit)  # what a kill left is ended under the same new key
    last = sealed(state)
    ended(unit)
    assert screen.wrong == []
    assert left_of(sealed(state), state) >= 2 * CROWD  # the search finds what is there
    assert left_of(before | last, state) == 0
    keep(
        "faults",
        "key_rotation",
        kills=KILLS,
        cut_short=cut,
        looks=screen.looks,
        false_looks=0,
        rotation_s=round(whole_s, 2),
        people=CROWD,
        old_bytes_left=0,
    )
