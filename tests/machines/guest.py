"""An emulated machine: its console, a shell in it, its registers, and the cable to pull."""

import base64
import itertools
import json
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

QEMU = {"qemu-system-aarch64": "qemu-system-arm", "cpio": "cpio"}
"""Commands, and the Debian packages that have them."""


class Guest:
    """A running QEMU; leaving it pulls the cable.

    Attributes:
        lines: What its console has said.
    """

    def __init__(self, command: list[str], folder: Path) -> None:
        """Switch it on.

        Args:
            command: QEMU's command line, without console and monitor.
            folder: For the monitor's socket; its path has to be short.
        """
        self.lines: list[str] = []
        self._news = threading.Condition()
        self._numbers = itertools.count(1)
        monitor = folder / "qmp"
        more = ["-display", "none", "-serial", "stdio", "-monitor", "none", "-no-reboot"]
        more += ["-qmp", f"unix:{monitor},server=on,wait=off"]
        self.process = subprocess.Popen(
            [*command, *more],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        self._monitor = _Monitor(monitor, self.process)

    def __enter__(self) -> Self:
        """Use it until the end of the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Pull the cable, whatever it is doing."""
        self.cut()

    def cut(self) -> None:
        """Pull the cable: nothing that only the guest's memory holds is ever written."""
        self.process.kill()
        self.process.wait()
        self._listener.join()
        self._monitor.close()
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe
            pipe.close()

    def wait_for(self, start: str, limit_s: float, after: int = 0) -> str:
        """Wait until a console line after the ``after``-th begins with ``start``, and give it.

        Raises:
            AssertionError: It did not come in time, or the machine ended; with the last lines.
        """

        def found() -> str | None:
            return next((one for one in self.lines[after:] if one.startswith(start)), None)

        with self._news:
            self._news.wait_for(lambda: found() or self.process.poll() is not None, limit_s)
        line = found()
        assert line is not None, f"no {start!r} in {limit_s} s:\n" + "\n".join(self.lines[-40:])
        return line

    def shell(self, command: str, limit_s: float = 60.0, *, check: bool = True) -> str:
        """Run a command by the shell in the guest, and give what it printed.

        Raises:
            AssertionError: It failed, or said nothing in time.
        """
        number, before = next(self._numbers), len(self.lines)
        self.say(json.dumps([number, command]))
        _, code, *output = self.wait_for(f"@@{number} ", limit_s, before).split(" ")
        printed = base64.b64decode("".join(output)).decode(errors="replace")
        assert code == "0" or not check, f"{command}: {code}: {printed}"
        return printed

    def say(self, line: str) -> None:
        """Type a line on the console."""
        assert self.process.stdin
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def words_at(self, address: int, count: int) -> list[int]:
        """Read 32-bit words of physical memory or of a device's registers, from outside."""
        told = self.monitor(
            "human-monitor-command", **{"command-line": f"xp /{count}wx {address:#x}"}
        )
        lines = (line.partition(":")[2] for line in told.splitlines())
        return [int(word, 16) for line in lines for word in line.split()]

    def monitor(self, command: str, **arguments: Any) -> str:
        """Ask QEMU's monitor, and give its answer as text."""
        return self._monitor.ask(command, arguments)

    def _listen(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            with self._news:
                if line.endswith(
                    b"\n"
                ):  # half a line is none: the cable may have been pulled in it
                    self.lines.append(line.decode(errors="replace").strip())
                self._news.notify_all()
        with self._news:
            self._news.notify_all()


class _Monitor:
    """QEMU's machine protocol, as far as reading registers needs it."""

    def __init__(self, path: Path, process: "subprocess.Popen[bytes]") -> None:
        until(lambda: path.exists() or process.poll() is not None, 20, "QEMU's monitor")
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(str(path))
        self._file, self._turn = self._socket.makefile("rw"), threading.Lock()
        self._file.readline()
        self.ask("qmp_capabilities", {})

    def close(self) -> None:
        self._file.close()
        self._socket.close()

    def ask(self, command: str, arguments: dict[str, Any]) -> str:
        with self._turn:
            self._file.write(json.dumps({"execute": command, "arguments": arguments}))
            self._file.flush()
            for line in self._file:
                told = json.loads(line)
                if "event" not in told:
                    assert "return" in told, f"{command}: {told}"
                    return str(told["return"])
        raise AssertionError(f"QEMU ended while it was asked: {command}")


def until(true: Callable[[], object], limit_s: float, what: str) -> float:
    """Wait until something is true, and give the seconds it took.

    Raises:
        AssertionError: It did not become true in time.
    """
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < limit_s, f"no {what} in {limit_s} s"
        time.sleep(0.05)
    return time.monotonic() - began


def write(path: Path, text: str, mode: int = 0o644) -> None:
    """Write a file of a system that is laid out, and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)


def archive(folder: Path, target: Path, *left_out: str) -> None:
    """Pack a folder as the kernel unpacks it into memory before it starts.

    Args:
        folder: What to pack.
        target: The archive.
        left_out: Paths inside the folder, ``./usr/share/doc``, that stay out.
    """
    prune = [word for one in left_out for word in ("-path", one, "-prune", "-o")]
    names = subprocess.run(
        ["find", ".", "-xdev", *prune, "-print0"], cwd=folder, stdout=subprocess.PIPE, check=True
    )
    with target.open("wb") as file:
        packing = ["cpio", "--quiet", "--null", "--create", "--format=newc"]
        subprocess.run(packing, cwd=folder, input=names.stdout, stdout=file, check=True)
