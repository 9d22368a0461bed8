"""Runs in the place of a service, inside its sandbox, and prints what it can reach, as JSON.

``sandbox_probe.py QUESTIONS``: a JSON file with lists of paths to read and to write, of sockets
to connect to and of devices to open; the answer has those that could be.
"""

import contextlib
import ctypes
import json
import mmap
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path

Asked = Callable[[str], object]


def _read(path: str) -> None:
    with Path(os.path.expandvars(path)).open("rb") as file:
        file.read(1)


def _write(folder: str) -> None:
    file = Path(folder) / "written-by-the-probe"
    file.touch()
    file.unlink()


def _connect(path: str) -> None:
    kind = socket.SOCK_DGRAM if "/lamp/" in path or path == "/dev/log" else socket.SOCK_STREAM
    with socket.socket(socket.AF_UNIX, kind) as one:
        one.connect(path)


def _open(device: str) -> None:
    os.close(os.open(device, os.O_RDWR))


def _internet(address: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.sendto(b"x", (address, 9))


def _signal(process: str) -> None:
    os.kill(int(process), 0)


def _executable(_: str) -> None:
    mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC).close()


def _namespace(_: str) -> None:
    if ctypes.CDLL(None, use_errno=True).unshare(0x10000000):
        raise OSError(ctypes.get_errno(), "unshare")


QUESTIONS: dict[str, Asked] = {
    "read": _read,
    "write": _write,
    "connect": _connect,
    "open": _open,
    "send to": _internet,
    "see": _signal,
    "map executable": _executable,
    "unshare": _namespace,
}


def _holds(asked: Asked, what: str) -> bool:
    with contextlib.suppress(OSError):
        asked(what)
        return True
    return False


def _answers(questions: dict[str, list[str]]) -> dict[str, list[str]]:
    return {
        kind: [what for what in things if _holds(QUESTIONS[kind], what)]
        for kind, things in questions.items()
    }


if __name__ == "__main__":
    told = _answers(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    table = Path("/proc/self/net/dev").read_text(encoding="ascii").splitlines()[2:]
    told["interfaces"] = [line.partition(":")[0].strip() for line in table]
    told["user"] = [str(os.getuid())]
    sys.stdout.write("PROBE " + json.dumps(told) + "\n")
