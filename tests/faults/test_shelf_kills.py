"""Power that goes at any moment of a sync: nothing lost, nothing doubled, nothing half there."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from edge.gallery.shelf import GalleryShelf
from edge.gallery.store import Store
from edge.keys.file import KeyFile
from simulator.shelf_samples import NOW_MS, trusted
from sync.liveset import State

KILLS = int(os.environ.get("DOORWATCH_KILLS", "30"))
"""300 in a long run."""

SEED = int(os.environ.get("DOORWATCH_SEED", "11"))
LONGEST_S = 0.12


def opened(folder: Path) -> GalleryShelf:
    return GalleryShelf.open(folder / "gallery.db", KeyFile(folder / "gallery.key"))


@contextmanager
def nursery() -> Iterator[subprocess.Popen[str]]:
    """A process that forks workers and kills them as told."""
    tests = str(Path(__file__).parents[1])
    environ = {**os.environ, "PYTHONPATH": f"{tests}:{Path(tests).parent}", "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(
        [sys.executable, "-m", "simulator.shelf_worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environ,
        text=True,
    ) as process:
        yield process
        assert process.stdin
        process.stdin.close()


def killed_after(process: subprocess.Popen[str], told: str, seconds: float) -> list[str]:
    """Let a worker go for so long after its first word; what it had said until then."""
    assert process.stdin
    assert process.stdout
    process.stdin.write(f"{told}\n")
    process.stdin.flush()
    said = [process.stdout.readline()]
    time.sleep(seconds)
    process.stdin.write("\n")
    process.stdin.flush()
    while said[-1] != "killed\n":
        said.append(process.stdout.readline())
        assert said[-1], "the worker ended by itself"
    return said[:-1]


def whole(folder: Path, last: str) -> None:
    """See that what was said is true, and that list and ledger are of one moment."""
    seq, counter = (int(word) for word in last.split())
    with opened(folder) as shelf:
        believed = shelf.trusted()
        assert believed.ledger.seq in {seq, seq + 1}
        assert believed.counter in {counter, counter + 1}
        assert shelf.damaged() == []
        held = shelf.held()
        listed = {name: one for name, one in held.items() if not one.provisional}
        live = {n: one for n, one in believed.ledger.live.items() if one.state is not State.GONE}
        assert {name: one.record_hash for name, one in listed.items()} == {
            name: one.record_hash for name, one in live.items()
        }
        assert all(listed[n].contested == (live[n].state is State.CONTESTED) for n in live)
        assert {name for name, _ in shelf.submissions()} <= held.keys() - listed.keys()
        ((staged,),) = shelf._file.rows("SELECT count(*) FROM staged_entry")
        assert shelf._file.rows("SELECT count(*) FROM photo") == [(len(held) + staged,)]
    with Store.open(folder / "gallery.db", KeyFile(folder / "gallery.key")) as store:
        assert store.head().entries == len(store.references()) == len(held)
        assert all(store.photo(name) for name in held)
        reader = store.reader("model-a")
        while reader.read(NOW_MS / 1000) is None:
            pass
        assert set(reader.entries) == {name for name, one in held.items() if not one.contested}
        assert reader.unfit == {}


@pytest.mark.slow
def test_a_kill_at_any_moment_leaves_list_and_ledger_in_step(tmp_path: Path) -> None:
    print(f"seed {SEED}, {KILLS} kills")
    with opened(tmp_path) as shelf:
        shelf.join(trusted())
    moments = np.random.default_rng(SEED).uniform(0.0, LONGEST_S, KILLS)
    steps = 0
    with nursery() as process:
        for turn, moment in enumerate(moments):
            said = killed_after(process, f"{tmp_path} {SEED + turn}", float(moment))
            whole(tmp_path, said[-1])
            steps += len(said)
    print(f"{steps} changes were acknowledged in between")
    assert steps > KILLS
