"""A TPM 2.0 in software, for tests of what is sealed by one: swtpm over TCP."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Thread

import pytest

from ports import two_in_a_row

NEEDED = ("swtpm", "tpm2_createprimary", "tpm2_unseal")


@contextmanager
def software_tpm(folder: Path) -> Iterator[str]:
    """Run a TPM that keeps its state in ``folder``; gives the way to it, as tpm2-tools name it."""
    missing = [one for one in NEEDED if shutil.which(one) is None]
    if missing:
        pytest.skip(f"{missing[0]} is not on this machine: apt install swtpm tpm2-tools")
    folder.mkdir(exist_ok=True)
    port, control = two_in_a_row()
    words = ["swtpm", "socket", "--tpm2", "--tpmstate", f"dir={folder}", "--log", "level=0"]
    words += ["--server", f"type=tcp,port={port}", "--ctrl", f"type=tcp,port={control}"]
    with subprocess.Popen([*words, "--flags", "not-need-init,startup-clear"]) as process:
        try:
            _wait_for(port)
            yield f"swtpm:host=127.0.0.1,port={port}"
        finally:
            process.terminate()


@contextmanager
def recorded(way: str) -> Iterator[tuple[str, bytearray]]:
    """Stand between tools and TPM like a probe on the bus; gives the way, and all bytes."""
    real, (port, control), heard = int(way.rpartition("=")[2]), two_in_a_row(), bytearray()
    with ExitStack() as stack:
        for ours, theirs in ((port, real), (control, real + 1)):
            listener = stack.enter_context(socket.create_server(("127.0.0.1", ours)))
            Thread(target=_pass_on, args=(listener, theirs, heard), daemon=True).start()
            stack.callback(listener.shutdown, socket.SHUT_RDWR)
        yield f"swtpm:host=127.0.0.1,port={port}", heard


def _pass_on(listener: socket.socket, port: int, heard: bytearray) -> None:
    """Pass one connection after the other on, until nobody listens any more."""
    while True:
        try:
            near, _ = listener.accept()
        except OSError:
            return
        with near, socket.create_connection(("127.0.0.1", port)) as far:
            back = Thread(target=_pour, args=(far, near, heard), daemon=True)
            back.start()
            _pour(near, far, heard)
            back.join()


def _pour(source: socket.socket, target: socket.socket, heard: bytearray) -> None:
    while part := source.recv(65_536):
        heard += part
        target.sendall(part)
    target.shutdown(socket.SHUT_WR)


def _wait_for(port: int) -> None:
    """Wait until somebody listens, without opening the one connection that swtpm takes."""
    wanted = f":{port:04X} "
    until_s = time.monotonic() + 10
    while not any(
        wanted in line and " 0A " in line for line in Path("/proc/net/tcp").read_text().splitlines()
    ):
        assert time.monotonic() < until_s, "swtpm does not listen"
        time.sleep(0.01)
