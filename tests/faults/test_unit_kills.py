"""A unit's sync process killed again and again while a real hub changes the list."""

import contextlib
import io
import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from consortium import ROOT, Consortium, Eyes
from edge.cli.main import main
from edge.config import Config
from edge.gallery.keys import KeyFile
from edge.gallery.shelf import GalleryShelf
from sync.hub.cli import entry
from sync.liveset import State

KILLS = int(os.environ.get("DOORWATCH_KILLS", "30")) // 5
"""A process takes a second to come back; 60 in a long run, beside 300 of the shelf alone."""

SEED = int(os.environ.get("DOORWATCH_SEED", "5"))
PEOPLE = range(1, 25)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.usefixtures("mosquitto")]


class Unit:
    """A unit's sync process and its gallery."""

    def __init__(self, folder: Path, invitation: str) -> None:
        folder.mkdir()
        config = folder / "door.toml"
        config.write_text(f"[paths]\nstate = '{folder / 'state'}'\nrun = '{folder / 'run'}'\n")
        self.words = ["--config", str(config)]
        self.places = Config.load(config).places()
        self.log = folder / "sync.log"
        with contextlib.redirect_stdout(io.StringIO()):
            assert main(["join", invitation, *self.words]) == 0
        self.process = self._started()

    def kill(self) -> None:
        """Kill it at once, and start another."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)
        self.whole()
        self.process = self._started()

    def whole(self) -> tuple[int, bytes, set[str]]:
        """See that list and ledger are of one moment; number, root and rows of it."""
        with GalleryShelf.open(self.places.gallery, KeyFile(self.places.key_file)) as shelf:
            assert shelf.damaged() == []
            believed, held = shelf.trusted(), shelf.held()
            live = {n: o for n, o in believed.ledger.live.items() if o.state is not State.GONE}
            rows = {name: one.record_hash for name, one in held.items()}
            ahead = believed.ahead
            assert {n: h for n, h in rows.items() if n not in ahead} == {
                n: one.record_hash for n, one in live.items() if n not in ahead
            }
            return believed.ledger.seq, believed.ledger.live.root, set(rows)

    def _started(self) -> "subprocess.Popen[bytes]":
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "edge.cli", "sync", *self.words],
                stdout=log,
                stderr=log,
                cwd=ROOT,
                env={**os.environ, "PYTHONWARNINGS": "error", "OMP_NUM_THREADS": "1"},
            )


@pytest.fixture
def consortium(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Consortium]:
    """A running hub with two venues."""
    monkeypatch.setattr(entry, "load_engine", lambda *_: Eyes())
    one = Consortium(tmp_path)
    one.found("North", "South")
    one.start()
    yield one
    one.end()


def changed(consortium: Consortium, killing: "Future[None]") -> set[str]:
    """Put people on the list and take them off until nobody kills any more; who is on it."""
    chance, listed = np.random.default_rng(SEED), set[str]()
    for who in itertools.cycle(PEOPLE):
        if killing.done():
            break
        listed.add(consortium.add(who, "North", "South"))
        if len(listed) > 12 or chance.random() < 0.4:
            gone = sorted(listed)[int(chance.integers(len(listed)))]
            consortium.says("entry", "lift", gone, "--key", consortium.key("North"), "--yes")
            consortium.says("entry", "approve", gone, "--key", consortium.key("South"), "--yes")
            listed.discard(gone)
    return listed


def kill_often(unit: Unit) -> None:
    """Kill the unit at random moments."""
    for moment in np.random.default_rng(SEED).uniform(0.2, 3.0, KILLS):
        time.sleep(float(moment))
        unit.kill()


def test_a_unit_killed_at_any_moment_ends_with_the_list_of_its_hub(
    consortium: Consortium, tmp_path: Path
) -> None:
    print(f"seed {SEED}, {KILLS} kills")
    unit = Unit(tmp_path / "unit", consortium.invite("North"))
    with ThreadPoolExecutor(1) as pool:
        killing = pool.submit(kill_often, unit)
        listed = changed(consortium, killing)
        killing.result()
    deadline = time.monotonic() + 30
    while unit.whole()[2] != listed and time.monotonic() < deadline:
        time.sleep(0.2)
    unit.process.terminate()
    unit.process.wait(20)
    seq, root, rows = unit.whole()
    print(f"{seq} changes, {len(rows)} entries held, root {root.hex()[:16]}")
    assert rows == listed
