"""What happens to the door when a process dies, hangs or cannot start."""

import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from edge.decision import Fault

StartUnit = Callable[..., Any]
MakeClip = Callable[..., Path]

pytestmark = pytest.mark.slow


def test_an_engine_screens_within_three_seconds_and_in_three_hundred_megabytes(
    unit: StartUnit, clip: MakeClip
) -> None:
    began = time.monotonic()
    door = unit(f"video:{clip(('live', 20))}")
    door.until(lambda state: state.frame > 0 and not state.faults, 10)
    took = time.monotonic() - began
    resident = psutil.Process(door.process.pid).memory_info().rss / 2**20
    print(f"first screened frame after {took:.1f} s, {resident:.0f} MiB resident")
    assert took < 10  # the promise is 3 s on a quiet machine; this one may be busy
    assert resident < 300
    assert door.stop() == 0


def test_a_killed_engine_is_back_and_the_page_and_lamp_never_went(
    unit: StartUnit, clip: MakeClip
) -> None:
    door = unit(f"video:{clip(('live', 20))}", "run")
    door.until(lambda state: state.frame > 0 and not state.faults, 30)
    others = door.child("lamp").pid, door.child("page").pid
    os.kill(door.child("engine").pid, signal.SIGKILL)
    began = time.monotonic()
    door.until(lambda state: state.frame > 0 and not state.faults, 20)
    print(f"screening {time.monotonic() - began:.1f} s after SIGKILL")
    assert (door.child("lamp").pid, door.child("page").pid) == others
    assert door.stop() == 0
    assert not psutil.pid_exists(others[0])


def test_nothing_outlives_a_killed_supervisor(unit: StartUnit, clip: MakeClip) -> None:
    door = unit(f"video:{clip(('live', 20))}", "run")
    door.until(lambda state: state.frame > 0, 30)
    children = psutil.Process(door.process.pid).children()
    assert len(children) == 3
    door.process.kill()
    gone, alive = psutil.wait_procs(children, timeout=10)
    assert len(gone) == 3
    assert not alive


def test_a_page_whose_port_is_taken_ends_the_run_with_one_clear_line(
    unit: StartUnit, clip: MakeClip
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        door = unit(f"video:{clip(('live', 5))}", "run", port=port)
        assert door.process.wait(30) != 0
    log = door.log.read_text()
    assert str(port) in log
    assert "Traceback" not in log


def test_an_unknown_key_ends_the_run_before_anything_starts(tmp_path: Path) -> None:
    (tmp_path / "door.toml").write_text("[camera]\nwidht = 3\n")
    told = subprocess.run(
        [sys.executable, "-m", "edge.cli", "run", "--config", str(tmp_path / "door.toml")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert told.returncode == 2
    assert told.stderr.count("\n") == 1
    assert "did you mean width?" in told.stderr


def test_an_altered_key_is_a_fault_with_its_sentence_and_the_engine_stays(
    unit: StartUnit, clip: MakeClip
) -> None:
    film = clip(("live", 20))
    door = unit(f"video:{film}")
    door.until(lambda state: state.gallery is not None, 20)
    assert door.stop() == 0
    key = door.kept / "gallery.key"
    good = key.read_bytes()
    key.write_bytes(good[:-4] + bytes(4))
    again = unit(f"video:{film}", state=door.kept)
    state = again.until(lambda state: state.frame > 0, 20)
    assert state.verdict == "FAULT"
    assert any(sentence.startswith(Fault.GALLERY) for sentence in state.faults)
    key.write_bytes(good)
    again.until(lambda state: not state.faults, 10)


def test_the_sockets_are_for_the_owner_only(unit: StartUnit, clip: MakeClip) -> None:
    door = unit(f"video:{clip(('live', 20))}", "run")
    door.until(lambda state: state.frame > 0, 30)
    for name in ("engine/sock", "lamp/sock"):
        assert stat.S_IMODE((door.folder / "run" / name).stat().st_mode) == 0o600
