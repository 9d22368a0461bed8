"""One evening's unit: a folder that is gone afterwards, its configuration, its processes."""

import secrets
import socket
import subprocess
import sys
import threading
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self, TextIO

from edge.config import Config
from edge.errors import DoorwatchError
from edge.link import Link
from edge.supervisor import processes, supervise

IN_MEMORY = Path("/dev/shm")  # noqa: S108 - the kernel's RAM disk; the folder in it is our own
"""Where the evening's folder is made, so that nothing of it reaches a disk."""

TRIED_PORTS = 20
"""Ports tried from the one asked for."""


class DemoError(DoorwatchError):
    """The demonstration cannot start or did not come to its end."""


def _new_pin() -> str:
    return f"{secrets.randbelow(800_000) + 150_000}"


@dataclass(slots=True)
class Evening:
    """A unit for one evening; use it as a context.

    Attributes:
        source: The camera, in the words of the configuration.
        loop: Whether a clip starts again at its end.
        port: The port of the page; 0 for a unit without one.
        log: Where the processes' own lines go.
        more: Further tables of the configuration.
        pin: The PIN of the page, made anew.
        managers_pin: The PIN with which somebody is put on the list from the page.
    """

    source: str
    loop: bool
    port: int
    log: TextIO
    more: str = ""
    pin: str = field(default_factory=_new_pin)
    managers_pin: str = field(default_factory=_new_pin)
    _folder: Path = field(init=False)
    _stack: ExitStack = field(default_factory=ExitStack, init=False)
    _stopping: threading.Event = field(default_factory=threading.Event, init=False)
    _keeper: threading.Thread | None = field(default=None, init=False)
    _trouble: DoorwatchError | None = field(default=None, init=False)

    def __enter__(self) -> Self:
        """Make the folder and write the configuration into it."""
        where = IN_MEMORY if IN_MEMORY.is_dir() else None
        made = TemporaryDirectory(prefix="doorwatch-", dir=where, ignore_cleanup_errors=True)
        self._folder = Path(self._stack.enter_context(made))
        self._stack.callback(self.stop)
        self.config_file.write_text(self._settings(), encoding="utf-8")
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the processes and remove the folder."""
        self._stack.close()

    @property
    def config_file(self) -> Path:
        """The configuration of the evening."""
        return self._folder / "doorwatch.toml"

    @property
    def link(self) -> Link:
        """Asks the engine."""
        return Link(Config.load(self.config_file).places().engine_socket, timeout_s=1.0)

    def command(self, *words: str, typed: str = "") -> str:
        """Run one command of the unit, as its owner would, and give what it printed.

        Raises:
            DemoError: The command refused; with its own sentence.
        """
        done = subprocess.run(
            [sys.executable, "-m", "edge.cli", *words, "--config", str(self.config_file)],
            input=typed,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            said = done.stderr.strip().splitlines() or ["no reason given"]
            raise DemoError(said[-1].removeprefix("doorwatch: "))
        return done.stdout.strip()

    def set_pins(self) -> None:
        """Set both PINs, by the commands an owner types."""
        self.command("set-pin", typed=f"{self.pin}\n")
        self.command("set-pin", "--manager", typed=f"{self.managers_pin}\n")

    def start(self) -> None:
        """Start lamp keeper, engine and page."""
        self._stopping.clear()
        self._keeper = threading.Thread(target=self._keep, name="supervisor")
        self._keeper.start()

    def stop(self) -> None:
        """Stop the processes and wait for their end."""
        self._stopping.set()
        if self._keeper is not None:
            self._keeper.join()
            self._keeper = None

    def check(self) -> None:
        """Raise what ended the processes, if they were ended. Raises: DoorwatchError."""
        if self._trouble is not None:
            raise self._trouble

    def _keep(self) -> None:
        try:
            joined = Config.load(self.config_file).places().identity
            children = processes(str(self.config_file), joined)
            wanted = [child for child in children if self.port or child.name != "page"]
            supervise(wanted, self._stopping, self.log)
        except DoorwatchError as error:
            self._trouble = error

    def _settings(self) -> str:
        page = f'[page]\nhost = "127.0.0.1"\nport = {self.port}\n\n' if self.port else ""
        return (
            f"[camera]\nsource = {_quoted(self.source)}\nloop = {str(self.loop).lower()}\n\n"
            f'[indicator]\npins = "mock"\n\n'
            f"{page}"
            f"[paths]\nstate = {_quoted(str(self._folder))}\n\n{self.more}"
        )


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def free_port(wanted: int) -> int:
    """Give the port asked for, or the next one that is free.

    Raises:
        DemoError: None of the next ones is.
    """
    for port in range(wanted, wanted + TRIED_PORTS):
        with socket.socket() as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise DemoError(f"ports {wanted} to {wanted + TRIED_PORTS - 1} are taken: name one by --port")
