"""``doorwatch run``: lamp keeper, engine, sync and page, each as a child process.

For the bench and the demo; under systemd each of them is a unit of its own. A child that
dies is started again, with growing pauses; one that refuses to start, or says that the
configuration is wrong (exit status 2), ends the run. One that hangs, so that it says nothing any
more of what systemd's watchdog would hear, is killed and started again.
"""

import contextlib
import os
import secrets
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import structlog

from edge.errors import ConfigError
from edge.process import SUPERVISED

FIRST_PAUSE_S = 0.1
"""Seconds before a dead child is started again; doubled each time."""

LONGEST_PAUSE_S = 10.0
"""The most seconds between two starts."""

SETTLED_S = 3.0
"""Seconds a child must have run for its next death to count as the first again: an engine that
has screened is back at once, however often it is killed; one that cannot start takes its time."""

GRACE_S = 5.0
"""Seconds a child may take to stop before it is killed."""

REFUSED_S = 10.0
"""Seconds within which a first start that ends with an error is a refusal, not an accident:
the port is taken, the pins are not there. Starting it again would not help."""

_TICK_S = 0.05
_MOST_WORDS = 100  # of one look, however fast somebody talks
_SENDER = struct.Struct("3i")  # process, user, group: unix(7), SCM_CREDENTIALS
_LOG = structlog.get_logger("run")


@dataclass(frozen=True, slots=True)
class Child:
    """What to run.

    Attributes:
        name: Stands before each line it prints.
        command: The program and its arguments.
        needs: It is started once this file is there; None is at once.
        silent_s: Seconds without a sign of life after which it hangs; None is never.
    """

    name: str
    command: Sequence[str]
    needs: Path | None = None
    silent_s: float | None = None


SILENT_S = {"lamp": 10.0, "engine": 20.0, "page": 30.0, "sync": 60.0}
"""Seconds without a sign of life after which each process hangs: twice and more what
``systemd/`` allows, for a bench has other things to do."""


class SignsOfLife:
    """What a child says about itself, by the words that systemd knows; of nobody else's word."""

    def __init__(self) -> None:
        """Listen at a name that only this machine's processes reach, and no file is left of."""
        self.address = f"@doorwatch-{os.getpid()}-{secrets.token_hex(8)}"
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.settimeout(0)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self._socket.bind("\0" + self.address[1:])
        self._newest: float | None = None

    def forget(self) -> None:
        """Begin anew, with a child that has said nothing."""
        self._newest = None

    def silent_s(self, now: float, child: int) -> float:
        """Give the seconds since the newest sign; 0 before the first, for starting takes time.

        Args:
            now: Seconds, monotonic.
            child: Process id of whose word counts.
        """
        if self._heard(child):
            self._newest = now
        return 0.0 if self._newest is None else now - self._newest

    def close(self) -> None:
        """Stop listening."""
        self._socket.close()

    def _heard(self, child: int) -> bool:
        """Take what has come, and tell whether a sign of the child's life was in it."""
        found = False
        with contextlib.suppress(BlockingIOError):
            for _ in range(_MOST_WORDS):
                said, sender, _, _ = self._socket.recvmsg(256, socket.CMSG_SPACE(_SENDER.size))
                of_child = any(_SENDER.unpack(data)[0] == child for _, _, data in sender)
                found |= of_child and b"WATCHDOG=1" in said
        return found


