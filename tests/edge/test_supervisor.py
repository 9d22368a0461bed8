import errno
import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from edge.errors import ConfigError
from edge.process import Notifier
from edge.supervisor import (
    FIRST_PAUSE_S,
    Child,
    SignsOfLife,
    Supervised,
    processes,
    supervise,
)


def python(name: str, code: str) -> Child:
    return Child(name, (sys.executable, "-c", code))


def until(holds: Callable[[], bool], seconds: float = 10.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.02)
    return False


def test_a_child_that_dies_is_started_again_and_its_lines_carry_its_name() -> None:
    out, stopping = io.StringIO(), threading.Event()
    child = python("engine", "print('begun')")
    run = threading.Thread(target=supervise, args=([child], stopping, out))
    run.start()
    assert until(lambda: out.getvalue().count("engine | begun") >= 3)
    stopping.set()
    run.join(10)
    assert not run.is_alive()


def test_a_line_that_cannot_be_written_costs_none_of_the_next() -> None:
    class FullAtFirst(io.StringIO):
        full = True

        def flush(self) -> None:
            if self.full:
                self.full = False
                raise OSError(errno.ENOSPC, "No space left on device")

    out = FullAtFirst()
    child = Supervised(python("engine", "print('one'); print('two')"), out, os.environ)
    assert until(lambda: "engine | two" in out.getvalue())
    child.stop()


def test_the_pauses_grow_from_death_to_death() -> None:
    child = Supervised(python("lamp", ""), io.StringIO(), os.environ)
    pauses = []
    for _ in range(4):
        assert until(lambda: child._process.poll() is not None)
        child.look_after(100.0)
        assert child._due is not None
        pauses.append(child._due - 100.0)
        child.look_after(child._due)
    child.stop()
    assert pauses == pytest.approx([0.1, 0.2, 0.4, 0.8])


@pytest.mark.parametrize("status", [1, 2])
def test_a_child_that_refuses_to_start_ends_the_run_for_all(tmp_path: Path, status: int) -> None:
    mark = tmp_path / "stopped"
    steady = python(
        "lamp",
        "import signal, sys, time, pathlib\n"
        f"signal.signal(15, lambda *_: (pathlib.Path({str(mark)!r}).touch(), sys.exit()))\n"
        "print('up', flush=True)\n"
        "time.sleep(60)",
    )
    wrong = python("page", f"import time; time.sleep(1); raise SystemExit({status})")
    with pytest.raises(ConfigError, match="the page process refused to start"):
        supervise([steady, wrong], threading.Event(), io.StringIO())
    assert mark.exists()


def test_children_stop_in_the_opposite_order_and_by_force_if_they_must(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("edge.supervisor.GRACE_S", 0.5)
    out, stopping = io.StringIO(), threading.Event()
    said = "signal.signal(15, lambda *_: (print('ends', flush=True), sys.exit()))"
    polite = python("lamp", f"import signal, sys, time; {said}; print('up'); time.sleep(60)")
    deaf = python(
        "engine", "import signal, time; signal.signal(15, 1); print('up'); time.sleep(60)"
    )
    run = threading.Thread(target=supervise, args=([polite, deaf], stopping, out))
    run.start()
    assert until(lambda: out.getvalue().count("up") == 2)
    stopping.set()
    run.join(10)
    assert not run.is_alive()
    assert "lamp | ends" in out.getvalue()


def test_a_killed_child_is_back_after_a_moment() -> None:
    out, stopping = io.StringIO(), threading.Event()
    child = python("engine", "import os, time; print(os.getpid()); time.sleep(60)")
    run = threading.Thread(target=supervise, args=([child], stopping, out))
    run.start()
    assert until(lambda: "\n" in out.getvalue())
    os.kill(int(out.getvalue().split("|")[1]), signal.SIGKILL)
    assert until(lambda: out.getvalue().count("\n") == 2)
    assert FIRST_PAUSE_S <= 0.5
    stopping.set()
    run.join(10)


def test_a_child_that_hangs_is_killed_and_started_again_and_a_busy_one_is_left_alone() -> None:
    out, stopping = io.StringIO(), threading.Event()
    code = (
        "import itertools, time\n"
        "from edge.process import Notifier\n"
        "notifier = Notifier()\n"
        "print('up', flush=True)\n"
        "for _ in {turns}:\n"
        "    notifier.alive()\n"
        "    time.sleep(0.1)\n"
        "time.sleep(60)\n"
    )
    hung = replace(python("engine", code.format(turns="range(2)")), silent_s=1.0)
    busy = replace(python("lamp", code.format(turns="itertools.count()")), silent_s=1.0)
    run = threading.Thread(target=supervise, args=([hung, busy], stopping, out))
    run.start()
    assert until(lambda: out.getvalue().count("engine | up") >= 2)
    stopping.set()
    run.join(10)
    assert out.getvalue().count("lamp | up") == 1


def test_only_a_child_itself_tells_that_it_lives() -> None:
    """The names of such sockets stand in /proc for every user of the machine."""
    signs = SignsOfLife()
    notifier = Notifier({"NOTIFY_SOCKET": signs.address})
    notifier.alive()
    assert signs.silent_s(10.0, os.getpid()) == 0.0
    told = (
        "import socket, sys; one = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM);"
        "one.sendto(b'WATCHDOG=1', chr(0) + sys.argv[1][1:])"
    )
    subprocess.run([sys.executable, "-c", told, signs.address], check=True)
    assert signs.silent_s(12.0, os.getpid()) == 2.0
    notifier.alive()
    assert signs.silent_s(13.0, os.getpid()) == 0.0
    notifier.close()
    signs.close()


def test_the_processes_get_the_same_configuration_and_sync_waits_for_joining() -> None:
    named = processes("door.toml", Path("identity"))
    assert [child.name for child in named] == ["lamp", "engine", "page", "sync"]
    assert all(child.command[-2:] == ("--config", "door.toml") for child in named)
    assert all("--config" not in child.command for child in processes(None, Path("identity")))
    assert [child.name for child in named if child.needs] == ["sync"]


def test_a_child_that_needs_a_file_is_started_when_that_is_there(tmp_path: Path) -> None:
    stopping, out = threading.Event(), io.StringIO()
    child = replace(
        python("sync", "import time; print('here'); time.sleep(60)"), needs=tmp_path / "identity"
    )
    run = threading.Thread(target=supervise, args=([child], stopping, out))
    run.start()
    assert not until(lambda: "here" in out.getvalue(), 0.5)
    (tmp_path / "identity").touch()
    assert until(lambda: "here" in out.getvalue())
    stopping.set()
    run.join(10)
