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

from simulator.shelf_samples import trusted
from simulator.shelf_worker import opened
from simulator.whole_shelf import whole

KILLS = int(os.environ.get("DOORWATCH_KILLS", "30"))
"""300 in a long run."""

SEED = int(os.environ.get("DOORWATCH_SEED", "11"))
LONGEST_S = 0.12


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
