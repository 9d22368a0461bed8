import os
import signal
import socket
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from edge.process import Notifier, until_signalled


def test_systemd_is_told_over_its_socket(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(1)
        notifier = Notifier({"NOTIFY_SOCKET": str(tmp_path / "notify")})
        notifier.ready()
        notifier.alive()
        notifier.stopping()
        assert [systemd.recv(64) for _ in range(3)] == [b"READY=1", b"WATCHDOG=1", b"STOPPING=1"]
        notifier.close()


def test_what_is_said_of_a_process_says_nothing_else_to_systemd(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(1)
        notifier = Notifier({"NOTIFY_SOCKET": str(tmp_path / "notify")})
        notifier.status("not screening: a driver said\nWATCHDOG=1\n")
        assert systemd.recv(256) == b"STATUS=not screening: a driver said WATCHDOG=1"
        notifier.close()


def test_without_systemd_nothing_is_said_and_nothing_fails(tmp_path: Path) -> None:
    for environ in ({}, {"NOTIFY_SOCKET": str(tmp_path / "gone")}, {"NOTIFY_SOCKET": "@gone"}):
        notifier = Notifier(environ)
        notifier.ready()
        notifier.close()


def test_a_signal_asks_for_an_orderly_end() -> None:
    kept = {n: signal.getsignal(n) for n in (signal.SIGTERM, signal.SIGINT)}
    stopping = until_signalled()
    os.kill(os.getpid(), signal.SIGTERM)
    assert stopping.wait(1)
    for number, handler in kept.items():
        signal.signal(number, handler)


def test_a_private_process_leaves_no_core_and_no_door_into_its_memory() -> None:
    code = (
        "import ctypes, resource\n"
        "from edge.process import keep_memory_private\n"
        "keep_memory_private()\n"
        "print(resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.split("\n")[0] == "(0, 0) 0"


def test_a_process_whose_supervisor_is_gone_already_does_not_begin() -> None:
    code = "from edge.process import begin; begin(); print('begun')"
    for parent, said in ((os.getpid(), "begun\n"), (1, "")):
        told = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "DOORWATCH_SUPERVISED": str(parent)},
        )
        assert told.stdout == said


def test_a_signal_in_the_middle_of_waiting_never_hangs_the_process() -> None:
    busy = textwrap.dedent(
        """
        import os, signal, time
        from edge.process import until_signalled

        for number in range(200):
            stopping = until_signalled()
            sender = os.fork()
            if not sender:
                time.sleep(number / 1e5)
                os.kill(os.getppid(), signal.SIGTERM)
                os._exit(0)
            while not stopping.wait(1e-6):
                pass
            os.waitpid(sender, 0)
        """
    )
    subprocess.run([sys.executable, "-W", "ignore", "-c", busy], check=True, timeout=60)


LENT = ["--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=+dac_override"]
"""As ``sudo doorwatch`` starts a command: another user, with one right of root's."""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can lend a right: run as root")
def test_what_a_command_was_lent_its_children_do_not_get() -> None:
    code = textwrap.dedent(
        """
        import subprocess, sys
        from edge.process import has_lent_rights, keep_rights_from_children

        def children_hold():
            told = subprocess.run(["grep", "CapEff", "/proc/self/status"], capture_output=True)
            return int(told.stdout.split()[1], 16) != 0

        before = children_hold()
        keep_rights_from_children()
        print(before, children_hold(), has_lent_rights())
        """
    )
    lent = ["setpriv", *LENT, "--ambient-caps=+dac_override", sys.executable, "-c", code]
    told = subprocess.run(lent, capture_output=True, text=True, check=False)
    assert (told.stdout, told.stderr) == ("True False True\n", "")