class Supervised:
    """One child, running or waiting to be started again."""

    def __init__(self, child: Child, out: TextIO, environ: Mapping[str, str]) -> None:
        """Start the child; its lines go to ``out``."""
        self.name = child.name
        self._child, self._out, self._signs = child, out, SignsOfLife()
        own = {SUPERVISED: str(os.getpid()), "PYTHONUNBUFFERED": "1"}
        self._environ = {**environ, **own, "NOTIFY_SOCKET": self._signs.address}
        self._pause_s = FIRST_PAUSE_S
        self._due: float | None = None
        self._starts = 0
        self._start()

    @property
    def pid(self) -> int:
        """Process id of the newest start."""
        return self._process.pid

    def look_after(self, now: float) -> None:
        """Start the child again if it died and its pause is over; kill it if it hangs.

        Args:
            now: Seconds, monotonic.

        Raises:
            ConfigError: It will not run: its configuration is wrong, or its port is taken.
        """
        status = self._process.poll()
        if status is None:
            self._end_if_hung(now)
            return
        refused = self._starts == 1 and now - self._started < REFUSED_S and status > 0
        if refused or status == ConfigError.exit_status:
            raise ConfigError(f"the {self.name} process refused to start: see its line above")
        if self._due is None:
            self._plan(status, now)
        elif now >= self._due:
            self._start()

    def stop(self) -> None:
        """End the child, by force if it takes too long."""
        if self._process.poll() is None:
            self._process.terminate()
        try:
            self._process.wait(GRACE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._printing.join(timeout=1.0)
        self._signs.close()

    def _end_if_hung(self, now: float) -> None:
        silent_s, most = self._signs.silent_s(now, self.pid), self._child.silent_s
        if most is not None and silent_s > most:
            _LOG.error("hangs, killed", code="child-hung", process=self.name, silent_s=silent_s)
            self._process.kill()
            self._process.wait()

    def _plan(self, status: int, now: float) -> None:
        if now - self._started > SETTLED_S:
            self._pause_s = FIRST_PAUSE_S
        self._due = now + self._pause_s
        _LOG.warning(
            "ended, starts again",
            code="process-again",
            process=self.name,
            status=status,
            in_s=self._pause_s,
        )
        self._pause_s = min(LONGEST_PAUSE_S, 2 * self._pause_s)

    def _start(self) -> None:
        self._due, self._started = None, time.monotonic()
        self._signs.forget()
        self._starts += 1
        self._process = subprocess.Popen(
            self._child.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=self._environ,
            start_new_session=True,
            text=True,
            errors="replace",
        )
        self._printing = threading.Thread(
            target=self._print, args=(self._process.stdout,), daemon=True
        )
        self._printing.start()

    def _print(self, lines: TextIO) -> None:
        with lines:
            for line in lines:  # to the end, else the child writes to nobody
                with contextlib.suppress(OSError, ValueError):  # a full disk; closed at the end
                    self._out.write(f"{self.name:>6} | {line}")
                    self._out.flush()


def processes(config_file: str | None, joined: Path) -> tuple[Child, ...]:
    """Name the processes of a bench set-up, in the order of their start.

    Args:
        config_file: Passed on to each.
        joined: The file that a unit has once it belongs to a consortium; then sync starts too.
    """
    chosen = ("--config", config_file) if config_file else ()
    return tuple(
        Child(name, (sys.executable, "-m", "edge.cli", name, *chosen), needs, SILENT_S[name])
        for name, needs in (("lamp", None), ("engine", None), ("page", None), ("sync", joined))
    )


def supervise(
    children: Sequence[Child], stopping: threading.Event, out: TextIO | None = None
) -> None:
    """Run children until told to stop, then stop them in the opposite order.

    Args:
        children: In the order of their start; the lamp keeper first, so that it ends last.
        stopping: Set it to end the run.
        out: Where the children's lines go; standard error by default.

    Raises:
        ConfigError: One of them refused its configuration.
    """
    running: list[Supervised] = []
    waiting = list(children)
    try:
        while True:
            for child in [one for one in waiting if one.needs is None or one.needs.exists()]:
                waiting.remove(child)
                running.append(Supervised(child, out or sys.stderr, os.environ))
            if stopping.wait(_TICK_S):
                return
            for supervised in running:
                supervised.look_after(time.monotonic())
    finally:
        for supervised in reversed(running):
            supervised.stop()
