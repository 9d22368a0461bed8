import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from edge.demo.consortium.cable import Cable


@pytest.fixture
def echo() -> Iterator[int]:
    """A server that gives back what it gets; its port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def answer(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            while piece := connection.recv(1024):
                connection.sendall(piece)

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    yield listener.getsockname()[1]
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()


def _said_back(end: socket.socket, words: bytes) -> bytes:
    end.settimeout(5)
    with contextlib.suppress(OSError):
        end.sendall(words)
        return end.recv(1024)
    return b""


def test_what_goes_in_comes_out_at_the_other_end(echo: int) -> None:
    with Cable(echo) as cable, socket.create_connection(("127.0.0.1", cable.port)) as end:
        assert _said_back(end, b"hello") == b"hello"


def test_pulling_it_cuts_what_is_joined_and_lets_nobody_else_through(echo: int) -> None:
    with Cable(echo) as cable, socket.create_connection(("127.0.0.1", cable.port)) as end:
        assert _said_back(end, b"hello") == b"hello"
        cable.pull()
        assert _said_back(end, b"hello") == b""
        with socket.create_connection(("127.0.0.1", cable.port)) as other:
            assert _said_back(other, b"hello") == b""


def test_plugged_in_again_it_joins_whoever_comes(echo: int) -> None:
    with Cable(echo) as cable:
        cable.pull()
        cable.plug()
        with socket.create_connection(("127.0.0.1", cable.port)) as end:
            assert _said_back(end, b"hello") == b"hello"


def test_without_a_broker_the_door_is_hung_up_on() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        nobody = taken.getsockname()[1]
    with Cable(nobody) as cable, socket.create_connection(("127.0.0.1", cable.port)) as end:
        assert _said_back(end, b"hello") == b""


def test_nothing_of_it_is_left_afterwards(echo: int) -> None:
    before = threading.active_count()
    with Cable(echo) as cable, socket.create_connection(("127.0.0.1", cable.port)) as end:
        assert _said_back(end, b"hello") == b"hello"
    until = time.monotonic() + 5
    while threading.active_count() > before + 1 and time.monotonic() < until:
        time.sleep(0.02)
    assert threading.active_count() <= before + 1  # the echo's own connection may linger
